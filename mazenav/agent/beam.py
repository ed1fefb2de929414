"""Beam search for the fewest decisions to a goal in the exact simulator, guided by the route field."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from mazenav.agent.route import decisions_to_go
from mazenav.sim.kernels import advance
from mazenav.sim.lanes import advance_lanes, look_around

SEEN_SLOTS = 1 << 16
"""Slots of the table of states that the beam has held; a newer state overwrites an older one."""

PLACE_GRAIN, YAW_GRAIN, SPEED_GRAIN = 0.25, 0.2, 0.5
"""Two states of the same box of these sides (cells, radians, cells/s) count as one: only the earlier is kept."""


class Drive(NamedTuple):
    """What a body needs to be simulated, as the kernel takes it.

    Attributes:
        commands: float32 `[A, 3]`, see `Body.commands`.
        constants: float32 `[10]`, see `Body.constants`.
        frames: frames in a decision.
        seconds: seconds a frame.
        bound: `Body.top_speed` of a body that `is_narrow`, cells/s; 0 for others, which are simulated one by one.
    """

    commands: np.ndarray
    constants: np.ndarray
    frames: int
    seconds: float
    bound: float


class Guide(NamedTuple):
    """How a state is judged: by the route field, read where the body's speed will carry it.

    Attributes:
        field: float32 `[2 X + 1, 2 Y + 1, AXES]` of `route_field`.
        coast: seconds of the present velocity that the body will coast.
        cell_cost: decisions to drive one cell.
    """

    field: np.ndarray
    coast: float
    cell_cost: float


@njit(cache=True)
def state_box(state: np.ndarray) -> np.int64:
    """A key shared by the states of one box in place, yaw and velocity."""
    key = np.int64(math.floor(state[0] / PLACE_GRAIN))
    key = key * 65536 + np.int64(math.floor(state[1] / PLACE_GRAIN))
    key = key * 64 + np.int64(math.floor((state[2] + math.pi) / YAW_GRAIN))
    key = key * 64 + np.int64(math.floor(state[3] / SPEED_GRAIN + 32.5))
    return key * 64 + np.int64(math.floor(state[4] / SPEED_GRAIN + 32.5))


@njit(cache=True)
def claim(seen: np.ndarray, key: np.int64) -> bool:
    """Whether `key` is new to the table, which from now on holds it."""
    slot = ((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)) % np.uint64(seen.shape[0])
    if seen[slot] == key:
        return False
    seen[slot] = key
    return True


@njit(cache=True)
def judge(states: np.ndarray, solid: np.ndarray, guide: Guide, margin: float) -> np.ndarray:
    """Decisions to go, about, from each of `states` `[M, 6]`: float32 `[M]`."""
    scores = np.empty(states.shape[0], np.float32)
    for row in range(states.shape[0]):
        x, y, yaw, vx, vy = states[row, 0], states[row, 1], states[row, 2], states[row, 3], states[row, 4]
        scores[row] = decisions_to_go(
            guide.field, solid, x, y, yaw, vx * guide.coast, vy * guide.coast, margin, guide.cell_cost
        )
    return scores


@njit(cache=True)
def select(children: np.ndarray, scores: np.ndarray, seen: np.ndarray, width: int) -> np.ndarray:
    """Rows of the best children, at most `width`, that lie in no box which the beam has held before: int64 `[K]`."""
    kept = np.empty(width, np.int64)
    held = 0
    for row in np.argsort(scores):
        if claim(seen, state_box(children[row])):
            kept[held] = row
            held += 1
            if held == width:
                break
    return kept[:held]


@njit(cache=True)
def trace_back(origins: np.ndarray, depth: int, row: int, n_actions: int) -> np.ndarray:
    """The actions, int64 `[depth]`, that lead to child `row` of the last level.

    `origins` int32 `[D, width]` holds for every level which child of that level each beam row was.
    """
    actions = np.empty(depth, np.int64)
    for level in range(depth - 1, -1, -1):
        actions[level] = row % n_actions
        if level > 0:
            row = origins[level - 1, row // n_actions]
    return actions


@njit(cache=True)
def rollout(start: np.ndarray, solid: np.ndarray, drive: Drive, actions: np.ndarray) -> np.ndarray:
    """States float32 `[T + 1, 6]` that `actions` lead through, `start` first; no goal stops the body."""
    states = np.empty((len(actions) + 1, 6), np.float32)
    states[0] = start
    world = solid.reshape((1, solid.shape[0], solid.shape[1]))
    goals, layers = np.zeros((1, 2), np.float32), np.zeros(1, np.int64)
    active, reached, collided = np.ones(1, np.bool_), np.zeros(1, np.bool_), np.zeros(1, np.bool_)
    for step in range(len(actions)):
        states[step + 1] = states[step]
        commands = drive.commands[actions[step] : actions[step] + 1]
        advance(
            states[step + 1 : step + 2], world, layers, commands, goals, -1.0, drive.frames, drive.seconds,
            drive.constants, active, reached, collided,
        )  # fmt: skip
    return states


@njit(cache=True)
def asked(table: np.ndarray, goal: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row numbers int64 `[n]`, the actions of `table` in turn `[n, 3]`, and the goal for each `[n, 2]`."""
    commands, goals = np.empty((n, 3), np.float32), np.empty((n, 2), np.float32)
    for row in range(n):
        commands[row] = table[row % table.shape[0]]
        goals[row] = goal
    return np.arange(n), commands, goals


@njit(cache=True)
def looked_around(world: np.ndarray) -> np.ndarray:
    """The neighbourhoods of all cells of the one map of `world` `[1, X + 2, Y + 2]`, see `look_around`."""
    neighbours = np.empty(world.shape, np.int32)
    look_around(world, np.zeros(1, np.int64), neighbours)
    return neighbours


@njit(cache=True, nogil=True)
def search(
    start: np.ndarray,
    solid: np.ndarray,
    goal: np.ndarray,
    radius: float,
    drive: Drive,
    guide: Guide,
    width: int,
    depth: int,
) -> np.ndarray:
    """The shortest sequence of actions to the goal that a beam finds.

    Args:
        start: float32 `[6]`, the state to plan from.
        solid: uint8 `[X + 2, Y + 2]`, world-indexed walls with a ring of wall around them.
        goal: float32 `[2]`, the goal's world position.
        radius: reach of the goal in cells.
        drive: the body.
        guide: how states are judged.
        width: states kept after each decision.
        depth: decisions to look ahead at most, one or more.

    Returns:
        int64 `[T]` actions, T >= 1. They end in the goal; or, where `depth` was too short or no new state was left,
        at the most promising state of the last level.
    """
    n_actions = drive.commands.shape[0]
    most = width * n_actions
    choice, commands, goals = asked(drive.commands, goal, most)
    layers, active = np.zeros(most, np.int64), np.ones(most, np.bool_)
    reached, collided = ~active, ~active
    world = solid.reshape((1, solid.shape[0], solid.shape[1]))
    neighbours = looked_around(world)
    margin = drive.constants[0] + drive.constants[6]
    origins = np.empty((depth, width), np.int32)
    seen = np.full(SEEN_SLOTS, -1, np.int64)
    children, beam = np.empty((most, 6), np.float32), start.reshape((1, 6)).astype(np.float32)
    for level in range(depth):
        many = beam.shape[0] * n_actions
        for row in range(many):
            children[row] = beam[row // n_actions]
        if drive.bound > 0:
            advance_lanes(
                children, world, neighbours, layers, commands, choice, goals, radius, drive.frames, drive.seconds,
                drive.constants, drive.bound, active, reached, collided, 0, many,
            )  # fmt: skip
        else:
            advance(
                children[:many], world, layers, commands, goals, radius, drive.frames, drive.seconds, drive.constants,
                active, reached, collided,
            )  # fmt: skip
        for row in range(many):
            if reached[row]:
                return trace_back(origins, level + 1, row, n_actions)
        kept = select(children[:many], judge(children[:many], solid, guide, margin), seen, width)
        if len(kept) == 0:
            return trace_back(origins, level + 1, 0, n_actions)
        origins[level, : len(kept)] = kept
        beam = children[kept]
    return trace_back(origins, depth, origins[depth - 1, 0], n_actions)
