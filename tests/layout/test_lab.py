"""Rooms and corridors in the manner of DeepMind Lab."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mazenav.layout.formats.reading import read_layout
from mazenav.layout.formats.writing import write_layouts
from mazenav.layout.generate import generate, generate_walls_batch, make_again
from mazenav.layout.generators.lab_simplify import remove_dead_ends, straighten
from mazenav.layout.graph import components
from tests.layout.mazes import dead_ends, loops

SEEDS = st.integers(0, 2**32)


def drawn(text):
    """A lattice from lines of `#`, space and `D` for doors."""
    return np.array([[{"#": 1, " ": 0, "D": 2}[letter] for letter in line] for line in text.split("\n")], np.uint8)


def rooms_of(layout):
    """The rectangles of letters: (letter, top, left, height, width)."""
    layer = np.array([list(row) for row in layout.source["variations"]])
    pieces = components(layer == ".")
    found = []
    for piece in range(pieces.max() + 1):
        cells = np.argwhere(pieces == piece)
        (top, left), (bottom, right) = cells.min(axis=0), cells.max(axis=0)
        assert len(cells) == (bottom - top + 1) * (right - left + 1), "a room is a rectangle"
        found.append((layer[top, left], top, left, bottom - top + 1, right - left + 1))
    return found


@given(
    rows=st.integers(11, 41), columns=st.integers(11, 41), seed=SEEDS, rooms=st.integers(1, 12), extra=st.floats(0, 0.5)
)
@settings(max_examples=60)
def test_rooms_are_as_many_and_as_large_as_asked(rows, columns, seed, rooms, extra):
    knobs = {"rooms": rooms, "smallest": 3, "largest": 7, "extra": extra, "max_variations": 26}
    shape = (rows | 1, columns | 1)
    layout = generate("lab", shape, np.random.default_rng(seed), **knobs)
    found = rooms_of(layout)
    assert 1 <= len(found) <= rooms
    assert sorted(letter for letter, *_ in found) == [chr(ord("A") + number) for number in range(len(found))]
    for _, top, left, height, width in found:
        assert top % 2 == left % 2 == height % 2 == width % 2 == 1
        assert 3 <= height <= 7 and 3 <= width <= 7 and min(height, width) <= 5
        assert not layout.walls[top : top + height, left : left + width].any()
    assert components(layout.walls).max() == 0
    assert dead_ends(layout.walls) == 0


def test_without_limit_there_is_hardly_room_for_another():
    walls = generate_walls_batch("lab", (41, 41), 20, np.random.default_rng(0), rooms=0)
    few = generate_walls_batch("lab", (41, 41), 20, np.random.default_rng(0), rooms=4)
    assert (~walls).mean() > 0.45 > 0.25 > (~few).mean()


def test_unsimplified_the_lattice_is_full():
    for walls in generate_walls_batch("lab", (21, 31), 20, np.random.default_rng(0), simplify=False):
        assert not walls[1::2, 1::2].any()
        assert dead_ends(walls) > 0


def test_without_rooms_it_is_a_maze():
    for walls in generate_walls_batch("lab", (21, 31), 20, np.random.default_rng(0), retries=0):
        assert loops(walls) == 0
        assert not walls[1::2, 1::2].any()


def test_extra_connections_make_loops():
    made = [
        np.mean(
            [loops(walls) for walls in generate_walls_batch("lab", (41, 41), 30, np.random.default_rng(0), extra=e)]
        )
        for e in (0.0, 0.3, 1.0)
    ]
    assert made[0] < made[1] < made[2]


def test_letters_take_turns_and_follow_wider_corridors():
    knobs = {"rooms": 9, "max_variations": 3, "corridor": 2, "wall": 2, "simplify": False, "loop_ratio": 0.5}
    layout = generate("lab", (62, 75), np.random.default_rng(1), **knobs)
    layer = np.array([list(row) for row in layout.source["variations"]])
    assert layer.shape == layout.shape
    assert set(layer.ravel()) == {".", "A", "B", "C"}
    assert not layout.walls[layer != "."].any()
    assert make_again(layout.source).source == layout.source


def test_variations_survive_in_the_text_of_the_engine(tmp_path):
    layout = generate("lab", (13, 13), np.random.default_rng(0), max_variations=26)
    write_layouts([layout], tmp_path / "level.txt", "lab")
    read = read_layout(tmp_path / "level.txt")
    assert read == layout
    assert list(read.source["variations"]) == layout.source["variations"]


def test_without_variations_the_source_is_short():
    assert "variations" not in generate("lab", (13, 13), np.random.default_rng(0)).source


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "#########\n#   #   #\n# # ### #\n# #     #\n#########",
            "#########\n#########\n#########\n#########\n#########",
        ),
        (  # a door that leads nowhere is closed too
            "#########\n#   D   #\n#   #####\n#   #####\n#########",
            "#########\n#   #####\n#   #####\n#   #####\n#########",
        ),
        (  # a corridor between two doors stays
            "###########\n#   D D   #\n#   ###   #\n#   ###   #\n###########",
            "###########\n#   D D   #\n#   ###   #\n#   ###   #\n###########",
        ),
    ],
)
def test_dead_ends_are_closed(before, after):
    lattice = drawn(before)
    remove_dead_ends(lattice)
    assert np.array_equal(lattice, drawn(after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (  # the bridge comes down as far as its legs go
            "###########\n###     ###\n### ### ###\n### ### ###\n### ### ###\n#   ###   #\n#D#######D#\n# ####### #\n"
            "###########",
            "###########\n###########\n###########\n###########\n###########\n#         #\n#D#######D#\n# ####### #\n"
            "###########",
        ),
        (  # a corridor without legs
            "#######\n#     #\n#######\n#######\n#######",
            "#######\n#     #\n#######\n#######\n#######",
        ),
        (  # around something it stays
            "#########\n#       #\n# ##### #\n# #   # #\n# ### # #\n#########",
            "#########\n#       #\n# ##### #\n# #   # #\n# ### # #\n#########",
        ),
        (  # a leg through a door stays
            "#######\n#     #\n#D###D#\n# ### #\n#######",
            "#######\n#     #\n#D###D#\n# ### #\n#######",
        ),
        (  # the corner of a room is no bend
            "#######\n#   ###\n#   ###\n#   ###\n#######",
            "#######\n#   ###\n#   ###\n#   ###\n#######",
        ),
    ],
)
def test_bends_around_nothing_are_pulled_straight(before, after):
    lattice = drawn(before)
    straighten(lattice)
    assert np.array_equal(lattice, drawn(after))


@given(seed=SEEDS, rooms=st.integers(2, 8))
@settings(max_examples=60)
def test_no_horseshoe_is_left(seed, rooms):
    """Held against the picture of a bend in every turn of the layout, drawn cell by cell."""
    walls = generate("lab", (31, 31), np.random.default_rng(seed), rooms=rooms).walls
    for turned in (walls, walls.T, walls[::-1], walls.T[::-1]):
        for length in range(1, 20, 2):
            bend = np.ones((4, length + 4), bool)
            bend[1, 1:-1] = False
            bend[2, [1, -2]] = False
            bend[3, [1, -2]] = False
            windows = np.lib.stride_tricks.sliding_window_view(turned, bend.shape)
            assert not (windows == bend).all(axis=(2, 3)).any()
