"""Mazes by depth-first search with backtracking: long, winding corridors one cell wide.

Nodes sit at odd rows and columns with one wall between them. A side of even length has no such lattice: there one wall
row (or column), drawn anew for every layout, is doubled, which leaves corridors one cell wide and a tree a tree.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.making import check_share, closed_blocks, draw_seeds, layout_from_seed
from mazenav.layout.generators.random_state import below, next_bits, unit
from mazenav.types import Layout


def backtracker(shape: tuple[int, int], rng: np.random.Generator, loop_ratio: float = 0.0) -> Layout:
    """A maze of corridors one cell wide.

    Args:
        shape: rows and columns, each 5 to 201.
        rng: a seed for this layout is drawn from it.
        loop_ratio: the chance of each dead end to be opened into a neighbour: 0 gives a tree, 1 no dead ends.

    Raises:
        LayoutError: if the shape or the ratio is out of range.
    """
    seed = int(draw_seeds(rng, 1)[0])
    return layout_from_seed("backtracker", backtracker_walls, shape, seed, loop_ratio=loop_ratio)


def backtracker_walls(shape: tuple[int, int], seeds: np.ndarray, loop_ratio: float = 0.0) -> np.ndarray:
    """Many mazes at once: bool `[N, R, C]` for seeds uint64 `[N]`; see `backtracker`."""
    check_share("loop_ratio", loop_ratio)
    walls = closed_blocks(shape, seeds)
    _carve_all(walls, seeds, float(loop_ratio))
    return walls


def _choices() -> np.ndarray:
    """uint8 `[16, 12]`: for a set of directions (bits) and a number below 12, one of the set, all equally often."""
    table = np.zeros((16, 12), np.uint8)
    for mask in range(1, 16):
        members = [direction for direction in range(4) if mask >> direction & 1]
        table[mask] = [members[number % len(members)] for number in range(12)]
    return table


_CHOICE = _choices()
_TWELVE, _S32 = np.uint64(12), np.uint64(32)


@njit(cache=True)
def _carve_all(walls: np.ndarray, seeds: np.ndarray, loop_ratio: float) -> None:
    """Carves mazes into solid `walls` [N, R, C]."""
    n, rows, columns = walls.shape
    node_rows, node_columns = (rows - 1) // 2, (columns - 1) // 2
    even = rows % 2 == 0 or columns % 2 == 0
    lattice = np.ones((2 * node_rows + 1, 2 * node_columns + 1), np.bool_)
    seen = np.ones((node_rows + 2) * (node_columns + 2), np.uint8)
    path = np.empty((node_rows * node_columns, 2), np.int32)
    state = np.empty(1, np.uint64)
    for i in range(n):
        state[0] = seeds[i]
        if not even:
            carve_lattice(walls[i], state, loop_ratio, seen, path)
            continue
        lattice[:] = True
        carve_lattice(lattice, state, loop_ratio, seen, path)
        double_row = 2 * (1 + below(state, max(node_rows - 1, 1))) if rows % 2 == 0 else rows
        double_column = 2 * (1 + below(state, max(node_columns - 1, 1))) if columns % 2 == 0 else columns
        for r in range(rows):
            for c in range(columns):
                walls[i, r, c] = lattice[r - (r > double_row), c - (c > double_column)]


@njit(cache=True)
def carve_lattice(walls: np.ndarray, state: np.ndarray, loop_ratio: float, seen: np.ndarray, path: np.ndarray) -> None:
    """Carves one maze into solid `walls` of odd sides.

    Args:
        walls: bool `[2H + 1, 2W + 1]`, all true.
        state: uint64 `[1]`.
        loop_ratio: see `backtracker`.
        seen: uint8 `[(H + 2) * (W + 2)]`, work space.
        path: int32 `[H * W, 2]`, work space: lattice index and wall index of the nodes on the way back.
    """
    height, width = (walls.shape[0] - 1) // 2, (walls.shape[1] - 1) // 2
    flat = walls.reshape(-1)
    stride, pitch = width + 2, walls.shape[1]
    for r in range(height):
        seen[(r + 1) * stride + 1 : (r + 1) * stride + 1 + width] = 0
    r, c = below(state, height), below(state, width)
    node, cell, depth, left = (r + 1) * stride + c + 1, (2 * r + 1) * pitch + 2 * c + 1, 0, height * width - 1
    seen[node], flat[cell] = 1, False
    while left > 0:
        closed = seen[node - stride] | seen[node + stride] << 1 | seen[node - 1] << 2 | seen[node + 1] << 3
        if closed == 15:
            depth -= 1
            node, cell = path[depth, 0], path[depth, 1]
            continue
        path[depth, 0], path[depth, 1] = node, cell
        depth += 1
        direction = _CHOICE[15 - closed, ((next_bits(state) >> _S32) * _TWELVE) >> _S32]
        sign = 1 if direction & 1 else -1
        flat[cell + sign * (pitch if direction < 2 else 1)] = False
        cell += sign * 2 * (pitch if direction < 2 else 1)
        node += sign * (stride if direction < 2 else 1)
        seen[node], flat[cell] = 1, False
        left -= 1
    if loop_ratio > 0.0:
        _braid(walls, state, loop_ratio)


@njit(cache=True)
def _braid(walls: np.ndarray, state: np.ndarray, loop_ratio: float) -> None:
    """Opens each dead end of a lattice maze with the chance `loop_ratio`."""
    rows, columns = walls.shape
    for r in range(1, rows, 2):
        for c in range(1, columns, 2):
            closed = walls[r - 1, c] | walls[r + 1, c] << 1 | walls[r, c - 1] << 2 | walls[r, c + 1] << 3
            openings = 4 - (closed & 1) - (closed >> 1 & 1) - (closed >> 2 & 1) - (closed >> 3)
            if openings > 1 or unit(state) >= loop_ratio:
                continue
            inner = (r > 1) | (r < rows - 2) << 1 | (c > 1) << 2 | (c < columns - 2) << 3
            if closed & inner == 0:
                continue
            direction = _CHOICE[closed & inner, below(state, 12)]
            sign = 1 if direction & 1 else -1
            if direction < 2:
                walls[r + sign, c] = False
            else:
                walls[r, c + sign] = False
