"""Joining separate free areas by tunnels that are as short as can be."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.union_find import root


@njit(cache=True, nogil=True)
def connect(walls: np.ndarray) -> None:
    """Opens walls of one map `[R, C]` until all free cells form one component; the border is closed and stays so.

    All free areas grow through the walls at once, breadth first; where two of them meet, the tunnel back to both is
    opened, shortest tunnels first, unless they are joined already (Kruskal's algorithm on the free areas).
    """
    columns = walls.shape[1]
    flat = walls.reshape(-1)
    owner = np.full(len(flat), -1, np.int32)
    queue = np.empty(len(flat), np.int32)
    areas, found = _label(flat, columns, owner, queue)
    if areas < 2:
        return
    steps, back = np.zeros(len(flat), np.int32), np.zeros(len(flat), np.int32)
    longest = _grow(walls.shape, owner, queue, found, steps, back)
    parent = np.arange(areas).astype(np.int32)
    left = areas - 1
    for meeting in _meetings(columns, owner, steps, longest):
        cell = meeting >> 1
        beside = cell + (columns if meeting & 1 else 1)
        one, two = root(parent, owner[cell]), root(parent, owner[beside])
        if one != two:
            parent[one] = two
            for end in (cell, beside):
                while steps[end] > 0:
                    flat[end] = False
                    end -= back[end]
            left -= 1
            if left == 0:
                return


@njit(cache=True, nogil=True)
def _label(flat: np.ndarray, columns: int, owner: np.ndarray, queue: np.ndarray) -> tuple[int, int]:
    """Numbers the free areas in reading order into `owner`; how many they are, and how many cells, now in `queue`."""
    areas, tail = 0, 0
    for first in range(len(flat)):
        if flat[first] or owner[first] >= 0:
            continue
        head = tail
        owner[first], queue[tail] = areas, first
        tail += 1
        while head < tail:
            cell = queue[head]
            head += 1
            for step in (-columns, columns, -1, 1):
                if not flat[cell + step] and owner[cell + step] < 0:
                    owner[cell + step], queue[tail] = areas, cell + step
                    tail += 1
        areas += 1
    return areas, tail


@njit(cache=True, nogil=True)
def _grow(
    shape: tuple[int, int], owner: np.ndarray, queue: np.ndarray, tail: int, steps: np.ndarray, back: np.ndarray
) -> int:
    """Gives each inner wall to the nearest area, with the steps to it and the last of them; the most steps of any."""
    rows, columns = shape
    # The border belongs to nobody and is never asked.
    owner[:columns] = owner[(rows - 1) * columns :] = -2
    for r in range(rows):
        owner[r * columns] = owner[(r + 1) * columns - 1] = -2
    head = 0
    while head < tail:
        cell = queue[head]
        head += 1
        for step in (-columns, columns, -1, 1):
            if owner[cell + step] == -1:
                owner[cell + step], steps[cell + step], back[cell + step] = owner[cell], steps[cell] + 1, step
                queue[tail] = cell + step
                tail += 1
    return steps[queue[tail - 1]]


@njit(cache=True, nogil=True)
def _meetings(columns: int, owner: np.ndarray, steps: np.ndarray, longest: int) -> np.ndarray:
    """Where areas meet, shortest tunnels first and then in reading order: int32, twice the cell, odd for downward."""
    begin = np.zeros(2 * longest + 2, np.int32)
    for fill in range(2):
        if fill:
            begin[:] = np.cumsum(begin)
            order = np.empty(begin[-1], np.int32)
        for cell in range(columns, len(owner) - columns):
            for down in range(2):
                beside = cell + (columns if down else 1)
                if owner[cell] >= 0 and owner[beside] >= 0 and owner[cell] != owner[beside]:
                    length = steps[cell] + steps[beside]
                    if fill:
                        order[begin[length]] = 2 * cell + down
                        begin[length] += 1
                    else:
                        begin[length + 1] += 1
    return order
