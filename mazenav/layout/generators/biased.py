"""Mazes made in one pass over the nodes, each with a bias of its own that shows: binary tree and sidewinder."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.lattice_maze import clear_nodes
from mazenav.layout.generators.random_state import below, next_bits

_S63 = np.uint64(63)


@njit(cache=True, nogil=True)
def carve_binary_tree(lattices: np.ndarray, states: np.ndarray) -> None:
    """Each node opens up or left: an unbroken corridor along the top and one along the left side."""
    n, rows, columns = lattices.shape
    for i in range(n):
        state, lattice = states[i : i + 1], lattices[i]
        clear_nodes(lattice)
        lattice[1, 1:-1] = 0
        lattice[1:-1, 1] = 0
        for r in range(3, rows, 2):
            for c in range(3, columns, 2):
                up = next_bits(state) >> _S63
                lattice[r - 1, c], lattice[r, c - 1] = 1 - up, up


@njit(cache=True, nogil=True)
def carve_sidewinder(lattices: np.ndarray, states: np.ndarray) -> None:
    """Rows fall into runs of random length, each with one way up: an unbroken corridor along the top only."""
    n, rows, columns = lattices.shape
    for i in range(n):
        state, lattice = states[i : i + 1], lattices[i]
        clear_nodes(lattice)
        lattice[1, 1:-1] = 0
        for r in range(3, rows, 2):
            begin = 1
            for c in range(1, columns, 2):
                if c < columns - 2 and next_bits(state) >> _S63:
                    lattice[r, c + 1] = 0
                else:
                    lattice[r - 1, begin + 2 * below(state, (c - begin) // 2 + 1)] = 0
                    begin = c + 2
