"""Outlines and strokes: painted again, they are the walls that they came from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mazenav.layout.generate import generate
from mazenav.rng import stream
from mazenav.topdown.outline import wall_outlines, wall_strokes


def area(outline: np.ndarray) -> float:
    """Signed area by the shoelace rule; positive clockwise, as rows grow downwards."""
    row, column = outline.T.astype(float)
    return 0.5 * float(np.sum(column * np.roll(row, -1) - np.roll(column, -1) * row))


def inside(outline: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Bool `[R, C]`: the cells whose centres an outline goes around, by counting crossings to their left."""
    crossed = np.zeros(shape, np.int64)
    for (row, column), (next_row, next_column) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        assert (row == next_row) != (column == next_column), "edges are level or upright"
        if column == next_column:
            crossed[min(row, next_row) : max(row, next_row), column:] += 1
    return crossed % 2 == 1


@given(st.integers(1, 12), st.integers(1, 12), st.floats(0, 1), st.integers(0, 10**6))
def test_outlines_enclose_the_walls_and_nothing_else(rows: int, columns: int, share: float, seed: int) -> None:
    walls = stream(seed, "outline").random((rows, columns)) < share
    outlines = wall_outlines(walls)
    painted = np.zeros(walls.shape, bool)
    for outline in outlines:
        painted ^= inside(outline, walls.shape)
        steps = np.sign(np.roll(outline, -1, axis=0) - outline)
        assert np.all(np.abs(steps).sum(axis=1) == 1)
        assert np.all(np.any(steps != np.roll(steps, 1, axis=0), axis=1)), "no corner lies on a straight line"
    np.testing.assert_array_equal(painted, walls)
    assert sum(area(outline) for outline in outlines) == walls.sum()


def test_walls_that_touch_at_a_corner_are_outlined_apart() -> None:
    assert len(wall_outlines(np.eye(2, dtype=bool))) == 2
    assert len(wall_outlines(np.eye(2, dtype=bool)[::-1])) == 2


def test_a_ring_has_an_outline_and_a_hole() -> None:
    ring = np.ones((3, 3), bool)
    ring[1, 1] = False
    assert sorted(area(outline) for outline in wall_outlines(ring)) == [-1.0, 9.0]


@pytest.mark.parametrize("seed", range(5))
def test_strokes_are_the_walls_of_a_lattice(seed: int) -> None:
    lattice = generate("backtracker", (11, 15), stream(seed), loop_ratio=0.5).walls.copy()
    lattice[4, 4] = True
    lattice[4, 3] = lattice[4, 5] = lattice[3, 4] = lattice[5, 4] = False
    painted = np.zeros_like(lattice)
    for (row, column), (end_row, end_column) in wall_strokes(lattice).tolist():
        assert row == end_row or column == end_column
        painted[2 * row : 2 * end_row + 1, 2 * column : 2 * end_column + 1] = True
    np.testing.assert_array_equal(painted, lattice)


def test_strokes_are_as_long_as_can_be() -> None:
    lattice = np.zeros((3, 9), bool)
    lattice[0] = True
    lattice[2, 0:5] = True
    assert wall_strokes(lattice).tolist() == [[[0, 0], [0, 4]], [[1, 0], [1, 2]]]
    assert wall_strokes(np.zeros((3, 3), bool)).shape == (0, 2, 2)
