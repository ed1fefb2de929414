"""Small known layouts to draw: mazes of thin or thick walls, ways through them, and grids with obstacles."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

STEPS = ((0, 1), (1, 0), (0, -1), (-1, 0))


def maze(rng: np.random.Generator, rows: int, columns: int, loops: float = 0.0, ways_out: int = 0) -> np.ndarray:
    """A maze of cells `rows` x `columns` on the `(2n+1)` lattice, by random depth-first search.

    Args:
        rng: draws all.
        rows: of cells.
        columns: of cells.
        loops: share of the inner walls between two cells that are taken away.
        ways_out: openings in the upper and lower border.
    """
    walls = np.ones((2 * rows + 1, 2 * columns + 1), np.bool_)
    walls[1, 1] = False
    trail = [(0, 0)]
    while trail:
        row, column = trail[-1]
        near = [(row + down, column + right) for down, right in STEPS]
        near = [(r, c) for r, c in near if 0 <= r < rows and 0 <= c < columns and walls[2 * r + 1, 2 * c + 1]]
        if not near:
            trail.pop()
            continue
        r, c = near[rng.integers(len(near))]
        walls[2 * r + 1, 2 * c + 1] = walls[row + r + 1, column + c + 1] = False
        trail.append((r, c))
    inner = np.zeros_like(walls)
    inner[1:-1, 2:-1:2] = inner[2:-1:2, 1:-1] = True
    inner[::2, ::2] = False
    walls[inner & (rng.random(walls.shape) < loops)] = False
    for number in range(ways_out):
        walls[-(number % 2), 1 + 2 * rng.integers(columns)] = False
    return walls


def longest_way(walls: np.ndarray) -> tuple[tuple[int, int], ...]:
    """A long way through a lattice's cells, from its top left one: (row, column) of cells."""
    rows, columns = walls.shape[0] // 2, walls.shape[1] // 2
    came: dict[tuple[int, int], tuple[int, int] | None] = {(0, 0): None}
    queue = [(0, 0)]
    for row, column in queue:
        for down, right in STEPS:
            cell = row + down, column + right
            inside = 0 <= cell[0] < rows and 0 <= cell[1] < columns
            if inside and cell not in came and not walls[2 * row + 1 + down, 2 * column + 1 + right]:
                came[cell] = (row, column)
                queue.append(cell)
    way = [queue[-1]]
    while (before := came[way[-1]]) is not None:
        way.append(before)
    return tuple(way)


def on_grid(way: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """A way through cells as one through the `(2n+1)` lattice."""
    places = [(2 * row + 1, 2 * column + 1) for row, column in way]
    between = [((a[0] + b[0]) // 2, (a[1] + b[1]) // 2) for a, b in pairwise(places)]
    joined = [place for pair in zip(places[:-1], between, strict=True) for place in pair]
    return (*joined, places[-1])


def obstacles(rng: np.random.Generator, rows: int, columns: int, density: float) -> np.ndarray:
    """A grid with a border and single walls strewn about."""
    walls = rng.random((rows, columns)) < density
    walls[[0, -1]] = walls[:, [0, -1]] = True
    return walls


def widened(walls: np.ndarray, corridor: int) -> np.ndarray:
    """A lattice with every corridor `corridor` cells wide."""
    sides = [np.where(np.arange(count) % 2 == 0, 1, corridor) for count in walls.shape]
    return walls.repeat(sides[0], 0).repeat(sides[1], 1)
