"""A picture laid out on its lattice: every pitch the same number of pixels, lines at multiples of it."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from mazenav.picture.lattice import project

FINEST, COARSEST = 48, 4
"""Pixels that a pitch has at most and at least."""
MOST_PIXELS = 96 * 2**20
"""Pixels that a frame has at most."""
MOST_PITCHES = 12_000
"""Pitches that a frame has along a side at most."""


class Frame(NamedTuple):
    """A picture on its lattice.

    Attributes:
        ink: float32 `[H * scale, W * scale]`, how dark it is.
        seen: float32 of that shape, 1 within the picture and 0 beyond.
        scale: pixels for each pitch.
        origin: the lattice's (row, column) at the top left corner.
        corners: float64 `[4, 2]`, (column, row) in pitches of the picture's own corners, counted from `origin`.
    """

    ink: np.ndarray
    seen: np.ndarray
    scale: int
    origin: tuple[int, int]
    corners: np.ndarray

    def around(self) -> float:
        """Share of ink along the picture's own edge."""
        within = cv2.erode(self.seen, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
        deeper = cv2.erode(within, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
        rim = (within > 0) & (deeper == 0)
        return float((self.ink[rim] > 0.5).mean()) if rim.any() else 0.0

    @property
    def shape(self) -> tuple[int, int]:
        """Pitches along each side, rows first."""
        return self.ink.shape[0] // self.scale, self.ink.shape[1] // self.scale


def lay_out(ink: np.ndarray, matrix: np.ndarray, pitch: tuple[float, float]) -> Frame | None:
    """The frame of a picture.

    Args:
        ink: float32 `[H, W]` in 0 to 1.
        matrix: homography from its pixels to pitches.
        pitch: pixels for each pitch, by which the frame's scale is chosen.

    Returns:
        None if the lattice runs to infinity within the picture, or has more pitches than any maze.
    """
    height, width = ink.shape
    sides = np.asarray([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    if (np.concatenate([sides, np.ones((4, 1))], axis=-1) @ matrix.T)[:, 2].min() <= 0.05:
        return None
    corners = project(matrix, sides)
    # A margin of a pitch beyond the picture, where a cut border may lie.
    low, high = np.floor(corners.min(axis=0) + 1e-6) - 1, np.ceil(corners.max(axis=0) - 1e-6) + 1
    columns, rows = (high - low).astype(int)
    if not (0 < rows < MOST_PITCHES and 0 < columns < MOST_PITCHES):
        return None
    scale = int(np.clip(np.rint(np.mean(pitch)), COARSEST, FINEST))
    if rows * columns * scale**2 > MOST_PIXELS:
        scale = max(int(np.sqrt(MOST_PIXELS / (rows * columns))), 2)
        if rows * columns * scale**2 > MOST_PIXELS:
            return None
    place = np.asarray([[scale, 0, -low[0] * scale - 0.5], [0, scale, -low[1] * scale - 0.5], [0, 0, 1.0]])
    # OpenCV's whole numbers mean the middles of pixels, the lattice's their edges.
    middle = np.asarray([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    size = columns * scale, rows * scale
    whole = place @ matrix @ middle
    laid = cv2.warpPerspective(ink, whole, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    seen = cv2.warpPerspective(np.ones_like(ink), whole, size, flags=cv2.INTER_NEAREST)
    return Frame(laid, seen, scale, (int(low[1]), int(low[0])), corners - low)


def seen_mean(values: np.ndarray, seen: np.ndarray, width: int, height: int) -> np.ndarray:
    """Means over boxes of pixels as far as those are in the picture; NaN where less than a third of a box is."""
    size = (max(width, 1), max(height, 1))
    share = cv2.blur(seen, size, borderType=cv2.BORDER_CONSTANT)
    total = cv2.blur(values * seen, size, borderType=cv2.BORDER_CONSTANT)
    return np.where(share > 0.34, total / np.maximum(share, 1e-6), np.nan)


def changes_within(dark: np.ndarray, box: tuple[int, int, int, int]) -> float:
    """Share of a picture's changes from dark (bool `[H, W]`) to light that lie in a box: top, left, bottom, right."""
    top, left, bottom, right = (max(0, line) for line in box)
    part = dark[top:bottom, left:right]
    return _changes(part) / max(_changes(dark), 1)


def _changes(dark: np.ndarray) -> int:
    return int(np.count_nonzero(dark[1:] != dark[:-1]) + np.count_nonzero(dark[:, 1:] != dark[:, :-1]))


def two_levels(values: np.ndarray) -> tuple[float, float, float]:
    """Otsu's threshold between two classes of values in 0 to 1, and the mean of each class, the lower first."""
    values = values[np.isfinite(values)]
    counts, edges = np.histogram(values, bins=128, range=(0.0, 1.0))
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)[:-1].astype(np.float64)
    above = len(values) - below
    low = np.cumsum(counts * centres)[:-1] / np.maximum(below, 1)
    total = float((counts * centres).sum())
    high = (total - low * below) / np.maximum(above, 1)
    between = below * above * (high - low) ** 2
    best = np.flatnonzero(between >= between.max() * (1 - 1e-9))
    middle = int(best[len(best) // 2])
    return float(edges[middle + 1]), float(low[middle]), float(high[middle])
