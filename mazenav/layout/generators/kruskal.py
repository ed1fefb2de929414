"""Kruskal's algorithm: passages opened in random order wherever they join two separate parts; many short dead ends."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.lattice_maze import clear_nodes
from mazenav.layout.generators.random_state import below
from mazenav.layout.generators.union_find import root


@njit(cache=True, nogil=True)
def carve_kruskal(lattices: np.ndarray, states: np.ndarray) -> None:
    """Draws passages without repetition until all nodes are joined; nodes go by half their index in the lattice."""
    n, rows, columns = lattices.shape
    passages = _passages(rows, columns)
    waiting = np.empty_like(passages)
    parent = np.empty((rows * columns + 1) // 2, np.int32)
    for i in range(n):
        state, flat = states[i : i + 1], lattices[i].reshape(-1)
        clear_nodes(lattices[i])
        waiting[:] = passages
        for node in range(len(parent)):
            parent[node] = node
        remaining, left = len(passages), (rows // 2) * (columns // 2) - 1
        while left > 0:
            drawn = below(state, remaining)
            remaining -= 1
            passage = waiting[drawn]
            waiting[drawn] = waiting[remaining]
            # Those across a row are held negative.
            cell, step = (passage, 1) if passage >= 0 else (-passage, columns)
            one, two = root(parent, (cell - step) >> 1), root(parent, (cell + step) >> 1)
            if one != two:
                parent[one] = two
                flat[cell] = 0
                left -= 1


@njit(cache=True, nogil=True)
def _passages(rows: int, columns: int) -> np.ndarray:
    """All places of passages as indices into the flat lattice, int32; negative where the passage runs up and down."""
    height, width = rows // 2, columns // 2
    places = np.empty(height * (width - 1) + (height - 1) * width, np.int32)
    count = 0
    for r in range(1, rows, 2):
        for c in range(1, columns, 2):
            if c < columns - 2:
                places[count] = r * columns + c + 1
                count += 1
            if r < rows - 2:
                places[count] = -((r + 1) * columns + c)
                count += 1
    return places
