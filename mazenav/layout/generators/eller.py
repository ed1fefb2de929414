"""Eller's algorithm: a perfect maze row by row, remembering only which nodes of the row above belong together."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.lattice_maze import clear_nodes
from mazenav.layout.generators.random_state import next_bits

_S63 = np.uint64(63)


@njit(cache=True, nogil=True)
def carve_eller(lattices: np.ndarray, states: np.ndarray) -> None:
    """Joins neighbours of a row and opens ways down by the toss of a coin, at least one for each part of the row.

    The parts of a row never cross each other, so each is a ring of its columns in order: two neighbours belong together
    exactly where one follows the other in its ring.
    """
    n, rows, columns = lattices.shape
    height, width = rows // 2, columns // 2
    after, before = np.empty(width, np.int32), np.empty(width, np.int32)
    for i in range(n):
        state, lattice = states[i : i + 1], lattices[i]
        clear_nodes(lattice)
        for c in range(width):
            after[c], before[c] = c, c
        for r in range(height):
            last = r == height - 1
            for c in range(width):
                if c < width - 1 and after[c] != c + 1 and (last or next_bits(state) >> _S63):
                    lattice[2 * r + 1, 2 * c + 2] = 0
                    # The ring of c is cut behind c, that of c + 1 before c + 1, and both are tied into one.
                    tail, head = before[c + 1], after[c]
                    after[tail], before[head] = head, tail
                    after[c], before[c + 1] = c + 1, c
            if last:
                break
            for c in range(width):
                if after[c] != c and next_bits(state) >> _S63:
                    after[before[c]], before[after[c]] = after[c], before[c]
                    after[c], before[c] = c, c
                else:
                    lattice[2 * r + 2, 2 * c + 1] = 0
