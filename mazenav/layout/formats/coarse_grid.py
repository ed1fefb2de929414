"""From the pixels of an occupancy grid to the cells of a layout: a robot's map is far finer than a maze.

A cell is free if more than half of it is known to be free and fewer of its pixels are occupied than half a line one
pixel thick across it has, so that walls of one pixel survive at any cell size, while a stray pixel does not close a
passage. What is unknown is wall. Where the grid of cells begins is chosen so that most free space stays connected.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from scipy import ndimage

FREE_SHARE = 0.5
WALL_LINE = 0.5
KEPT = 0.8
CELLS_ALONG = 24
_STEPS, _FEW_CELLS = 4, 2**18


@dataclass(frozen=True)
class Coarse:
    """Cells made of pixels.

    Attributes:
        walls: bool `[R, C]`.
        top: the row of pixels, counted from the top, where the first row of cells begins; may be fractional.
        left: the column of pixels where the first column of cells begins.
        pixels: how many pixels a cell is wide.
        kept: how much of the largest connected free space of the pixels the largest one of the cells covers.
    """

    walls: np.ndarray
    top: float
    left: float
    pixels: float
    kept: float


class Pixels:
    """The free and the occupied pixels of a map, summed up so that any cell's shares are four look-ups."""

    def __init__(self, free: np.ndarray, occupied: np.ndarray) -> None:
        """Take the masks bool `[H, W]`; at least one pixel is free."""
        self.shape = free.shape
        self._free, self._occupied = _sums(free), _sums(occupied)
        self._main = largest(free)
        rows, columns = (np.flatnonzero(free.any(axis=axis)) for axis in (1, 0))
        self.box = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1

    def whole(self, pixels: int) -> Coarse:
        """Cells over the whole map, from its top left corner on."""
        height, width = self.shape
        return self._coarse(pixels, 0.0, 0.0, ceil(height / pixels), ceil(width / pixels))

    def cropped(self, pixels: float) -> Coarse:
        """Cells over the free pixels, with one cell of wall around them; the best of several places to begin."""
        top, bottom, left, right = self.box
        cells = (bottom - top) / pixels * (right - left) / pixels
        steps = _STEPS if pixels > 1 and cells <= _FEW_CELLS else 1
        best: Coarse | None = None
        for down in range(steps):
            for along in range(steps):
                first = top - pixels * down // steps, left - pixels * along // steps
                rows, columns = ceil((bottom - first[0]) / pixels), ceil((right - first[1]) / pixels)
                found = self._coarse(pixels, *first, rows, columns)
                if best is None or found.kept > best.kept:
                    best = found
        assert best is not None
        return _framed(best)

    def coarsest(self) -> Coarse:
        """The coarsest cells that keep four fifths of the free space connected, at least 24 along the longer side."""
        top, bottom, left, right = self.box
        pixels = max(1, max(bottom - top, right - left) // CELLS_ALONG)
        while pixels > 1:
            found = self.cropped(pixels)
            if found.kept >= KEPT:
                return found
            pixels = min(pixels - 1, int(pixels * 0.85))
        return self.cropped(1)

    def _coarse(self, pixels: float, top: float, left: float, rows: int, columns: int) -> Coarse:
        down = top + pixels * np.arange(rows + 1)
        along = left + pixels * np.arange(columns + 1)
        area = pixels * pixels
        free, occupied = (_shares(sums, down, along) / area for sums in (self._free, self._occupied))
        walls = (free <= FREE_SHARE) | (occupied >= (WALL_LINE - 1e-6) / pixels)
        return Coarse(walls, top, left, pixels, largest(~walls) * area / self._main)


def largest(free: np.ndarray) -> int:
    """How many cells the largest connected free space has."""
    labels, count = ndimage.label(free)
    return int(np.bincount(labels.ravel())[1:].max()) if count else 0


def _sums(mask: np.ndarray) -> np.ndarray:
    """Sums over the pixels above and to the left, int32 `[H + 1, W + 1]`."""
    sums = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), np.int32)
    np.cumsum(mask, axis=0, dtype=np.int32, out=sums[1:, 1:])
    np.cumsum(sums[1:, 1:], axis=1, out=sums[1:, 1:])
    return sums


def _shares(sums: np.ndarray, down: np.ndarray, along: np.ndarray) -> np.ndarray:
    """How many pixels lie between the lines, float64 `[R, C]`; fractions of pixels count, nothing lies outside."""
    inner = _between(_between(sums, down, 0), along, 1)
    return np.diff(np.diff(inner, axis=0), axis=1)


def _between(sums: np.ndarray, places: np.ndarray, axis: int) -> np.ndarray:
    """The sums at fractional places: linear in between, since a pixel is uniform."""
    places = np.clip(places, 0, sums.shape[axis] - 1)
    low = np.floor(places).astype(np.int64)
    if (low == places).all():
        return np.take(sums, low, axis)
    high = np.minimum(low + 1, sums.shape[axis] - 1)
    weight = np.expand_dims(places - low, 1 - axis)
    return np.take(sums, low, axis) * (1 - weight) + np.take(sums, high, axis) * weight


def _framed(coarse: Coarse) -> Coarse:
    """The rows and columns with free cells, and one of wall around them."""
    free = ~coarse.walls
    if not free.any():
        return coarse
    rows, columns = (np.flatnonzero(free.any(axis=axis)) for axis in (1, 0))
    inner = coarse.walls[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    top = coarse.top + (int(rows[0]) - 1) * coarse.pixels
    left = coarse.left + (int(columns[0]) - 1) * coarse.pixels
    return Coarse(np.pad(inner, 1, constant_values=True), top, left, coarse.pixels, coarse.kept)
