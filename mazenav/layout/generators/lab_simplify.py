"""What DeepMind Lab's generator calls simplifying: dead ends are closed, and bends around nothing are pulled straight.

Lattices uint8 [2H + 1, 2W + 1] hold 0 for floor, 1 for wall and `DOOR` for a way between two areas.
"""

from __future__ import annotations

import numpy as np
from numba import njit

DOOR = 2
"""A free cell that no corridor is pulled across."""


@njit(cache=True, nogil=True)
def remove_dead_ends(lattice: np.ndarray) -> None:
    """Closes nodes with one way out at most, and so corridors back to where they branch; doors that led there too."""
    rows, columns = lattice.shape
    flat, pitch = lattice.reshape(-1), columns
    for r in range(1, rows, 2):
        for cell in range(r * pitch + 1, (r + 1) * pitch, 2):
            here = cell
            while flat[here] == 0:
                up, down = flat[here - pitch] != 1, flat[here + pitch] != 1
                left, right = flat[here - 1] != 1, flat[here + 1] != 1
                ways = up + down + left + right
                if ways > 1:
                    break
                flat[here] = 1
                if ways == 0:
                    break
                way = pitch * (down - up) + right - left
                flat[here + way] = 1
                here += 2 * way


@njit(cache=True, nogil=True)
def straighten(lattice: np.ndarray) -> None:
    """Pulls every corridor in the shape of a horseshoe toward its legs, until there is none left."""
    rows, columns = lattice.shape
    flat, pitch = lattice.reshape(-1), columns
    found = True
    while found:
        found = False
        for r in range(1, rows, 2):
            for cell in range(r * pitch + 1, (r + 1) * pitch, 2):
                if flat[cell] != 0:
                    continue
                # A corner is open up or down and left or right, with a wall where the three others are.
                upright = pitch if flat[cell - pitch] == 1 else -pitch
                across = 1 if flat[cell - 1] == 1 else -1
                if not _turns(flat, cell, across, upright):
                    continue
                for along, legs in ((across, upright), (upright, across)):
                    here = cell
                    while _pull(flat, here, along, legs):
                        found = True
                        here += 2 * legs


@njit(cache=True, nogil=True)
def _pull(flat: np.ndarray, corner: int, along: int, down: int) -> bool:
    """Moves the bridge that begins at `corner` by one node toward the legs; false if there is none to move."""
    if not _turns(flat, corner, along, down) or flat[corner + 2 * down] != 0:
        return False
    end = corner + 2 * along
    while _passes(flat, end, along, down) and flat[end + 2 * down] == 1:
        end += 2 * along
    if not _turns(flat, end, -along, down) or flat[end + 2 * down] != 0:
        return False
    if end == corner + 2 * along and flat[corner + 2 * down + along] != 1:
        return False
    for cell in range(corner, end + along, along):
        flat[cell] = 1
        flat[cell + 2 * down] = 0
    flat[corner + down] = flat[end + down] = 1
    return True


@njit(cache=True, inline="always")
def _turns(flat: np.ndarray, cell: int, along: int, down: int) -> bool:
    """Whether a node is a corner with the ways `along` and `down`, both floor, and no other."""
    return (
        (flat[cell] == 0)
        & (flat[cell + along] == 0)
        & (flat[cell + down] == 0)
        & (flat[cell - along] == 1)
        & (flat[cell - down] == 1)
        # In a room the cell between both ways is floor.
        & (flat[cell + along + down] == 1)
    )


@njit(cache=True, inline="always")
def _passes(flat: np.ndarray, cell: int, along: int, down: int) -> bool:
    """Whether a node of a corridor leads straight on in the direction `along` and nowhere else."""
    return (
        (flat[cell] == 0)
        & (flat[cell + along] == 0)
        & (flat[cell - along] == 0)
        & (flat[cell + down] == 1)
        & (flat[cell - down] == 1)
    )
