from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mazenav.layout.generate import GENERATORS, generate, generate_batch, generate_walls_batch, make_again
from mazenav.layout.graph import components, sample_task
from mazenav.types import LayoutError
from tests.layout.mazes import dead_ends, loops

SIDES = st.integers(5, 40)
SEEDS = st.integers(0, 2**32)
MAZES = [
    kind for kind, generator in GENERATORS.items() if "thin_walls" in generator.parameters and kind != "backtracker"
]
CASES = [
    ("backtracker", {}),
    ("backtracker", {"loop_ratio": 0.4}),
    ("backtracker", {"loop_ratio": 1.0}),
    ("rooms", {}),
    ("rooms", {"smallest": 3, "largest": 12, "extra": 0.0}),
    ("clutter", {}),
    ("clutter", {"density": 0.7}),
    ("clutter", {"density": 0.5, "largest": 4}),
    ("wide", {}),
    ("wide", {"corridor": 4, "loop_ratio": 0.5}),
    ("lab", {}),
    ("lab", {"rooms": 0, "largest": 9, "extra": 0.2, "simplify": False, "loop_ratio": 0.5}),
    ("lab", {"rooms": 9, "max_variations": 3, "wall": 2}),
    ("caves", {}),
    ("caves", {"density": 0.7, "steps": 1, "least_area": 1}),
    ("open", {}),
    *[(kind, {}) for kind in MAZES],
    *[(kind, {"loop_ratio": 0.6, "corridor": 2, "wall": 2}) for kind in MAZES],
]

OLD = {
    "backtracker": ("backtracker", {}),
    "loops": ("backtracker", {"loop_ratio": 0.4}),
    "rooms": ("rooms", {}),
    "clutter": ("clutter", {"density": 0.5, "largest": 3}),
    "wide": ("wide", {"corridor": 3, "loop_ratio": 0.5}),
    "open": ("open", {}),
}
GOLDEN = {
    "backtracker": "20614ddf4e39adce",
    "loops": "ba882d78781be87f",
    "rooms": "13b4b1fc6996dd19",
    "clutter": "f7920957b8e91f33",
    "wide": "4227b957a04bcc8e",
    "open": "7a13c7b0892a0cb1",
}


@pytest.mark.parametrize(("kind", "parameters"), CASES)
@given(rows=SIDES, columns=SIDES, seed=SEEDS)
@settings(max_examples=15)
def test_every_layout_is_closed_and_of_one_piece(kind, parameters, rows, columns, seed):
    if "wall" in parameters:  # two walls of two leave too little of the least shapes
        rows, columns = rows + 3, columns + 3
    for walls in generate_walls_batch(kind, (rows, columns), 3, np.random.default_rng(seed), **parameters):
        assert walls.shape == (rows, columns)
        assert walls[[0, -1]].all()
        assert walls[:, [0, -1]].all()
        assert components(walls).max() == 0
        assert (~walls).sum() >= 2


@pytest.mark.parametrize("kind", GENERATORS)
@pytest.mark.parametrize("shape", [(5, 5), (5, 201), (200, 6), (201, 201)])
def test_the_least_and_the_largest_shapes(kind, shape):
    layout = generate(kind, shape, np.random.default_rng(0))
    assert layout.shape == shape
    assert components(layout.walls).max() == 0
    assert sample_task(layout, np.random.default_rng(0))[2] > 0


@given(rows=SIDES, columns=SIDES, seed=SEEDS)
def test_a_backtracker_without_loops_is_a_tree_that_fills_its_lattice(rows, columns, seed):
    walls = generate("backtracker", (rows, columns), np.random.default_rng(seed)).walls
    free = ~walls
    edges = (free[:-1] & free[1:]).sum() + (free[:, :-1] & free[:, 1:]).sum()
    assert edges == free.sum() - 1
    # On the odd lattice: all nodes free, one opening fewer than nodes; a doubled wall line lengthens openings only.
    nodes = ((rows - 1) // 2) * ((columns - 1) // 2)
    if rows % 2 and columns % 2:
        assert free[1::2, 1::2].all()
        assert free.sum() == 2 * nodes - 1
    else:
        assert free.sum() >= 2 * nodes - 1


@given(rows=SIDES, columns=SIDES, seed=SEEDS)
def test_no_dead_band_at_the_border_of_even_shapes(rows, columns, seed):
    free = ~generate("backtracker", (rows, columns), np.random.default_rng(seed)).walls
    assert all(line.any() for line in (free[1], free[-2], free[:, 1], free[:, -2]))


@given(rows=SIDES, columns=SIDES, seed=SEEDS)
def test_braiding_opens_the_promised_share_of_dead_ends(rows, columns, seed):
    rng = np.random.default_rng(seed)
    assert dead_ends(generate("backtracker", (rows, columns), rng, loop_ratio=1.0).walls) == 0


def test_the_loop_ratio_is_a_chance_for_each_dead_end():
    tree, some = (
        generate_walls_batch("backtracker", (41, 41), 200, np.random.default_rng(5), loop_ratio=ratio)
        for ratio in (0.0, 0.5)
    )
    ends = sum(dead_ends(walls) for walls in tree)
    opened = sum(loops(walls) for walls in some)
    assert sum(loops(walls) for walls in tree) == 0
    # An opening may end two dead ends at once, and then the second is not opened again.
    assert 0.40 * ends < opened < 0.50 * ends


@given(rows=SIDES, columns=SIDES, seed=SEEDS, corridor=st.integers(2, 6))
def test_wide_corridors_are_as_wide_as_promised(rows, columns, seed, corridor):
    walls = generate("wide", (rows, columns), np.random.default_rng(seed), corridor=corridor).walls
    free = ~walls
    high, broad = min(corridor, rows - 2), min(corridor, columns - 2)
    fits = np.lib.stride_tricks.sliding_window_view(free, (high, broad)).all(axis=(2, 3))
    covered = np.zeros_like(free)
    for row, column in np.argwhere(fits):
        covered[row : row + high, column : column + broad] = True
    # All but the openings between two nodes, which are one cell deep, lie in some corridor square.
    deep = np.lib.stride_tricks.sliding_window_view(np.pad(free & ~covered, 1), (2, 2)).all(axis=(2, 3))
    assert covered.sum() > 0
    assert not deep.any()
    assert loops(walls) == 0


@given(rows=SIDES, columns=SIDES, seed=SEEDS, density=st.floats(0, 0.7))
def test_clutter_covers_no_more_than_its_density(rows, columns, seed, density):
    inner = generate("clutter", (rows, columns), np.random.default_rng(seed), density=density).walls[1:-1, 1:-1]
    assert inner.sum() <= round(density * inner.size + 1)


def test_clutter_of_low_density_covers_its_density():
    walls = generate_walls_batch("clutter", (41, 41), 20, np.random.default_rng(0), density=0.2)[:, 1:-1, 1:-1]
    assert abs(walls.mean() - 0.2) < 0.01


def test_rooms_leave_rooms_and_doors():
    walls = generate_walls_batch("rooms", (41, 41), 20, np.random.default_rng(0))
    for layout in walls:
        free = ~layout
        squares = np.lib.stride_tricks.sliding_window_view(free, (2, 2)).all(axis=(2, 3)).sum()
        assert squares > 100
        assert 0.3 < free.mean() < 0.8


def test_an_open_hall_has_no_inner_wall():
    walls = generate("open", (7, 12), np.random.default_rng(0)).walls
    assert not walls[1:-1, 1:-1].any()


@pytest.mark.parametrize(("kind", "parameters"), CASES)
@pytest.mark.parametrize("shape", [(13, 13), (10, 17)])
def test_a_layout_does_not_depend_on_its_batch(kind, parameters, shape):
    together = generate_walls_batch(kind, shape, 12, np.random.default_rng(9), **parameters)
    named = generate_batch(kind, shape, 12, np.random.default_rng(9), **parameters)
    rng = np.random.default_rng(9)
    alone = [generate(kind, shape, rng, **parameters) for _ in range(12)]
    direct = GENERATORS[kind](shape, np.random.default_rng(9), **parameters)
    for walls, one, other in zip(together, alone, named, strict=True):
        assert np.array_equal(walls, one.walls)
        assert np.array_equal(walls, other.walls)
    assert direct == alone[0]
    assert direct.name == alone[0].name


@pytest.mark.parametrize(("kind", "parameters"), CASES)
def test_a_source_makes_its_layout_again(kind, parameters):
    layout = generate(kind, (12, 15), np.random.default_rng(3), **parameters)
    again = make_again({**layout.source, "recipe": "unknown to generators"})
    assert again == layout
    assert again.name == layout.name
    assert again.source == layout.source
    assert layout.source["generator"] == kind


@pytest.mark.parametrize(("kind", "parameters"), CASES)
def test_layouts_differ_from_each_other(kind, parameters):
    walls = generate_walls_batch(kind, (25, 25), 50, np.random.default_rng(0), **parameters)
    # Halls are all the same, and spirals begin in four corners and go either way round.
    different = {"open": 1, "spiral": 40 if parameters else 8}.get(kind, 50)
    assert min(len({layout.tobytes() for layout in walls}), different) == different
    assert len({layout.tobytes() for layout in walls}) <= (50 if parameters else different)


@pytest.mark.parametrize(("kind", "parameters"), CASES)
def test_threads_do_not_change_what_is_made(kind, parameters):
    batches = [
        generate_walls_batch(kind, (22, 33), 700, np.random.default_rng(4), threads, **parameters)
        for threads in (1, 2, 5, None)
    ]
    assert all(np.array_equal(batches[0], batch) for batch in batches[1:])


def test_the_first_and_the_last_of_a_batch_over_threads_are_those_of_their_seeds():
    layouts = generate_batch("prim", (33, 33), 500, np.random.default_rng(4), threads=4)
    for layout in (layouts[0], layouts[250], layouts[-1]):
        assert make_again(layout.source) == layout


def test_old_kinds_make_what_they_have_always_made():
    """Digests of the first release: shipped sets and everybody's seeds depend on them."""
    digests = {
        name: hashlib.sha256(
            b"".join(
                generate_walls_batch(kind, shape, 20, np.random.default_rng(7), **parameters).tobytes()
                for shape in ((5, 6), (13, 13), (14, 21), (60, 33))
            )
        ).hexdigest()[:16]
        for name, (kind, parameters) in OLD.items()
    }
    assert digests == GOLDEN


@pytest.mark.parametrize("kind", ["backtracker", "rooms", "clutter", "lab", "caves"])
def test_large_layouts_are_of_one_piece(kind):
    walls = generate(kind, (1201, 1102), np.random.default_rng(0)).walls
    assert components(walls).max() == 0
    assert (~walls).sum() > 1000


def test_all_openings_of_a_node_are_chosen_equally_often():
    walls = generate_walls_batch("backtracker", (5, 5), 8000, np.random.default_rng(0))
    # Of the 4 openings of a 2 x 2 lattice exactly one stays closed, each equally often.
    closed = [int(walls[:, row, column].sum()) for row, column in ((1, 2), (2, 1), (2, 3), (3, 2))]
    assert sum(closed) == 8000
    assert max(abs(count - 2000) for count in closed) < 160


@pytest.mark.parametrize(
    ("kind", "shape", "parameters", "words"),
    [
        ("maze", (13, 13), {}, "no generator is called 'maze'; there are backtracker, rooms"),
        ("open", (4, 13), {}, "5 to 10001"),
        ("open", (13, 10_002), {}, "5 to 10001"),
        ("open", (13,), {}, "5 to 10001"),
        ("open", (13.5, 13), {}, "5 to 10001"),
        ("open", (13, 13), {"density": 0.1}, "open has no parameter 'density'; it has none"),
        ("backtracker", (13, 13), {"loops": 0.1}, "backtracker has no parameter 'loops'; it has loop_ratio"),
        ("backtracker", (13, 13), {"loop_ratio": 1.1}, "loop_ratio must lie between 0 and 1, found 1.1"),
        ("backtracker", (13, 13), {"loop_ratio": float("nan")}, "loop_ratio must lie between"),
        ("clutter", (13, 13), {"density": 0.9}, "density must lie between 0 and 0.7"),
        ("clutter", (13, 13), {"largest": 0}, "largest must be a whole number from 1 to 9"),
        ("wide", (13, 13), {"corridor": 1}, "corridor must be a whole number from 2 to 20"),
        ("wide", (13, 13), {"corridor": 2.5}, "corridor must be a whole number"),
        ("rooms", (13, 13), {"smallest": 7, "largest": 4}, "smallest room"),
        ("rooms", (13, 13), {"extra": -1}, "extra must lie between"),
        ("prim", (13, 13), {"corridor": 0}, "corridor must be a whole number from 1 to 20"),
        ("prim", (13, 13), {"wall": 21}, "wall must be a whole number from 1 to 20"),
        ("prim", (13, 13), {"wall": 6}, "walls of thickness 6 leave one free cell in 13 x 13 cells"),
        ("prim", (13, 20), {"wall": 7}, "walls of thickness 7 leave no corridor in a side of 13 cells"),
        (
            "prim",
            (13, 14),
            {"thin_walls": True},
            "thin walls need odd sides, corridor 1 and wall 1, found 13 x 14, 1 and 1",
        ),
        ("prim", (13, 13), {"thin_walls": True, "corridor": 3}, "thin walls need"),
        ("prim", (13, 13), {"thin_walls": 2}, "thin_walls must be true or false, found 2"),
        ("growing_tree", (13, 13), {"newest": 2}, "newest must lie between 0 and 1"),
        ("caves", (13, 13), {"density": 0.8}, "density must lie between 0 and 0.7"),
        ("caves", (13, 13), {"steps": -1}, "steps must be a whole number from 0 to 20"),
        ("lab", (13, 13), {"smallest": 7, "largest": 5}, "smallest room"),
        ("lab", (13, 13), {"smallest": 1}, "smallest must be a whole number from 3 to 99"),
        ("lab", (13, 13), {"max_variations": 27}, "max_variations must be a whole number from 0 to 26"),
        ("lab", (13, 13), {"simplify": 0.5}, "simplify must be true or false"),
    ],
)
def test_what_cannot_be_generated_is_refused(kind, shape, parameters, words):
    with pytest.raises(LayoutError, match=words):
        generate(kind, shape, np.random.default_rng(0), **parameters)


def test_sources_of_other_origin_are_refused():
    with pytest.raises(LayoutError, match="does not come from a generator"):
        make_again({"file": "a.txt"})
    with pytest.raises(LayoutError, match="whole number"):
        make_again({"generator": "open", "rows": "7", "columns": 7, "seed": 1})
    with pytest.raises(LayoutError, match="a number is expected"):
        make_again({"generator": "wide", "rows": 7, "columns": 7, "seed": 1, "corridor": "two"})


def test_batches_beyond_all_memory_and_threads_below_one_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(LayoutError, match="1,000 layouts of 10001 x 10001 cells are more than one call can hold"):
        generate_walls_batch("open", (10_001, 10_001), 1000, rng)
    with pytest.raises(LayoutError, match="threads must be at least 1, found 0"):
        generate_walls_batch("open", (13, 13), 2, rng, threads=0)
