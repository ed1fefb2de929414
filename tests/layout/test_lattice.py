"""Lattices expanded and contracted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mazenav.layout.generate import generate
from mazenav.layout.lattice import contract, expand, structure
from mazenav.types import LayoutError


def drawn(*lines):
    return np.array([[letter == "#" for letter in line] for line in lines])


SMALL = drawn("#####", "#   #", "### #", "#   #", "#####")


def test_every_line_is_repeated():
    assert np.array_equal(
        expand(SMALL, 2, 1), drawn("#######", "#     #", "#     #", "####  #", "#     #", "#     #", "#######")
    )
    assert np.array_equal(
        expand(SMALL, 1, 2),
        drawn("########", "########", "##    ##", "##### ##", "##### ##", "##    ##", "########", "########"),
    )


@given(
    rows=st.integers(3, 9),
    columns=st.integers(3, 9),
    seed=st.integers(0, 2**32),
    corridor=st.integers(1, 6),
    wall=st.integers(1, 6),
    kind=st.sampled_from(["prim", "division", "lab"]),
)
@settings(max_examples=100)
def test_contracting_undoes_expanding(rows, columns, seed, corridor, wall, kind):
    lattice = generate(kind, (2 * rows + 1, 2 * columns + 1), np.random.default_rng(seed)).walls
    fat = expand(lattice, corridor, wall)
    assert fat.shape == (rows * corridor + (rows + 1) * wall, columns * corridor + (columns + 1) * wall)
    assert fat.mean() > 0
    found = structure(fat)
    # A lattice may itself be the expansion of a coarser one, as a hall is.
    assert found is not None and found[0] >= corridor and found[1] >= wall
    assert np.array_equal(expand(contract(fat), *found), fat)
    if found == (corridor, wall):
        assert np.array_equal(contract(fat), lattice)


def test_mazes_keep_their_own_lattice():
    lattice = generate("prim", (21, 15), np.random.default_rng(0)).walls
    for corridor, wall in ((1, 1), (10, 1), (1, 4), (3, 3), (7, 2)):
        assert structure(expand(lattice, corridor, wall)) == (corridor, wall)


@pytest.mark.parametrize(
    "walls",
    [
        drawn("####", "#  #", "# ##", "####"),  # an even lattice of one cell and a half
        drawn("#####", "#   #", "# # #", "## ##", "#####"),  # a wall between cells without a post
        drawn("#####", "# # #", "#   #", "#   #", "#####"),  # a wall that ends in no post
        generate("clutter", (13, 13), np.random.default_rng(0)).walls,
        generate("caves", (31, 31), np.random.default_rng(0)).walls,
        generate("backtracker", (14, 13), np.random.default_rng(0)).walls,
    ],
)
def test_what_is_no_lattice_is_told(walls):
    assert structure(walls) is None
    assert contract(walls) is None


@pytest.mark.parametrize(
    ("walls", "corridor", "wall", "words"),
    [
        (SMALL[:4], 1, 1, "two odd sides .* found 4 x 5"),
        (SMALL[0], 1, 1, "two odd sides"),
        (SMALL, 0, 1, "corridor must be a whole number from 1, found 0"),
        (SMALL, 1, 1.5, "wall must be a whole number from 1, found 1.5"),
        (SMALL, 100_000, 1, "too large"),
    ],
)
def test_what_cannot_be_expanded_is_refused(walls, corridor, wall, words):
    with pytest.raises(LayoutError, match=words):
        expand(walls, corridor, wall)
