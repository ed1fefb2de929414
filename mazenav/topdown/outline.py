"""Walls as lines: the outlines of thick walls, and the strokes of walls without thickness."""

from __future__ import annotations

import numpy as np

_STEPS = ((0, 1), (1, 0), (0, -1), (-1, 0))
"""Right, down, left, up, each as (row, column): the way around a wall with the wall on the right hand."""


def wall_outlines(walls: np.ndarray) -> list[np.ndarray]:
    """The outlines of all walls as closed polygons of corners.

    Args:
        walls: bool `[R, C]`.

    Returns:
        Corners int64 `[P, 2]` (row, column) of each, no three on a line; clockwise around walls, counter-clockwise
        around holes in them. Walls that only touch at a corner are outlined apart.
    """
    waiting = _edges(np.asarray(walls, np.bool_))
    outlines = []
    for row, column in np.argwhere(waiting[0]).tolist():
        if waiting[0, row, column]:
            outlines.append(_follow(waiting, row, column))
    return outlines


def wall_strokes(lattice: np.ndarray) -> np.ndarray:
    """The walls of a lattice of thin walls as straight strokes, each as long as can be.

    Args:
        lattice: bool `[2n + 1, 2m + 1]`, as of a layout with thin walls.

    Returns:
        int64 `[S, 2, 2]`: two posts each, as (row, column) counted in posts; a post that stands alone is a stroke from
        itself to itself. Blocked cells are none of them.
    """
    lattice = np.asarray(lattice, np.bool_)
    level = _runs(lattice[::2, 1::2])
    upright = _runs(lattice[1::2, ::2].T)
    strokes = [[(line, begin), (line, end)] for line, begin, end in level]
    strokes += [[(begin, line), (end, line)] for line, begin, end in upright]
    beside = np.pad(lattice, 1)
    posts = lattice[::2, ::2]
    joined = beside[:-2:2, 1:-1:2] | beside[2::2, 1:-1:2] | beside[1:-1:2, :-2:2] | beside[1:-1:2, 2::2]
    strokes += [[(row, column)] * 2 for row, column in np.argwhere(posts & ~joined).tolist()]
    return np.array(strokes, np.int64).reshape(-1, 2, 2)


def _runs(marked: np.ndarray) -> list[tuple[int, int, int]]:
    """(line, begin, end) of every unbroken run of true along the lines of a bool `[L, N]`; `end` lies behind it."""
    change = np.diff(np.pad(marked, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    begins, ends = np.argwhere(change == 1), np.argwhere(change == -1)
    return [(int(line), int(begin), int(end)) for (line, begin), end in zip(begins, ends[:, 1], strict=True)]


def _edges(walls: np.ndarray) -> np.ndarray:
    """Which edges of the outlines leave each corner to the right, down, left and up: bool `[4, R + 1, C + 1]`."""
    rows, columns = walls.shape
    beside = np.pad(walls, 1)
    edges = np.zeros((4, rows + 1, columns + 1), np.bool_)
    edges[0, :-1, :-1] = walls & ~beside[:-2, 1:-1]
    edges[1, :-1, 1:] = walls & ~beside[1:-1, 2:]
    edges[2, 1:, 1:] = walls & ~beside[2:, 1:-1]
    edges[3, 1:, :-1] = walls & ~beside[1:-1, :-2]
    return edges


def _follow(waiting: np.ndarray, row: int, column: int) -> np.ndarray:
    """The outline that leaves a corner to the right; its edges are taken out of those that wait, in place.

    Every outline has an edge to the right, and the first of them in reading order begins at a corner of it.
    """
    start, direction = (row, column), 0
    corners = [start]
    while True:
        waiting[direction, row, column] = False
        row, column = row + _STEPS[direction][0], column + _STEPS[direction][1]
        # A sharp turn to the right stays with the same wall where two touch at a corner.
        turns = [(direction + turn) % 4 for turn in (1, 0, 3)]
        ahead = next((way for way in turns if waiting[way, row, column]), None)
        if ahead is None:
            return np.array(corners, np.int64)
        if ahead != direction:
            corners.append((row, column))
        direction = ahead
