"""Mazes by depth-first search with backtracking: long, winding corridors.

A search alone spends most of its time waiting: for the branch that it cannot foresee and for the byte that it has just
written. So steps have no branch, and four mazes take turns. What a maze is in the midst of fits into three numbers:

- here: the flat index of the node in `seen` in the upper half, of its cell in the lattices in the lower half;
- count: the place of the next entry of the way back in the upper half, the nodes not yet seen in the lower half;
- rng: the state of its random stream.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.lattice_maze import CHOICE, clear_seen
from mazenav.layout.generators.random_state import STEP, below, mixed

_LANES = 4
_ONE, _TWELVE, _ALL, _S32, _LOW = np.uint64(1), np.uint64(12), np.uint64(15), np.uint64(32), np.uint64(0xFFFFFFFF)
_FORTH, _BACK = np.uint64((1 << 32) - 1), np.uint64((1 << 64) - (1 << 32))
"""What `count` grows by: one place up and one node fewer, or one place down. All sums are modulo 2^64."""


@njit(cache=True, nogil=True)
def carve_backtracker(lattices: np.ndarray, states: np.ndarray) -> None:
    """From a node drawn at random go on to an unseen neighbour, and back where there is none."""
    n, rows, columns = lattices.shape
    stride, moves = np.uint64(columns // 2 + 2), _moves(columns)
    flat = lattices.reshape(-1)
    empty = np.zeros(_LANES, np.uint64)
    seen = np.ones(_LANES * (rows // 2 + 2) * (columns // 2 + 2), np.uint8)
    path = np.empty(_LANES * ((rows // 2) * (columns // 2) + 2), np.uint64)
    maze, here, count, rng = np.full(_LANES, -1), empty.copy(), empty.copy(), empty.copy()
    begun = 0
    while True:
        for lane in range(_LANES):
            while count[lane] & _LOW == 0:
                if maze[lane] >= 0:
                    states[maze[lane]] = rng[lane]
                maze[lane] = begun if begun < n else -1
                if begun == n:
                    break
                here[lane], count[lane], rng[lane] = _begin(lattices, states, begun, flat, seen, lane)
                begun += 1
        if begun == n and maze.min() < 0:
            break
        h0, h1, h2, h3 = here[0], here[1], here[2], here[3]
        c0, c1, c2, c3 = count[0], count[1], count[2], count[3]
        s0, s1, s2, s3 = rng[0], rng[1], rng[2], rng[3]
        while c0 & _LOW and c1 & _LOW and c2 & _LOW and c3 & _LOW:
            h0, c0, s0 = _step(h0, c0, s0, seen, flat, path, moves, stride)
            h1, c1, s1 = _step(h1, c1, s1, seen, flat, path, moves, stride)
            h2, c2, s2 = _step(h2, c2, s2, seen, flat, path, moves, stride)
            h3, c3, s3 = _step(h3, c3, s3, seen, flat, path, moves, stride)
        here[0], here[1], here[2], here[3] = h0, h1, h2, h3
        count[0], count[1], count[2], count[3] = c0, c1, c2, c3
        rng[0], rng[1], rng[2], rng[3] = s0, s1, s2, s3
    for lane in range(_LANES):
        if maze[lane] >= 0:
            h, c, s = here[lane], count[lane], rng[lane]
            while c & _LOW:
                h, c, s = _step(h, c, s, seen, flat, path, moves, stride)
            states[maze[lane]] = s


@njit(cache=True, nogil=True)
def _moves(columns: int) -> np.ndarray:
    """uint64 `[192]`: for the closed directions (bits) and a number below 12, what `here` grows by; 0 where all are."""
    moves = np.zeros(192, np.uint64)
    for closed in range(15):
        for number in range(12):
            direction = CHOICE[15 - closed, number]
            far = ((columns // 2 + 2) << 32) + 2 * columns if direction < 2 else (1 << 32) + 2
            moves[12 * closed + number] = far if direction & 1 else -far
    return moves


@njit(cache=True, inline="always")
def _begin(
    lattices: np.ndarray, states: np.ndarray, maze: int, flat: np.ndarray, seen: np.ndarray, lane: int
) -> tuple[np.uint64, np.uint64, np.uint64]:
    """Clears the ground of a maze and draws its first node; here, count and rng."""
    rows, columns = lattices.shape[1:]
    height, width = rows // 2, columns // 2
    first, nodes = maze * rows * columns, (height + 2) * (width + 2)
    flat[first : first + rows * columns] = 1
    clear_seen(seen[lane * nodes : (lane + 1) * nodes], height, width)
    state = states[maze : maze + 1]
    r, c = below(state, height), below(state, width)
    node, cell = lane * nodes + (r + 1) * (width + 2) + c + 1, first + (2 * r + 1) * columns + 2 * c + 1
    seen[node], flat[cell] = 1, 0
    place = lane * (height * width + 2) + 1
    return np.uint64(node) << _S32 | np.uint64(cell), np.uint64(place) << _S32 | np.uint64(height * width - 1), state[0]


@njit(cache=True, inline="always")
def _step(
    here: np.uint64,
    count: np.uint64,
    rng: np.uint64,
    seen: np.ndarray,
    flat: np.ndarray,
    path: np.ndarray,
    moves: np.ndarray,
    stride: np.uint64,
) -> tuple[np.uint64, np.uint64, np.uint64]:
    """One step on, or back where all directions are closed; then what is written changes nothing."""
    node = here >> _S32
    beside = seen[node - stride] | seen[node + stride] << 1 | seen[node - _ONE] << 2 | seen[node + _ONE] << 3
    closed = np.uint64(beside)
    stuck = closed == _ALL
    drawn = rng + STEP
    there = here + moves[closed * _TWELVE + (((mixed(drawn) >> _S32) * _TWELVE) >> _S32)]
    path[count >> _S32] = here
    count += _BACK if stuck else _FORTH
    last = path[count >> _S32]
    seen[there >> _S32] = 1
    flat[there & _LOW] = 0
    flat[((here & _LOW) + (there & _LOW)) >> _ONE] = 0
    return last if stuck else there, count, rng if stuck else drawn
