"""A curriculum of distances: goals near by at first, farther ones once those are reached."""

from __future__ import annotations

import math

import numpy as np

from mazenav.layout.graph import distances
from mazenav.layout.split import content_hash
from mazenav.sim.batch import Outcome, time_limit
from mazenav.training.collect import Collector
from mazenav.training.tasks import DrawnTask, draw_layout
from mazenav.types import Layout

JUDGED = 200
"""Episodes with farther goals over which it is judged whether the farthest moves on."""
FARTHER = 0.7
"""Goals beyond this share of the farthest are judged."""


def draw_task_within(layout: Layout, farthest: int, rng: np.random.Generator) -> DrawnTask | None:
    """A task in a layout, its distance drawn evenly from one cell to the farthest, or to the farthest that there is.

    Nothing if the start that was drawn is cut off from all other cells.
    """
    free = layout.free_cells()
    if not len(free):
        return None
    row, column = (int(index) for index in free[rng.integers(len(free))])
    steps = distances(layout.walls, (row, column))
    if steps.max() < 1:
        return None
    distance = int(rng.integers(1, min(farthest, int(steps.max())) + 1))
    goals = np.argwhere(steps == distance)
    goal_row, goal_column = (int(index) for index in goals[rng.integers(len(goals))])
    yaw = float(rng.uniform(-math.pi, math.pi))
    return DrawnTask(layout, (row, column), (goal_row, goal_column), yaw, time_limit(distance))


class GrowingCollector(Collector):
    """A collector whose goals move away as its agents learn to reach them.

    Attributes:
        farthest: the farthest goal that is drawn, in cells of the shortest path.
        judged: whether episodes with farther goals reached them, since it was judged last.
    """

    def __init__(
        self,
        agents: int,
        sizes: tuple[int, int],
        rng: np.random.Generator,
        excluded: frozenset[str],
        nearest: int,
        promotion: float,
    ) -> None:
        """As a collector's.

        Args:
            agents: N.
            sizes: smallest and largest side of a layout.
            rng: draws tasks.
            excluded: content hashes of layouts that are not drawn.
            nearest: the farthest goal at the start.
            promotion: share of the farther goals that must be reached for the farthest to move on by a cell.
        """
        super().__init__(agents, sizes, rng, excluded)
        self.promotion = promotion
        self.farthest = nearest
        self.judged: list[bool] = []

    def draw(self) -> DrawnTask:
        """A fresh task, its goal no farther than the farthest."""
        while True:
            layout = draw_layout(self.sizes, self.rng)
            if content_hash(layout) not in self.excluded:
                task = draw_task_within(layout, self.farthest, self.rng)
                if task is not None:
                    return task

    def note(self, outcome: Outcome) -> None:
        """Remember how episodes ended, and move the farthest goal on where enough of the farther ones were reached."""
        super().note(outcome)
        far = self.batch.limits >= time_limit(math.ceil(FARTHER * self.farthest))
        self.judged.extend([True] * int((outcome.reached & far).sum()))
        self.judged.extend([False] * int((outcome.timed_out & far).sum()))
        if len(self.judged) >= JUDGED:
            # No layout of these sizes has a longer way than half of its cells.
            if np.mean(self.judged) >= self.promotion and self.farthest < self.sizes[1] ** 2 // 2:
                self.farthest += 1
            self.judged = []

    def state(self) -> dict[str, np.ndarray]:
        """As the collector's, with the curriculum."""
        return {**super().state(), "farthest": np.array(self.farthest), "judged": np.array(self.judged, np.bool_)}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Take over what `state` gave."""
        super().restore(state)
        self.farthest, self.judged = int(state["farthest"]), state["judged"].tolist()
