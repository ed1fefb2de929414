"""Tasks without end: in a fresh layout each, or in given layouts over and over; each by its number alone."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np

from mazenav.evaluation.protocol import Task
from mazenav.layout.generate import generator_of
from mazenav.layout.generators.making import draw_seeds
from mazenav.layout.graph import sample_task
from mazenav.layout.manifest import cells_digest
from mazenav.rng import stream
from mazenav.sim.batch import time_limit
from mazenav.types import Layout, MazenavError

BLOCK_CELLS = 1 << 20
"""Cells that are made at a time."""
TRIES = 100
"""Layouts that are drawn for an episode until one has room for a start and a goal."""


class TaskSource(Protocol):
    """Numbered tasks."""

    def tasks(self, first: int) -> Iterator[Task]:
        """Task `first` and those after it; each depends on its number alone."""

    def description(self) -> dict[str, object]:
        """What tells this source from others, fit for JSON."""


class FreshTasks:
    """A new layout of a kind for every task.

    Args:
        kind: a key of `GENERATORS`.
        shape: rows and columns.
        seed: decides layouts, starts, goals and headings.
        parameters: of the generator.

    Raises:
        LayoutError: if there is no such kind, or the shape or a parameter cannot be used.
    """

    def __init__(self, kind: str, shape: tuple[int, int], seed: int, parameters: Mapping[str, float] | None = None):
        self._generator = generator_of(kind)
        self._shape, self._seed, self._parameters = shape, seed, dict(parameters or {})
        self._layouts([stream(0)])  # what cannot be used shows now

    def tasks(self, first: int) -> Iterator[Task]:
        """Without end."""
        block = max(1, min(256, BLOCK_CELLS // (self._shape[0] * self._shape[1])))
        for begin in itertools.count(first, block):
            rngs = [stream(self._seed, "task", number) for number in range(begin, begin + block)]
            for layout, rng in zip(self._layouts(rngs), rngs, strict=True):
                yield self._task(layout, rng)

    def description(self) -> dict[str, object]:
        """The generator."""
        return {"generator": self._generator.kind, "shape": list(self._shape), "parameters": self._parameters}

    def _layouts(self, rngs: Sequence[np.random.Generator]) -> list[Layout]:
        """A layout from each generator: the ones that `generate` draws."""
        seeds = np.concatenate([draw_seeds(rng, 1) for rng in rngs])
        return self._generator.layouts(self._shape, seeds, 1, **self._parameters)

    def _task(self, layout: Layout, rng: np.random.Generator) -> Task:
        for _ in range(TRIES):
            if np.count_nonzero(~layout.walls) > 1:  # generated layouts are connected
                break
            layout = self._layouts([rng])[0]
        return draw_task(layout, rng)


class GivenTasks:
    """Tasks in given layouts, one layout after the other, then all of them again with other starts and goals.

    The first round is that of `make_tasks` with one episode a layout.

    Args:
        layouts: at least one.
        seed: decides starts, goals and headings.

    Raises:
        LayoutError: if a layout has no two connected free cells.
    """

    def __init__(self, layouts: Sequence[Layout], seed: int) -> None:
        if not layouts:
            raise MazenavError("tasks need at least one layout, found none")
        self._layouts, self._seed = list(layouts), seed
        for layout in self._layouts:
            sample_task(layout, stream(0))

    def tasks(self, first: int) -> Iterator[Task]:
        """Without end."""
        for number in itertools.count(first):
            which, turn = number % len(self._layouts), number // len(self._layouts)
            yield draw_task(self._layouts[which], stream(self._seed, "task", which, turn))

    def description(self) -> dict[str, object]:
        """The layouts' number and digest."""
        return {"layouts": len(self._layouts), "digest": cells_digest(self._layouts)}


class ListedTasks:
    """Tasks that somebody made, each once."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._tasks = list(tasks)

    def tasks(self, first: int) -> Iterator[Task]:
        """As many as there are."""
        return iter(self._tasks[first:])

    def description(self) -> dict[str, object]:
        """The tasks' number, the digest of their layouts, each once, and that of all else."""
        layouts = list({id(task.layout): task.layout for task in self._tasks}.values())
        numbers = {id(layout): number for number, layout in enumerate(layouts)}
        ways = repr([(numbers[id(task.layout)], *task[1:]) for task in self._tasks])
        return {
            "tasks": len(self._tasks),
            "digest": cells_digest(layouts),
            "ways": hashlib.blake2b(ways.encode(), digest_size=16).hexdigest(),
        }


def draw_task(layout: Layout, rng: np.random.Generator) -> Task:
    """Start, goal and yaw drawn, and the design's time limit.

    Raises:
        LayoutError: if no two free cells are connected.
    """
    start, goal, distance = sample_task(layout, rng)
    return Task(layout, start, goal, float(rng.uniform(-math.pi, math.pi)), distance, time_limit(distance))
