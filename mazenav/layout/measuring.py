"""The compiled kernels behind `mazenav.layout.difficulty`: neighbours, searches from every cell, sums over trees."""

from __future__ import annotations

import numpy as np
from numba import njit

EXACT_CELLS = 8192
"""Up to so many free cells of one piece with loops, every pair of cells is measured: under a second."""
SAMPLED_CELLS = 64
"""Cells of a larger piece that the mean distance is taken from, evenly spaced in reading order."""


def cell_exits(walls: np.ndarray) -> np.ndarray:
    """How many free neighbours each free cell has: int8 `[R, C]`, -1 at walls."""
    free = np.pad(~np.asarray(walls, np.bool_), 1).astype(np.int8)
    exits = free[:-2, 1:-1] + free[2:, 1:-1] + free[1:-1, :-2] + free[1:-1, 2:]
    return np.where(walls, np.int8(-1), exits)


@njit(cache=True, nogil=True)
def measure_cells(walls: np.ndarray, shapes: np.ndarray, exact_cells: int, table: np.ndarray) -> None:
    """Measure maps that lie end to end.

    Args:
        walls: bool `[sum(R * C)]`.
        shapes: int64 `[N, 2]`.
        exact_cells: largest piece with loops of which every pair of cells is measured.
        table: float64 `[N, 16]`, filled with the measures in the order of `Difficulty`.
    """
    begin = 0
    for index in range(len(shapes)):
        rows, columns = shapes[index, 0], shapes[index, 1]
        _measure_map(walls[begin : begin + rows * columns], rows, columns, exact_cells, table[index])
        begin += rows * columns


@njit(cache=True, nogil=True)
def _measure_map(walls: np.ndarray, rows: int, columns: int, exact_cells: int, out: np.ndarray) -> None:
    """All measures of one map bool `[R * C]`, into `out`."""
    ways, degree, turns, squares = _neighbours(walls, rows, columns)
    cells = len(degree)
    edges, dead_ends, junctions, on, passing, joined = 0, 0, 0, 0, 0, 0
    for cell in range(cells):
        exits = degree[cell]
        edges += exits
        if exits == 1:
            dead_ends += 1
        elif exits == 2:
            passing += 1
            for way in range(2):
                joined += degree[ways[cell, way]] == 2
        elif exits >= 3:
            junctions += 1
            on += exits - 1
    pieces, rings, longest, total, pairs, exact = _measure_pieces(ways, degree, exact_cells)
    # Runs of passing cells are chains (cells - joints = 1) or rings (cells - joints = 0).
    runs = passing - joined // 2 + rings
    loops = edges // 2 - cells + pieces
    out[0], out[1], out[2], out[3] = rows, columns, cells, cells / (rows * columns)
    out[4], out[5], out[6] = pieces, dead_ends, junctions
    out[7] = on / junctions if junctions else 0.0
    out[8], out[9], out[10] = runs, passing / runs if runs else 0.0, turns
    out[11], out[12], out[13] = loops, loops - squares, longest
    out[14], out[15] = total / pairs if pairs else 0.0, exact


@njit(cache=True, nogil=True)
def _neighbours(walls: np.ndarray, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray, int, int]:
    """The free cells as a graph, numbered in reading order.

    Returns:
        Neighbours int32 `[F, 4]`, how many each has int8 `[F]`, cells that turn, and open squares of 2 x 2 cells.
    """
    number = np.full(rows * columns, np.int32(-1), np.int32)
    cells = 0
    for place in range(rows * columns):
        if not walls[place]:
            number[place] = cells
            cells += 1
    ways = np.empty((cells, 4), np.int32)
    degree = np.zeros(cells, np.int8)
    turns, squares = 0, 0
    for row in range(rows):
        for column in range(columns):
            place = row * columns + column
            cell = number[place]
            if cell < 0:
                continue
            up = row > 0 and not walls[place - columns]
            down = row + 1 < rows and not walls[place + columns]
            left = column > 0 and not walls[place - 1]
            right = column + 1 < columns and not walls[place + 1]
            exits = 0
            if up:
                ways[cell, exits] = number[place - columns]
                exits += 1
            if down:
                ways[cell, exits] = number[place + columns]
                exits += 1
            if left:
                ways[cell, exits] = number[place - 1]
                exits += 1
            if right:
                ways[cell, exits] = number[place + 1]
                exits += 1
            degree[cell] = exits
            turns += exits == 2 and up != down
            squares += down and right and not walls[place + columns + 1]
    return ways, degree, turns, squares


@njit(cache=True, nogil=True)
def _measure_pieces(ways: np.ndarray, degree: np.ndarray, exact_cells: int) -> tuple[int, int, int, float, float, bool]:
    """Connected pieces, and the distances in each.

    Returns:
        Pieces; those that are rings; the longest shortest path; the sum of the distances over the ordered pairs of
        different connected cells; how many such pairs there are; whether path and sum are exact.
    """
    cells = len(degree)
    seen = np.full(cells, -1, np.int64)
    reached = np.zeros(cells, np.bool_)
    queue = np.empty(cells, np.int32)
    members = np.empty(cells, np.int32)
    pieces, rings, longest, total, pairs, exact = 0, 0, 0, 0.0, 0.0, True
    for root in range(cells):
        if reached[root]:
            continue
        pieces += 1
        count, _, _, _ = _search(ways, degree, root, root, seen, queue)
        members[:count] = queue[:count]
        exits = 0
        ring = True
        for place in range(count):
            reached[members[place]] = True
            exits += degree[members[place]]
            ring &= degree[members[place]] == 2
        rings += ring
        pairs += float(count) * (count - 1)
        if exits == 2 * (count - 1):
            length, distance = _measure_tree(ways, degree, members[:count])
        elif count <= exact_cells:
            length, distance = _measure_pairs(ways, degree, members[:count], seen, queue)
        else:
            exact = False
            length, distance = _estimate_pairs(ways, degree, members[:count], seen, queue)
        longest = max(longest, length)
        total += distance
    return pieces, rings, longest, total, pairs, exact


@njit(cache=True, nogil=True)
def _search(
    ways: np.ndarray, degree: np.ndarray, source: int, mark: int, seen: np.ndarray, queue: np.ndarray
) -> tuple[int, int, int, int]:
    """Breadth-first from one cell: cells found, the last of them, its distance, and the sum of all distances.

    `seen` int64 `[F]` gets `mark` at all of them, which must not stand there before; `queue` int32 `[F]` ends up
    holding the cells in the order in which they were found.
    """
    queue[0] = source
    seen[source] = mark
    head, tail, depth, total = 0, 1, 0, 0
    while True:
        level = tail
        while head < level:
            cell = queue[head]
            head += 1
            for way in range(degree[cell]):
                beside = ways[cell, way]
                if seen[beside] != mark:
                    seen[beside] = mark
                    queue[tail] = beside
                    tail += 1
        if tail == level:
            return tail, queue[tail - 1], depth, total
        depth += 1
        total += depth * (tail - level)


@njit(cache=True, nogil=True)
def _measure_tree(ways: np.ndarray, degree: np.ndarray, members: np.ndarray) -> tuple[int, float]:
    """Longest path and sum of distances of a tree, whose cells are given in breadth-first order, in linear time."""
    count = len(members)
    place_of = np.full(len(degree), np.int32(-1), np.int32)
    for place in range(count):
        place_of[members[place]] = place
    size = np.ones(count, np.int64)
    height = np.zeros(count, np.int64)
    longest, total = 0, 0.0
    for place in range(count - 1, 0, -1):
        cell = members[place]
        parent = np.int32(count)
        for way in range(degree[cell]):
            parent = min(parent, place_of[ways[cell, way]])
        # All pairs that this edge parts pass over it, once in either direction.
        total += 2.0 * size[place] * (count - size[place])
        size[parent] += size[place]
        longest = max(longest, height[parent] + height[place] + 1)
        height[parent] = max(height[parent], height[place] + 1)
    return longest, total


@njit(cache=True, nogil=True)
def _measure_pairs(
    ways: np.ndarray, degree: np.ndarray, members: np.ndarray, seen: np.ndarray, queue: np.ndarray
) -> tuple[int, float]:
    """Longest shortest path and sum of distances of a piece, by a search from every cell."""
    longest, total = 0, 0.0
    for place in range(len(members)):
        _, _, depth, distance = _search(ways, degree, members[place], len(degree) + members[place], seen, queue)
        longest = max(longest, depth)
        total += distance
    return longest, total


@njit(cache=True, nogil=True)
def _estimate_pairs(
    ways: np.ndarray, degree: np.ndarray, members: np.ndarray, seen: np.ndarray, queue: np.ndarray
) -> tuple[int, float]:
    """A lower bound of the longest shortest path (double sweeps), and the sum of distances scaled up from a sample."""
    count = len(members)
    ordered = np.sort(members)
    longest, total, far = 0, 0.0, members[count - 1]
    for sample in range(SAMPLED_CELLS):
        source = ordered[sample * count // SAMPLED_CELLS]
        _, last, depth, distance = _search(ways, degree, source, len(degree) + sample, seen, queue)
        total += distance
        if depth > longest:
            longest, far = depth, last
    for sweep in range(4):
        _, far, depth, _ = _search(ways, degree, far, 3 * len(degree) + sweep, seen, queue)
        longest = max(longest, depth)
    return longest, total / SAMPLED_CELLS * count


@njit(cache=True)
def fewest_turns(to_go: np.ndarray, row: int, column: int) -> np.ndarray:
    """The shortest path with the fewest turns down a field of distances.

    Args:
        to_go: int32 `[R, C]`, steps to the goal, -1 where there is no way.
        row: row of the start.
        column: its column.

    Returns:
        Cells int64 `[to_go[row, column] + 1, 2]` from start to goal; ties go up, down, left, right in this order.
    """
    rows, columns = to_go.shape
    length = to_go[row, column]
    # left[r, c, d]: the turns still to come when (r, c) is left in direction d, on the best way
    left = np.full((rows, columns, 4), np.int32(1 << 30), np.int32)
    waiting = np.zeros((rows, columns), np.bool_)
    found = np.empty((rows * columns, 2), np.int32)
    found[0, 0], found[0, 1] = row, column
    head, tail = 0, 1
    while head < tail:
        r, c = found[head, 0], found[head, 1]
        head += 1
        for k in range(4):
            nr, nc = r + (k == 1) - (k == 0), c + (k == 3) - (k == 2)
            nearer = 0 <= nr < rows and 0 <= nc < columns and to_go[nr, nc] == to_go[r, c] - 1 and to_go[r, c] > 0
            if nearer and not waiting[nr, nc]:
                waiting[nr, nc] = True
                found[tail, 0], found[tail, 1] = nr, nc
                tail += 1
    for place in range(tail - 1, -1, -1):
        r, c = found[place, 0], found[place, 1]
        for k in range(4):
            nr, nc = r + (k == 1) - (k == 0), c + (k == 3) - (k == 2)
            if 0 <= nr < rows and 0 <= nc < columns and to_go[nr, nc] == to_go[r, c] - 1 and to_go[r, c] > 0:
                left[r, c, k] = 0 if to_go[nr, nc] == 0 else _best(left[nr, nc], k)[1]
    path = np.empty((length + 1, 2), np.int64)
    path[0, 0], path[0, 1] = row, column
    direction = -1
    for step in range(length):
        r, c = path[step, 0], path[step, 1]
        direction = _best(left[r, c], direction)[0]
        path[step + 1, 0] = r + (direction == 1) - (direction == 0)
        path[step + 1, 1] = c + (direction == 3) - (direction == 2)
    return path


@njit(cache=True)
def _best(left: np.ndarray, direction: int) -> tuple[int, int]:
    """Which way to leave a cell that was entered in `direction` (-1: begin here), and the turns that costs in all."""
    best, cost = 0, 1 << 30
    for k in range(4):
        turns = left[k] + (direction >= 0 and k != direction)
        if turns < cost:
            best, cost = k, turns
    return best, cost
