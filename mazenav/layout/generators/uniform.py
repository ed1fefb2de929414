"""Uniform spanning trees: every maze without loops is equally likely.

Wilson (1996), Generating random spanning trees more quickly than the cover time; Aldous (1990) and Broder (1989), the
random walk construction. A walk that would leave the lattice stays where it is, which does not change
where it goes on to.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.lattice_maze import clear_seen
from mazenav.layout.generators.random_state import below, next_bits

_OUT, _IN, _RIM = 0, 1, 2
_ONE, _TWO, _THREE, _S32, _LOW = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(32), np.uint64(0xFFFFFFFF)


@njit(cache=True, nogil=True)
def carve_wilson(lattices: np.ndarray, states: np.ndarray) -> None:
    """Loop-erased random walks from node after node to the tree so far; of a walk each node's last exit stays."""
    n, rows, columns = lattices.shape
    height, width = rows // 2, columns // 2
    seen = np.full((height + 2) * (width + 2), _RIM, np.uint8)
    leaving = np.empty((height + 2) * (width + 2), np.uint8)
    moves = _moves(columns)
    for i in range(n):
        state, flat = states[i : i + 1], lattices[i].reshape(-1)
        flat[:] = 1
        clear_seen(seen, height, width)
        _enter(_place(below(state, height), below(state, width), columns), seen, flat)
        bits, held = np.uint64(0), 0
        for r in range(height):
            for c in range(width):
                start = _place(r, c, columns)
                here = start
                while seen[here >> _S32] != _IN:
                    if held == 0:
                        bits, held = next_bits(state), 32
                    leaving[here >> _S32] = bits & _THREE
                    there = here + moves[bits & _THREE]
                    bits, held = bits >> _TWO, held - 1
                    here = here if seen[there >> _S32] == _RIM else there
                here = start
                while seen[here >> _S32] != _IN:
                    there = here + moves[leaving[here >> _S32]]
                    _enter(here, seen, flat)
                    _open(here, there, flat)
                    here = there


@njit(cache=True, nogil=True)
def carve_aldous_broder(lattices: np.ndarray, states: np.ndarray) -> None:
    """A random walk over all nodes: the passage by which a node is entered for the first time is opened."""
    n, rows, columns = lattices.shape
    height, width = rows // 2, columns // 2
    seen = np.full((height + 2) * (width + 2), _RIM, np.uint8)
    moves = _moves(columns)
    for i in range(n):
        state, flat = states[i : i + 1], lattices[i].reshape(-1)
        flat[:] = 1
        clear_seen(seen, height, width)
        here, left = _place(below(state, height), below(state, width), columns), height * width - 1
        _enter(here, seen, flat)
        while left > 0:
            bits = next_bits(state)
            for _ in range(32):
                there = here + moves[bits & _THREE]
                bits >>= _TWO
                found = seen[there >> _S32]
                if found == _OUT:
                    _enter(there, seen, flat)
                    _open(here, there, flat)
                    left -= 1
                    if left == 0:
                        break
                here = here if found == _RIM else there


@njit(cache=True, nogil=True)
def _moves(columns: int) -> np.ndarray:
    """uint64 `[4]`: what a step in each direction adds to a place, modulo 2^64."""
    down, right = ((columns // 2 + 2) << 32) + 2 * columns, (1 << 32) + 2
    return np.array([-down, down, -right, right]).astype(np.uint64)


@njit(cache=True, inline="always")
def _place(r: int, c: int, columns: int) -> np.uint64:
    """A node as one number: its flat index in `seen` in the upper half, that of its cell in the lattice below."""
    node, cell = (r + 1) * (columns // 2 + 2) + c + 1, (2 * r + 1) * columns + 2 * c + 1
    return np.uint64(node) << _S32 | np.uint64(cell)


@njit(cache=True, inline="always")
def _enter(place: np.uint64, seen: np.ndarray, flat: np.ndarray) -> None:
    """Makes a node part of the maze."""
    seen[place >> _S32], flat[place & _LOW] = _IN, 0


@njit(cache=True, inline="always")
def _open(one: np.uint64, two: np.uint64, flat: np.ndarray) -> None:
    """Opens the passage between two neighbours, the cell halfway between theirs."""
    flat[((one & _LOW) + (two & _LOW)) >> _ONE] = 0
