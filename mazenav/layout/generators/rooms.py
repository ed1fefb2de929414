"""Rooms of random size, joined by doors and corridors."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.making import check_count, check_share
from mazenav.layout.generators.random_state import below, unit
from mazenav.types import LayoutError

VOLLEY = 32
"""Rooms that are thrown at once."""


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
    most = rows * columns // 9 + 1
    placed, nearest, later = np.empty((most, 4), np.int32), np.empty(most, np.int32), np.empty(most, np.int32)
    # The rooms whose top left corner lies in the same square of the ground form a chain.
    square = largest + 2
    first = np.empty((rows // square + 1, columns // square + 1), np.int32)
    state = np.empty(1, np.uint64)
    for i in range(n):
        state[0] = seeds[i]
        walls[i] = True
        count = _place_rooms(walls[i], placed, smallest, largest, state)
        first[:] = -1
        for room in range(count):
            nearest[room] = _nearest(placed, room, first, later, square)
            _enter(placed, room, first, later, square)
        for room in range(1, count):
            _join(walls[i], placed[room], placed[nearest[room]], state)
        first[:] = -1
        for room in range(count - 1, -1, -1):
            nearest[room] = _nearest(placed, room, first, later, square)
            _enter(placed, room, first, later, square)
        for room in range(count - 1):
            if unit(state) < extra:
                _join(walls[i], placed[room], placed[nearest[room]], state)


@njit(cache=True, nogil=True)
def _place_rooms(walls: np.ndarray, placed: np.ndarray, smallest: int, largest: int, state: np.ndarray) -> int:
    """Digs rooms that keep one wall between them; their count, and in `placed` top, left, bottom, right (exclusive)."""
    rows, columns = walls.shape
    least_height, least_width = min(smallest, rows - 2), min(smallest, columns - 2)
    most_height, most_width = min(largest, rows - 2), min(largest, columns - 2)
    count = 0
    # Later rooms are smaller and fill the gaps, so that little solid ground is left.
    throws = 2 + 40 * rows * columns // ((smallest + largest) // 2 + 1) ** 2
    thrown, taken = np.empty((VOLLEY, 4), np.int64), np.empty(VOLLEY, np.uint8)
    # What is dug, a bit a cell, since the cells themselves do not fit into the cache where the ground is large.
    dug = np.zeros((rows * columns >> 3) + 1, np.uint8)
    for begin in range(0, throws, VOLLEY):
        volley = min(VOLLEY, throws - begin)
        for number in range(volley):
            left_over = throws - begin - number
            height = least_height + below(state, (most_height - least_height) * left_over // throws + 1)
            width = least_width + below(state, (most_width - least_width) * left_over // throws + 1)
            top, left = 1 + below(state, rows - 1 - height), 1 + below(state, columns - 1 - width)
            thrown[number] = (top, left, top + height, left + width)
            # Without a branch, so that the waits for memory overlap.
            high, low = (top - 1) * columns, (top + height) * columns
            taken[number] = (_bit(dug, high + left - 1) | _bit(dug, high + left + width)) | (
                _bit(dug, low + left - 1) | _bit(dug, low + left + width)
            )
        for number in range(volley):
            top, left, bottom, right = thrown[number]
            if taken[number] == 0 and _solid(walls, top - 1, left - 1, bottom, right):
                walls[top:bottom, left:right] = False
                for row in range(top, bottom):
                    for cell in range(row * columns + left, row * columns + right):
                        dug[cell >> 3] |= 1 << (cell & 7)
                placed[count] = (top, left, bottom, right)
                count += 1
    return count


@njit(cache=True, inline="always")
def _bit(bits: np.ndarray, cell: int) -> int:
    """One bit of uint8 `[cells / 8]`."""
    return bits[cell >> 3] >> (cell & 7) & 1


@njit(cache=True, inline="always")
def _solid(walls: np.ndarray, top: int, left: int, bottom: int, right: int) -> bool:
    """Whether all cells of a rectangle, sides included, are wall."""
    for r in range(top, bottom + 1):
        for c in range(left, right + 1):
            if not walls[r, c]:
                return False
    return True


@njit(cache=True, nogil=True)
def _enter(placed: np.ndarray, room: int, first: np.ndarray, later: np.ndarray, square: int) -> None:
    """Puts a room at the head of the chain of its square."""
    y, x = placed[room, 0] // square, placed[room, 1] // square
    first[y, x], later[room] = room, first[y, x]


@njit(cache=True, nogil=True)
def _nearest(placed: np.ndarray, room: int, first: np.ndarray, later: np.ndarray, square: int) -> int:
    """The room of least number among those in the chains with the least gap to `room` in steps; -1 if there is none.

    Squares, which are two cells larger than rooms, are searched ring by ring: to ring k the gap is at least k - 2
    squares and three cells.
    """
    height, width = first.shape
    y, x = placed[room, 0] // square, placed[room, 1] // square
    best, least = -1, np.int64(1 << 40)
    for ring in range(max(height, width)):
        if (ring - 2) * square + 3 > least:
            break
        for row in range(max(y - ring, 0), min(y + ring + 1, height)):
            # The middle rows of a ring have two squares only.
            stride = 1 if row in (y - ring, y + ring) else 2 * ring
            for column in range(x - ring, x + ring + 1, max(stride, 1)):
                other = first[row, column] if 0 <= column < width else -1
                while other >= 0:
                    gap = _gap(placed[room], placed[other])
                    if gap < least or (gap == least and other < best):
                        best, least = other, gap
                    other = later[other]
    return best


@njit(cache=True, inline="always")
def _gap(one: np.ndarray, two: np.ndarray) -> int:
    """Steps between two rooms."""
    high = max(two[0] - one[2], one[0] - two[2], 0)
    return high + max(two[1] - one[3], one[1] - two[3], 0)


@njit(cache=True, nogil=True)
def _join(walls: np.ndarray, one: np.ndarray, two: np.ndarray, state: np.ndarray) -> None:
    """Digs a way between two rooms: straight where they face each other, else along a row and then along a column."""
    row_from, row_to = _ends(one[0], one[2], two[0], two[2], state)
    column_from, column_to = _ends(one[1], one[3], two[1], two[3], state)
    walls[row_from, min(column_from, column_to) : max(column_from, column_to) + 1] = False
    walls[min(row_from, row_to) : max(row_from, row_to) + 1, column_to] = False


@njit(cache=True, nogil=True)
def _ends(low: int, high: int, other_low: int, other_high: int, state: np.ndarray) -> tuple[np.int64, np.int64]:
    """Where on one axis a way leaves the first room and enters the second: the same line where both share one."""
    shared_low, shared_high = max(low, other_low), min(high, other_high)
    if shared_low < shared_high:
        line = shared_low + below(state, shared_high - shared_low)
        return line, line
    return low + below(state, high - low), other_low + below(state, other_high - other_low)
