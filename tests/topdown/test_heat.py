"""Heat maps: light where the field is low, walls masked, unknown grey, no leak past corners, outliers cut."""

from __future__ import annotations

import numpy as np
import pytest

from mazenav.layout.graph import distances
from mazenav.topdown.heat import contour_step, draw_field, field_range
from mazenav.topdown.palette import COST_RAMP, UNKNOWN
from mazenav.topdown.render import Marks, draw_map
from mazenav.types import Layout, MazenavError

PIXELS = 24


def middle(picture: np.ndarray, cell: tuple[int, int]) -> np.ndarray:
    # A quarter of a cell off the centre, where no contour of a symmetric field runs.
    row, column = cell[0] * PIXELS + PIXELS // 2, cell[1] * PIXELS + PIXELS // 2
    return picture[row - 4 : row + 4, column - 4 : column + 4].reshape(-1, 3).astype(float).mean(axis=0)


def test_far_cells_are_darker_than_near_ones(layout: Layout) -> None:
    steps = distances(layout.walls, (1, 1))
    picture = draw_field(layout, np.where(steps < 0, np.inf, steps), cell_pixels=PIXELS)
    free = sorted(map(tuple, layout.free_cells().tolist()), key=lambda cell: int(steps[cell]))
    light = [middle(picture, cell).mean() for cell in free]
    assert light[0] > 190 and light[-1] < 90
    assert np.corrcoef(light, [steps[cell] for cell in free])[0, 1] < -0.95


def test_walls_look_as_on_the_map(layout: Layout) -> None:
    plain = draw_map(layout, cell_pixels=PIXELS)
    picture = draw_field(layout, np.ones(layout.shape), cell_pixels=PIXELS)
    for cell in map(tuple, np.argwhere(layout.walls).tolist()):
        np.testing.assert_allclose(middle(picture, cell), middle(plain, cell), atol=1)
    assert picture.shape[0] > plain.shape[0] and picture.shape[1] == plain.shape[1]


def test_free_cells_without_a_number_are_grey(layout: Layout) -> None:
    field = np.ones(layout.shape)
    field[1, 4], field[1, 7] = np.nan, np.inf
    picture = draw_field(layout, field, cell_pixels=PIXELS)
    for cell in ((1, 4), (1, 7)):
        assert np.abs(middle(picture, cell) - UNKNOWN).max() < 25
    assert np.abs(middle(picture, (1, 2)) - UNKNOWN).max() > 25


def test_nothing_leaks_past_walls_that_touch_at_a_corner() -> None:
    walls = np.ones((6, 6), bool)
    walls[1:3, 1:3] = walls[3:5, 3:5] = False
    layout = Layout(walls)
    picture = {}
    for far in (1.0, 80.0):
        field = np.zeros((6, 6))
        field[3:5, 3:5] = far
        picture[far] = draw_field(layout, field, top=100.0, cell_pixels=PIXELS)[: 6 * PIXELS].astype(int)
    near = np.s_[PIXELS : 3 * PIXELS - 2, PIXELS : 3 * PIXELS - 2]
    np.testing.assert_array_equal(picture[1.0][near], picture[80.0][near])
    assert np.abs(picture[1.0] - picture[80.0]).max() > 60


def test_a_pocket_that_costs_thousands_does_not_blacken_the_rest() -> None:
    values = np.append(np.arange(100.0), [5000.0, 9000.0])
    assert field_range(values) == (0.0, 99.0, True)
    assert field_range(np.arange(100.0)) == (0.0, 99.0, False)
    assert field_range(np.arange(100.0), top=50.0) == (0.0, 50.0, True)
    assert field_range(np.arange(100.0), top=0.0) == (-1.0, 0.0, True)
    assert field_range(np.array([])) == (0.0, 1.0, False)
    low, high, clipped = field_range(np.full(5, 3.0))
    assert low == 3.0 and high > low and not clipped


@pytest.mark.parametrize(("span", "step"), [(9.0, 1.0), (70.0, 10.0), (40.0, 5.0), (15.0, 2.0), (1300.0, 200.0)])
def test_contours_stand_at_round_numbers(span: float, step: float) -> None:
    assert contour_step(span) == pytest.approx(step)


@pytest.mark.parametrize("shape", [(3, 3), (5, 9), (201, 201)])
def test_any_size_any_field(shape: tuple[int, int]) -> None:
    walls = np.zeros(shape, bool)
    walls[0] = True
    for field in (np.zeros(shape), np.full(shape, np.nan), np.full(shape, -1e9)):
        picture = draw_field(Layout(walls), field, Marks(goal=(1, 1)), title="a field")
        assert picture.dtype == np.uint8 and picture.shape[1] >= shape[1]


def test_a_field_of_another_shape_is_refused(layout: Layout) -> None:
    with pytest.raises(MazenavError, match="must have shape"):
        draw_field(layout, np.zeros((3, 3)))


def test_the_bar_holds_the_whole_ramp(layout: Layout) -> None:
    picture = draw_field(layout, np.arange(54.0).reshape(6, 9), cell_pixels=40)
    bar = picture[6 * 40 :].reshape(-1, 3).astype(int)
    for colour in COST_RAMP:
        assert np.abs(bar - colour).max(axis=1).min() < 6
