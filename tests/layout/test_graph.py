from __future__ import annotations

import heapq
from collections import deque
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mazenav.layout.graph import check_task, components, distances, octile_lengths, sample_task, shortest_path
from mazenav.types import Layout, LayoutError


@st.composite
def drawn_walls(draw):
    rows, columns = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    cells = draw(st.lists(st.booleans(), min_size=rows * columns, max_size=rows * columns))
    return np.array(cells).reshape(rows, columns)


def plain_distances(walls, goal):
    """Breadth-first search without NumPy or Numba."""
    steps = {goal: 0} if not walls[goal] else {}
    queue = deque(steps)
    while queue:
        r, c = queue.popleft()
        for cell in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
            inside = 0 <= cell[0] < walls.shape[0] and 0 <= cell[1] < walls.shape[1]
            if inside and not walls[cell] and cell not in steps:
                steps[cell] = steps[(r, c)] + 1
                queue.append(cell)
    return np.array([[steps.get((r, c), -1) for c in range(walls.shape[1])] for r in range(walls.shape[0])])


def layout(*rows):
    return Layout(np.array([[letter == "#" for letter in row] for row in rows]))


@given(drawn_walls(), st.data())
def test_distances_equal_a_plain_search(walls, data):
    goal = (data.draw(st.integers(0, walls.shape[0] - 1)), data.draw(st.integers(0, walls.shape[1] - 1)))
    steps = distances(walls, goal)
    assert steps.dtype == np.int32
    assert np.array_equal(steps, plain_distances(walls, goal))


@pytest.mark.parametrize(
    ("rows", "columns", "density"), [(301, 217, 0.0), (217, 301, 0.3), (1, 500, 0.02), (500, 1, 0.0)]
)
def test_distances_of_large_maps_equal_a_plain_search(rows, columns, density):
    walls = np.random.default_rng(rows).random((rows, columns)) < density
    goal = tuple(np.argwhere(~walls)[rows // 3].tolist())
    assert np.array_equal(distances(walls, goal), plain_distances(walls, goal))


def test_distances_of_a_strided_view():
    walls = np.zeros((8, 8), bool)
    walls[2, :6] = True
    assert np.array_equal(distances(walls.T[::-1], (0, 0)), plain_distances(walls.T[::-1], (0, 0)))


def plain_octile(walls, start):
    """Dijkstra's algorithm with a heap, without NumPy or Numba: lengths by cell."""
    if walls[start]:
        return {}
    lengths, heap = {}, [(0.0, start)]
    while heap:
        length, (r, c) = heapq.heappop(heap)
        if (r, c) in lengths:
            continue
        lengths[(r, c)] = length
        for dr, dc in ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)):
            inside = 0 <= r + dr < walls.shape[0] and 0 <= c + dc < walls.shape[1]
            if inside and not (walls[r + dr, c + dc] or walls[r, c + dc] or walls[r + dr, c]):
                heapq.heappush(heap, (length + (2**0.5 if dr and dc else 1.0), (r + dr, c + dc)))
    return lengths


@given(drawn_walls(), st.integers(0, 2**32))
def test_octile_lengths_equal_a_plain_search(walls, seed):
    ends = np.random.default_rng(seed).integers(0, walls.shape, (2, 12, 2))
    found = octile_lengths(walls, ends[0], ends[1])
    expected = [plain_octile(walls, tuple(start)).get(tuple(goal), -1.0) for start, goal in ends.transpose(1, 0, 2)]
    assert np.allclose(found, expected, rtol=1e-12, atol=0)


def test_octile_lengths_of_known_maps():
    assert octile_lengths(np.zeros((1000, 700), bool), [(0, 0)], [(999, 699)])[0] == pytest.approx(699 * 2**0.5 + 300)
    assert octile_lengths(layout(" #", "  ").walls, [(0, 0), (0, 0)], [(1, 1), (0, 1)]).tolist() == [2.0, -1.0]
    assert octile_lengths(layout("  ").walls, [], []).shape == (0,)


def test_octile_ends_outside_or_without_partner_are_refused():
    with pytest.raises(LayoutError, match=r"the goal \(row 0, column 5\) lies outside the layout of 4 x 5 cells"):
        octile_lengths(ROOM.walls, [(1, 1)], [(0, 5)])
    with pytest.raises(LayoutError, match="found 2 starts and 1 goals"):
        octile_lengths(ROOM.walls, [(1, 1), (1, 2)], [(1, 1)])


@given(drawn_walls())
def test_components_are_the_classes_of_reachability(walls):
    labels = components(walls)
    assert np.array_equal(labels == -1, walls)
    firsts = [np.argwhere(labels == label)[0] for label in range(labels.max() + 1)]
    assert firsts == sorted(firsts, key=tuple)
    for row, column in np.argwhere(~walls):
        reached = plain_distances(walls, (row, column)) >= 0
        assert np.array_equal(reached, labels == labels[row, column])


@given(drawn_walls(), st.data())
def test_shortest_paths_are_walks_of_the_shortest_length(walls, data):
    free = [(int(r), int(c)) for r, c in np.argwhere(~walls)]
    if not free:
        return
    start, goal = data.draw(st.sampled_from(free)), data.draw(st.sampled_from(free))
    steps = plain_distances(walls, goal)[start]
    if steps < 0:
        with pytest.raises(LayoutError, match="no path"):
            shortest_path(walls, start, goal)
        return
    path = shortest_path(walls, start, goal)
    assert path[0] == start
    assert path[-1] == goal
    assert len(path) == steps + 1
    assert all(abs(a - c) + abs(b - d) == 1 for (a, b), (c, d) in pairwise(path))
    assert not any(walls[cell] for cell in path)


ROOM = layout("#####", "#  ##", "### #", "#####")


@pytest.mark.parametrize(
    ("start", "goal", "words"),
    [
        ((9, 1), (1, 1), "start .* outside"),
        ((1, 1), (1, -1), "goal .* outside"),
        ((0, 0), (1, 1), r"start \(row 0, column 0\) lies in a wall"),
        ((1, 1), (2, 2), "goal .* in a wall"),
        ((1, 1), (1, 1), "same cell"),
        ((1, 1), (2, 3), "no path"),
    ],
)
def test_impossible_tasks_are_refused(start, goal, words):
    with pytest.raises(LayoutError, match=words):
        check_task(ROOM, start, goal)


def test_a_possible_task_has_its_distance():
    assert check_task(ROOM, (1, 1), (1, 2)) == 1


def test_a_goal_outside_the_map_has_no_distances():
    with pytest.raises(LayoutError, match="outside"):
        distances(ROOM.walls, (4, 0))


@given(drawn_walls(), st.integers(0, 2**32))
def test_sampled_tasks_can_be_driven(walls, seed):
    maze = Layout(walls)
    try:
        start, goal, distance = sample_task(maze, np.random.default_rng(seed))
    except LayoutError:
        assert all((plain_distances(walls, tuple(cell)) > 0).sum() == 0 for cell in np.argwhere(~walls))
        return
    assert check_task(maze, start, goal) == distance > 0
    near = sample_task(maze, np.random.default_rng(seed), farthest=2)
    assert near[0] == start and check_task(maze, *near[:2]) == near[2] <= 2


def test_starts_are_uniform_over_cells_that_are_not_isolated():
    maze = layout("  #   ", "### ##", " #    ")
    rng = np.random.default_rng(0)
    starts = [sample_task(maze, rng)[0] for _ in range(2000)]
    counts = {cell: starts.count(cell) for cell in starts}
    assert set(counts) == {(0, 0), (0, 1), (0, 3), (0, 4), (0, 5), (1, 3), (2, 2), (2, 3), (2, 4), (2, 5)}
    assert max(abs(count - 200) for count in counts.values()) < 60


def test_without_two_connected_cells_there_is_no_task():
    with pytest.raises(LayoutError, match="no two connected free cells"):
        sample_task(layout("# #", "###", " ##"), np.random.default_rng(0))
