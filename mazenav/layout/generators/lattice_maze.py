"""What all mazes on a lattice share: nodes, directions, braiding, and the way from the lattice to any shape.

The lattice of H x W nodes is an array of 2H + 1 rows and 2W + 1 columns: nodes at odd rows and odd columns, between two
of them the wall that a passage may take the place of, at even rows and even columns posts. An algorithm is a kernel
`carve(lattices, states, ...)` that fills lattices uint8 `[n, 2H + 1, 2W + 1]` of any content with 0 (free) and 1 (wall)
and leaves in states uint64 `[n]` where the random stream of each layout goes on. Then dead ends are opened, and rows
and columns of the lattice are repeated until corridors and walls are as thick and the layout is as large as asked.

Directions are 0 up, 1 down, 2 left, 3 right; a set of them is a number of four bits.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit

from mazenav.layout.generators.making import check_count, check_share, check_switch
from mazenav.layout.generators.random_state import below, unit
from mazenav.types import LayoutError

WIDEST = 20
BLOCK = 1 << 18
"""Lattice cells that go through all steps before the next, so that they stay in the cache."""


def _choices() -> np.ndarray:
    """uint8 `[16, 12]`: for a set of directions (bits) and a number below 12, one of the set, all equally often."""
    table = np.zeros((16, 12), np.uint8)
    for mask in range(1, 16):
        members = [direction for direction in range(4) if mask >> direction & 1]
        table[mask] = [members[number % len(members)] for number in range(12)]
    return table


CHOICE = _choices()


def fill_lattice(
    carve: Callable[..., None],
    own: tuple[float, ...],
    walls: np.ndarray,
    seeds: np.ndarray,
    loop_ratio: float = 0.0,
    corridor: int = 1,
    wall: int = 1,
    thin_walls: bool = False,
) -> None:
    """Fills walls bool `[N, R, C]` with mazes on a lattice.

    Rows and columns that the lattice leaves over make corridors drawn at random wider; where corridors are one cell
    wide they make walls between two nodes thicker instead, so that a tree stays a tree. A shape too small for two
    corridors side by side has one.

    Args:
        carve: the algorithm, see above.
        own: its own arguments after lattices and states.
        walls: what is filled.
        seeds: uint64 `[N]`.
        loop_ratio: the chance of each dead end to be opened into a neighbour: 0 leaves a tree a tree, 1 no dead ends.
        corridor: the least width of corridors in cells, 1 to 20.
        wall: the least thickness of walls in cells, 1 to 20.
        thin_walls: the layout is said to be the lattice of a maze whose walls have no thickness.

    Raises:
        LayoutError: if a knob is out of range, does not fit into the shape, or thin walls are not to be had in it.
    """
    check_share("loop_ratio", loop_ratio)
    check_count("corridor", corridor, 1, WIDEST)
    check_count("wall", wall, 1, WIDEST)
    check_switch("thin_walls", thin_walls)
    n, rows, columns = walls.shape
    plain = corridor == 1 and wall == 1 and rows % 2 == 1 and columns % 2 == 1
    if thin_walls and not plain:
        raise LayoutError(
            f"thin walls need odd sides, corridor 1 and wall 1, found {rows} x {columns}, {corridor} and {wall}"
        )
    height, width = (_nodes(side, int(corridor), int(wall)) for side in (rows, columns))
    if height * width * corridor == 1:
        raise LayoutError(f"walls of thickness {wall} leave one free cell in {rows} x {columns} cells")
    states = np.array(seeds, np.uint64)
    step = max(1, BLOCK // ((2 * height + 1) * (2 * width + 1)))
    lattices = np.empty((0 if plain else min(step, n), 2 * height + 1, 2 * width + 1), np.uint8)
    for begin in range(0, n, step):
        part = slice(begin, begin + step)
        target = walls[part].view(np.uint8)
        made = target if plain else lattices[: len(target)]
        carve(made, states[part], *own)
        if loop_ratio > 0:
            _braid_all(made, states[part], float(loop_ratio))
        if not plain:
            _repeat_lines(made, states[part], target, int(corridor), int(wall))


def _nodes(side: int, corridor: int, wall: int) -> int:
    """How many corridors lie side by side."""
    if side < 2 * wall + min(corridor, 2):
        raise LayoutError(f"walls of thickness {wall} leave no corridor in a side of {side} cells")
    return max((side - wall) // (corridor + wall), 1)


@njit(cache=True, inline="always")
def step_of(direction: int, pitch: int) -> int:
    """How far the next cell in a direction lies in a flat array whose rows are `pitch` long."""
    return (pitch if direction < 2 else 1) * (1 if direction & 1 else -1)


@njit(cache=True, inline="always")
def clear_nodes(lattice: np.ndarray) -> None:
    """Makes a lattice [2H + 1, 2W + 1] all wall but for its nodes."""
    lattice[:] = 1
    lattice[1::2, 1::2] = 0


@njit(cache=True, inline="always")
def clear_seen(seen: np.ndarray, height: int, width: int) -> None:
    """Marks all nodes as not yet seen in uint8 `[(H + 2) * (W + 2)]`, whose rim keeps what it holds."""
    for r in range(1, height + 1):
        seen[r * (width + 2) + 1 : r * (width + 2) + 1 + width] = 0


@njit(cache=True, nogil=True)
def _braid_all(lattices: np.ndarray, states: np.ndarray, loop_ratio: float) -> None:
    """Braids lattices [n, 2H + 1, 2W + 1]."""
    for i in range(len(lattices)):
        braid(lattices[i], states[i : i + 1], loop_ratio)


@njit(cache=True, nogil=True)
def braid(walls: np.ndarray, state: np.ndarray, loop_ratio: float) -> None:
    """Opens each dead end of a lattice [2H + 1, 2W + 1] into a node beside it with the chance `loop_ratio`."""
    rows, columns = walls.shape
    for r in range(1, rows, 2):
        for c in range(1, columns, 2):
            closed = walls[r - 1, c] | walls[r + 1, c] << 1 | walls[r, c - 1] << 2 | walls[r, c + 1] << 3
            openings = 4 - (closed & 1) - (closed >> 1 & 1) - (closed >> 2 & 1) - (closed >> 3)
            if openings > 1 or walls[r, c] or unit(state) >= loop_ratio:
                continue
            around = closed & _free_around(walls, r, c)
            if around == 0:
                continue
            direction = CHOICE[around, below(state, 12)]
            sign = 1 if direction & 1 else -1
            if direction < 2:
                walls[r + sign, c] = 0
            else:
                walls[r, c + sign] = 0


@njit(cache=True, inline="always")
def _free_around(walls: np.ndarray, r: int, c: int) -> int:
    """In which directions a node has a free node beside it."""
    rows, columns = walls.shape
    up = r > 1 and walls[r - 2, c] == 0
    down = r < rows - 2 and walls[r + 2, c] == 0
    left = c > 1 and walls[r, c - 2] == 0
    right = c < columns - 2 and walls[r, c + 2] == 0
    return up | down << 1 | left << 2 | right << 3


@njit(cache=True, nogil=True)
def _repeat_lines(lattices: np.ndarray, states: np.ndarray, walls: np.ndarray, corridor: int, wall: int) -> None:
    """Fills walls [n, R, C] by repeating rows and columns of lattices [n, 2H + 1, 2W + 1]."""
    n, rows, columns = walls.shape
    from_row, from_column = np.zeros(rows, np.int64), np.zeros(columns, np.int64)
    for i in range(n):
        _spread(from_row, lattices.shape[1] // 2, corridor, wall, states[i : i + 1])
        _spread(from_column, lattices.shape[2] // 2, corridor, wall, states[i : i + 1])
        for r in range(rows):
            line = lattices[i, from_row[r]]
            for c in range(columns):
                walls[i, r, c] = line[from_column[c]]


@njit(cache=True, nogil=True)
def _spread(source: np.ndarray, nodes: int, corridor: int, wall: int, state: np.ndarray) -> None:
    """For each row (or column) the lattice row that it copies, into source int64 `[side]`."""
    side = len(source)
    thickness = np.empty(2 * nodes + 1, np.int64)
    thickness[0::2], thickness[1::2] = wall, min(corridor, side - 2 * wall)
    for _ in range(side - thickness.sum()):
        if corridor == 1:
            thickness[2 * (1 + below(state, max(nodes - 1, 1)))] += 1
        else:
            thickness[2 * below(state, nodes) + 1] += 1
    position = 0
    for line in range(len(thickness)):
        source[position : position + thickness[line]] = line
        position += thickness[line]
