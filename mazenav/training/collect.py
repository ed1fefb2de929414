"""Collects segments of experience: every agent in a task of its own, a new task when its episode is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from mazenav.replay.segment import Segments
from mazenav.sim.batch import AgentBatch, Outcome
from mazenav.topdown.occupancy import pad_cell
from mazenav.training.tasks import DrawnTask, draw_task, draw_task_in
from mazenav.types import Layout

ToGo = Callable[[np.ndarray], np.ndarray]
"""States `[N, 6]` -> decisions to go `[N, A]`."""
Choose = Callable[[np.ndarray], np.ndarray]
"""States `[N, 6]` -> actions int64 `[N]`."""
WINDOW = 2000
"""Episodes over which the current success is taken."""


class Collector:
    """Drives N agents through training tasks.

    Attributes:
        batch: the agents in the simulator.
        goals: int64 `[N, 2]`, goal cells in the padded maps.
        starts: int64 `[N, 2]`, the cells in which the episodes began.
        over: bool `[N]`, whose episode has ended.
        outcomes: whether the latest episodes reached their goals, in the order in which they ended.
    """

    def __init__(
        self,
        agents: int,
        sizes: tuple[int, int],
        rng: np.random.Generator,
        excluded: frozenset[str] = frozenset(),
        layouts: Sequence[Layout] = (),
    ) -> None:
        self.sizes, self.rng, self.excluded, self.layouts = sizes, rng, excluded, layouts
        self.batch = AgentBatch(agents, sizes[1], sizes[1])
        self.goals, self.starts = np.zeros((agents, 2), np.int64), np.zeros((agents, 2), np.int64)
        self.over = np.ones(agents, np.bool_)
        self.outcomes: list[bool] = []

    def renew(self) -> None:
        """Give a fresh task to every agent whose episode is over."""
        index = np.flatnonzero(self.over)
        tasks = [self.draw() for _ in index]
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
            self.starts[agent] = pad_cell(task.start, task.layout.shape[0], rows)
        self.over[:] = False

    def maps(self) -> np.ndarray:
        """The maps that the agents were given, float32 `[N, R, C]`."""
        return self.batch.walls.astype(np.float32)

    def draw(self) -> DrawnTask:
        """A fresh task, in one of the collector's layouts if it has any, else in a fresh layout."""
        if self.layouts:
            return draw_task_in(self.layouts[int(self.rng.integers(len(self.layouts)))], self.rng)
        return draw_task(self.sizes, self.rng, self.excluded)

    def collect(self, steps: int, to_go: ToGo, temperature: float, uniform: float) -> Segments:
        """`steps` decisions of every agent, drawn from a softmax over minus the decisions to go, some uniformly."""

        def choose(states: np.ndarray) -> np.ndarray:
            scores = -to_go(states) / temperature
            chosen = (scores + self.rng.gumbel(size=scores.shape)).argmax(axis=1)
            return self.stray(chosen, scores.shape[1], uniform)

        return self.drive(steps, choose)

    def stray(self, chosen: np.ndarray, n_actions: int, uniform: float) -> np.ndarray:
        """The actions chosen, but for a share `uniform` of them, which are drawn uniformly."""
        anyhow = self.rng.random(len(chosen)) < uniform
        return np.where(anyhow, self.rng.integers(n_actions, size=len(chosen)), chosen)

    def drive(self, steps: int, choose: Choose) -> Segments:
        """`steps` decisions of every agent."""
        n = len(self.batch)
        states = np.empty((n, steps + 1, 6), np.float32)
        actions = np.zeros((n, steps), np.int64)
        reached = np.zeros((n, steps), np.bool_)
        valid = np.zeros((n, steps), np.bool_)
        states[:, 0] = self.batch.states
        for step in range(steps):
            chosen = choose(self.batch.states)
            active = ~self.over
            outcome = self.batch.step(chosen, active)
            actions[:, step], valid[:, step], reached[:, step] = chosen, active, outcome.reached
            states[:, step + 1] = self.batch.states
            self.over |= outcome.reached | outcome.timed_out
            self.note(outcome)
        return Segments(self.maps(), self.goals.copy(), states, actions, reached, valid)

    def note(self, outcome: Outcome) -> None:
        """Remember how episodes ended."""
        self.outcomes.extend([True] * int(outcome.reached.sum()) + [False] * int(outcome.timed_out.sum()))

    def success(self) -> float:
        """Share of the latest episodes that reached their goal, exploring; not a number before the first."""
        self.outcomes = self.outcomes[-WINDOW:]
        return float(np.mean(self.outcomes)) if self.outcomes else float("nan")

    def state(self) -> dict[str, np.ndarray]:
        """All arrays that `restore` needs to go on as if nothing had happened; the generator is not among them."""
        batch = self.batch
        own = {
            "goals": self.goals,
            "starts": self.starts,
            "over": self.over,
            "outcomes": np.array(self.outcomes[-WINDOW:], np.bool_),
        }
        theirs = {"walls": batch.walls, "states": batch.states, "targets": batch.goals}
        return {**own, **theirs, "elapsed": batch.elapsed, "limits": batch.limits}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Take over what `state` gave."""
        index = np.arange(len(self.batch))
        nowhere = np.zeros((len(index), 2), np.int64)
        self.batch.place(index, state["walls"], nowhere, nowhere, np.zeros(len(index)), state["limits"])
        self.batch.states[:], self.batch.goals[:] = state["states"], state["targets"]
        self.batch.elapsed[:] = state["elapsed"]
        self.goals, self.starts = state["goals"].copy(), state["starts"].copy()
        self.over = state["over"].copy()
        self.outcomes = state["outcomes"].tolist()
