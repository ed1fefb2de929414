"""Hunt and kill: random walks without steps back; where one gets stuck, a scan finds where the next begins."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.lattice_maze import CHOICE, clear_seen, step_of
from mazenav.layout.generators.random_state import below

_RIM = 3
"""Seen, but never in the maze: bit 0 closes the way of a walk, and only a node in the maze has bit 1 clear."""


@njit(cache=True, nogil=True)
def carve_hunt_and_kill(lattices: np.ndarray, states: np.ndarray) -> None:
    """Walks until stuck, then begins again at the first node in reading order that lies beside the maze."""
    n, rows, columns = lattices.shape
    height, width = rows // 2, columns // 2
    stride, pitch = width + 2, columns
    seen = np.full((height + 2) * stride, _RIM, np.uint8)
    for i in range(n):
        state, flat = states[i : i + 1], lattices[i].reshape(-1)
        flat[:] = 1
        clear_seen(seen, height, width)
        r, c = below(state, height), below(state, width)
        top, done = r, 0
        while r >= 0:
            top = min(top, _walk(flat, seen, r, c, stride, pitch, state))
            r, c, done = _hunt(seen, max(top - 1, done), done, height, stride)
            if r >= 0:
                _join(flat, seen, r, c, stride, pitch, state)


@njit(cache=True, nogil=True)
def _walk(flat: np.ndarray, seen: np.ndarray, r: int, c: int, stride: int, pitch: int, state: np.ndarray) -> int:
    """A random walk over unseen nodes from (r, c), carved on the way; the topmost row that it came to."""
    node, cell, top = (r + 1) * stride + c + 1, (2 * r + 1) * pitch + 2 * c + 1, r
    while True:
        seen[node], flat[cell] = 1, 0
        up, down, left, right = seen[node - stride], seen[node + stride], seen[node - 1], seen[node + 1]
        closed = (up & 1) | (down & 1) << 1 | (left & 1) << 2 | (right & 1) << 3
        if closed == 15:
            return top
        direction = CHOICE[15 - closed, below(state, 12)]
        flat[cell + step_of(direction, pitch)] = 0
        cell += 2 * step_of(direction, pitch)
        node += step_of(direction, stride)
        r += (direction == 1) - (direction == 0)
        top = min(top, r)


@njit(cache=True, nogil=True)
def _hunt(seen: np.ndarray, first: int, done: int, height: int, stride: int) -> tuple[int, int, int]:
    """The first unseen node beside the maze in the rows from `first` on, (-1, -1) if there is none.

    The third number is how many rows at the top are known to be seen throughout; `done` are known already.
    """
    for r in range(first, height):
        for node in range((r + 1) * stride + 1, (r + 2) * stride - 1):
            if seen[node] == 0 and (
                seen[node - stride] == 1 or seen[node + stride] == 1 or seen[node - 1] == 1 or seen[node + 1] == 1
            ):
                return r, node - (r + 1) * stride - 1, done
        # Above row `first` no node lies beside the maze; below a row that is seen throughout all unseen nodes do.
        done += r == done
    return -1, -1, done


@njit(cache=True, nogil=True)
def _join(flat: np.ndarray, seen: np.ndarray, r: int, c: int, stride: int, pitch: int, state: np.ndarray) -> None:
    """Opens a passage from a node beside the maze into it."""
    node, cell = (r + 1) * stride + c + 1, (2 * r + 1) * pitch + 2 * c + 1
    joined = 0
    for direction in range(4):
        joined |= (seen[node + step_of(direction, stride)] == 1) << direction
    flat[cell + step_of(CHOICE[joined, below(state, 12)], pitch)] = 0
