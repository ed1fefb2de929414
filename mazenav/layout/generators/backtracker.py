"""Mazes by depth-first search with backtracking: long, winding corridors."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.lattice_maze import CHOICE, clear_seen
from mazenav.layout.generators.random_state import below, next_bits

_TWELVE, _S32 = np.uint64(12), np.uint64(32)


@njit(cache=True, nogil=True)
def carve_backtracker(lattices: np.ndarray, states: np.ndarray) -> None:
    """From a node drawn at random go on to an unseen neighbour, and back where there is none."""
    n, rows, columns = lattices.shape
    height, width = rows // 2, columns // 2
    stride, pitch = width + 2, columns
    seen = np.ones((height + 2) * stride, np.uint8)
    path = np.empty((height * width, 2), np.int32)
    for i in range(n):
        state, flat = states[i : i + 1], lattices[i].reshape(-1)
        flat[:] = 1
        clear_seen(seen, height, width)
        r, c = below(state, height), below(state, width)
        node, cell, depth, left = (r + 1) * stride + c + 1, (2 * r + 1) * pitch + 2 * c + 1, 0, height * width - 1
        seen[node], flat[cell] = 1, 0
        while left > 0:
            closed = seen[node - stride] | seen[node + stride] << 1 | seen[node - 1] << 2 | seen[node + 1] << 3
            if closed == 15:
                depth -= 1
                node, cell = path[depth, 0], path[depth, 1]
                continue
            path[depth, 0], path[depth, 1] = node, cell
            depth += 1
            direction = CHOICE[15 - closed, ((next_bits(state) >> _S32) * _TWELVE) >> _S32]
            sign = 1 if direction & 1 else -1
            flat[cell + sign * (pitch if direction < 2 else 1)] = 0
            cell += sign * 2 * (pitch if direction < 2 else 1)
            node += sign * (stride if direction < 2 else 1)
            seen[node], flat[cell] = 1, 0
            left -= 1
