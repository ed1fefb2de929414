"""A scripted agent that costs next to nothing: it turns towards the next cell of a shortest route and drives."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numba import njit

from mazenav.layout.graph import distances
from mazenav.sim.body import DMLAB, LabBody
from mazenav.types import Layout, MazenavError, TaskContext

FAR = np.iinfo(np.int32).max
"""Steps to go from a wall, and from where there is no way."""


class Follower:
    """Follows the true layout's shortest route from wherever it is, cell by cell; drives thousands of episodes at once.

    No planning and no memory, so it takes more decisions than the oracle: a demonstrator for large collections.

    Args:
        body: the body it drives; it needs actions that turn left, turn right and drive ahead.
    """

    name = "follower"

    def __init__(self, body: LabBody = DMLAB) -> None:
        commands = body.commands()
        self._left, self._right = int(commands[:, 2].argmax()), int(commands[:, 2].argmin())
        self._ahead = int((commands[:, 0] - np.abs(commands[:, 2])).argmax())
        if not (commands[self._left, 2] > 0 > commands[self._right, 2] and commands[self._ahead, 0] > 0):
            raise MazenavError(f"a follower needs actions that turn both ways and drive ahead, found {body.actions}")
        self._tolerance = 0.5 * float(commands[self._left, 2]) * body.action_repeat
        self._layouts: list[Layout] = []
        self._fields = np.empty((0, 1, 1), np.int32)
        self._goals = np.empty((0, 2), np.float32)

    def reveal(self, layouts: Sequence[Layout]) -> None:
        """Take the true layouts of the episodes that `begin` opens next."""
        self._layouts = list(layouts)

    def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
        """Count the steps to each goal from everywhere; the maps are not looked at, since they may be wrong.

        Raises:
            MazenavError: if `reveal` has not shown as many layouts.
        """
        if len(contexts) != len(self._layouts):
            raise MazenavError(
                f"the follower needs the true layout of each of {len(contexts)} episodes, found {len(self._layouts)}"
            )
        rows = max(layout.shape[0] for layout in self._layouts)
        columns = max(layout.shape[1] for layout in self._layouts)
        # By (x, y), with a ring around: entry (floor x + 1, floor y + 1).
        self._fields = np.full((len(contexts), columns + 2, rows + 2), FAR, np.int32)
        self._goals = np.empty((len(contexts), 2), np.float32)
        for number, (layout, context) in enumerate(zip(self._layouts, contexts, strict=True)):
            steps = distances(layout.walls, context.goal)[::-1].T
            self._fields[number, 1 : steps.shape[0] + 1, 1 : steps.shape[1] + 1] = np.where(steps < 0, FAR, steps)
            row, column = context.goal
            self._goals[number] = column + 0.5, layout.shape[0] - row - 0.5

    def act(self, states: np.ndarray, active: np.ndarray) -> np.ndarray:
        """Turn where the heading is off by more than half of a turn, else drive ahead."""
        actions = np.zeros(len(states), np.int64)
        _follow(
            states, active, self._fields, self._goals, self._tolerance, self._left, self._right, self._ahead, actions
        )
        return actions


@njit(cache=True)
def _follow(
    states: np.ndarray,
    active: np.ndarray,
    fields: np.ndarray,
    goals: np.ndarray,
    tolerance: float,
    left: int,
    right: int,
    ahead: int,
    actions: np.ndarray,
) -> None:
    """Actions int64 `[B]` from states `[B, 6]`, steps to go int32 `[B, C + 2, R + 2]` and goals `[B, 2]` (x, y)."""
    for agent in range(len(states)):
        if not active[agent]:
            continue
        x, y, field = states[agent, 0], states[agent, 1], fields[agent]
        column, row = int(x) + 1, int(y) + 1
        aim_x, aim_y = goals[agent, 0], goals[agent, 1]
        least = field[column, row]
        for along, across in ((1, 0), (0, 1), (-1, 0), (0, -1)):
            if field[column + along, row + across] < least:
                least = field[column + along, row + across]
                aim_x, aim_y = column + along - 0.5, row + across - 0.5
        off = math.atan2(aim_y - y, aim_x - x) - states[agent, 2]
        off -= 2 * math.pi * math.floor(off / (2 * math.pi) + 0.5)
        actions[agent] = ahead if abs(off) <= tolerance else (left if off > 0 else right)
