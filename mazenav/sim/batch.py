"""State arrays of many agents, each in a layout of its own, advanced together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mazenav.sim.body import DMLAB, FRAME_SECONDS, Body
from mazenav.sim.kernels import advance
from mazenav.topdown.occupancy import cells_to_world, pad_maps, world_grid
from mazenav.types import GOAL_RADIUS, MazenavError


def time_limit(distance: int) -> int:
    """Decisions that an episode may take, from the shortest path in cells."""
    return 20 + 12 * int(distance)


class Outcome(NamedTuple):
    """How one decision ended: bool `[N]` each; an agent that reached its goal in its last decision is not timed out."""

    reached: np.ndarray
    timed_out: np.ndarray


class AgentBatch:
    """N agents side by side; `place` puts some of them into layouts, `step` advances all.

    Attributes:
        states: float32 `[N, 6]`, x, y, yaw, vx, vy, yaw rate in world coordinates (padding does not move them).
        goals: float32 `[N, 2]`, world position of each goal.
        elapsed: int64 `[N]`, decisions since the agent was placed.
        limits: int64 `[N]`, decisions that it may take.
        walls: bool `[N, R, C]`, each agent's layout, padded with walls at the top and on the right.
    """

    def __init__(self, n: int, rows: int, columns: int, body: Body = DMLAB) -> None:
        if n < 1 or rows < 1 or columns < 1:
            raise MazenavError(f"a batch needs at least one agent and one cell, found {n} agents in {rows} x {columns}")
        self.body = body
        self.states = np.zeros((n, 6), np.float32)
        self.goals = np.zeros((n, 2), np.float32)
        self.elapsed = np.zeros(n, np.int64)
        self.limits = np.zeros(n, np.int64)
        self.walls = np.ones((n, rows, columns), np.bool_)
        self._solid = np.ones((n, columns + 2, rows + 2), np.uint8)
        self._layers = np.arange(n)
        self._commands = body.commands()
        self._constants = body.constants()
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
            starts: int64 `[K, 2]`, (row, column) in the unpadded layout.
            goals: int64 `[K, 2]`, likewise.
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
        self._solid[index, 1:-1, 1:-1] = world_grid(padded)
        self.states[index] = 0
        self.states[index, :2] = cells_to_world(np.asarray(starts), heights)
        self.states[index, 2] = yaws
        self.goals[index] = cells_to_world(np.asarray(goals), heights)
        self.elapsed[index] = 0
        self.limits[index] = limits

    def step(self, actions: np.ndarray, active: np.ndarray | None = None) -> Outcome:
        """One decision for every agent, or for those `active`: `action_repeat` frames of its action.

        Args:
            actions: int64 `[N]`, action indices.
            active: bool `[N]`; agents that are not active stand still and age no further.
        """
        active = self._everyone if active is None else active
        reached = np.empty(len(self), np.bool_)
        advance(
            self.states,
            self._solid,
            self._layers,
            self._commands[actions],
            self.goals,
            GOAL_RADIUS,
            self.body.action_repeat,
            FRAME_SECONDS,
            self._constants,
            active,
            reached,
        )
        self.elapsed += active
        return Outcome(reached, active & ~reached & (self.elapsed >= self.limits))
