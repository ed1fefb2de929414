"""Joining separate free areas by tunnels that are as short as can be."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.layout.generators.union_find import root


@njit(cache=True)
def connect(walls: np.ndarray) -> None:
    """Opens walls of one map `[R, C]` until all free cells form one component; the border stays closed.

    All free areas grow through the walls at once, breadth first; where two of them meet, the tunnel back to both is
    opened, shortest tunnels first, unless they are joined already (Kruskal's algorithm on the free areas).
    """
    rows, columns = walls.shape
    areas, owner, steps, back = _grow(walls)
    if areas < 2:
        return
    parent = np.arange(areas)
    longest = 2 * steps.max()
    left = areas - 1
    for length in range(longest + 1):
        for r in range(1, rows - 1):
            for c in range(1, columns - 1):
                for k in range(2):
                    nr, nc = r + k, c + 1 - k
                    if nr > rows - 2 or nc > columns - 2 or steps[r, c] + steps[nr, nc] != length:
                        continue
                    one, two = root(parent, owner[r, c]), root(parent, owner[nr, nc])
                    if one != two:
                        parent[one] = two
                        _open_back(walls, back, steps, r, c)
                        _open_back(walls, back, steps, nr, nc)
                        left -= 1
        if left == 0:
            return


@njit(cache=True)
def _grow(walls: np.ndarray) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    """How many free areas there are, and for each inner cell the nearest area, the steps to it, the direction back."""
    rows, columns = walls.shape
    owner = np.full((rows, columns), -1, np.int64)
    steps = np.zeros((rows, columns), np.int64)
    back = np.zeros((rows, columns), np.int64)
    queue = np.empty((rows * columns, 2), np.int64)
    areas, tail = 0, 0
    for row in range(1, rows - 1):
        for column in range(1, columns - 1):
            if walls[row, column] or owner[row, column] >= 0:
                continue
            head = tail
            owner[row, column] = areas
            queue[tail, 0], queue[tail, 1] = row, column
            tail += 1
            while head < tail:
                r, c = queue[head, 0], queue[head, 1]
                head += 1
                for k in range(4):
                    nr, nc = r + (k == 1) - (k == 0), c + (k == 3) - (k == 2)
                    if not walls[nr, nc] and owner[nr, nc] < 0:
                        owner[nr, nc] = areas
                        queue[tail, 0], queue[tail, 1] = nr, nc
                        tail += 1
            areas += 1
    head = 0
    while head < tail:
        r, c = queue[head, 0], queue[head, 1]
        head += 1
        for k in range(4):
            nr, nc = r + (k == 1) - (k == 0), c + (k == 3) - (k == 2)
            if 0 < nr < rows - 1 and 0 < nc < columns - 1 and owner[nr, nc] < 0:
                owner[nr, nc], steps[nr, nc], back[nr, nc] = owner[r, c], steps[r, c] + 1, k
                queue[tail, 0], queue[tail, 1] = nr, nc
                tail += 1
    return areas, owner, steps, back


@njit(cache=True)
def _open_back(walls: np.ndarray, back: np.ndarray, steps: np.ndarray, row: int, column: int) -> None:
    """Opens the tunnel from a wall cell back to the area that it belongs to."""
    while steps[row, column] > 0:
        walls[row, column] = False
        k = back[row, column]
        row, column = row - (k == 1) + (k == 0), column - (k == 3) + (k == 2)
