"""The one place where world meets grid: there and back again, and padding that moves nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mazenav.topdown.occupancy import (
    cell_centre,
    cell_of,
    cells_to_world,
    grid_direction,
    grid_position,
    pad_cell,
    pad_maps,
    world_grid,
    world_to_cells,
)

SIDES = st.integers(1, 30)


@given(SIDES, SIDES, st.data())
def test_cells_survive_the_way_to_the_world_and_back(rows: int, columns: int, data: st.DataObject) -> None:
    cell = (data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1)))
    x, y = cell_centre(cell, rows)
    assert cell_of(x, y, rows) == cell
    assert 0 < x < columns and 0 < y < rows
    np.testing.assert_array_equal(cells_to_world(np.array([cell]), rows), [[x, y]])
    np.testing.assert_array_equal(world_to_cells(np.array([[x, y]]), rows), [cell])
    row, column = grid_position(x, y, rows)
    assert (row - 0.5, column - 0.5) == cell


def test_row_zero_is_at_the_top_and_x_points_right() -> None:
    assert cell_centre((0, 0), 5) == (0.5, 4.5)
    assert cell_centre((4, 2), 5) == (2.5, 0.5)
    assert grid_direction(1.0, 0.0) == (0.0, 1.0)
    assert grid_direction(0.0, 1.0) == (-1.0, 0.0)


@given(SIDES, SIDES, st.integers(0, 2**32 - 1))
def test_world_grid_is_indexed_by_x_and_y(rows: int, columns: int, seed: int) -> None:
    walls = np.random.default_rng(seed).random((rows, columns)) < 0.5
    turned = world_grid(walls)
    assert turned.shape == (columns, rows)
    for row in range(rows):
        for column in range(columns):
            x, y = cell_centre((row, column), rows)
            assert turned[int(x), int(y)] == walls[row, column]


def test_padding_leaves_world_coordinates_alone() -> None:
    small, large = np.zeros((3, 4), np.float32), np.zeros((6, 5), np.float32)
    padded = pad_maps([small, large])
    assert padded.shape == (2, 6, 5)
    assert padded[0].sum() == 6 * 5 - 3 * 4
    cell = (1, 2)
    moved = pad_cell(cell, 3, 6)
    assert padded[0][moved] == 0
    assert cell_centre(moved, 6) == cell_centre(cell, 3)
