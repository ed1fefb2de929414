"""Drawn layouts and hypothesis strategies that the tests of formats share."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from mazenav.types import Layout

SIDES = st.integers(1, 5)


def drawn(picture, **fields):
    """A layout as it is drawn: `#` is wall."""
    return Layout(np.array([[letter == "#" for letter in line] for line in picture.strip("\n").split("\n")]), **fields)


@st.composite
def free_shapes(draw, closed=False):
    """Layouts of any walls, with at least one free cell."""
    rows, columns = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    cells = draw(st.lists(st.booleans(), min_size=rows * columns, max_size=rows * columns).filter(lambda x: not all(x)))
    walls = np.array(cells).reshape(rows, columns)
    return Layout(
        np.pad(walls, 1, constant_values=True) if closed else walls, draw(st.sampled_from(["a", "two words"]))
    )


@st.composite
def lattices(draw, closed=True, sides=SIDES):
    """Mazes of thin walls, any walls between the cells."""
    rows, columns = draw(sides), draw(sides)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    walls = np.ones((2 * rows + 1, 2 * columns + 1), np.bool_)
    walls[1::2, 1::2] = False
    walls[::2, 1::2] = rng.random((rows + 1, columns)) < 0.5
    walls[1::2, ::2] = rng.random((rows, columns + 1)) < 0.5
    if closed:
        walls[[0, -1]] = walls[:, [0, -1]] = True
    return Layout(walls, "maze", thin_walls=True)
