"""Caves: noise smoothed by a cellular automaton, in which a cell becomes what most cells around it are."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.connecting import connect
from mazenav.layout.generators.making import check_count, check_share
from mazenav.layout.generators.random_state import unit


def fill_caves(
    walls: np.ndarray, seeds: np.ndarray, density: float = 0.45, steps: int = 4, least_area: int = 6
) -> None:
    """Fills walls bool `[N, R, C]` with caves of one connected piece.

    Args:
        walls: filled.
        seeds: uint64 `[N]`.
        density: the share of cells that begin as wall, at most 0.7; near 0.45 caves wind, below they are open halls.
        steps: how often the noise is smoothed, at most 20; a cell with five or more walls among the nine cells around
            and at it becomes a wall.
        least_area: caves of fewer cells are filled up, but for the largest; the others are joined by the shortest
            tunnels.

    Raises:
        LayoutError: if a parameter is out of range.
    """
    check_share("density", density, 0.7)
    check_count("steps", steps, 0, 20)
    check_count("least_area", least_area, 1, 10_000)
    _smooth_all(walls, seeds, float(density), int(steps), int(least_area))


@njit(cache=True, nogil=True)
def _smooth_all(walls: np.ndarray, seeds: np.ndarray, density: float, steps: int, least_area: int) -> None:
    """Fills `walls` [N, R, C] with caves."""
    n, rows, columns = walls.shape
    state = np.empty(1, np.uint64)
    sums = np.empty((3, columns), np.uint8)
    for i in range(n):
        state[0] = seeds[i]
        walls[i] = True
        for r in range(1, rows - 1):
            for c in range(1, columns - 1):
                walls[i, r, c] = unit(state) < density
        for _ in range(steps):
            _smooth(walls[i].view(np.uint8), sums)
        _open_middle(walls[i])
        _fill_small(walls[i], least_area)
        connect(walls[i])


@njit(cache=True, nogil=True)
def _smooth(cave: np.ndarray, sums: np.ndarray) -> None:
    """One step of the automaton on uint8 `[R, C]`; sums uint8 `[3, C]` hold the row sums that are still needed."""
    rows, columns = cave.shape
    for r in range(2):
        for c in range(1, columns - 1):
            sums[r, c] = cave[r, c - 1] + cave[r, c] + cave[r, c + 1]
    for r in range(1, rows - 1):
        above, here, below = sums[(r - 1) % 3], sums[r % 3], sums[(r + 1) % 3]
        for c in range(1, columns - 1):
            below[c] = cave[r + 1, c - 1] + cave[r + 1, c] + cave[r + 1, c + 1]
        for c in range(1, columns - 1):
            cave[r, c] = above[c] + here[c] + below[c] >= 5


@njit(cache=True, nogil=True)
def _open_middle(walls: np.ndarray) -> None:
    """Frees two cells in the middle where there are not two free cells side by side, so that there is a task."""
    rows, columns = walls.shape
    for r in range(1, rows - 1):
        for c in range(1, columns - 1):
            if not walls[r, c] and not (walls[r + 1, c] and walls[r, c + 1]):
                return
    walls[rows // 2, columns // 2 - 1 : columns // 2 + 1] = False


@njit(cache=True, nogil=True)
def _fill_small(walls: np.ndarray, least_area: int) -> None:
    """Fills free areas of fewer than `least_area` cells, but for the first of the largest."""
    rows, columns = walls.shape
    flat = walls.reshape(-1)
    queue = np.empty(rows * columns, np.int32)
    begins, count, tail, largest, kept = np.empty(rows * columns // 2 + 2, np.int32), 0, 0, 0, 0
    for cell in range(rows * columns):
        if flat[cell]:
            continue
        head = tail
        begins[count] = tail
        queue[tail], flat[cell] = cell, True
        tail += 1
        while head < tail:
            here = queue[head]
            head += 1
            for beside in (here - columns, here + columns, here - 1, here + 1):
                if not flat[beside]:
                    queue[tail], flat[beside] = beside, True
                    tail += 1
        if tail - begins[count] > largest:
            largest, kept = tail - begins[count], count
        count += 1
    begins[count] = tail
    for area in range(count):
        if area == kept or begins[area + 1] - begins[area] >= least_area:
            for place in range(begins[area], begins[area + 1]):
                flat[queue[place]] = False
