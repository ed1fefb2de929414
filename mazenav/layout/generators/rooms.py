"""Rooms of random size, joined by doors and corridors."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.making import check_count, check_share
from mazenav.layout.generators.random_state import below, unit
from mazenav.types import LayoutError


def fill_rooms(walls: np.ndarray, seeds: np.ndarray, smallest: int = 2, largest: int = 6, extra: float = 0.4) -> None:
    """Rectangular rooms with at least one wall between them; each is joined to the nearest room placed before it.

    Where two rooms face each other the way between them is straight (a door, if one wall parts them), else it has one
    bend.

    Args:
        walls: bool `[N, R, C]`, filled.
        seeds: uint64 `[N]`.
        smallest: the least side of a room in cells; cut to what the shape can hold.
        largest: the greatest side of a room in cells.
        extra: the chance of each room to be joined to a second one, which makes loops.

    Raises:
        LayoutError: if a parameter is out of range.
    """
    check_count("smallest", smallest, 2, 50)
    check_count("largest", largest, 2, 50)
    check_share("extra", extra)
    if smallest > largest:
        raise LayoutError(f"the smallest room ({smallest}) is larger than the largest ({largest})")
    _build_all(walls, seeds, int(smallest), int(largest), float(extra))


@njit(cache=True, nogil=True)
def _build_all(walls: np.ndarray, seeds: np.ndarray, smallest: int, largest: int, extra: float) -> None:
    """Fills `walls` [N, R, C] with rooms and corridors."""
    n, rows, columns = walls.shape
    placed = np.empty((rows * columns // 9 + 1, 4), np.int64)
    state = np.empty(1, np.uint64)
    for i in range(n):
        state[0] = seeds[i]
        walls[i] = True
        count = _place_rooms(walls[i], placed, smallest, largest, state)
        for room in range(1, count):
            _join(walls[i], placed[room], placed[_nearest(placed, room, 0, room)], state)
        for room in range(count - 1):
            if unit(state) < extra:
                _join(walls[i], placed[room], placed[_nearest(placed, room, room + 1, count)], state)


@njit(cache=True)
def _place_rooms(walls: np.ndarray, placed: np.ndarray, smallest: int, largest: int, state: np.ndarray) -> int:
    """Digs rooms that keep one wall between them; their count, and in `placed` top, left, bottom, right (exclusive)."""
    rows, columns = walls.shape
    least_height, least_width = min(smallest, rows - 2), min(smallest, columns - 2)
    most_height, most_width = min(largest, rows - 2), min(largest, columns - 2)
    count = 0
    # Later rooms are smaller and fill the gaps, so that little solid ground is left.
    throws = 2 + 40 * rows * columns // ((smallest + largest) // 2 + 1) ** 2
    for throw in range(throws):
        height = least_height + below(state, (most_height - least_height) * (throws - throw) // throws + 1)
        width = least_width + below(state, (most_width - least_width) * (throws - throw) // throws + 1)
        top, left = 1 + below(state, rows - 1 - height), 1 + below(state, columns - 1 - width)
        if walls[top - 1 : top + height + 1, left - 1 : left + width + 1].all():
            walls[top : top + height, left : left + width] = False
            placed[count] = (top, left, top + height, left + width)
            count += 1
    return count


@njit(cache=True)
def _nearest(placed: np.ndarray, room: int, first: int, end: int) -> int:
    """Which of the rooms first .. end - 1 has the least gap to `room`, counted in steps."""
    best, least = first, np.int64(1 << 40)
    for other in range(first, end):
        gap = np.int64(0)
        for axis in range(2):
            gap += max(placed[other, axis] - placed[room, axis + 2], placed[room, axis] - placed[other, axis + 2], 0)
        if gap < least:
            best, least = other, gap
    return best


@njit(cache=True)
def _join(walls: np.ndarray, one: np.ndarray, two: np.ndarray, state: np.ndarray) -> None:
    """Digs a way between two rooms: straight where they face each other, else along a row and then along a column."""
    row_from, row_to = _ends(one[0], one[2], two[0], two[2], state)
    column_from, column_to = _ends(one[1], one[3], two[1], two[3], state)
    walls[row_from, min(column_from, column_to) : max(column_from, column_to) + 1] = False
    walls[min(row_from, row_to) : max(row_from, row_to) + 1, column_to] = False


@njit(cache=True)
def _ends(low: int, high: int, other_low: int, other_high: int, state: np.ndarray) -> tuple[np.int64, np.int64]:
    """Where on one axis a way leaves the first room and enters the second: the same line where both share one."""
    shared_low, shared_high = max(low, other_low), min(high, other_high)
    if shared_low < shared_high:
        line = shared_low + below(state, shared_high - shared_low)
        return line, line
    return low + below(state, high - low), other_low + below(state, other_high - other_low)
