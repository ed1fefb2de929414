"""Drawing in world coordinates: a picture of a map at twice its size, shapes on it, and the way back to pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mazenav.topdown.occupancy import grid_position
from mazenav.topdown.palette import Colour

SUPERSAMPLE = 2
"""Canvas pixels for each pixel of the finished picture, along each side."""
_SHIFT = 4
"""Fractional bits of OpenCV's fixed-point coordinates."""


@dataclass(frozen=True)
class Canvas:
    """A picture under way.

    Attributes:
        pixels: uint8 `[H, W, 3]`, RGB, drawn on in place.
        scale: canvas pixels for each cell.
        rows: rows of the map, which turn y around.
    """

    pixels: np.ndarray
    scale: int
    rows: int

    def copy(self) -> Canvas:
        """A canvas of its own with the same picture."""
        return Canvas(self.pixels.copy(), self.scale, self.rows)

    def finish(self) -> np.ndarray:
        """The picture at its final size, uint8 `[H / 2, W / 2, 3]`."""
        height, width = self.pixels.shape[:2]
        return cv2.resize(self.pixels, (width // SUPERSAMPLE, height // SUPERSAMPLE), interpolation=cv2.INTER_AREA)

    def cells(self, pixels: float) -> float:
        """How many cells a length in pixels of the finished picture is."""
        return pixels * SUPERSAMPLE / self.scale

    def line(self, points: np.ndarray, width: float, colours: np.ndarray | Colour) -> None:
        """A polyline through world positions `[P, 2]`, `width` cells wide, in one colour or one for each segment."""
        fixed = self._fixed(points)
        thickness = max(1, round(width * self.scale))
        table = np.broadcast_to(np.asarray(colours, np.float64).reshape(-1, 3), (max(len(fixed) - 1, 1), 3))
        for begin, end, colour in zip(fixed[:-1], fixed[1:], table.tolist(), strict=False):
            cv2.line(self.pixels, begin, end, colour, thickness, cv2.LINE_AA, _SHIFT)

    def disc(self, centre: tuple[float, float], radius: float, colour: Colour, opacity: float = 1.0) -> None:
        """A filled circle; `radius` in cells."""
        if opacity >= 1.0:
            self._circle(self.pixels, centre, radius, colour, cv2.FILLED)
            return
        layer = self.pixels.copy()
        self._circle(layer, centre, radius, colour, cv2.FILLED)
        cv2.addWeighted(layer, opacity, self.pixels, 1.0 - opacity, 0.0, dst=self.pixels)

    def ring(self, centre: tuple[float, float], radius: float, width: float, colour: Colour) -> None:
        """A circle's outline; `radius` and `width` in cells."""
        self._circle(self.pixels, centre, radius, colour, max(1, round(width * self.scale)))

    def polygon(self, points: np.ndarray, colour: Colour, outline: Colour | None = None, width: float = 0.0) -> None:
        """A filled polygon of world positions `[P, 2]`, with an outline `width` cells wide beneath it if asked for."""
        fixed = np.asarray(self._fixed(points), np.int32)
        if outline is not None:
            thickness = max(1, round(2 * width * self.scale))
            cv2.polylines(self.pixels, [fixed], True, outline, thickness, cv2.LINE_AA, _SHIFT)
        cv2.fillPoly(self.pixels, [fixed], colour, cv2.LINE_AA, _SHIFT)

    def _circle(
        self, pixels: np.ndarray, centre: tuple[float, float], radius: float, colour: Colour, thickness: int
    ) -> None:
        (place,) = self._fixed(np.asarray([centre], np.float64))
        cv2.circle(
            pixels, place, max(1, round(radius * self.scale * 2**_SHIFT)), colour, thickness, cv2.LINE_AA, _SHIFT
        )

    def _fixed(self, points: np.ndarray) -> list[tuple[int, int]]:
        """World positions as OpenCV's fixed-point (x, y); its integers mean the centres of pixels."""
        points = np.asarray(points, np.float64).reshape(-1, 2)
        row, column = grid_position(points[:, 0], points[:, 1], self.rows)
        pixels = np.stack([column, row], axis=-1) * self.scale - 0.5
        return [(int(x), int(y)) for x, y in np.rint(pixels * 2**_SHIFT)]
