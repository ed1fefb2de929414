"""Task contexts are checked, and the control maps are what they claim to be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mazenav.rng import stream
from mazenav.topdown.context import blank_map, interior, make_context, shuffled_map
from mazenav.topdown.occupancy import occupancy
from mazenav.types import Layout, LayoutError, MazenavError


def test_the_true_map_is_the_default(layout: Layout) -> None:
    context = make_context(layout, (1, 1), (4, 7))
    assert context.map.dtype == np.float32
    np.testing.assert_array_equal(context.map, layout.walls)
    assert (context.start, context.goal) == ((1, 1), (4, 7))


def test_a_context_keeps_its_own_map(layout: Layout) -> None:
    given_map = blank_map(layout)
    context = make_context(layout, (1, 1), (4, 7), given_map)
    given_map[:] = 0.5
    np.testing.assert_array_equal(context.map, blank_map(layout))
    with pytest.raises(ValueError, match="read-only"):
        context.map[0, 0] = 0


@pytest.mark.parametrize(
    ("start", "goal"), [((0, 0), (1, 1)), ((1, 1), (2, 2)), ((1, 1), (1, 1)), ((1, 1), (9, 9)), ((-1, 1), (1, 1))]
)
def test_tasks_that_cannot_be_driven_are_refused(layout: Layout, start: tuple[int, int], goal: tuple[int, int]) -> None:
    with pytest.raises(LayoutError):
        make_context(layout, start, goal)


def test_a_wrong_map_does_not_excuse_a_wall_at_the_start(layout: Layout) -> None:
    with pytest.raises(LayoutError):
        make_context(layout, (0, 0), (1, 1), np.zeros(layout.shape, np.float32))


@pytest.mark.parametrize("bad", [np.zeros((3, 3)), np.full((6, 9), 2.0), np.full((6, 9), np.nan), np.zeros((6, 9, 1))])
def test_maps_that_are_no_map_of_the_layout_are_refused(layout: Layout, bad: np.ndarray) -> None:
    with pytest.raises(MazenavError, match="map must"):
        make_context(layout, (1, 1), (4, 7), bad)


def test_the_blank_map_is_a_border_and_nothing_else(layout: Layout) -> None:
    blank = blank_map(layout)
    rows, columns = layout.shape
    assert blank.sum() == 2 * (rows + columns) - 4
    assert blank[1:-1, 1:-1].sum() == 0


@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 10**6))
def test_shuffling_keeps_the_border_and_the_number_of_walls(rows: int, columns: int, seed: int) -> None:
    layout = Layout(stream(seed, "walls").random((rows, columns)) < 0.4)
    shuffled = shuffled_map(layout, stream(seed, "shuffle"))
    inside = interior(layout.shape)
    assert shuffled[inside].sum() == layout.walls[inside].sum()
    np.testing.assert_array_equal(shuffled[~inside], occupancy(layout)[~inside])
    np.testing.assert_array_equal(shuffled, shuffled_map(layout, stream(seed, "shuffle")))


def test_shuffling_moves_walls_differently_by_seed(layout: Layout) -> None:
    maps = {shuffled_map(layout, stream(seed)).tobytes() for seed in range(10)}
    assert len(maps) > 5
    assert occupancy(layout).tobytes() not in maps
