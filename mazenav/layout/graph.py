"""Layouts as graphs: free cells are nodes, edges join 4-connected neighbours, and every edge is one step long."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.types import Cell, Layout, LayoutError


def distances(walls: np.ndarray, goal: Cell) -> np.ndarray:
    """Steps from every cell to `goal`: int32 `[R, C]`, -1 where there is a wall or no way.

    Args:
        walls: bool `[R, C]`, true is wall.
        goal: cell (row, column); everything is -1 if it is a wall.

    Raises:
        LayoutError: if `goal` lies outside the map.
    """
    rows, columns = walls.shape
    if not (0 <= goal[0] < rows and 0 <= goal[1] < columns):
        raise LayoutError(f"the goal {_show(goal)} lies outside the layout of {rows} x {columns} cells")
    return _flood(np.ascontiguousarray(walls, np.bool_), int(goal[0]), int(goal[1]))


def shortest_path(walls: np.ndarray, start: Cell, goal: Cell) -> list[Cell]:
    """A shortest path from `start` to `goal`, both included; ties go up, down, left, right in this order.

    Raises:
        LayoutError: if an end lies outside the map or no path joins them.
    """
    to_go = distances(walls, goal)
    rows, columns = walls.shape
    if not (0 <= start[0] < rows and 0 <= start[1] < columns):
        raise LayoutError(f"the start {_show(start)} lies outside the layout of {rows} x {columns} cells")
    if to_go[start] < 0:
        raise LayoutError(f"no path joins the start {_show(start)} and the goal {_show(goal)}")
    path = [(int(start[0]), int(start[1]))]
    for remaining in range(int(to_go[start]) - 1, -1, -1):
        row, column = path[-1]
        around = ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1))
        path.append(next(c for c in around if 0 <= c[0] < rows and 0 <= c[1] < columns and to_go[c] == remaining))
    return path


def octile_lengths(walls: np.ndarray, starts: np.ndarray, goals: np.ndarray) -> np.ndarray:
    """Lengths of shortest paths with diagonal steps, as MovingAI's scenarios count them: float64 `[K]`.

    A step to one of the four neighbours has length 1, a diagonal one sqrt 2 and needs both cells beside it free.

    Args:
        walls: bool `[R, C]`, true is wall.
        starts: int `[K, 2]`, cells (row, column).
        goals: int `[K, 2]`, cells (row, column).

    Returns:
        The lengths, -1 where an end is a wall or no path joins them.

    Raises:
        LayoutError: if an end lies outside the map, or there are not as many goals as starts.
    """
    ends = [np.ascontiguousarray(np.asarray(cells, np.int64).reshape(-1, 2)) for cells in (starts, goals)]
    if len(ends[0]) != len(ends[1]):
        raise LayoutError(f"lengths need a goal for every start, found {len(ends[0])} starts and {len(ends[1])} goals")
    rows, columns = walls.shape
    for what, cells in zip(("start", "goal"), ends, strict=True):
        outside = ((cells < 0) | (cells >= walls.shape)).any(axis=1)
        if outside.any():
            cell = _cell(cells[outside][0])
            raise LayoutError(f"the {what} {_show(cell)} lies outside the layout of {rows} x {columns} cells")
    return _octile(np.ascontiguousarray(walls, np.bool_), ends[0], ends[1])


def components(walls: np.ndarray) -> np.ndarray:
    """The connected component of every cell: int32 `[R, C]`, 0, 1, ... in reading order, -1 at walls."""
    return _label(np.ascontiguousarray(walls, np.bool_))


def check_task(layout: Layout, start: Cell, goal: Cell) -> int:
    """The shortest distance from `start` to `goal` in steps.

    Raises:
        LayoutError: if an end lies outside the layout or in a wall, both are the same cell, or no path joins them.
    """
    rows, columns = layout.shape
    for what, cell in (("start", start), ("goal", goal)):
        if not (0 <= cell[0] < rows and 0 <= cell[1] < columns):
            raise LayoutError(f"the {what} {_show(cell)} lies outside the layout of {rows} x {columns} cells")
        if layout.walls[cell[0], cell[1]]:
            raise LayoutError(f"the {what} {_show(cell)} lies in a wall")
    if tuple(start) == tuple(goal):
        raise LayoutError(f"start and goal are the same cell {_show(start)}")
    distance = int(distances(layout.walls, goal)[start[0], start[1]])
    if distance < 0:
        raise LayoutError(f"no path joins the start {_show(start)} and the goal {_show(goal)}")
    return distance


def sample_task(layout: Layout, rng: np.random.Generator, farthest: int | None = None) -> tuple[Cell, Cell, int]:
    """A start, a goal and the distance between them.

    The start is uniform among the free cells that are not isolated, the goal among the other cells of its component.

    Args:
        layout: where.
        rng: draws both.
        farthest: only goals at most so many steps away, at least 1.

    Raises:
        LayoutError: if no two free cells of the layout are connected.
    """
    free = ~layout.walls
    joined = np.zeros_like(free)
    for one, other in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        joined[one] |= free[other]
        joined[other] |= free[one]
    starts = np.argwhere(joined & free)
    if len(starts) == 0:
        raise LayoutError(f"layout {layout.name!r} has no two connected free cells, so no start and goal")
    start = _cell(starts[rng.integers(len(starts))])
    steps = distances(layout.walls, start)
    goals = np.argwhere((steps > 0) if farthest is None else (steps > 0) & (steps <= farthest))
    goal = _cell(goals[rng.integers(len(goals))])
    return start, goal, int(steps[goal])


def _cell(pair: np.ndarray) -> Cell:
    return int(pair[0]), int(pair[1])


def _show(cell: Cell) -> str:
    return f"(row {cell[0]}, column {cell[1]})"


_WALL, _FREE = -2, -1


@njit(cache=True)
def _bordered(walls: np.ndarray) -> np.ndarray:
    """The cells in reading order inside a border of walls, `_WALL` or `_FREE`: int32 `[(R + 2) * (C + 2)]`.

    With the border a neighbour is one addition away and needs no test of whether it lies inside.
    """
    rows, columns = walls.shape
    width = columns + 2
    cells = np.full((rows + 2) * width, np.int32(_WALL), np.int32)
    for row in range(rows):
        first = (row + 1) * width + 1
        for column in range(columns):
            cells[first + column] = _WALL if walls[row, column] else _FREE
    return cells


@njit(cache=True)
def _unbordered(cells: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """The cells without their border, -1 where a wall or nothing is: int32 `[R, C]`."""
    inner = np.empty((rows, columns), np.int32)
    for row in range(rows):
        first = (row + 1) * (columns + 2) + 1
        for column in range(columns):
            inner[row, column] = max(cells[first + column], np.int32(-1))
    return inner


@njit(cache=True)
def _spread(cells: np.ndarray, width: int, start: int, first: int, growth: int, queue: np.ndarray) -> None:
    """Breadth-first from a free cell: it gets the value `first`, and each other one its predecessor's plus `growth`.

    Written without branches, since whether a neighbour is new is a coin that no processor can guess.
    """
    queue[0] = start
    cells[start] = first
    head, tail = 0, 1
    while head < tail:
        at = queue[head]
        head += 1
        value = np.int32(cells[at] + growth)
        for step in (-width, width, -1, 1):
            neighbour = at + step
            found = cells[neighbour]
            is_new = found == _FREE
            queue[tail] = neighbour
            cells[neighbour] = value if is_new else found
            tail += is_new


@njit(cache=True)
def _flood(walls: np.ndarray, row: int, column: int) -> np.ndarray:
    """Breadth-first steps from one cell: int32 `[R, C]`, -1 where unreached."""
    rows, columns = walls.shape
    cells = _bordered(walls)
    start = (row + 1) * (columns + 2) + column + 1
    if cells[start] == _FREE:
        _spread(cells, columns + 2, start, 0, 1, np.empty(rows * columns + 1, np.int32))
    return _unbordered(cells, rows, columns)


@njit(cache=True)
def _label(walls: np.ndarray) -> np.ndarray:
    """Component labels in reading order: int32 `[R, C]`, -1 at walls."""
    rows, columns = walls.shape
    cells = _bordered(walls)
    queue = np.empty(rows * columns + 1, np.int32)
    label = 0
    for start in range(cells.size):
        if cells[start] == _FREE:
            _spread(cells, columns + 2, start, label, 0, queue)
            label += 1
    return _unbordered(cells, rows, columns)


@njit(cache=True)
def _octile(walls: np.ndarray, starts: np.ndarray, goals: np.ndarray) -> np.ndarray:
    """Octile lengths from start to goal, pair by pair: float64 `[K]`, -1 where there is no way.

    Dijkstra's algorithm with two queues instead of a heap: cells leave in the order of their lengths, so the ones that
    are entered by a step of length 1 form a sorted queue, and so do those that are entered by a diagonal one.

    Args:
        walls: bool `[R, C]`.
        starts: int64 `[K, 2]`, cells inside.
        goals: int64 `[K, 2]`, cells inside.
    """
    rows, columns = walls.shape
    width = columns + 2
    cells = _bordered(walls)
    best = np.full(cells.size, np.inf)
    settled = np.zeros(cells.size, np.bool_)
    queues = np.empty((2, rows * columns + 1), np.int32)
    keys = np.full((2, rows * columns + 2), np.inf)
    lengths = np.full(len(starts), -1.0)
    diagonal = np.sqrt(2.0)
    for pair in range(len(starts)):
        start = (starts[pair, 0] + 1) * width + starts[pair, 1] + 1
        goal = (goals[pair, 0] + 1) * width + goals[pair, 1] + 1
        if cells[start] == _WALL or cells[goal] == _WALL:
            continue
        head, tail = np.zeros(2, np.int64), np.zeros(2, np.int64)
        queues[0, 0], keys[0, 0], best[start], tail[0] = start, 0.0, 0.0, 1
        while head[0] < tail[0] or head[1] < tail[1]:
            ahead = keys[0, head[0]] if head[0] < tail[0] else np.inf
            aslant = keys[1, head[1]] if head[1] < tail[1] else np.inf
            k = 0 if ahead <= aslant else 1
            at = queues[k, head[k]]
            head[k] += 1
            if settled[at]:
                continue
            settled[at] = True
            if at == goal:
                lengths[pair] = best[at]
                break
            for dr in range(-1, 2):
                for dc in range(-1, 2):
                    other = at + dr * width + dc
                    k = 1 if dr != 0 and dc != 0 else 0
                    if cells[other] == _WALL or settled[other] or (k and (cells[at + dc] == _WALL)):
                        continue
                    if k and cells[at + dr * width] == _WALL:
                        continue
                    length = best[at] + (diagonal if k else 1.0)
                    if length < best[other]:
                        best[other] = length
                        queues[k, tail[k]], keys[k, tail[k]] = other, length
                        tail[k] += 1
        for k in range(2):
            for index in range(tail[k]):
                best[queues[k, index]], settled[queues[k, index]] = np.inf, False
    return lengths
