"""How an episode begins: a layout, a start, a goal and a yaw, drawn or given."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mazenav.env.actions import as_array
from mazenav.env.source import LayoutSource
from mazenav.layout.graph import check_task, distances, sample_task
from mazenav.sim.batch import time_limit
from mazenav.sim.interface import World
from mazenav.types import Cell, Layout, LayoutError, MazenavError

OPTIONS = ("layout", "start", "goal", "yaw")
"""What `reset(options=...)` may set; what it leaves out is drawn."""


MOST_YAW = 1e6
"""Radians; of more a float32 says nothing."""


@dataclass(frozen=True)
class Placement:
    """The beginning of an episode; `distance` is the shortest path in cells, `yaw` lies in [-pi, pi)."""

    layout: Layout
    start: Cell
    goal: Cell
    yaw: float
    distance: int


def draw_placement(source: LayoutSource, rng: np.random.Generator, options: Mapping[str, Any] | None) -> Placement:
    """Draw what `options` do not set; start and goal are free, connected, different cells.

    Raises:
        MazenavError: if an option is unknown or cannot be used.
    """
    given = checked_options(options)
    unknown = sorted(str(name) for name in set(given) - set(OPTIONS))
    if unknown:
        raise MazenavError(f"reset knows the options {', '.join(OPTIONS)}, found {', '.join(unknown)}")
    layout = source.check_fits(given["layout"]) if "layout" in given else source.draw(rng)
    start, goal, distance = _ends(layout, rng, given) if not source.thin else _thin_ends(layout, rng, given)
    yaw = _yaw(given["yaw"]) if "yaw" in given else float(rng.uniform(-math.pi, math.pi))
    return Placement(layout, start, goal, wrapped(yaw), distance)


def checked_options(options: Any) -> dict[str, Any]:
    """The options of `reset` as a dict of one's own.

    Raises:
        MazenavError: if they are none.
    """
    if options is not None and not isinstance(options, Mapping):
        raise MazenavError(f"the options of reset are a dict, found {options!r}")
    return dict(options or {})


def place(batch: World, index: np.ndarray, placements: list[Placement]) -> None:
    """Put agents `index` `[K]` of a batch where K placements say."""
    batch.place(
        index,
        [placement.layout.walls for placement in placements],
        np.array([placement.start for placement in placements], np.int64).reshape(-1, 2),
        np.array([placement.goal for placement in placements], np.int64).reshape(-1, 2),
        np.array([placement.yaw for placement in placements], np.float32),
        np.array([time_limit(placement.distance) for placement in placements], np.int64),
    )


def wrapped(yaw: float) -> float:
    """A yaw in [-pi, pi), also after rounding to float32."""
    pi = float(np.float32(math.pi))
    rounded = float(np.float32((yaw + math.pi) % (2 * math.pi) - math.pi))
    return -pi if rounded >= pi else rounded


def _ends(layout: Layout, rng: np.random.Generator, given: Mapping[str, Any]) -> tuple[Cell, Cell, int]:
    """Start, goal and distance; where only one end is given the other is uniform among the cells joined to it."""
    if "start" not in given and "goal" not in given:
        return sample_task(layout, rng)
    if "start" in given and "goal" in given:
        start, goal = _cell("start", given["start"]), _cell("goal", given["goal"])
        return start, goal, check_task(layout, start, goal)
    what = "start" if "start" in given else "goal"
    fixed = _cell(what, given[what])
    if not layout.is_free(fixed):
        raise LayoutError(
            f"the {what} {fixed} is not a free cell of the layout of {layout.shape[0]} x {layout.shape[1]} cells"
        )
    steps = distances(layout.walls, fixed)
    others = np.argwhere(steps > 0)
    if len(others) == 0:
        raise LayoutError(f"no other cell can be reached from the {what} {fixed}")
    row, column = others[rng.integers(len(others))].tolist()
    other = (row, column)
    return (fixed, other, int(steps[other])) if what == "start" else (other, fixed, int(steps[other]))


def _thin_ends(lattice: Layout, rng: np.random.Generator, given: Mapping[str, Any]) -> tuple[Cell, Cell, int]:
    """Start and goal, cells of a maze with thin walls, as entries of its lattice, and cells between them."""
    for what in ("start", "goal"):
        if what in given and not all(number % 2 for number in _cell(what, given[what])):
            raise LayoutError(
                f"the {what} {_cell(what, given[what])} is no cell of a lattice of thin walls: those have odd numbers"
            )
    if "start" in given and "goal" in given:
        start, goal, steps = _ends(lattice, rng, given)
        return start, goal, steps // 2
    what = "goal" if "goal" in given else "start"
    cells = np.argwhere(~lattice.walls[1::2, 1::2]) * 2 + 1
    drawn = [(int(row), int(column)) for row, column in rng.permutation(cells)]
    for cell in [_cell(what, given[what])] if what in given else drawn:
        if not lattice.is_free(cell):
            raise LayoutError(f"the {what} {cell} is not a free cell of the lattice of {lattice.shape}")
        steps_to = distances(lattice.walls, cell)
        others = cells[steps_to[cells[:, 0], cells[:, 1]] > 0]
        if len(others):
            row, column = others[rng.integers(len(others))].tolist()
            ends = (cell, (row, column)) if what == "start" else ((row, column), cell)
            return *ends, int(steps_to[row, column]) // 2
    raise LayoutError(
        f"no other cell can be reached from the {what} {_cell(what, given[what])}"
        if what in given
        else f"layout {lattice.name!r} has no two connected free cells, so no start and goal"
    )


def _cell(what: str, value: Any) -> Cell:
    pair = as_array(value)
    if pair.shape != (2,) or not np.issubdtype(pair.dtype, np.integer):
        raise MazenavError(f"the {what} must be a cell (row, column) of whole numbers, found {value!r}")
    return int(pair[0]), int(pair[1])


def _yaw(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not -MOST_YAW <= value <= MOST_YAW:
        raise MazenavError(f"yaw must be a finite number of radians, {MOST_YAW:g} at most, found {value!r:.40}")
    return float(value)
