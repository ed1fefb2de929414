"""Mazes on a lattice: perfect unless braided, each algorithm with the marks that it is known by."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mazenav.layout.generate import GENERATORS, generate, generate_walls_batch
from mazenav.layout.graph import components, distances
from mazenav.layout.lattice import contract
from tests.layout.mazes import dead_ends, loops

MAZES = [kind for kind, generator in GENERATORS.items() if "thin_walls" in generator.parameters]
SIDES = st.integers(5, 33)
SEEDS = st.integers(0, 2**32)


def nodes_of(side, corridor, wall):
    return max((side - wall) // (corridor + wall), 1)


@pytest.mark.parametrize("kind", MAZES)
@given(rows=SIDES, columns=SIDES, seed=SEEDS)
@settings(max_examples=20)
def test_a_maze_without_loops_is_a_tree_over_all_nodes(kind, rows, columns, seed):
    walls = generate(kind, (rows, columns), np.random.default_rng(seed)).walls
    free = ~walls
    edges = (free[:-1] & free[1:]).sum() + (free[:, :-1] & free[:, 1:]).sum()
    assert edges == free.sum() - 1
    assert components(walls).max() == 0
    nodes = nodes_of(rows, 1, 1) * nodes_of(columns, 1, 1)
    if rows % 2 and columns % 2:
        assert free[1::2, 1::2].all()
        assert not free[::2, ::2].any()
        assert free.sum() == 2 * nodes - 1
    else:
        assert free.sum() >= 2 * nodes - 1


@pytest.mark.parametrize("kind", MAZES)
@given(
    rows=st.integers(15, 40),
    columns=st.integers(15, 40),
    seed=SEEDS,
    corridor=st.integers(1, 4),
    wall=st.integers(1, 4),
)
@settings(max_examples=15)
def test_corridors_and_walls_are_as_thick_as_asked(kind, rows, columns, seed, corridor, wall):
    walls = generate(kind, (rows, columns), np.random.default_rng(seed), corridor=corridor, wall=wall).walls
    assert walls.shape == (rows, columns)
    assert loops(walls) == 0
    assert components(walls).max() == 0
    assert walls[:wall].all() and walls[:, :wall].all() and walls[-wall:].all() and walls[:, -wall:].all()
    # Along every row and column, runs of free cells are at least a corridor long and inner walls at least a wall.
    for line in [*walls, *walls.T]:
        changes = np.flatnonzero(np.diff(line)) + 1
        runs = np.split(line, changes)
        assert all(len(run) >= (wall if run[0] else corridor) for run in runs)
    lattice = (2 * nodes_of(rows, corridor, wall) + 1, 2 * nodes_of(columns, corridor, wall) + 1)
    lines = [1 + np.flatnonzero(np.diff(side, axis=0).any(axis=1)) for side in (walls, walls.T)]
    assert len(lines[0]) < lattice[0] and len(lines[1]) < lattice[1]


@pytest.mark.parametrize("kind", MAZES)
def test_shapes_that_fit_exactly_contract_to_the_maze_of_the_same_seed(kind):
    plain = generate(kind, (13, 17), np.random.default_rng(5)).walls
    fat = generate(kind, (6 * 3 + 7 * 2, 8 * 3 + 9 * 2), np.random.default_rng(5), corridor=3, wall=2).walls
    assert np.array_equal(contract(fat), plain)


@pytest.mark.parametrize("kind", MAZES)
def test_thin_walls_are_said_to_be_so_and_change_nothing_else(kind):
    thin = generate(kind, (13, 17), np.random.default_rng(5), thin_walls=True)
    thick = generate(kind, (13, 17), np.random.default_rng(5))
    assert thin.thin_walls and not thick.thin_walls
    assert thin == thick


@pytest.mark.parametrize("kind", [kind for kind in MAZES if kind != "spiral"])
def test_braiding_opens_the_promised_share_of_dead_ends(kind):
    rng = np.random.default_rng(5)
    tree, some, none = (generate_walls_batch(kind, (31, 31), 60, rng, loop_ratio=ratio) for ratio in (0.0, 0.5, 1.0))
    ends, left = sum(dead_ends(walls) for walls in tree), sum(dead_ends(walls) for walls in some)
    assert sum(dead_ends(walls) for walls in none) == 0
    # An opening may end two dead ends at once, and then more of them are gone than drawn.
    assert 0.30 * ends < left < 0.55 * ends
    opened = sum(loops(walls) for walls in some)
    assert ends - left >= opened >= (ends - left) / 2


@given(seed=SEEDS, ratio=st.floats(0, 1))
@settings(max_examples=30)
def test_a_larger_loop_ratio_never_gives_fewer_loops_on_average(seed, ratio):
    fewer, more = (
        sum(
            loops(walls)
            for walls in generate_walls_batch("kruskal", (21, 21), 40, np.random.default_rng(seed), loop_ratio=r)
        )
        for r in (ratio / 2, ratio)
    )
    assert fewer <= more + 60


def test_algorithms_make_different_mazes_and_of_different_kinds():
    """Short dead ends abound in Prim and Kruskal, long ways in backtracker and hunt and kill; uniform lies between."""
    batches = {kind: generate_walls_batch(kind, (41, 41), 60, np.random.default_rng(0)) for kind in MAZES}
    ends = {kind: np.mean([dead_ends(walls) for walls in batch]) / 400 for kind, batch in batches.items()}
    known = {"backtracker": 0.10, "hunt_and_kill": 0.10, "division": 0.27, "wilson": 0.294, "aldous_broder": 0.294}
    known |= {"kruskal": 0.305, "prim": 0.355, "binary_tree": 0.25, "sidewinder": 0.27, "eller": 0.28}
    assert all(abs(ends[kind] - share) < 0.025 for kind, share in known.items()), ends
    assert ends["spiral"] == 2 / 400
    longest = {kind: np.mean([distances(walls, (1, 1)).max() for walls in batch]) for kind, batch in batches.items()}
    assert longest["backtracker"] > 2 * longest["wilson"] > 2.5 * longest["prim"]


def test_the_uniform_share_of_dead_ends_is_the_known_one():
    """In a uniform spanning tree of the square lattice 8 / pi^2 (1 - 2 / pi) = 0.2945 of the nodes are leaves."""
    walls = generate_walls_batch("wilson", (201, 201), 20, np.random.default_rng(1))
    inner = [dead_ends(each) / 10_000 for each in walls]
    assert abs(np.mean(inner) - 0.2945) < 0.006


def test_a_binary_tree_has_open_corridors_at_the_top_and_the_left_and_dead_ends_to_one_side():
    for walls in generate_walls_batch("binary_tree", (21, 31), 20, np.random.default_rng(0)):
        assert not walls[1, 1:-1].any()
        assert not walls[1:-1, 1].any()
        # Every other node opens up or left, never both and never neither.
        assert (walls[2:-1:2, 3::2] != walls[3::2, 2:-1:2]).all()


def test_a_sidewinder_has_an_open_corridor_at_the_top_only_and_one_way_up_from_each_run():
    walls = generate_walls_batch("sidewinder", (21, 31), 20, np.random.default_rng(0))
    assert not walls[:, 1, 1:-1].any()
    assert walls[:, 1:-1, 1].any(axis=1).sum() > 10
    for layout in walls:
        for row in range(3, 21, 2):
            ends = np.flatnonzero(layout[row])
            for begin, end in pairwise(ends):
                assert (~layout[row - 1, begin + 1 : end]).sum() == 1


def test_division_cuts_every_hall_by_one_wall_from_side_to_side():
    for walls in generate_walls_batch("division", (33, 33), 20, np.random.default_rng(0)):
        inner = walls[1:-1, 1:-1]
        # The first cut leaves one gap in a whole row or column.
        assert ((~inner).sum(axis=0) == 1).any() or ((~inner).sum(axis=1) == 1).any()


def test_a_growing_tree_lies_between_backtracker_and_random_growth():
    def longest(kind, **knobs):
        walls = generate_walls_batch(kind, (41, 41), 60, np.random.default_rng(0), **knobs)
        return np.mean([distances(each, (1, 1)).max() for each in walls])

    made = [longest("growing_tree", newest=newest) for newest in (0.0, 0.5, 1.0)]
    assert 1.1 * made[0] < made[1] < made[2] / 2
    assert 0.9 < made[2] / longest("backtracker") < 1.1


@given(rows=SIDES, columns=SIDES, seed=SEEDS)
@settings(max_examples=30)
def test_a_spiral_is_one_corridor_that_turns_one_way_only(rows, columns, seed):
    odd = (rows | 1, columns | 1)
    walls = generate("spiral", odd, np.random.default_rng(seed)).walls
    assert dead_ends(walls) == 2
    corners = [(row, column) for row in (1, odd[0] - 2) for column in (1, odd[1] - 2)]
    first = max(corners, key=lambda corner: distances(walls, corner).max())
    steps = distances(walls, first)
    assert steps.max() == (~walls).sum() - 1, "it begins in a corner and has no branches"
    way = np.array([np.argwhere(steps == step)[0] for step in range(steps.max() + 1)])
    moves = np.diff(way, axis=0)
    turns = moves[:-1, 0] * moves[1:, 1] - moves[:-1, 1] * moves[1:, 0]
    assert (turns >= 0).all() or (turns <= 0).all()
