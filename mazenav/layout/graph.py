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


def sample_task(layout: Layout, rng: np.random.Generator) -> tuple[Cell, Cell, int]:
    """A start, a goal and the distance between them.

    The start is uniform among the free cells that are not isolated, the goal among the other cells of its component.

    Raises:
        LayoutError: if no two free cells of the layout are connected.
    """
    free = np.pad(~layout.walls, 1)
    joined = free[:-2, 1:-1] | free[2:, 1:-1] | free[1:-1, :-2] | free[1:-1, 2:]
    starts = np.argwhere(joined & ~layout.walls)
    if len(starts) == 0:
        raise LayoutError(f"layout {layout.name!r} has no two connected free cells, so no start and goal")
    start = _cell(starts[rng.integers(len(starts))])
    steps = distances(layout.walls, start)
    goals = np.argwhere(steps > 0)
    goal = _cell(goals[rng.integers(len(goals))])
    return start, goal, int(steps[goal])


def _cell(pair: np.ndarray) -> Cell:
    return int(pair[0]), int(pair[1])


def _show(cell: Cell) -> str:
    return f"(row {cell[0]}, column {cell[1]})"


@njit(cache=True)
def _flood(walls: np.ndarray, row: int, column: int) -> np.ndarray:
    """Breadth-first steps from one cell: int32 `[R, C]`, -1 where unreached."""
    rows, columns = walls.shape
    steps = np.full((rows, columns), np.int32(-1), np.int32)
    if walls[row, column]:
        return steps
    queue = np.empty((rows * columns, 2), np.int32)
    queue[0, 0], queue[0, 1] = row, column
    steps[row, column] = 0
    head, tail = 0, 1
    while head < tail:
        r, c = queue[head, 0], queue[head, 1]
        head += 1
        following = steps[r, c] + np.int32(1)
        for k in range(4):
            nr, nc = r + (k == 1) - (k == 0), c + (k == 3) - (k == 2)
            if 0 <= nr < rows and 0 <= nc < columns and not walls[nr, nc] and steps[nr, nc] < 0:
                steps[nr, nc] = following
                queue[tail, 0], queue[tail, 1] = nr, nc
                tail += 1
    return steps


@njit(cache=True)
def _label(walls: np.ndarray) -> np.ndarray:
    """Component labels in reading order: int32 `[R, C]`, -1 at walls."""
    rows, columns = walls.shape
    labels = np.full((rows, columns), np.int32(-1), np.int32)
    queue = np.empty((rows * columns, 2), np.int32)
    found = np.int32(0)
    for row in range(rows):
        for column in range(columns):
            if walls[row, column] or labels[row, column] >= 0:
                continue
            labels[row, column] = found
            queue[0, 0], queue[0, 1] = row, column
            head, tail = 0, 1
            while head < tail:
                r, c = queue[head, 0], queue[head, 1]
                head += 1
                for k in range(4):
                    nr, nc = r + (k == 1) - (k == 0), c + (k == 3) - (k == 2)
                    if 0 <= nr < rows and 0 <= nc < columns and not walls[nr, nc] and labels[nr, nc] < 0:
                        labels[nr, nc] = found
                        queue[tail, 0], queue[tail, 1] = nr, nc
                        tail += 1
            found += np.int32(1)
    return labels
