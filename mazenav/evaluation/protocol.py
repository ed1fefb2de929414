"""The protocol: which tasks are driven, what the agent is told of them, and how the episodes are run."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from mazenav.agent.interface import Agent, SeesTruth
from mazenav.evaluation.given import EXACT, PoseNoise, parse_given_map
from mazenav.evaluation.sharing import everyones
from mazenav.layout.formats.scenario import Scenario
from mazenav.layout.graph import distances, sample_task
from mazenav.parallel import gathered, own_tasks
from mazenav.rng import stream
from mazenav.sim.batch import AgentBatch, time_limit
from mazenav.sim.body import DMLAB, Body
from mazenav.sim.interface import MakeWorld
from mazenav.types import Cell, Episode, Layout, MazenavError, TaskContext

CELLS_AT_ONCE = 2_000_000
"""Map cells, padding included, that are side by side in a batch at most."""

Progress = Callable[[int, int, int], None]
"""Called after each decision of a batch with episodes done, episodes in all, and successes so far."""


class Task(NamedTuple):
    """One episode to be driven.

    Attributes:
        layout: the true layout.
        start: start cell (row, column).
        goal: goal cell (row, column).
        yaw: the body's first heading, radians.
        distance: shortest path from start to goal in cells.
        limit: decisions that the episode may take.
    """

    layout: Layout
    start: Cell
    goal: Cell
    yaw: float
    distance: int
    limit: int


class RunResult(NamedTuple):
    """What a run recorded.

    Attributes:
        episodes: one a task, in the order of the tasks.
        decision_ms: float64 `[D]`, wall time of each call of `act` over the episodes that it decided for.
        begin_ms: float64 `[batches]`, wall time of each call of `begin`, map reading included, over its episodes.
    """

    episodes: list[Episode]
    decision_ms: np.ndarray
    begin_ms: np.ndarray


def make_tasks(
    layouts: Sequence[Layout], episodes_per_layout: int, seed: int, farthest: int | None = None
) -> list[Task]:
    """Tasks of the protocol: start and goal drawn by `sample_task`, yaw uniform, the design's time limit.

    Each task has a random stream of its own, by the layout's and the episode's index.

    Args:
        layouts: where.
        episodes_per_layout: tasks in each.
        seed: decides starts, goals and headings.
        farthest: only goals at most so many cells from their start along a shortest path (local navigation).

    Raises:
        MazenavError: if there is no layout, or less than one episode a layout or one cell to the goal is asked for.
        LayoutError: if a layout has no two connected free cells.
    """
    if not layouts:
        raise MazenavError("an evaluation needs at least one layout, found none")
    if episodes_per_layout < 1:
        raise MazenavError(f"an evaluation needs at least one episode per layout, found {episodes_per_layout}")
    _check_farthest(farthest)
    tasks = []
    for index, layout in enumerate(layouts):
        for episode in range(episodes_per_layout):
            rng = stream(seed, "task", index, episode)
            start, goal, distance = sample_task(layout, rng, farthest)
            yaw = float(rng.uniform(-math.pi, math.pi))
            tasks.append(Task(layout, start, goal, yaw, distance, time_limit(distance)))
    return tasks


def _check_farthest(farthest: int | None) -> None:
    if farthest is not None and farthest < 1:
        raise MazenavError(f"goals must be at least one cell away from their start, found at most {farthest}")


def scenario_tasks(scenario: Scenario, seed: int, most: int | None = None, farthest: int | None = None) -> list[Task]:
    """The start-goal pairs of a scenario as tasks, yaw uniform, the design's time limit.

    Pairs without a way in their map, such as those of ships on water, and pairs of a cell with itself are left out.

    Args:
        scenario: the pairs and their maps.
        seed: decides the headings, each by the pair's index.
        most: only the first so many of the pairs that can be driven.
        farthest: only pairs at most so many cells apart along a shortest path of four moves.

    Raises:
        MazenavError: if no pair can be driven.
    """
    _check_farthest(farthest)
    tasks: list[Task] = []
    for index, pair in enumerate(scenario.pairs):
        if most is not None and len(tasks) >= most:
            break
        layout = scenario.maps[pair.map]
        distance = int(distances(layout.walls, pair.goal)[pair.start])
        if 0 < distance <= (math.inf if farthest is None else farthest):
            yaw = float(stream(seed, "pair", index).uniform(-math.pi, math.pi))
            tasks.append(Task(layout, pair.start, pair.goal, yaw, distance, time_limit(distance)))
    if not tasks:
        way = "a way in its map" if farthest is None else f"a way of at most {farthest} cells in its map"
        raise MazenavError(f"{scenario.name}: none of its {len(scenario.pairs)} start-goal pairs has {way}")
    return tasks


def run_tasks(
    agent: Agent,
    tasks: Sequence[Task],
    body: Body = DMLAB,
    given_map: str = "true",
    seed: int = 0,
    batch_size: int = 256,
    progress: Progress | None = None,
    world: MakeWorld = AgentBatch,
    first: int = 0,
    noise: PoseNoise = EXACT,
) -> RunResult:
    """Drive every task once; the result does not depend on the batch size.

    Within `parallel.joined` each process drives its own share of the tasks, and all are given the whole result.

    Args:
        agent: it is given task contexts; only one that `SeesTruth` is shown layouts.
        tasks: what to drive.
        body: the body; the agent must have been made for it.
        given_map: which map the contexts hold: `true`, `blank`, `shuffled` or KIND:STRENGTH of a perturbation.
        seed: decides the agent's draws, and what is drawn of the maps and of the noise.
        batch_size: episodes side by side.
        progress: called after each decision of a batch.
        world: what simulates the body: the compiled batch, or another physics such as `env.bullet.batch.bullet_world`.
        first: number of the first task, by which its draws are told from others'; for one run cut into several calls.
        noise: how wrongly the agent is told where it is.

    Raises:
        MazenavError: if there is no task, the batch is empty, or there is no such map.
    """
    if not tasks:
        raise MazenavError("an evaluation needs at least one task, found none")
    if batch_size < 1:
        raise MazenavError(f"a batch needs at least one episode, found {batch_size}")
    # Alike in size, so that padding wastes little; alike in length, so that few episodes outlast their batch.
    order = sorted(range(len(tasks)), key=lambda i: (*tasks[i].layout.shape, tasks[i].distance, i))
    order = own_tasks(order)
    episodes: dict[int, Episode] = {}
    decision_ms: list[float] = []
    begin_ms: list[float] = []
    for numbers in _batches(order, tasks, batch_size):
        batch = _Batch(numbers, tasks, body, world)
        begin_ms.append(batch.open(agent, given_map, seed, first, noise))
        solved = sum(episode.terminated for episode in episodes.values())
        while batch.active.any():
            decision_ms.append(batch.decide(agent))
            if progress is not None:
                over = ~batch.active
                progress(len(episodes) + int(over.sum()), len(order), solved + int(batch.reached.sum()))
        episodes.update(batch.episodes())
    times = (np.concatenate(gathered(np.array(taken, np.float64))) for taken in (decision_ms, begin_ms))
    return RunResult(everyones(episodes, tasks), *times)


def _batches(order: Sequence[int], tasks: Sequence[Task], batch_size: int) -> Iterator[list[int]]:
    """Cut tasks into batches of at most `batch_size`, smaller where layouts are so large that memory would run out."""
    batch: list[int] = []
    rows = columns = 0
    for number in order:
        height, width = tasks[number].layout.shape
        rows, columns = max(rows, height), max(columns, width)
        if batch and (len(batch) == batch_size or (len(batch) + 1) * rows * columns > CELLS_AT_ONCE):
            yield batch
            batch, rows, columns = [], height, width
        batch.append(number)
    if batch:
        yield batch


def context_of(task: Task, given_map: str, rng: np.random.Generator) -> TaskContext:
    """What the agent is told of a task.

    Args:
        task: the task.
        given_map: which map the context holds, as `parse_given_map` reads it.
        rng: draws what is drawn of the map.

    Raises:
        MazenavError: if there is no such kind of map.
    """
    return parse_given_map(given_map).context(task.layout, task.start, task.goal, rng)


class _Batch:
    """Episodes side by side: `open`, then `decide` while any is active, then `episodes`.

    Attributes:
        active: bool `[B]`, which episodes still run.
        reached: bool `[B]`, which ended at their goal.
    """

    def __init__(self, numbers: list[int], tasks: Sequence[Task], body: Body, world: MakeWorld) -> None:
        self._numbers = numbers
        self._tasks = [tasks[number] for number in numbers]
        rows = max(task.layout.shape[0] for task in self._tasks)
        columns = max(task.layout.shape[1] for task in self._tasks)
        self._agents = world(len(numbers), rows, columns, body)
        self._agents.place(
            np.arange(len(numbers)),
            [task.layout.walls for task in self._tasks],
            np.array([task.start for task in self._tasks]),
            np.array([task.goal for task in self._tasks]),
            np.array([task.yaw for task in self._tasks]),
            np.array([task.limit for task in self._tasks]),
        )
        # Of each decision: who took it, int `[K]`, and where that left them; first of all, where everybody began.
        self._rows = [np.arange(len(numbers))]
        self._states = [self._agents.states.copy()]
        self._actions: list[np.ndarray] = []
        self._errors: np.ndarray | None = None
        self.active = np.ones(len(numbers), np.bool_)
        self.reached = np.zeros(len(numbers), np.bool_)

    def open(self, agent: Agent, given_map: str, seed: int, first: int, noise: PoseNoise) -> float:
        """Tell the agent of its tasks; milliseconds an episode that it took to read them."""
        # Making a stream takes longer than the rest of a context, and most maps need none.
        drawn = parse_given_map(given_map).drawn
        numbers = [first + number if drawn else 0 for number in self._numbers]
        streams = {number: stream(seed, "given map", number) for number in set(numbers)}
        contexts = [
            context_of(task, given_map, streams[number]) for number, task in zip(numbers, self._tasks, strict=True)
        ]
        numbers = [first + number for number in self._numbers]
        self._errors = noise.draw([task.limit for task in self._tasks], numbers, seed)
        if isinstance(agent, SeesTruth):
            agent.reveal([task.layout for task in self._tasks])
        rngs = [stream(seed, "agent", number) for number in numbers]
        began = time.perf_counter()
        agent.begin(contexts, rngs)
        return (time.perf_counter() - began) * 1000 / len(contexts)

    def decide(self, agent: Agent) -> float:
        """One decision of every active episode; milliseconds an episode that the agent took for it."""
        began = time.perf_counter()
        actions = agent.act(self._observed(), self.active.copy())
        taken = (time.perf_counter() - began) * 1000 / self.active.sum()
        actions = np.where(self.active, actions, 0).astype(np.int64)
        outcome = self._agents.step(actions, self.active)
        rows = np.flatnonzero(self.active)
        self._rows.append(rows)
        self._states.append(self._agents.states[rows])
        self._actions.append(actions[rows])
        self.reached |= self.active & outcome.reached
        self.active &= ~(outcome.reached | outcome.timed_out)
        return float(taken)

    def _observed(self) -> np.ndarray:
        """Where the agent is told to be, float32 `[B, 6]`."""
        states = self._agents.states.copy()
        if self._errors is not None:
            states[:, :3] += self._errors[:, len(self._actions)]
            states[:, 2] = (states[:, 2] + math.pi) % (2 * math.pi) - math.pi
        return states

    def episodes(self) -> dict[int, Episode]:
        """The episodes by the number of their task, once none is active."""
        states = _row_by_row(np.concatenate(self._rows), np.concatenate(self._states), len(self._tasks))
        actions = _row_by_row(np.concatenate(self._rows[1:]), np.concatenate(self._actions), len(self._tasks))
        return {
            number: Episode(
                layout=task.layout,
                start=task.start,
                goal=task.goal,
                states=states[row],
                actions=actions[row],
                terminated=bool(self.reached[row]),
                truncated=not self.reached[row],
                limit=task.limit,
                distance=task.distance,
            )
            for row, (number, task) in enumerate(zip(self._numbers, self._tasks, strict=True))
        }


def _row_by_row(rows: np.ndarray, values: np.ndarray, n: int) -> list[np.ndarray]:
    """Values `[K, ...]` of rows `[K]` as one array for each of n rows, their order kept."""
    order = np.argsort(rows.astype(np.uint16) if n <= 1 << 16 else rows, kind="stable")  # short keys sort faster
    return np.split(values[order], np.cumsum(np.bincount(rows, minlength=n))[:-1])
