"""Collects trajectories into a folder, shard after shard; a run that stops anywhere goes on to the same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mazenav.agent.interface import Agent, SeesTruth
from mazenav.evaluation.episode_file import pack_episodes
from mazenav.evaluation.protocol import Task, run_tasks
from mazenav.evaluation.task_source import TaskSource
from mazenav.evaluation.trajectories import (
    FORMAT,
    INDEX,
    SHARD,
    Index,
    Shard,
    digest,
    is_whole,
    read_index,
    write_index,
)
from mazenav.files import write_bytes_whole
from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import DMLAB, Body
from mazenav.sim.interface import MakeWorld
from mazenav.types import Episode, Layout, MazenavError, TaskContext

SHARD_STEPS = 1_000_000
"""Decisions that the episodes of a shard may take: 25 MB at most."""
SHARD_CELLS = 1 << 27
"""Cells of layouts in a shard."""
BUSY = 16
"""An episode takes at least about one in so many of the decisions that it may take."""

Progress = Callable[[int, int, int], None]
"""Called after each decision of a batch with steps so far, episodes so far, and how many of them reached their goal."""


@dataclass(frozen=True)
class Plan:
    """What is collected.

    Attributes:
        agent: drives.
        agent_description: what tells the agent from others, fit for JSON.
        source: the tasks.
        seed: decides the agent's draws and shuffled maps.
        steps: decisions after which no further episode is kept; None for no such end.
        episodes: how many episodes; None for no such end.
        given_map: the map that the agent is given.
        shard_steps: decisions that the episodes of a shard may take at most, unless it holds only one.
        compressed: whether shards are deflated: smaller by a fifth, and many times slower to write.
        body: what is driven.
        world: what simulates it.
        world_name: how the index names that.
        batch_size: episodes side by side; nothing depends on it.
    """

    agent: Agent
    agent_description: Mapping[str, object]
    source: TaskSource
    seed: int = 0
    steps: int | None = None
    episodes: int | None = None
    given_map: str = "true"
    shard_steps: int = SHARD_STEPS
    compressed: bool = False
    body: Body = DMLAB
    world: MakeWorld = AgentBatch
    world_name: str = "numba"
    batch_size: int = 1024

    def description(self) -> dict[str, object]:
        """All that decides what the shards hold, fit for JSON."""
        return {
            "agent": dict(self.agent_description),
            "tasks": self.source.description(),
            "seed": self.seed,
            "steps": self.steps,
            "episodes": self.episodes,
            "map": self.given_map,
            "world": self.world_name,
            "body": repr(self.body),
            "shard_steps": self.shard_steps,
            "compressed": self.compressed,
        }


def collect(folder: str | Path, plan: Plan, resume: bool = False, progress: Progress | None = None) -> Index:
    """Drive episodes and write them, shard by shard, until there are enough, or no more tasks.

    Each shard appears whole or not at all, and the index after it, so that a run may be stopped at any time.

    Args:
        folder: where the shards go; made if there is none.
        plan: what is collected.
        resume: go on with what an earlier run of the same plan left there; files that are damaged are made again.
        progress: called after each decision of a batch.

    Raises:
        MazenavError: if the folder holds trajectories already and `resume` is false, holds those of another plan, or
            cannot be written; or as `run_tasks`.
    """
    target = Path(folder)
    index = begin(target, plan, resume)
    waiting = plan.source.tasks(index.episodes)
    ahead: list[Task] = []
    while not index.complete:
        tasks = next_shard(waiting, ahead, plan, index)
        if tasks:
            episodes = enough(drive(plan, tasks, index, progress), plan, index)
            content = pack_episodes(episodes, plan.compressed)
            name = f"shard-{len(index.shards):05d}.npz"
            write_bytes_whole(target / name, content)
            index = index.with_shard(_described(name, index.episodes, episodes, content), _largest(episodes))
        index = replace(index, complete=not tasks or is_enough(plan, index))
        write_index(target, index)
    return index


def begin(folder: Path, plan: Plan, resume: bool) -> Index:
    """The index to go on from.

    Raises:
        MazenavError: as `collect`.
    """
    run = json.loads(json.dumps({"format": FORMAT, **plan.description()}))  # as an index gives it back
    if not (folder / INDEX).exists():
        if folder.is_dir() and any(SHARD.fullmatch(entry.name) for entry in folder.iterdir()):
            raise MazenavError(f"{folder} holds shards without an {INDEX}; give another folder")
        index = Index(run)
        write_index(folder, index)
        return index
    if not resume:
        raise MazenavError(f"{folder} holds trajectories already; go on with --resume, or give another folder")
    index = read_index(folder)
    for name in sorted({*run, *index.run}):
        if run.get(name) != index.run.get(name):
            raise MazenavError(
                f"{folder} holds another run: its {name} is {index.run.get(name)!r}, this one's is {run.get(name)!r}"
            )
    whole = next((n for n, shard in enumerate(index.shards) if not is_whole(folder, shard)), len(index.shards))
    for left in folder.glob(".shard-*.part.npz"):
        left.unlink(missing_ok=True)
    if whole < len(index.shards):
        # `largest` may only grow by what is driven again.
        index = replace(index, shards=index.shards[:whole], complete=False)
    return index


def is_enough(plan: Plan, index: Index) -> bool:
    """Whether nothing is missing."""
    by_steps = plan.steps is not None and index.steps >= plan.steps
    return by_steps or (plan.episodes is not None and index.episodes >= plan.episodes)


def next_shard(waiting: Iterator[Task], ahead: list[Task], plan: Plan, index: Index) -> list[Task]:
    """Tasks of the next shard: as many as its decisions and cells allow, none if there are no more.

    Args:
        waiting: tasks yet to come.
        ahead: where one that is left over waits for the shard after.
        plan: what is collected.
        index: what there is.
    """
    room = plan.shard_steps
    if plan.steps is not None:
        room = min(room, BUSY * (plan.steps - index.steps))
    most = None if plan.episodes is None else plan.episodes - index.episodes
    tasks: list[Task] = []
    layouts: set[int] = set()
    cells = 0
    while most is None or len(tasks) < most:
        task = ahead.pop() if ahead else next(waiting, None)
        if task is None:
            break
        room -= task.limit
        cells += 0 if id(task.layout) in layouts else task.layout.walls.size
        layouts.add(id(task.layout))
        if tasks and (room < 0 or cells > SHARD_CELLS):
            ahead.append(task)
            break
        tasks.append(task)
    return tasks


def drive(plan: Plan, tasks: Sequence[Task], index: Index, progress: Progress | None) -> list[Episode]:
    """The episodes of one shard."""
    agent = _Counting(plan.agent)

    def tell(done: int, _: int, reached: int) -> None:
        if progress is not None:
            progress(index.steps + agent.steps, index.episodes + done, index.reached + reached)

    result = run_tasks(
        agent, tasks, plan.body, plan.given_map, plan.seed, plan.batch_size, tell, plan.world, index.episodes
    )
    return result.episodes


def enough(episodes: list[Episode], plan: Plan, index: Index) -> list[Episode]:
    """The first of the episodes, up to the one with which there are enough steps."""
    if plan.steps is None:
        return episodes
    steps = index.steps + np.cumsum([len(episode) for episode in episodes])
    return episodes[: int(np.searchsorted(steps, plan.steps)) + 1]


def _described(name: str, first: int, episodes: Sequence[Episode], content: bytes) -> Shard:
    steps, reached = sum(map(len, episodes)), sum(episode.terminated for episode in episodes)
    return Shard(name, first, len(episodes), steps, reached, len(content), digest(content))


def _largest(episodes: Sequence[Episode]) -> tuple[int, int]:
    shapes = [episode.layout.shape for episode in episodes]
    return max(rows for rows, _ in shapes), max(columns for _, columns in shapes)


class _Counting:
    """An agent that counts the decisions that it takes."""

    def __init__(self, agent: Agent) -> None:
        self.name = agent.name
        self.steps = 0
        self._agent = agent

    def reveal(self, layouts: Sequence[Layout]) -> None:
        if isinstance(self._agent, SeesTruth):
            self._agent.reveal(layouts)

    def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
        self._agent.begin(contexts, rngs)

    def act(self, states: np.ndarray, active: np.ndarray) -> np.ndarray:
        self.steps += int(active.sum())
        return self._agent.act(states, active)
