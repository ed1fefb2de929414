"""Prim's algorithm, grown cell by cell: a frontier cell drawn at random joins the maze; short corridors all around."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.lattice_maze import CHOICE, clear_seen, step_of
from mazenav.layout.generators.random_state import below

_OUT, _IN, _FRONTIER, _RIM = 0, 1, 2, 4


@njit(cache=True, nogil=True)
def carve_prim(lattices: np.ndarray, states: np.ndarray) -> None:
    """The frontier are the nodes beside the maze; the one drawn joins a neighbour in the maze that is drawn too."""
    n, rows, columns = lattices.shape
    height, width = rows // 2, columns // 2
    stride, pitch = width + 2, columns
    seen = np.full((height + 2) * stride, _RIM, np.uint8)
    frontier = np.empty((height * width, 2), np.int32)
    for i in range(n):
        state, flat = states[i : i + 1], lattices[i].reshape(-1)
        flat[:] = 1
        clear_seen(seen, height, width)
        r, c = below(state, height), below(state, width)
        frontier[0, 0], frontier[0, 1] = (r + 1) * stride + c + 1, (2 * r + 1) * pitch + 2 * c + 1
        waiting = 1
        while waiting > 0:
            drawn = below(state, waiting)
            waiting -= 1
            node, cell = frontier[drawn, 0], frontier[drawn, 1]
            frontier[drawn, 0], frontier[drawn, 1] = frontier[waiting, 0], frontier[waiting, 1]
            seen[node], flat[cell] = _IN, 0
            joined = 0
            for direction in range(4):
                beside = node + step_of(direction, stride)
                joined |= (seen[beside] & 1) << direction
                if seen[beside] == _OUT:
                    seen[beside] = _FRONTIER
                    frontier[waiting, 0], frontier[waiting, 1] = beside, cell + 2 * step_of(direction, pitch)
                    waiting += 1
            if joined:
                flat[cell + step_of(CHOICE[joined, below(state, 12)], pitch)] = 0
