"""Collects segments of experience: every agent in a task of its own, a new task when its episode is over."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mazenav.replay.segment import Segments
from mazenav.sim.batch import AgentBatch
from mazenav.topdown.occupancy import pad_cell
from mazenav.training.tasks import draw_task

ToGo = Callable[[np.ndarray], np.ndarray]
"""States `[N, 6]` -> decisions to go `[N, A]`."""


class Collector:
    """Drives N agents through training tasks.

    Attributes:
        finished: counts of episodes ended so far in the window: (successes, episodes, decisions).
    """

    def __init__(self, agents: int, sizes: tuple[int, int], rng: np.random.Generator) -> None:
        self.sizes, self.rng = sizes, rng
        self.batch = AgentBatch(agents, sizes[1], sizes[1])
        self.goals = np.zeros((agents, 2), np.int64)
        self.over = np.ones(agents, np.bool_)
        self.outcomes: list[bool] = []

    def renew(self) -> None:
        """Give a fresh task to every agent whose episode is over."""
        index = np.flatnonzero(self.over)
        tasks = [draw_task(self.sizes, self.rng) for _ in index]
        rows = self.batch.walls.shape[1]
        self.batch.place(
            index,
            [task.layout.walls for task in tasks],
            np.array([task.start for task in tasks]).reshape(-1, 2),
            np.array([task.goal for task in tasks]).reshape(-1, 2),
            np.array([task.yaw for task in tasks]),
            np.array([task.limit for task in tasks], np.int64),
        )
        for agent, task in zip(index, tasks, strict=True):
            self.goals[agent] = pad_cell(task.goal, task.layout.shape[0], rows)
        self.over[:] = False

    def maps(self) -> np.ndarray:
        """The maps that the agents were given, float32 `[N, R, C]`."""
        return self.batch.walls.astype(np.float32)

    def collect(self, steps: int, to_go: ToGo, temperature: float, uniform: float) -> Segments:
        """`steps` decisions of every agent, drawn from a softmax over minus the decisions to go, some uniformly."""
        n = len(self.batch)
        states = np.empty((n, steps + 1, 6), np.float32)
        actions = np.zeros((n, steps), np.int64)
        reached = np.zeros((n, steps), np.bool_)
        valid = np.zeros((n, steps), np.bool_)
        states[:, 0] = self.batch.states
        for step in range(steps):
            scores = -to_go(self.batch.states) / temperature
            chosen = (scores + self.rng.gumbel(size=scores.shape)).argmax(axis=1)
            anyhow = self.rng.random(n) < uniform
            chosen = np.where(anyhow, self.rng.integers(scores.shape[1], size=n), chosen)
            active = ~self.over
            outcome = self.batch.step(chosen, active)
            actions[:, step], valid[:, step], reached[:, step] = chosen, active, outcome.reached
            states[:, step + 1] = self.batch.states
            self.over |= outcome.reached | outcome.timed_out
            self.outcomes.extend([True] * int(outcome.reached.sum()) + [False] * int(outcome.timed_out.sum()))
        return Segments(self.maps(), self.goals.copy(), states, actions, reached, valid)

    def success(self, window: int = 2000) -> float:
        """Share of the latest episodes that reached their goal, exploring; not a number before the first."""
        self.outcomes = self.outcomes[-window:]
        return float(np.mean(self.outcomes)) if self.outcomes else float("nan")
