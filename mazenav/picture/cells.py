"""Pictures with one pixel a cell, or a whole number of them: read as they are, without any measuring."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from mazenav.picture.frame import changes_within
from mazenav.picture.lattice import run_lengths
from mazenav.picture.read import Read
from mazenav.picture.thick import RING, Cells, interpret

PURE = 0.97
"""Share of pixels that must be near one of two levels, as they are in a picture that nobody has touched."""
NEAR = 0.12
"""How near, as a share of the distance between the two."""
LARGEST = 64
"""Pixels a cell at most."""
NARROW = 3
"""Passages of at most so many times the walls' thickness are narrow; a maze of thin lines has none."""
CORNERS = 0.01
"""Walls that touch at corners only, as a share of all walls, from which on pixels are no cells."""


def read_cells(grey: np.ndarray, force: bool = False) -> tuple[Read, int, tuple[int, int]] | None:
    """The layout in a picture of whole cells, how many pixels a cell has, and the first cell's (row, column) pixel.

    Args:
        grey: uint8 `[H, W]`.
        force: take wide passages between thin walls for cells too.

    Returns:
        None if the picture has more than two levels, or its pixels are no cells of a maze.
    """
    dark = _two_classes(grey)
    if dark is None:
        return None
    side, start = _cell_side(dark)
    grid = dark[start[0] + side // 2 :: side, start[1] + side // 2 :: side]
    rows, columns = (count for count in grid.shape)
    if min(rows, columns) < 5:
        return None
    corners = np.asarray([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float64)
    rim = float(np.concatenate([dark[0], dark[-1], dark[:, 0], dark[:, -1]]).mean())
    meaning = interpret(Cells(grid, np.ones(grid.shape, np.bool_), corners, rim))
    if meaning is None:
        return None
    top, left, bottom, right = meaning.box
    if min(top, left) < 0 or bottom > rows or right > columns:
        return None
    walls = grid[top:bottom, left:right] == meaning.is_dark
    if not _is_maze_of_cells(walls, force):
        return None
    margin = np.ones(walls.shape, np.float32)
    origin = start[0] + top * side, start[1] + left * side
    share = changes_within(grid, (top - 1, left - 1, bottom + 1, right + 1))
    return Read(walls, margin, meaning.box, False, 1.0, 1.0, 1.0, (), share=share), side, origin


def _two_classes(grey: np.ndarray) -> np.ndarray | None:
    """Which pixels are dark, bool `[H, W]`, if nearly all are near one of two levels."""
    counts = np.bincount(grey.ravel(), minlength=256).astype(np.float64)
    levels = np.arange(256)
    below = np.cumsum(counts)[:-1]
    above = counts.sum() - below
    low = np.cumsum(counts * levels)[:-1] / np.maximum(below, 1)
    high = ((counts * levels).sum() - low * below) / np.maximum(above, 1)
    cut = int((below * above * (high - low) ** 2).argmax())
    distance = high[cut] - low[cut]
    if distance < 30:
        return None
    near = (np.abs(levels - low[cut]) <= NEAR * distance) | (np.abs(levels - high[cut]) <= NEAR * distance)
    return grey <= cut if counts[near].sum() >= PURE * counts.sum() else None


def _cell_side(dark: np.ndarray) -> tuple[int, tuple[int, int]]:
    """The largest side at whose multiples nearly all changes lie, and the first (row, column) of a cell."""
    down = np.count_nonzero(dark[1:] != dark[:-1], axis=1)
    across = np.count_nonzero(dark[:, 1:] != dark[:, :-1], axis=0)
    for side in range(min(LARGEST, min(dark.shape) // 5), 1, -1):
        starts = []
        for changes in (down, across):
            places = (np.arange(len(changes)) + 1) % side
            shares = np.bincount(places, changes, side)
            if shares.max() < 0.998 * max(shares.sum(), 1):
                break
            starts.append(int(shares.argmax()))
        if len(starts) == 2:
            # Less than half a cell at the picture's edge is none; more counts as one that was cut.
            row, column = (start - side if 2 * start > side else start for start in starts)
            return side, (max(row, -(side // 2)), max(column, -(side // 2)))
    return 1, (0, 0)


def _is_maze_of_cells(walls: np.ndarray, force: bool) -> bool:
    """Whether a grid has a border, passages that hang together, and hardly any walls that touch at corners only."""
    if walls.mean() < 0.05 or walls.all():
        return False
    ring = np.concatenate([walls[0], walls[-1], walls[1:-1, 0], walls[1:-1, -1]]).mean()
    block = walls[:-1, :-1], walls[:-1, 1:], walls[1:, :-1], walls[1:, 1:]
    touching = ((block[0] & block[3] & ~block[1] & ~block[2]) | (block[1] & block[2] & ~block[0] & ~block[3])).sum()
    if ring < RING - 0.05 or touching > max(CORNERS * walls.sum(), 1):
        return False
    labels, count = ndimage.label(~walls)
    if count == 0 or np.bincount(labels.ravel())[1:].max() < 0.5 * (~walls).sum():
        return False
    thickness = np.minimum(run_lengths(walls), run_lengths(walls.T).T)
    usual = float(np.median(thickness[walls]))
    narrow = float((thickness[~walls] <= NARROW * usual).mean())
    return usual <= 2 and (narrow > 0.05 or force)
