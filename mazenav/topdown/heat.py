"""A field over a map as a heat map: decisions to go from every cell, walls masked, with contours and a colour bar."""

from __future__ import annotations

import math

import cv2
import numpy as np

from mazenav.topdown.canvas import SUPERSAMPLE, Canvas
from mazenav.topdown.palette import COST_RAMP, FAINT, HALO, INK, PAPER, UNKNOWN, ramp
from mazenav.topdown.render import Marks, draw_marks, map_canvas, wall_cover, with_title
from mazenav.topdown.text import shorten, text_width, write_text
from mazenav.types import Layout, MazenavError

CONTOURS = 9
"""About how many contour lines a field gets."""


def draw_field(
    layout: Layout,
    field: np.ndarray,
    marks: Marks | None = None,
    *,
    title: str = "",
    unit: str = "decisions to go",
    top: float | None = None,
    cell_pixels: int | None = None,
) -> np.ndarray:
    """A field over the free cells of a layout, light where it is low, with contour lines and a colour bar beneath.

    Args:
        layout: the layout; its walls hide the field.
        field: `[R, C]`, one number a cell. Free cells that are not finite are drawn grey.
        marks: what else is drawn on the map.
        title: text above the map; "" for none.
        unit: what the numbers are, written at the colour bar.
        top: the number at the dark end; by default the largest, outliers left out. Higher ones are drawn as this.
        cell_pixels: pixels a cell; chosen by the size of the map unless given.

    Returns:
        uint8 `[H, W, 3]`, RGB.

    Raises:
        MazenavError: if the field has not the layout's shape, or the picture would be too large.
    """
    values = np.asarray(field, np.float64)
    if values.shape != layout.shape:
        raise MazenavError(f"a field over this layout must have shape {layout.shape}, found {values.shape}")
    known = ~layout.walls & np.isfinite(values)
    low, high, clipped = field_range(values[known], top)
    canvas = map_canvas(layout, cell_pixels)
    amount = np.where(known, (np.clip(values, low, high) - low) / (high - low), 0.0)
    _paint_field(canvas, layout.walls, amount, known, (low, high))
    draw_marks(canvas, marks or Marks())
    picture = np.concatenate(
        [canvas.finish(), _colour_bar(canvas.pixels.shape[1] // SUPERSAMPLE, low, high, unit, clipped)]
    )
    return with_title(picture, title) if title else picture


def field_range(values: np.ndarray, top: float | None = None) -> tuple[float, float, bool]:
    """Lowest and highest number to draw, and whether higher ones were cut off.

    Pockets that a planner holds to be unreachable cost thousands; one such cell must not turn all others one colour.
    """
    if values.size == 0:
        return 0.0, 1.0, False
    low, high = float(values.min()), float(values.max())
    if top is not None:
        return (low, top, high > top) if top > low else (top - 1.0, top, high > top)
    usual = float(np.percentile(values, 95))
    if high - low > 3.0 * (usual - low) > 0.0:
        inliers = values[values <= low + 2.0 * (usual - low)]
        return low, float(inliers.max()), True
    return low, high if high > low else low + 1.0, False


def contour_step(span: float) -> float:
    """A round distance between contour lines (1, 2 or 5 times a power of ten), for about `CONTOURS` of them."""
    rough = max(span, 1e-9) / CONTOURS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= rough)


def _paint_field(
    canvas: Canvas, walls: np.ndarray, amount: np.ndarray, known: np.ndarray, limits: tuple[float, float]
) -> None:
    """Lay the field, given as shares of the way from low to high, over a canvas, in place; walls keep their look."""
    scale, (height, width) = canvas.scale, canvas.pixels.shape[:2]
    smooth, found = _between_cells(amount, known, scale)
    found &= ~np.kron(~walls & ~known, np.ones((scale, scale), np.bool_))
    colours = ramp(COST_RAMP, smooth)
    low, high = limits
    step = contour_step(high - low)
    band = np.floor(smooth * ((high - low) / step) + (low / step) % 1.0)
    edge = np.zeros((height, width), np.float32)
    edge[:, 1:] = np.maximum(edge[:, 1:], band[:, 1:] != band[:, :-1])
    edge[1:] = np.maximum(edge[1:], band[1:] != band[:-1])
    if scale >= 8 * SUPERSAMPLE:
        edge = cv2.dilate(edge, np.ones((2, 2), np.uint8))
    line = 0.45 * cv2.GaussianBlur(edge, (0, 0), 0.7)[..., None]
    colours = colours * (1.0 - line) + np.asarray(HALO, np.float32) * line
    colours = np.where(found[..., None], colours, np.asarray(UNKNOWN, np.float32))
    floor = (1.0 - wall_cover(walls, scale))[..., None]
    # The floor's own shading (shadow of the walls) stays visible through the field.
    shade = canvas.pixels.astype(np.float32) / 245.0
    blended = canvas.pixels * (1.0 - floor) + colours * np.clip(0.35 + 0.65 * shade, 0.0, 1.0) * floor
    canvas.pixels[:] = np.clip(np.rint(blended), 0, 255).astype(np.uint8)


def _between_cells(values: np.ndarray, known: np.ndarray, scale: int) -> tuple[np.ndarray, np.ndarray]:
    """The field between cell centres, float32 `[H, W]`, and bool `[H, W]`, where there is any.

    Bilinear interpolation over known cells only. A cell across a corner counts only where one of the two cells beside
    the corner is known, so that nothing leaks through walls that touch diagonally.
    """
    rows, columns = known.shape
    row, up, row_share = _neighbours(rows, scale)
    column, side, column_share = _neighbours(columns, scale)
    numbers = np.pad(values.astype(np.float32), 1)
    counts = np.pad(known, 1)
    beside = counts[np.ix_(up, column)] | counts[np.ix_(row, side)]
    total = np.zeros((rows * scale, columns * scale), np.float32)
    weight = np.zeros_like(total)
    for own_row, own_column in ((True, True), (False, True), (True, False), (False, False)):
        cells = np.ix_(row if own_row else up, column if own_column else side)
        share = np.outer(1 - row_share if own_row else row_share, 1 - column_share if own_column else column_share)
        share = share * counts[cells] * (True if own_row or own_column else beside)
        total += share * numbers[cells]
        weight += share
    return total / np.maximum(weight, 1e-6), weight > 1e-6


def _neighbours(cells: int, scale: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Along one side, for each pixel: its cell, the cell that it is nearer to of the two beside, and that one's share.

    Cells are counted from 1, for arrays padded by one cell.
    """
    place = (np.arange(cells * scale) + 0.5) / scale
    own = np.floor(place).astype(np.int64)
    beyond = place - own - 0.5
    return own + 1, own + 1 + np.where(beyond < 0, -1, 1), np.abs(beyond).astype(np.float32)


def _colour_bar(width: int, low: float, high: float, unit: str, clipped: bool) -> np.ndarray:
    """A strip under the map: lowest number, ramp, highest number and the unit."""
    size = int(np.clip(width // 32, 11, 16))
    strip = np.empty((round(2.4 * size), width, 3), np.uint8)
    strip[:] = PAPER
    pad, middle = size // 2, len(strip) // 2
    digits = 0 if high - low >= 10 else 2
    left, right = f"{low:,.{digits}f}", (">= " if clipped else "") + f"{high:,.{digits}f}"
    left = left.replace("-0", "0") if float(left.replace(",", "")) == 0 else left
    words = shorten(unit, size, max(0, width // 2 - 2 * pad))
    begin = 2 * pad + text_width(left, size)
    after = text_width(right, size) + (text_width(words, size) + pad if words else 0)
    end = width - 2 * pad - after
    write_text(strip, left, (pad, middle), size, INK)
    if end > begin:
        amount = np.linspace(0.0, 1.0, end - begin)
        strip[middle - size // 3 : middle + size // 3 + 1, begin:end] = np.rint(ramp(COST_RAMP, amount))
    write_text(strip, right, (end + pad, middle), size, INK)
    write_text(strip, words, (width - pad, middle), size, FAINT, "right")
    return strip
