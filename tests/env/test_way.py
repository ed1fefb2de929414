"""The way to the goal that shaped rewards count, against a search over points by another library."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import lil_matrix
from scipy.sparse.csgraph import dijkstra

from mazenav.env.thin import on_lattice
from mazenav.env.way import NO_WAY, Ways, way_field, way_left, ways
from mazenav.layout.generate import generate
from mazenav.topdown.occupancy import cell_centre, cells_to_world, world_to_cells


def steps_by_scipy(walls: np.ndarray, goal: tuple[int, int]) -> np.ndarray:
    """Steps from every cell to the goal, infinite where there is no way."""
    rows, columns = walls.shape
    graph = lil_matrix((rows * columns, rows * columns))
    for row, column in np.argwhere(~walls):
        for beside in ((row + 1, column), (row, column + 1)):
            if beside[0] < rows and beside[1] < columns and not walls[beside]:
                graph[row * columns + column, beside[0] * columns + beside[1]] = 1
    steps = dijkstra(graph.tocsr(), directed=False, indices=goal[0] * columns + goal[1]).reshape(rows, columns)
    steps[walls] = np.inf
    return steps


@settings(max_examples=30)
@given(seed=st.integers(0, 2**31), kind=st.sampled_from(["backtracker", "rooms", "clutter", "caves"]))
def test_way_is_the_best_over_the_own_cell_and_those_beside(seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    walls = generate(kind, (7, 9), rng).walls
    free = np.argwhere(~walls)
    goal = tuple(int(value) for value in free[rng.integers(len(free))])
    steps = steps_by_scipy(walls, (goal[0], goal[1]))
    cells = free[rng.integers(len(free), size=20)]
    places = cells_to_world(cells, 7) + rng.uniform(-0.49, 0.49, (20, 2))
    field = way_field(walls, np.array(cell_centre((goal[0], goal[1]), 7)))
    left = way_left(np.repeat(field[None], 20, axis=0), places)
    for place, (row, column), found in zip(places, cells, left, strict=True):
        best = np.inf
        for cell in ((row, column), (row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            if 0 <= cell[0] < 7 and 0 <= cell[1] < 9:
                gap = np.linalg.norm(place - cells_to_world(np.array(cell), 7))
                best = min(best, steps[cell] + gap)
        assert found == pytest.approx(best) if np.isfinite(best) else found >= NO_WAY
    batched = ways(np.repeat(walls[None], 20, axis=0), places, np.repeat([cell_centre(goal, 7)], 20, axis=0))
    assert np.array_equal(batched, np.where(left >= NO_WAY, 0, left))


def test_at_cell_centres_it_is_the_number_of_steps() -> None:
    walls = generate("backtracker", (9, 9), np.random.default_rng(3)).walls
    free = np.argwhere(~walls)
    goal = (int(free[0, 0]), int(free[0, 1]))
    places = cells_to_world(free, 9)
    left = ways(np.repeat(walls[None], len(free), axis=0), places, np.repeat(places[:1], len(free), axis=0))
    assert np.allclose(left, steps_by_scipy(walls, goal)[free[:, 0], free[:, 1]])


def test_a_goal_in_a_wall_or_outside_has_no_way() -> None:
    walls = np.zeros((2, 3), np.bool_)
    walls[0, 2] = True
    for goal in ((2.5, 1.5), (7.0, 0.5), (-3.0, 0.5)):
        assert (way_field(walls, np.array(goal)) == NO_WAY).all()
        assert ways(walls[None], np.array([[0.5, 0.5]]), np.array([goal])) == 0


def test_looks_remember_the_one_before() -> None:
    walls = np.zeros((2, 3, 4), np.bool_)
    here, goals = np.array([[0.5, 0.5], [1.5, 1.5]]), np.array([[3.5, 0.5], [1.5, 2.5]])
    seen = Ways(2, (3, 4))
    seen.begin(np.array([0, 1]), walls, goals, here)
    before, now = seen.look(walls, here + np.array([1, 0]))
    assert before.tolist() == [3, 1] and now.tolist() == pytest.approx([2, 2])
    seen.begin(np.array([1]), walls, goals, here)
    before, now = seen.look(walls, here)
    assert before.tolist() == pytest.approx([2, 1]) and now.tolist() == [3, 1]


@settings(max_examples=25)
@given(seed=st.integers(0, 2**31))
def test_nobody_stands_in_a_wall_of_the_lattice(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lattice = generate("wilson", (9, 11), rng, thin_walls=True).walls
    places = rng.uniform((0.011, 0.011), (4.989, 3.989), (200, 2))
    drawn = on_lattice(np.repeat(lattice[None], 200, axis=0), places)
    cells = world_to_cells(drawn, 9)
    assert not lattice[cells[:, 0], cells[:, 1]].any()
    middles = np.floor(places) + 0.5
    assert np.allclose(on_lattice(np.repeat(lattice[None], 200, axis=0), middles), 2 * np.floor(places) + 1.5)
