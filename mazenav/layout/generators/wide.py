"""Mazes whose corridors are two or more cells wide."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.backtracker import carve_lattice
from mazenav.layout.generators.making import check_count, check_share, closed_blocks, draw_seeds, layout_from_seed
from mazenav.layout.generators.random_state import below
from mazenav.types import Layout


def wide(shape: tuple[int, int], rng: np.random.Generator, corridor: int = 2, loop_ratio: float = 0.0) -> Layout:
    """A backtracker maze on a coarser lattice, walls one cell thick.

    Rows and columns that the lattice leaves over widen corridors drawn at random. A shape too small for two corridors
    side by side has one.

    Args:
        shape: rows and columns, each 5 to 201.
        rng: a seed for this layout is drawn from it.
        corridor: the least width of the corridors in cells, 2 to 20.
        loop_ratio: the chance of each dead end to be opened into a neighbour: 0 gives a tree, 1 no dead ends.

    Raises:
        LayoutError: if the shape or a parameter is out of range.
    """
    seed = int(draw_seeds(rng, 1)[0])
    return layout_from_seed("wide", wide_walls, shape, seed, corridor=corridor, loop_ratio=loop_ratio)


def wide_walls(shape: tuple[int, int], seeds: np.ndarray, corridor: int = 2, loop_ratio: float = 0.0) -> np.ndarray:
    """Many layouts at once: bool `[N, R, C]` for seeds uint64 `[N]`; see `wide`."""
    check_count("corridor", corridor, 2, 20)
    check_share("loop_ratio", loop_ratio)
    walls = closed_blocks(shape, seeds)
    _carve_all(walls, seeds, int(corridor), float(loop_ratio))
    return walls


@njit(cache=True)
def _carve_all(walls: np.ndarray, seeds: np.ndarray, corridor: int, loop_ratio: float) -> None:
    """Carves wide mazes into solid `walls` [N, R, C]."""
    n, rows, columns = walls.shape
    height, width = max((rows - 1) // (corridor + 1), 1), max((columns - 1) // (corridor + 1), 1)
    lattice = np.ones((2 * height + 1, 2 * width + 1), np.bool_)
    seen = np.ones((height + 2) * (width + 2), np.uint8)
    path = np.empty((height * width, 2), np.int32)
    state = np.empty(1, np.uint64)
    for i in range(n):
        state[0] = seeds[i]
        lattice[:] = True
        carve_lattice(lattice, state, loop_ratio, seen, path)
        from_row = _spread(rows, height, corridor, state)
        from_column = _spread(columns, width, corridor, state)
        for r in range(rows):
            for c in range(columns):
                walls[i, r, c] = lattice[from_row[r], from_column[c]]


@njit(cache=True)
def _spread(cells: int, nodes: int, corridor: int, state: np.ndarray) -> np.ndarray:
    """For each of `cells` rows (or columns) the lattice row that it copies: int64 `[cells]`."""
    widths = np.full(nodes, min(corridor, cells - 2))
    for _ in range(cells - 1 - nodes - widths.sum()):
        widths[below(state, nodes)] += 1
    source = np.zeros(cells, np.int64)
    position = 1
    for node in range(nodes):
        source[position : position + widths[node]] = 2 * node + 1
        source[position + widths[node]] = 2 * node + 2
        position += widths[node] + 1
    return source
