"""The growing tree: between a backtracker (always on from the newest node) and a random growth (from any node)."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.lattice_maze import CHOICE, clear_seen, fill_lattice, step_of
from mazenav.layout.generators.making import check_share
from mazenav.layout.generators.random_state import below, unit


def fill_growing_tree(
    walls: np.ndarray,
    seeds: np.ndarray,
    newest: float = 0.5,
    loop_ratio: float = 0.0,
    corridor: int = 1,
    wall: int = 1,
    thin_walls: bool = False,
) -> None:
    """Fills walls bool `[N, R, C]`; see `fill_lattice` for the shared knobs.

    Args:
        walls: bool `[N, R, C]`, filled.
        seeds: uint64 `[N]`.
        newest: the chance to go on from the newest node that may grow, else from any of them.
        loop_ratio: see `fill_lattice`, and so are the others.
        corridor: see there.
        wall: see there.
        thin_walls: see there.

    Raises:
        LayoutError: if a knob is out of range.
    """
    check_share("newest", newest)
    fill_lattice(carve_growing_tree, (float(newest),), walls, seeds, loop_ratio, corridor, wall, thin_walls)


@njit(cache=True, nogil=True)
def carve_growing_tree(lattices: np.ndarray, states: np.ndarray, newest: float) -> None:
    """Grows from one of the active nodes into a neighbour not yet seen; a node without one is active no more."""
    n, rows, columns = lattices.shape
    height, width = rows // 2, columns // 2
    stride, pitch = width + 2, columns
    seen = np.ones((height + 2) * stride, np.uint8)
    active = np.empty((height * width, 2), np.int32)
    for i in range(n):
        state, flat = states[i : i + 1], lattices[i].reshape(-1)
        flat[:] = 1
        clear_seen(seen, height, width)
        r, c = below(state, height), below(state, width)
        node, cell = (r + 1) * stride + c + 1, (2 * r + 1) * pitch + 2 * c + 1
        active[0, 0], active[0, 1] = node, cell
        seen[node], flat[cell] = 1, 0
        count = 1
        while count > 0:
            chosen = count - 1 if unit(state) < newest else below(state, count)
            node, cell = active[chosen, 0], active[chosen, 1]
            closed = seen[node - stride] | seen[node + stride] << 1 | seen[node - 1] << 2 | seen[node + 1] << 3
            if closed == 15:
                count -= 1
                active[chosen, 0], active[chosen, 1] = active[count, 0], active[count, 1]
                continue
            direction = CHOICE[15 - closed, below(state, 12)]
            flat[cell + step_of(direction, pitch)] = 0
            node, cell = node + step_of(direction, stride), cell + 2 * step_of(direction, pitch)
            seen[node], flat[cell] = 1, 0
            active[count, 0], active[count, 1] = node, cell
            count += 1
