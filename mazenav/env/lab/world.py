"""One agent in a level: DeepMind Lab's body, look up and down, and what is picked up on the way."""

from __future__ import annotations

import math

import numpy as np

from mazenav.env.lab.errors import LabError
from mazenav.env.lab.level import Arrangement, LabLevel
from mazenav.env.lab.variations import styles_of
from mazenav.env.thin import CORRIDOR, WALL
from mazenav.layout.lattice import expand
from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import FRAME_SECONDS, LOOK_DEGREES_PER_PIXEL, LabBody
from mazenav.sim.sensors import APPLE, GOAL, Scene, joint_state

REWARDS = {APPLE: 1.0, GOAL: 10.0}
CLASSES = {APPLE: "apple_reward", GOAL: "goal"}
REACH_LOW = np.array([-0.50, -0.36])
REACH_HIGH = np.array([0.44, 0.36])
"""How far the body may be from a thing that it takes, in units (BG_PlayerTouchesItem in bg_misc.c)."""
MOST_PITCH = math.radians(16000 * 360 / 65536)
"""The engine looks no farther up or down (PM_UpdateViewAngles)."""
MOST_CELLS = 64_000_000
PATCH = 3
"""Units a side of the squares that look alike, in levels without a variations layer."""
NOWHERE = -1e6
ONLY = np.array([0])

LOOK_RIGHT, LOOK_UP, STRAFE_RIGHT, MOVE_AHEAD = range(4)
"""Entries of an action that move anything."""


def expanded(walls: np.ndarray) -> np.ndarray:
    """A lattice of thin walls with its corridors `CORRIDOR` and its walls `WALL` cells wide.

    Raises:
        LabError: if that would be too large a grid.
    """
    if walls.size * (CORRIDOR + WALL) ** 2 / 4 > MOST_CELLS:
        raise LabError(f"a level of thin walls of {walls.shape[0]} x {walls.shape[1]} characters is too large")
    return expand(walls, CORRIDOR, WALL)


class LabWorld:
    """The level as a grid, its agent and its things.

    Attributes:
        batch: the agent.
        cells_per_unit: cells of the grid in one unit (100 lab units).
        origin: cells of the grid at which the level's x and y begin.
        places: float64 `[E, 2]`, where goals and apples stand, in units.
        kinds: int64 `[E]`, `GOAL` or `APPLE`.
        there: bool `[E]`, whether each is still there.
    """

    def __init__(self, level: LabLevel) -> None:
        self.level = level
        thin = level.layout.thin_walls
        self.cells_per_unit = float(CORRIDOR + WALL) if thin else 1.0
        self.origin = WALL / 2 if thin else 0.0
        walls = expanded(level.layout.walls) if thin else level.layout.walls
        body = LabBody(action_repeat=1).rescaled(self.cells_per_unit)
        rows, columns = walls.shape
        self.batch = AgentBatch(1, rows, columns, body)
        self.batch.place(ONLY, [walls], np.zeros((1, 2)), np.zeros((1, 2)), np.zeros(1), np.array([2**62]))
        self.batch.goals[:] = NOWHERE  # things are taken by other rules than goals are reached by
        self._styles = styles_of(level.layout, self.batch.solid.shape[1:], round(PATCH * self.cells_per_unit))
        self.places = np.empty((0, 2))
        self.kinds = np.empty(0, np.int64)
        self.there = np.empty(0, np.bool_)
        self.spawns = np.empty((0, 2))
        self.pitch = 0.0
        self.pitch_rate = 0.0

    def begin(self, arrangement: Arrangement, rng: np.random.Generator) -> None:
        """Begin an episode with things where an arrangement has them."""
        self.places = self.level.places([*arrangement.goals, *arrangement.apples])
        self.kinds = np.array([GOAL] * len(arrangement.goals) + [APPLE] * len(arrangement.apples), np.int64)
        self.spawns = self.level.places(arrangement.spawns)
        self.restart(rng)

    def restart(self, rng: np.random.Generator) -> None:
        """Put all things back and the agent, at rest, at a spawn that is drawn with its yaw."""
        self.there = np.ones(len(self.kinds), np.bool_)
        self.batch.states[:] = 0
        self.batch.states[0, :2] = self.spawns[rng.integers(len(self.spawns))] * self.cells_per_unit + self.origin
        self.batch.states[0, 2] = rng.uniform(-math.pi, math.pi)
        self.pitch = self.pitch_rate = 0.0

    def frame(self, action: np.ndarray) -> list[int]:
        """One frame of an action (the engine's first four numbers); what was taken, as indices of `places`."""
        turn = math.radians(LOOK_DEGREES_PER_PIXEL)
        command = np.array([[action[MOVE_AHEAD], -action[STRAFE_RIGHT], -turn * action[LOOK_RIGHT]]])
        self.batch.step_commands(command)
        pitch = min(max(self.pitch + turn * float(action[LOOK_UP]), -MOST_PITCH), MOST_PITCH)
        self.pitch, self.pitch_rate = pitch, (pitch - self.pitch) / FRAME_SECONDS
        gap = self.position() - self.places
        touched = self.there & (gap >= REACH_LOW).all(axis=1) & (gap <= REACH_HIGH).all(axis=1)
        taken = np.flatnonzero(touched)
        self.there[taken] = False
        return taken.tolist()

    def is_done(self) -> bool:
        """Whether the map is: its goal was taken or, if it has none, the last apple (seek_avoid_factory.lua)."""
        goals = self.kinds == GOAL
        return bool((goals & ~self.there).any()) or not (goals.any() or self.there.any())

    def position(self) -> np.ndarray:
        """Where the agent is, in units: float64 `[2]`."""
        return (self.batch.states[0, :2].astype(np.float64) - self.origin) / self.cells_per_unit

    def scene(self) -> Scene:
        """What sensors look at."""
        things = np.empty((1, len(self.kinds), 3), np.float32)
        things[0, :, :2] = self.places * self.cells_per_unit + self.origin
        things[0, :, 2] = np.where(self.there, self.kinds, -1)
        return Scene(
            self.batch.states,
            self.batch.solid,
            things=things,
            pitches=np.array([self.pitch], np.float32),
            styles=self._styles,
            cells_per_unit=self.cells_per_unit,
        )

    def joint(self) -> np.ndarray:
        """The 12 numbers of the joint state, float64 `[12]`."""
        pitches, rates = np.array([self.pitch]), np.array([self.pitch_rate])
        return joint_state(self.batch.states, pitches, rates, self.cells_per_unit, self.origin)[0]
