"""Open ground with random obstacles."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.connecting import connect
from mazenav.layout.generators.making import check_count, check_share
from mazenav.layout.generators.random_state import below

DENSEST = 0.7


def fill_clutter(walls: np.ndarray, seeds: np.ndarray, density: float = 0.25, largest: int = 1) -> None:
    """Rectangular obstacles thrown at random; free areas that they cut off are joined again by the shortest tunnels.

    Args:
        walls: bool `[N, R, C]`, filled.
        seeds: uint64 `[N]`.
        density: the share of the inner cells to cover (at most 0.7), before areas are joined.
        largest: obstacles have sides of 1 to `largest` cells, at most 9.

    Raises:
        LayoutError: if a parameter is out of range.
    """
    check_share("density", density, DENSEST)
    check_count("largest", largest, 1, 9)
    _scatter_all(walls, seeds, float(density), int(largest))


@njit(cache=True, nogil=True)
def _scatter_all(walls: np.ndarray, seeds: np.ndarray, density: float, largest: int) -> None:
    """Fills `walls` [N, R, C] with clutter."""
    n, rows, columns = walls.shape
    inner = (rows - 2) * (columns - 2)
    # Two free cells always remain, so that there is a task.
    wanted = min(int(density * inner + 0.5), inner - 2)
    state = np.empty(1, np.uint64)
    for i in range(n):
        state[0] = seeds[i]
        walls[i] = True
        walls[i, 1:-1, 1:-1] = False
        covered = 0
        while covered < wanted:
            height, width = 1 + below(state, largest), 1 + below(state, largest)
            top, left = 1 + below(state, rows - 2), 1 + below(state, columns - 2)
            for r in range(top, min(top + height, rows - 1)):
                for c in range(left, min(left + width, columns - 1)):
                    if covered < wanted and not walls[i, r, c]:
                        walls[i, r, c] = True
                        covered += 1
        connect(walls[i])
