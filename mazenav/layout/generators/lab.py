"""Rooms and corridors in the manner of DeepMind Lab: labmaze's RandomMaze (random_maze.cc, text_maze_generation/).

Rooms are placed on the lattice, mazes fill what they leave, every two areas that lie side by side are joined, and what
leads nowhere is closed again.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.lab_simplify import DOOR, remove_dead_ends, straighten
from mazenav.layout.generators.lattice_maze import CHOICE, braid, fill_lattice, step_of
from mazenav.layout.generators.making import check_count, check_share, check_switch
from mazenav.layout.generators.random_state import below, unit
from mazenav.types import LayoutError

MOST_NUMBERED = 250
"""Rooms that are told apart in the numbers of a lattice."""
SPREAD = 0x9E3779B97F4A7C1
"""A multiplier that spreads pairs of areas over a table."""


def fill_lab(
    walls: np.ndarray,
    seeds: np.ndarray,
    rooms: int = 4,
    smallest: int = 3,
    largest: int = 5,
    retries: int = 1000,
    extra: float = 0.0,
    simplify: bool = True,
    max_variations: int = 0,
    loop_ratio: float = 0.0,
    corridor: int = 1,
    wall: int = 1,
) -> None:
    """Fills walls bool `[N, R, C]` with rooms and corridors; the defaults are labmaze's, but for the variations.

    Args:
        walls: filled.
        seeds: uint64 `[N]`.
        rooms: how many at most; 0 for as many as find a place.
        smallest: the least side of a room in cells of the lattice, 3 or more; even numbers count as the odd ones
            below.
        largest: the greatest side of a room.
        retries: how often a room may find its place taken before no more are tried.
        extra: the chance of every further place where two areas touch to become a way between them.
        simplify: close dead ends and shorten corridors that bend around nothing.
        max_variations: how many letters the rooms are marked with, 0 to 26; see `variations`.
        loop_ratio: see `fill_lattice`, and so are the others.
        corridor: see there.
        wall: see there.

    Raises:
        LayoutError: if a knob is out of range.
    """
    check_count("max_variations", max_variations, 0, 26)
    own = _checked(rooms, smallest, largest, retries, extra, simplify, loop_ratio)
    fill_lattice(carve_lab, (*own, False), walls, seeds, corridor=corridor, wall=wall)


def variations(
    shape: tuple[int, int],
    seed: int,
    rooms: int = 4,
    smallest: int = 3,
    largest: int = 5,
    retries: int = 1000,
    extra: float = 0.0,
    simplify: bool = True,
    max_variations: int = 0,
    loop_ratio: float = 0.0,
    corridor: int = 1,
    wall: int = 1,
) -> dict[str, list[str]]:
    """The variations layer that DeepMind Lab tells rooms apart by, if asked for: rows of `.` and a letter a room.

    Rooms get the letters in turn; arguments are those of `fill_lab`.
    """
    if max_variations == 0:
        return {}
    own = _checked(rooms, smallest, largest, retries, extra, simplify, loop_ratio)
    numbers = np.empty((1, *shape), np.bool_)
    fill_lattice(carve_lab, (*own, True), numbers, np.array([seed], np.uint64), corridor=corridor, wall=wall)
    letters = "." + "".join(chr(ord("A") + number % int(max_variations)) for number in range(MOST_NUMBERED))
    return {"variations": ["".join(letters[number] for number in row) for row in numbers.view(np.uint8)[0].tolist()]}


def _checked(
    rooms: int, smallest: int, largest: int, retries: int, extra: float, simplify: bool, loop_ratio: float
) -> tuple[float, ...]:
    """The arguments of `carve_lab` but the last; sides of rooms are counted in nodes less one."""
    check_count("rooms", rooms, 0, 10_000)
    check_count("smallest", smallest, 3, 99)
    check_count("largest", largest, 3, 99)
    check_count("retries", retries, 0, 100_000)
    check_share("extra", extra)
    check_switch("simplify", simplify)
    check_share("loop_ratio", loop_ratio)
    if smallest > largest:
        raise LayoutError(f"the smallest room ({smallest}) is larger than the largest ({largest})")
    sides = (int(smallest) - 1) // 2, (int(largest) - 1) // 2
    return int(rooms), *sides, int(retries), float(extra), bool(simplify), float(loop_ratio)


@njit(cache=True, nogil=True)
def carve_lab(
    lattices: np.ndarray,
    states: np.ndarray,
    rooms: int,
    smallest: int,
    largest: int,
    retries: int,
    extra: float,
    simplify: bool,
    loop_ratio: float,
    numbered: bool,
) -> None:
    """The steps of RandomMaze in its order; `numbered` leaves the numbers of rooms instead of walls."""
    n, rows, columns = lattices.shape
    height, width = rows // 2, columns // 2
    area = np.empty((height + 2, width + 2), np.int32)
    path = np.empty((height * width, 2), np.int32)
    touching = np.empty((2 * height * width, 2), np.int64)
    for i in range(n):
        state, lattice = states[i : i + 1], lattices[i]
        lattice[:] = 1
        area[:], area[1:-1, 1:-1] = -1, 0
        placed = _place_rooms(lattice, area, rooms, smallest, largest, retries, state)
        _fill_space(lattice, area, placed, path, state)
        _connect(lattice, area, touching, extra, state)
        # A maze without rooms, or one corridor alone, would be a dead end from end to end.
        if simplify and placed > 0 and min(height, width) > 1:
            remove_dead_ends(lattice)
            straighten(lattice)
        flat = lattice.reshape(-1)
        for cell in range(len(flat)):
            flat[cell] = flat[cell] == 1
        if loop_ratio > 0:
            braid(lattice, state, loop_ratio)
        if numbered:
            _number_rooms(lattice, area, placed)


@njit(cache=True, nogil=True)
def _number_rooms(lattice: np.ndarray, area: np.ndarray, placed: int) -> None:
    """Writes over a lattice: 1, 2, ... for the cells of the rooms, over again where numbers end, and 0 elsewhere."""
    rows, columns = lattice.shape
    for r in range(rows):
        for c in range(columns):
            room = area[(r + 1) // 2, (c + 1) // 2]
            inside = 0 < room <= placed and area[r // 2 + 1, c // 2 + 1] == room
            lattice[r, c] = (room - 1) % MOST_NUMBERED + 1 if inside else 0


@njit(cache=True, nogil=True)
def _place_rooms(
    lattice: np.ndarray, area: np.ndarray, rooms: int, smallest: int, largest: int, retries: int, state: np.ndarray
) -> int:
    """Throws rooms until there are enough or too many found their place taken; how many there are."""
    height, width = lattice.shape[0] // 2, lattice.shape[1] // 2
    tallest, broadest = min(largest, height - 1), min(largest, width - 1)
    shortest, narrowest = min(smallest, tallest), min(smallest, broadest)
    placed, failed = 0, 0
    while failed < retries and (rooms == 0 or placed < rooms):
        # One side is short, and the other may be long: no room is large in both.
        middle_high, middle_wide = (shortest + tallest) // 2, (narrowest + broadest) // 2
        high = shortest + below(state, middle_high - shortest + 1)
        wide = narrowest + below(state, middle_wide - narrowest + 1)
        if below(state, 2):
            wide += below(state, broadest - middle_wide + 1)
        else:
            high += below(state, tallest - middle_high + 1)
        top, left = below(state, height - high), below(state, width - wide)
        if _taken(area, top + 1, left + 1, top + high + 1, left + wide + 1):
            failed += 1
            continue
        placed += 1
        for r in range(top + 1, top + high + 2):
            for c in range(left + 1, left + wide + 2):
                area[r, c] = placed
        for r in range(2 * top + 1, 2 * (top + high) + 2):
            for c in range(2 * left + 1, 2 * (left + wide) + 2):
                lattice[r, c] = 0
    return placed


@njit(cache=True, inline="always")
def _taken(area: np.ndarray, top: int, left: int, bottom: int, right: int) -> bool:
    """Whether a node of a rectangle, sides included, belongs to a room."""
    for r in range(top, bottom + 1):
        for c in range(left, right + 1):
            if area[r, c] != 0:
                return True
    return False


@njit(cache=True, nogil=True)
def _fill_space(lattice: np.ndarray, area: np.ndarray, placed: int, path: np.ndarray, state: np.ndarray) -> None:
    """Backtracker mazes wherever no room lies, each an area of its own with the numbers after those of the rooms."""
    height, width = lattice.shape[0] // 2, lattice.shape[1] // 2
    stride, pitch = width + 2, lattice.shape[1]
    flat, owner = lattice.reshape(-1), area.reshape(-1)
    number = placed
    for r in range(height):
        for c in range(width):
            node, cell, depth = (r + 1) * stride + c + 1, (2 * r + 1) * pitch + 2 * c + 1, 0
            if owner[node] != 0:
                continue
            number += 1
            owner[node], flat[cell] = number, 0
            while True:
                up, down, left, right = owner[node - stride], owner[node + stride], owner[node - 1], owner[node + 1]
                free = (up == 0) | (down == 0) << 1 | (left == 0) << 2 | (right == 0) << 3
                if free == 0:
                    if depth == 0:
                        break
                    depth -= 1
                    node, cell = path[depth, 0], path[depth, 1]
                    continue
                path[depth, 0], path[depth, 1] = node, cell
                depth += 1
                direction = CHOICE[free, below(state, 12)]
                step = step_of(direction, pitch)
                flat[cell + step], flat[cell + 2 * step] = 0, 0
                node, cell = node + step_of(direction, stride), cell + 2 * step
                owner[node] = number


@njit(cache=True, nogil=True)
def _connect(lattice: np.ndarray, area: np.ndarray, touching: np.ndarray, extra: float, state: np.ndarray) -> None:
    """Joins every two areas that touch at one place, and at others by chance unless a door is right beside."""
    height, width = lattice.shape[0] // 2, lattice.shape[1] // 2
    flat, pitch, count = lattice.reshape(-1), lattice.shape[1], 0
    for r in range(height):
        for c in range(width):
            one = area[r + 1, c + 1]
            for down in range(2):
                two = area[r + 1 + down, c + 2 - down]
                if two >= 0 and one != two:
                    touching[count, 0] = np.int64(min(one, two)) << 32 | max(one, two)
                    touching[count, 1] = (2 * r + 1) * pitch + 2 * c + 1 + (pitch if down else 1)
                    count += 1
    size = 1
    while size < 2 * count:
        size *= 2
    # A table of pairs by their hash: the pair, how many of its places were met, and the one drawn from them so far.
    pairs = np.full((size, 3), -1)
    for index in range(count):
        pair, slot = touching[index, 0], touching[index, 0] * SPREAD >> 32 & size - 1
        while pairs[slot, 0] != pair and pairs[slot, 0] >= 0:
            slot = slot + 1 & size - 1
        met = pairs[slot, 1] + 1 if pairs[slot, 0] >= 0 else 1
        pairs[slot, 0], pairs[slot, 1] = pair, met
        if below(state, met) == 0:
            pairs[slot, 2] = touching[index, 1]
    for slot in range(size):
        if pairs[slot, 0] >= 0:
            flat[pairs[slot, 2]] = DOOR
    if extra > 0:
        for index in range(count):
            cell = touching[index, 1]
            beside = max(flat[cell - 1], flat[cell + 1], flat[cell - pitch], flat[cell + pitch])
            if unit(state) < extra and flat[cell] != DOOR and beside != DOOR:
                flat[cell] = DOOR
