"""How hard a layout is, and a task in it: dead ends, loops, decision points, distances, turns.

Free cells are nodes, 4-connected neighbours are joined, and an exit of a cell is a free neighbour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any, NamedTuple

import numba
import numpy as np

from mazenav.layout.graph import check_task, components, distances
from mazenav.layout.measuring import EXACT_CELLS, cell_exits, fewest_turns, measure_cells
from mazenav.types import Cell, Layout

CHUNK_CELLS = 1 << 19
"""Cells measured by one call of a thread."""

Progress = Callable[[int, int], None]
"""(layouts done, layouts in all)."""


@dataclass(frozen=True)
class Difficulty:
    """What can be counted in a layout.

    Attributes:
        rows: rows of cells.
        columns: columns of cells.
        free_cells: cells that are not wall.
        free_share: their share of all cells.
        pieces: connected components of the free cells.
        dead_ends: free cells with one exit.
        decision_points: free cells with three or four exits.
        branching: mean number of ways on (exits but the one come from) at a decision point; 0 where there is none.
        corridors: unbroken runs of cells with two exits.
        corridor_length: mean number of cells in such a run; 0 where there is none.
        turns: cells with two exits at a right angle.
        loops: independent cycles: edges - cells + pieces. An open square of 2 x 2 cells is one.
        islands: those loops that lead around walls: loops - open squares of 2 x 2 cells.
        diameter: the longest shortest path between connected cells, in steps.
        mean_distance: the mean shortest path between two different connected cells; 0 where there are none.
        exact: 1 if the two numbers before are exact, as they are for trees and for pieces of up to 8192 cells; else 0:
            `diameter` is a lower bound from double sweeps, `mean_distance` is taken from 64 cells.
    """

    rows: int
    columns: int
    free_cells: int
    free_share: float
    pieces: int
    dead_ends: int
    decision_points: int
    branching: float
    corridors: int
    corridor_length: float
    turns: int
    loops: int
    islands: int
    diameter: int
    mean_distance: float
    exact: int


MEASURES: tuple[str, ...] = tuple(field.name for field in fields(Difficulty))
"""The names of all measures of a layout, in the order of the columns that the kernel fills."""

FRACTIONS = frozenset(field.name for field in fields(Difficulty) if field.type == "float")
"""Measures that are no whole numbers."""


class TaskDifficulty(NamedTuple):
    """What can be counted between a start and a goal; the path is the one of the shortest paths with fewest turns.

    Attributes:
        distance: length of the shortest path in steps.
        turns: changes of direction on it.
        decision_points: cells with three or four exits on it, start and goal left out.
        dead_ends: dead ends of the same piece that do not lie on it: where one can go wrong.
        detour: its length over the steps that it would take without walls.
    """

    distance: int
    turns: int
    decision_points: int
    dead_ends: int
    detour: float


def difficulty(layout: Layout) -> Difficulty:
    """All measures of one layout."""
    (row,) = _measure([layout])
    named = zip(MEASURES, row.tolist(), strict=True)
    values: dict[str, Any] = {name: number if name in FRACTIONS else int(number) for name, number in named}
    return Difficulty(**values)


def difficulties(layouts: Sequence[Layout], progress: Progress | None = None) -> dict[str, np.ndarray]:
    """All measures of many layouts: name -> float64 `[N]`; on all threads, with the same numbers for any count of them.

    Args:
        layouts: any number, of any shapes.
        progress: told now and then how many are done.
    """
    chunks = _chunks(layouts)
    rows = [np.empty((0, len(MEASURES)))]
    done = 0
    with ThreadPoolExecutor(numba.get_num_threads()) as pool:
        for part in pool.map(_measure, chunks):
            rows.append(part)
            done += len(part)
            if progress is not None:
                progress(done, len(layouts))
    table = np.concatenate(rows)
    return {name: table[:, column] for column, name in enumerate(MEASURES)}


def task_difficulty(layout: Layout, start: Cell, goal: Cell) -> TaskDifficulty:
    """All measures of a task.

    Raises:
        LayoutError: if start or goal lie outside, in a wall, on each other, or are cut off from each other.
    """
    distance = check_task(layout, start, goal)
    path = plain_path(layout, start, goal)
    exits = cell_exits(layout.walls)
    pieces = components(layout.walls)
    dead_ends = (exits == 1) & (pieces == pieces[start])
    dead_ends[tuple(np.transpose(path))] = False
    steps = np.diff(path, axis=0)
    return TaskDifficulty(
        distance=distance,
        turns=int(np.any(steps[1:] != steps[:-1], axis=1).sum()),
        decision_points=sum(int(exits[cell] >= 3) for cell in path[1:-1]),
        dead_ends=int(dead_ends.sum()),
        detour=float(distance / (abs(start[0] - goal[0]) + abs(start[1] - goal[1]))),
    )


def plain_path(layout: Layout, start: Cell, goal: Cell) -> list[Cell]:
    """The shortest path with the fewest turns, both ends included; ties go up, down, left, right in this order.

    Raises:
        LayoutError: as `task_difficulty`.
    """
    check_task(layout, start, goal)
    path = fewest_turns(distances(layout.walls, goal), int(start[0]), int(start[1]))
    return [(int(row), int(column)) for row, column in path]


def _chunks(layouts: Sequence[Layout]) -> list[list[Layout]]:
    """The layouts in their order, in pieces that are worth a thread's while; a large layout is a piece of its own."""
    chunks: list[list[Layout]] = []
    waiting = iter(layouts)
    while chunk := list(islice(waiting, 1)):
        cells = chunk[0].walls.size
        for layout in waiting:
            chunk.append(layout)
            cells += layout.walls.size
            if cells >= CHUNK_CELLS:
                break
        chunks.append(chunk)
    return chunks


def _measure(layouts: Sequence[Layout]) -> np.ndarray:
    """The measures of some layouts, float64 `[N, len(MEASURES)]`."""
    walls = np.concatenate([layout.walls.ravel() for layout in layouts])
    shapes = np.array([layout.shape for layout in layouts], np.int64)
    table = np.empty((len(layouts), len(MEASURES)))
    measure_cells(walls, shapes, EXACT_CELLS, table)
    return table
