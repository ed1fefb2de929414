"""Few boxes that cover exactly the walls."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mazenav.env.bullet.walls import merge_boxes, wall_boxes
from mazenav.layout.generate import generate


def painted(boxes: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    picture = np.zeros(shape, np.uint8)
    for left, low, right, high in boxes:
        assert 0 <= left < right <= shape[0] and 0 <= low < high <= shape[1]
        picture[left:right, low:high] = 1
    return picture


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(0, 1)))
def test_boxes_cover_the_solid_cells_and_nothing_else(solid: np.ndarray) -> None:
    assert np.array_equal(painted(merge_boxes(solid), solid.shape), solid)


@pytest.mark.parametrize("kind", ["backtracker", "rooms", "clutter", "wide", "open"])
def test_few_boxes(kind: str) -> None:
    walls = generate(kind, (13, 13), np.random.default_rng(0)).walls
    boxes = wall_boxes(walls)
    assert len(boxes) < walls.sum() / 2
    inside = painted(boxes + 1, (15, 15))[1:-1, 1:-1]
    assert np.array_equal(inside.T[::-1].astype(bool), walls)


def test_a_ring_ends_the_world() -> None:
    boxes = wall_boxes(np.zeros((2, 3), np.bool_))
    assert painted(boxes + 1, (5, 4)).tolist() == [[1, 1, 1, 1], *[[1, 0, 0, 1]] * 3, [1, 1, 1, 1]]
    assert len(boxes) == 4
