"""Uniform spanning trees: every maze without loops is equally likely.

Wilson (1996), Generating random spanning trees more quickly than the cover time; Aldous (1990) and Broder (1989), the
random walk construction.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.lattice_maze import clear_seen, step_of
from mazenav.layout.generators.random_state import below, next_bits

_OUT, _IN, _RIM = 0, 1, 2
_TWO, _THREE = np.uint64(2), np.uint64(3)


@njit(cache=True, nogil=True)
def carve_wilson(lattices: np.ndarray, states: np.ndarray) -> None:
    """Loop-erased random walks from node after node to the tree so far; a node's last exit is what stays of its walk.

    A walk that would leave the lattice stays where it is, which does not change where it goes on to.
    """
    n, rows, columns = lattices.shape
    height, width = rows // 2, columns // 2
    stride, pitch = width + 2, columns
    seen = np.full((height + 2) * stride, _RIM, np.uint8)
    leaving = np.empty((height + 2) * stride, np.uint8)
    for i in range(n):
        state, flat = states[i : i + 1], lattices[i].reshape(-1)
        flat[:] = 1
        clear_seen(seen, height, width)
        r, c = below(state, height), below(state, width)
        seen[(r + 1) * stride + c + 1], flat[(2 * r + 1) * pitch + 2 * c + 1] = _IN, 0
        bits, held = np.uint64(0), 0
        for r in range(height):
            for c in range(width):
                start = (r + 1) * stride + c + 1
                node = start
                while seen[node] != _IN:
                    if held == 0:
                        bits, held = next_bits(state), 32
                    direction = np.uint8(bits & _THREE)
                    bits, held = bits >> _TWO, held - 1
                    beside = node + step_of(direction, stride)
                    if seen[beside] != _RIM:
                        leaving[node], node = direction, beside
                node, cell = start, (2 * r + 1) * pitch + 2 * c + 1
                while seen[node] != _IN:
                    seen[node], flat[cell] = _IN, 0
                    flat[cell + step_of(leaving[node], pitch)] = 0
                    cell += 2 * step_of(leaving[node], pitch)
                    node += step_of(leaving[node], stride)


@njit(cache=True, nogil=True)
def carve_aldous_broder(lattices: np.ndarray, states: np.ndarray) -> None:
    """A random walk over all nodes: the passage by which a node is entered for the first time is opened."""
    n, rows, columns = lattices.shape
    height, width = rows // 2, columns // 2
    stride, pitch = width + 2, columns
    seen = np.full((height + 2) * stride, _RIM, np.uint8)
    for i in range(n):
        state, flat = states[i : i + 1], lattices[i].reshape(-1)
        flat[:] = 1
        clear_seen(seen, height, width)
        r, c = below(state, height), below(state, width)
        node, cell, left = (r + 1) * stride + c + 1, (2 * r + 1) * pitch + 2 * c + 1, height * width - 1
        seen[node], flat[cell] = _IN, 0
        bits, held = np.uint64(0), 0
        while left > 0:
            if held == 0:
                bits, held = next_bits(state), 32
            direction = np.uint8(bits & _THREE)
            bits, held = bits >> _TWO, held - 1
            beside = node + step_of(direction, stride)
            if seen[beside] == _RIM:
                continue
            node, cell = beside, cell + 2 * step_of(direction, pitch)
            if seen[node] == _OUT:
                seen[node], flat[cell] = _IN, 0
                flat[cell - step_of(direction, pitch)] = 0
                left -= 1
