"""One corridor that winds into the middle."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.lattice_maze import clear_seen, step_of
from mazenav.layout.generators.random_state import below

_TURN = np.array([[3, 2, 0, 1], [2, 3, 1, 0]], np.uint8)
"""The direction to the right and to the left of each."""


@njit(cache=True, nogil=True)
def carve_spiral(lattices: np.ndarray, states: np.ndarray) -> None:
    """Along the rim from a corner drawn at random, either way round, turning inward wherever the way is closed."""
    n, rows, columns = lattices.shape
    height, width = rows // 2, columns // 2
    stride, pitch = width + 2, columns
    seen = np.ones((height + 2) * stride, np.uint8)
    for i in range(n):
        state, flat = states[i : i + 1], lattices[i].reshape(-1)
        flat[:] = 1
        clear_seen(seen, height, width)
        bottom, right, hand = below(state, 2), below(state, 2), below(state, 2)
        r, c = bottom * (height - 1), right * (width - 1)
        node, cell = (r + 1) * stride + c + 1, (2 * r + 1) * pitch + 2 * c + 1
        # Along the rim with the inside on the hand that it turns to.
        along_row = (bottom == right) == (hand == 0)
        direction = (2 if right else 3) if along_row else (0 if bottom else 1)
        seen[node], flat[cell] = 1, 0
        for _ in range(height * width - 1):
            if seen[node + step_of(direction, stride)]:
                direction = _TURN[hand, direction]
            flat[cell + step_of(direction, pitch)] = 0
            node, cell = node + step_of(direction, stride), cell + 2 * step_of(direction, pitch)
            seen[node], flat[cell] = 1, 0
