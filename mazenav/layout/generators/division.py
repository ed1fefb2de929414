"""Recursive division: a hall is cut in two by a wall with one gap, and so are its parts, until corridors are left."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.random_state import below


@njit(cache=True, nogil=True)
def carve_division(lattices: np.ndarray, states: np.ndarray) -> None:
    """Chambers are cut across their longer side, those as high as wide either way: long straight walls that show."""
    n, rows, columns = lattices.shape
    chambers = np.empty((rows // 2 + columns // 2 + 2, 4), np.int64)
    for i in range(n):
        state, lattice = states[i : i + 1], lattices[i]
        lattice[:] = 1
        lattice[1:-1, 1:-1] = 0
        chambers[0] = (0, 0, rows // 2, columns // 2)
        waiting = 1
        while waiting > 0:
            waiting -= 1
            top, left, bottom, right = chambers[waiting]
            height, width = bottom - top, right - left
            if height < 2 or width < 2:
                continue
            if height > width or (height == width and below(state, 2)):
                cut, gap = top + 1 + below(state, height - 1), left + below(state, width)
                lattice[2 * cut, 2 * left + 1 : 2 * right] = 1
                lattice[2 * cut, 2 * gap + 1] = 0
                chambers[waiting], chambers[waiting + 1] = (top, left, cut, right), (cut, left, bottom, right)
            else:
                cut, gap = left + 1 + below(state, width - 1), top + below(state, height)
                for r in range(2 * top + 1, 2 * bottom):
                    lattice[r, 2 * cut] = 1
                lattice[2 * gap + 1, 2 * cut] = 0
                chambers[waiting], chambers[waiting + 1] = (top, left, bottom, cut), (top, cut, bottom, right)
            waiting += 2
