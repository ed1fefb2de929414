"""State arrays of many agents, each in a layout of its own, advanced together."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import NamedTuple

import numpy as np

from mazenav.sim.body import DMLAB, FRAME_SECONDS, Body, Precision
from mazenav.sim.kernels import advance, first_unfit, tally
from mazenav.sim.lanes import ALL_WALL, LANES, advance_lanes, look_around
from mazenav.topdown.occupancy import cells_to_world, pad_maps, world_grid
from mazenav.types import GOAL_RADIUS, MazenavError

LEEWAY = 1e-6
"""Part of its bound by which a number of a command may exceed it, which is what rounding to float32 may do."""


def time_limit(distance: int) -> int:
    """Decisions that an episode may take, from the shortest path in cells."""
    return 20 + 12 * int(distance)


class Outcome(NamedTuple):
    """How one decision ended: bool `[N]` each; an agent that reached its goal in its last decision is not timed out."""

    reached: np.ndarray
    timed_out: np.ndarray


class AgentBatch:
    """N agents side by side; `place` puts some of them into layouts, `step` or `step_commands` advances all.

    A trajectory depends on nothing but the agent's own state, layout, goal and commands: not on the other agents, the
    place in the batch, or the number of threads.

    Attributes:
        body: what all of them drive.
        states: float32 `[N, 6]`, x, y, yaw, vx, vy, yaw rate in world coordinates (padding does not move them).
        goals: float32 `[N, 2]`, world position of each goal.
        elapsed: int64 `[N]`, decisions since the agent was placed.
        limits: int64 `[N]`, decisions that it may take.
        walls: bool `[N, R, C]`, each agent's layout, padded with walls at the top and on the right.
        solid: uint8 `[N, C + 2, R + 2]`, the same by (x, y), with a ring of wall: cell (floor x + 1, floor y + 1).
        collided: bool `[N]`, whether the agent ran into a wall in the last decision.
    """

    def __init__(
        self,
        n: int,
        rows: int,
        columns: int,
        body: Body = DMLAB,
        *,
        precision: Precision = np.float32,
        goal_radius: float = GOAL_RADIUS,
        threads: int = 1,
    ) -> None:
        """Make room.

        Args:
            n: agents, N.
            rows: of the largest layout, R.
            columns: of the largest layout, C.
            body: what all of them drive.
            precision: `np.float32`, or `np.float64` for `states` and all arithmetic, which is much slower.
            goal_radius: reach of a goal in cells; larger where a body was `rescaled`.
            threads: on how many the agents are advanced.

        Raises:
            MazenavError: if an argument cannot be used.
        """
        if n < 1 or rows < 1 or columns < 1:
            raise MazenavError(f"a batch needs at least one agent and one cell, found {n} agents in {rows} x {columns}")
        if precision not in (np.float32, np.float64):
            raise MazenavError(f"precision must be np.float32 or np.float64, found {precision!r}")
        if not 0 < goal_radius < math.inf:
            raise MazenavError(f"goal_radius must be a finite number above 0, found {goal_radius}")
        if not (isinstance(threads, int) and threads >= 1):
            raise MazenavError(f"threads must be a whole number of at least 1, found {threads!r}")
        self.body = body
        self.states = np.zeros((n, 6), precision)
        self.goals = np.zeros((n, 2), precision)
        self.elapsed = np.zeros(n, np.int64)
        self.limits = np.zeros(n, np.int64)
        self.walls = np.ones((n, rows, columns), np.bool_)
        self.solid = np.ones((n, columns + 2, rows + 2), np.uint8)
        self.collided = np.zeros(n, np.bool_)
        self._in_lanes = precision is np.float32 and body.is_narrow
        # All walls: the table of an agent that was never placed.
        self._neighbours = np.full(self.solid.shape if self._in_lanes else (0, 0, 0), ALL_WALL, np.int32)
        self._goal_radius = goal_radius
        self._threads = threads
        self._layers = np.arange(n)
        self._table = body.commands(precision)
        self._constants = body.constants(precision)
        self._bound = np.asarray(body.command_bound) * (1 + LEEWAY)
        self._top_speed = body.top_speed
        self._everyone = np.ones(n, np.bool_)

    def __len__(self) -> int:
        return len(self.states)

    def place(
        self,
        index: np.ndarray,
        walls: Sequence[np.ndarray] | np.ndarray,
        starts: np.ndarray,
        goals: np.ndarray,
        yaws: np.ndarray,
        limits: np.ndarray,
    ) -> None:
        """Put agents `index` `[K]` at rest at the centres of their start cells.

        Args:
            index: int64 `[K]`, which agents.
            walls: K arrays of walls, each no larger than the batch's rows and columns.
            starts: `[K, 2]`, (row, column) in the unpadded layout; halves lie on the border of two cells.
            goals: `[K, 2]`, likewise.
            yaws: `[K]`, radians.
            limits: int64 `[K]`, time limits in decisions.

        Raises:
            MazenavError: if a layout is larger than the batch.
        """
        if not len(index):
            return
        rows, columns = self.walls.shape[1:]
        heights = np.array([len(grid) for grid in walls])
        padded = pad_maps([np.ones((rows, columns), np.bool_), *(np.asarray(grid, np.bool_) for grid in walls)])[1:]
        if padded.shape[1:] != (rows, columns):
            raise MazenavError(f"a layout of this batch may have {rows} x {columns} cells, found {padded.shape[1:]}")
        self.walls[index] = padded
        self.solid[index, 1:-1, 1:-1] = world_grid(padded)
        if self._in_lanes:
            look_around(self.solid, np.asarray(index, np.int64), self._neighbours)
        self.states[index] = 0
        self.states[index, :2] = cells_to_world(np.asarray(starts), heights)
        self.states[index, 2] = yaws
        self.goals[index] = cells_to_world(np.asarray(goals), heights)
        self.elapsed[index] = 0
        self.limits[index] = limits
        self.collided[index] = False

    def step(self, actions: np.ndarray, active: np.ndarray | None = None) -> Outcome:
        """One decision for every agent, or for those `active`: `action_repeat` frames of its action.

        Args:
            actions: int64 `[N]`, action indices.
            active: bool `[N]`; agents that are not active stand still and age no further.

        Raises:
            MazenavError: if the actions are not N indices of actions; nobody moves then.
        """
        actions = np.asarray(actions)
        if actions.shape != self.elapsed.shape or actions.dtype.kind not in "iu":
            raise MazenavError(
                f"{len(self)} whole numbers are expected as actions, found {actions.dtype} of shape {actions.shape}"
            )
        choice = actions.astype(np.int64, copy=False)
        wrong = first_unfit(choice, len(self._table))
        if wrong >= 0:
            raise MazenavError(
                f"an action is a whole number from 0 to {len(self._table) - 1}, found {actions[wrong]} of agent {wrong}"
            )
        return self._advance(self._table, choice, active)

    def step_commands(self, commands: np.ndarray, active: np.ndarray | None = None) -> Outcome:
        """One decision for every agent, or for those `active`, by commands instead of actions.

        Args:
            commands: `[N, 3]`, what each is asked to do; the body says what the numbers mean and how large they may be.
            active: bool `[N]`, as in `step`.

        Raises:
            MazenavError: if the commands are not N times three numbers within the body's bounds; nobody moves then.
        """
        given = np.asarray(commands)
        if given.shape != (len(self), 3) or given.dtype.kind not in "iuf":
            raise MazenavError(
                f"commands are numbers of shape ({len(self)}, 3), found {given.dtype} of shape {given.shape}"
            )
        table = np.ascontiguousarray(given, self.states.dtype)
        if not (np.abs(table) <= self._bound).all():  # not-a-numbers are no smaller than anything
            agent, column = np.argwhere(~(np.abs(table) <= self._bound))[0]
            raise MazenavError(
                f"number {column} of a command must lie within {self._bound[column]:.6g} of 0, "
                f"found {given[agent, column]} of agent {agent}"
            )
        return self._advance(table, self._layers, active)

    def _advance(self, table: np.ndarray, choice: np.ndarray, active: np.ndarray | None) -> Outcome:
        active = self._everyone if active is None else self._checked_mask(active)
        n = len(self)
        reached, timed_out = np.empty(n, np.bool_), np.empty(n, np.bool_)
        self.collided = np.empty(n, np.bool_)
        if not self._in_lanes:
            advance(
                self.states, self.solid, self._layers, table[choice], self.goals, self._goal_radius,
                self.body.action_repeat, FRAME_SECONDS, self._constants, active, reached, self.collided,
            )  # fmt: skip
        else:
            self._advance_lanes(table, choice, active, reached)
        tally(self.elapsed, self.limits, active, reached, timed_out)
        return Outcome(reached, timed_out)

    def _advance_lanes(self, table: np.ndarray, choice: np.ndarray, active: np.ndarray, reached: np.ndarray) -> None:
        def part(begin: int, end: int) -> None:
            advance_lanes(
                self.states, self.solid, self._neighbours, self._layers, table, choice, self.goals, self._goal_radius,
                self.body.action_repeat, FRAME_SECONDS, self._constants, self._top_speed, active, reached,
                self.collided, begin, end,
            )  # fmt: skip

        n = len(self)
        blocks = -(-n // LANES)
        size = -(-blocks // self._threads) * LANES
        if size >= n:
            part(0, n)
        else:
            begins = range(0, n, size)
            list(pool(self._threads).map(part, begins, [min(begin + size, n) for begin in begins]))

    def _checked_mask(self, active: np.ndarray) -> np.ndarray:
        mask = np.asarray(active)
        if mask.shape != self.elapsed.shape or mask.dtype != np.bool_:
            raise MazenavError(f"active must be {len(self)} truth values, found {mask.dtype} of shape {mask.shape}")
        return mask


@cache
def pool(threads: int) -> ThreadPoolExecutor:
    """Threads that batches share; they hold no lock of Python's while they advance agents."""
    return ThreadPoolExecutor(threads, "mazenav")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=pool.cache_clear)  # threads do not survive a fork
