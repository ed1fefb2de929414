"""Compiled ray casting through grids of walls: single rays (Amanatides & Woo 1987), and fans that share what they find.

A fan is an array of directions that turn one way. Two rays of it that hit the same face of the same cell enclose a
triangle that is narrower than a cell all along that face, so that no wall cell fits in without crossing one of the two:
all rays between them hit that face too, and need no search, only a product. Every fourth ray is searched first.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, inline="always", error_model="numpy")
def search(grid, width, x, y, inverse_x, inverse_y):
    """The first face that a ray hits: (face, gap along its axis, distance in lengths of the direction).

    The face is `2 * cell + axis`, with axis 0 for faces across x.

    Args:
        grid: uint8 `[X * Y]`, walls, ringed by wall; cell (i, j) is entry `i * width + j`.
        width: Y.
        x: where the ray begins, in indices of the grid, in no wall.
        y: likewise.
        inverse_x: 1 / the direction; never zero.
        inverse_y: likewise.
    """
    zero, one = np.float32(0), np.float32(1)
    cell = np.uint64(int(x) * width + int(y))  # unsigned, so that indexing need not look for negative numbers
    step_x, sign_x, gap_x = np.uint64(-width), -one, np.float32(int(x)) - x
    step_y, sign_y, gap_y = np.uint64(-1), -one, np.float32(int(y)) - y
    if inverse_x > zero:
        step_x, sign_x, gap_x = np.uint64(width), one, gap_x + one
    if inverse_y > zero:
        step_y, sign_y, gap_y = np.uint64(1), one, gap_y + one
    side_x, side_y, delta_x, delta_y = gap_x * inverse_x, gap_y * inverse_y, abs(inverse_x), abs(inverse_y)
    across = side_x < side_y
    cell += step_x if across else step_y
    while not grid[cell]:  # no other branch: which way a ray goes next cannot be foretold
        side_x, gap_x = (side_x + delta_x, gap_x + sign_x) if across else (side_x, gap_x)
        side_y, gap_y = (side_y, gap_y) if across else (side_y + delta_y, gap_y + sign_y)
        across = side_x < side_y
        cell += step_x if across else step_y
    face = np.int64(cell) * 2
    return (face, gap_x, gap_x * inverse_x) if across else (face + 1, gap_y, gap_y * inverse_y)


@njit(cache=True, error_model="numpy")
def cast_fan(grid, width, x, y, inverses, stride, faces, distances):
    """Cast all rays of a fan.

    Args:
        grid: uint8 `[X * Y]`, see `search`.
        width: Y.
        x: where the fan begins, in indices of the grid.
        y: likewise.
        inverses: float32 `[2, n]`, 1 / directions, which turn one way, by less than half a turn in `stride` rays.
        stride: rays from one searched ray to the next.
        faces: int32 `[n]`, written: see `search`.
        distances: float32 `[n]`, written, in lengths of the directions.
    """
    end = inverses.shape[1] - 1
    faces[0], _, distances[0] = search(grid, width, x, y, inverses[0, 0], inverses[1, 0])
    for start in range(0, end, stride):
        stop = min(start + stride, end)
        face, gap, distances[stop] = search(grid, width, x, y, inverses[0, stop], inverses[1, stop])
        faces[stop] = face
        if face == faces[start]:
            axis = face & 1
            for ray in range(start + 1, stop):
                faces[ray] = face
                distances[ray] = gap * inverses[axis, ray]
        else:
            for ray in range(start + 1, stop):
                faces[ray], _, distances[ray] = search(grid, width, x, y, inverses[0, ray], inverses[1, ray])


@njit(cache=True, nogil=True, error_model="numpy")
def scan(states, solid, layers, base, stride, reach, ranges):
    """Range scans of N agents: `ranges` float32 `[N, n]` for directions `base` float32 `[2, n]` in the body frame."""
    n = base.shape[1]
    width = solid.shape[2]
    inverses, faces = np.empty((2, n), np.float32), np.empty(n, np.int32)
    one, tiny = np.float32(1), np.float32(1e-30)
    for agent in range(states.shape[0]):
        cosine, sine = np.float32(np.cos(states[agent, 2])), np.float32(np.sin(states[agent, 2]))
        for ray in range(n):
            dx = cosine * base[0, ray] - sine * base[1, ray]
            dy = sine * base[0, ray] + cosine * base[1, ray]
            inverses[0, ray] = one / (dx if dx != 0 else tiny)
            inverses[1, ray] = one / (dy if dy != 0 else tiny)
        grid = solid[layers[agent]].reshape(-1)
        cast_fan(grid, width, states[agent, 0] + one, states[agent, 1] + one, inverses, stride, faces, ranges[agent])
        for ray in range(n):
            ranges[agent, ray] = min(ranges[agent, ray], reach)
