"""What was read, drawn over the picture that it was read from, to be checked by eye."""

from __future__ import annotations

import cv2
import numpy as np

from mazenav.picture.reading import PictureReading
from mazenav.topdown.palette import FAILURE, FAINT, INK, PAPER, START, UNKNOWN, Colour

FINEST, COARSEST = 48, 4
"""Pixels that a cell has in the overlay at most and at least."""
WIDEST = 1600
"""Pixels that the maze has along its longer side at most, where cells stay large enough to be seen."""
NARROWEST = 640
"""Pixels that the maze has at least, where cells stay small enough."""
AROUND = 0.9
"""Cells of the picture that are shown beyond the maze."""
FADED = 0.5
"""How much of the picture's own colour is left; the rest is paper."""
STRONG = 0.85
"""How opaque the walls are that were read."""
FINE = 2
"""Pixels drawn for each pixel of the finished overlay, along each side."""
TITLE = 34
"""Height of the title in pixels."""


def draw_overlay(pixels: np.ndarray, reading: PictureReading) -> np.ndarray:
    """The straightened picture, faded, with the walls that were read over it, RGB uint8 `[H, W, 3]`.

    Doubtful cells and walls are ringed in red; walls on sides that the picture does not show are dashed.

    Args:
        pixels: the picture, uint8 `[H, W]` or RGB `[H, W, 3]`.
        reading: what was read from it.
    """
    rows, columns = _cells(reading)
    wished = max(round(max(reading.pitch)), NARROWEST // max(rows, columns))
    cell = int(np.clip(wished, COARSEST, max(COARSEST, min(FINEST, WIDEST // max(rows, columns)))))
    picture = _straightened(pixels, reading, cell * FINE)
    marked = picture.copy()
    paint = _thin_walls if reading.layout.thin_walls else _thick_walls
    paint(marked, reading, cell * FINE)
    overlay = cv2.addWeighted(marked, STRONG, picture, 1.0 - STRONG, 0.0)
    _rings(overlay, reading, cell * FINE)
    small = cv2.resize(overlay, (overlay.shape[1] // FINE, overlay.shape[0] // FINE), interpolation=cv2.INTER_AREA)
    return np.concatenate([_title(reading, small.shape[1]), small])


def _cells(reading: PictureReading) -> tuple[int, int]:
    """Rows and columns of the maze's cells."""
    rows, columns = reading.layout.shape
    return (rows // 2, columns // 2) if reading.layout.thin_walls else (rows, columns)


def _straightened(pixels: np.ndarray, reading: PictureReading, scale: int) -> np.ndarray:
    """The maze with what is around it, `scale` pixels a cell, on paper."""
    rows, columns = _cells(reading)
    size = round((columns + 2 * AROUND) * scale), round((rows + 2 * AROUND) * scale)
    place = np.asarray([[scale, 0, AROUND * scale - 0.5], [0, scale, AROUND * scale - 0.5], [0, 0, 1.0]])
    middle = np.asarray([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    coloured = np.repeat(pixels[..., None], 3, axis=-1) if pixels.ndim == 2 else pixels
    finer = max(reading.pitch) < scale
    laid = cv2.warpPerspective(
        coloured, place @ reading.matrix @ middle, size, flags=cv2.INTER_NEAREST if finer else cv2.INTER_AREA,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    if float(np.median(laid)) < 110.0:
        # White on black fades to mud; a grey negative fades to paper.
        laid = 255 - np.repeat(cv2.cvtColor(laid, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=-1)
    return cv2.addWeighted(laid, FADED, np.full_like(laid, PAPER), 1.0 - FADED, 0.0)


def _thin_walls(picture: np.ndarray, reading: PictureReading, scale: int) -> None:
    walls = reading.layout.walls
    width = max(FINE, round(0.09 * scale))
    for row, column in np.argwhere(walls):
        if (row + column) % 2 == 0:
            continue
        x, y = (column / 2 + AROUND) * scale, (row / 2 + AROUND) * scale
        across, down = (scale / 2, 0.0) if row % 2 == 0 else (0.0, scale / 2)
        side = _side(reading, int(row), int(column))
        begin, end = (round(x - across), round(y - down)), (round(x + across), round(y + down))
        if side in reading.assumed:
            _dashes(picture, begin, end, width, START)
        else:
            cv2.line(picture, begin, end, START, width, cv2.LINE_AA)


def _thick_walls(picture: np.ndarray, reading: PictureReading, scale: int) -> None:
    inset = max(1, round(0.1 * scale))
    for row, column in np.argwhere(reading.layout.walls):
        x, y = round((column + AROUND) * scale), round((row + AROUND) * scale)
        thickness = FINE if _side(reading, int(row), int(column)) in reading.assumed else cv2.FILLED
        corners = (x + inset, y + inset), (x + scale - inset - 1, y + scale - inset - 1)
        cv2.rectangle(picture, *corners, START, thickness)


def _side(reading: PictureReading, row: int, column: int) -> str:
    """Which side of the border a place is on; none where empty."""
    rows, columns = reading.layout.shape
    if row in (0, rows - 1):
        return "top" if row == 0 else "bottom"
    if column in (0, columns - 1):
        return "left" if column == 0 else "right"
    return ""


def _dashes(picture: np.ndarray, begin: tuple[int, int], end: tuple[int, int], width: int, colour: Colour) -> None:
    places = np.linspace(begin, end, 7)
    for first, last in zip(places[:-1:2], places[1::2], strict=True):
        ends = [(round(float(x)), round(float(y))) for x, y in (first, last)]
        cv2.line(picture, ends[0], ends[1], colour, max(1, width // 2), cv2.LINE_AA)


def _rings(picture: np.ndarray, reading: PictureReading, scale: int) -> None:
    step = scale / 2 if reading.layout.thin_walls else scale
    half = 0.0 if reading.layout.thin_walls else 0.5
    for row, column in np.argwhere(reading.doubtful):
        if _side(reading, int(row), int(column)) in reading.assumed:
            continue
        centre = round((column + half) * step + AROUND * scale), round((row + half) * step + AROUND * scale)
        cv2.circle(picture, centre, round(0.42 * scale), FAILURE, max(FINE, round(0.07 * scale)), cv2.LINE_AA)


def _title(reading: PictureReading, width: int) -> np.ndarray:
    """What was read, in words, and how sure it is as a bar."""
    from mazenav.picture.words import describe

    strip = np.full((TITLE * FINE, width * FINE, 3), PAPER, np.uint8)
    text = describe(reading)
    size = 0.46 * FINE
    (length, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, FINE)
    if length > 0.72 * strip.shape[1]:
        text = f"{reading.confidence:.2f}"
    left = round(0.6 * TITLE * FINE / 2)
    cv2.putText(strip, text, (left, round(0.65 * TITLE * FINE)), cv2.FONT_HERSHEY_SIMPLEX, size, INK, FINE, cv2.LINE_AA)
    last, first = strip.shape[1] - left, round(0.76 * strip.shape[1])
    y = TITLE * FINE // 2
    cv2.line(strip, (first, y), (last, y), UNKNOWN, 3 * FINE, cv2.LINE_AA)
    colour = START if reading.confidence >= 0.8 else FAILURE if reading.confidence < 0.5 else FAINT
    cv2.line(strip, (first, y), (round(first + (last - first) * reading.confidence), y), colour, 3 * FINE, cv2.LINE_AA)
    return cv2.resize(strip, (width, TITLE), interpolation=cv2.INTER_AREA)
