"""The only place where world coordinates (x right, y up) meet grid coordinates (row 0 at the top).

A cell is a unit square. Cell (row, column) of a map with R rows has its centre at x = column + 0.5, y = R - row - 0.5.
Padding adds wall rows at the top and wall columns on the right, so that it leaves world coordinates alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mazenav.types import Cell, Layout


def occupancy(layout: Layout) -> np.ndarray:
    """The machine's map of a layout: float32 `[R, C]`, 1 where there is a wall."""
    return layout.walls.astype(np.float32)


def cell_centre(cell: Cell, rows: int) -> tuple[float, float]:
    """World position (x, y) of the centre of a cell in a map with `rows` rows."""
    return cell[1] + 0.5, rows - cell[0] - 0.5


def cell_of(x: float, y: float, rows: int) -> Cell:
    """The cell (row, column) that a world position lies in."""
    return rows - 1 - int(np.floor(y)), int(np.floor(x))


def cells_to_world(cells: np.ndarray, rows: int | np.ndarray) -> np.ndarray:
    """Centres, float32 `[..., 2]` as (x, y), of cells `[..., 2]` as (row, column)."""
    return np.stack([cells[..., 1] + 0.5, rows - cells[..., 0] - 0.5], axis=-1).astype(np.float32)


def world_to_cells(xy: np.ndarray, rows: int | np.ndarray) -> np.ndarray:
    """Cells, int64 `[..., 2]` as (row, column), of world positions `[..., 2]`."""
    return np.stack([rows - 1 - np.floor(xy[..., 1]), np.floor(xy[..., 0])], axis=-1).astype(np.int64)


def grid_position(x: Any, y: Any, rows: Any) -> tuple[Any, Any]:
    """Continuous grid coordinates (row, column) of a world position; cell (r, c) spans [r, r + 1) x [c, c + 1).

    Plain arithmetic, so numbers, NumPy arrays and torch tensors alike pass through it.
    """
    return rows - y, x


def grid_direction(dx: Any, dy: Any) -> tuple[Any, Any]:
    """A world direction or velocity (dx, dy) as (along rows, along columns)."""
    return -dy, dx


def by_position(grid: np.ndarray) -> np.ndarray:
    """Values of cells `[..., R, C]` as `[..., C, R]`, indexed by (floor x, floor y)."""
    return np.ascontiguousarray(np.swapaxes(grid[..., ::-1, :], -1, -2))


def world_grid(walls: np.ndarray) -> np.ndarray:
    """Walls `[..., R, C]` as uint8 `[..., C, R]`, indexed by (floor x, floor y): what the kernels read."""
    return by_position(walls).astype(np.uint8)


def pad_maps(maps: Sequence[np.ndarray], fill: float = 1) -> np.ndarray:
    """Maps of any shapes as one array `[B, R, C]`, padded with `fill` at the top and on the right."""
    rows = max(grid.shape[0] for grid in maps)
    columns = max(grid.shape[1] for grid in maps)
    padded = np.full((len(maps), rows, columns), fill, maps[0].dtype)
    for index, grid in enumerate(maps):
        padded[index, rows - grid.shape[0] :, : grid.shape[1]] = grid
    return padded


def pad_cell(cell: Cell, rows: int, padded_rows: int) -> Cell:
    """Where a cell of a map with `rows` rows lies after padding to `padded_rows` rows."""
    return cell[0] + padded_rows - rows, cell[1]
