from __future__ import annotations

from collections import deque
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mazenav.layout.graph import check_task, components, distances, sample_task, shortest_path
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


def test_distances_of_a_strided_view():
    walls = np.zeros((8, 8), bool)
    walls[2, :6] = True
    assert np.array_equal(distances(walls.T[::-1], (0, 0)), plain_distances(walls.T[::-1], (0, 0)))


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
