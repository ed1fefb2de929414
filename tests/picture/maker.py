"""Pictures made from known layouts: drawn in many manners, then degraded as cameras, scanners and websites do."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

import cv2
import numpy as np

Colour = tuple[int, int, int]

FINE = 4
"""Pixels drawn for each pixel of the finished picture, along each side."""


@dataclass(frozen=True)
class Manner:
    """How a layout is drawn; lengths in pixels.

    Attributes:
        pitch: from cell to cell, of any fraction.
        line: width of thin walls; 0 draws thick ones, a cell wide.
        margin: paper on each side.
        wall: colour of the walls.
        paper: colour of passages and margin.
        surround: colour of the margin, if another.
        grid: dotted lines between all cells.
        dotted: the walls themselves are dotted.
        broken: share of each thin wall that is missing at a place of its own.
        posts: radius of a disc on every post.
        marks: discs in colour in two of the cells.
        way: a line in colour through some cells, as a solution.
        caption: words below and above the maze.
        frame: a window frame around it all.
        border: the outer walls are drawn.
    """

    pitch: float = 20.0
    line: float = 2.0
    margin: float = 20.0
    wall: Colour = (0, 0, 0)
    paper: Colour = (255, 255, 255)
    surround: Colour | None = None
    grid: bool = False
    dotted: bool = False
    broken: float = 0.0
    posts: float = 0.0
    marks: bool = False
    way: tuple[tuple[int, int], ...] = ()
    caption: bool = False
    frame: bool = False
    border: bool = True

    def like(self, **changes: object) -> Manner:
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass
class Sheet:
    """A picture under way, `FINE` times its size."""

    pixels: np.ndarray
    origin: float
    manner: Manner = field(default_factory=Manner)

    def at(self, cells: float) -> float:
        return (self.origin + cells * self.manner.pitch) * FINE

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        corners = (round(left), round(top)), (round(right) - 1, round(bottom) - 1)
        cv2.rectangle(self.pixels, *corners, colour, cv2.FILLED)

    def finish(self) -> np.ndarray:
        height, width = self.pixels.shape[:2]
        size = (width // FINE, height // FINE)
        return cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA)


def draw(walls: np.ndarray, manner: Manner, rng: np.random.Generator) -> np.ndarray:
    """A picture uint8 `[H, W, 3]` of bool walls `[R, C]`: a `(2n+1)` lattice where `manner.line` is not 0."""
    rows, columns = walls.shape if manner.line == 0 else (walls.shape[0] // 2, walls.shape[1] // 2)
    sides = [round((2 * manner.margin + manner.line + each * manner.pitch) * FINE) for each in (rows, columns)]
    sides = [-(-side // FINE) * FINE for side in sides]
    paper = manner.surround or manner.paper
    sheet = Sheet(np.full((*sides, 3), paper, np.uint8), manner.margin + manner.line / 2, manner)
    sheet.box(sheet.at(0), sheet.at(0), sheet.at(columns), sheet.at(rows), manner.paper)
    if manner.grid:
        _grid(sheet, rows, columns)
    _marks_and_way(sheet, rows, columns, walls, rng)
    if manner.line == 0:
        for row, column in np.argwhere(walls):
            sheet.box(sheet.at(column), sheet.at(row), sheet.at(column + 1), sheet.at(row + 1), manner.wall)
    else:
        _thin(sheet, walls, rng)
    _around(sheet)
    return sheet.finish()


def _thin(sheet: Sheet, walls: np.ndarray, rng: np.random.Generator) -> None:
    manner = sheet.manner
    half = manner.line * FINE / 2
    last = walls.shape[0] - 1, walls.shape[1] - 1
    for row, column in np.argwhere(walls):
        is_border = row in (0, last[0]) or column in (0, last[1])
        if (row + column) % 2 == 0 or (is_border and not manner.border):
            continue
        x, y = sheet.at(column / 2), sheet.at(row / 2)
        reach = manner.pitch * FINE / 2
        along, across = (reach + half, half) if row % 2 == 0 else (half, reach + half)
        sheet.box(x - along, y - across, x + along, y + across, manner.wall)
        if manner.broken > 0:
            gap, place = reach * manner.broken, rng.uniform(-0.6, 0.6) * reach
            if row % 2 == 0:
                sheet.box(x + place - gap, y - half - 1, x + place + gap, y + half + 1, manner.paper)
            else:
                sheet.box(x - half - 1, y + place - gap, x + half + 1, y + place + gap, manner.paper)
        if manner.dotted:
            _dots(sheet, (x - along, y - across, x + along, y + across), row % 2 == 0)
    if manner.posts > 0:
        for row in range(0, walls.shape[0], 2):
            for column in range(0, walls.shape[1], 2):
                centre = round(sheet.at(column / 2)), round(sheet.at(row / 2))
                cv2.circle(sheet.pixels, centre, round(manner.posts * FINE), manner.wall, cv2.FILLED)


def _dots(sheet: Sheet, box: tuple[float, float, float, float], is_level: bool) -> None:
    """Every other bit of a wall is paper."""
    left, top, right, bottom = box
    period = max(3.0, sheet.manner.line * 1.6) * FINE
    begin, end = (left, right) if is_level else (top, bottom)
    for place in np.arange(np.ceil(begin / period) * period, end - period / 2, period):
        if is_level:
            sheet.box(place, top, place + period / 2, bottom, sheet.manner.paper)
        else:
            sheet.box(left, place, right, place + period / 2, sheet.manner.paper)


def _grid(sheet: Sheet, rows: int, columns: int) -> None:
    """Lines of single pixels, one in three black."""
    for line in range(rows + 1):
        y = round(sheet.at(line) / FINE) * FINE
        for x in range(round(sheet.at(0)), round(sheet.at(columns)), 3 * FINE):
            sheet.box(x, y, x + FINE, y + FINE, sheet.manner.wall)
    for line in range(columns + 1):
        x = round(sheet.at(line) / FINE) * FINE
        for y in range(round(sheet.at(0)), round(sheet.at(rows)), 3 * FINE):
            sheet.box(x, y, x + FINE, y + FINE, sheet.manner.wall)


def _marks_and_way(sheet: Sheet, rows: int, columns: int, walls: np.ndarray, rng: np.random.Generator) -> None:
    manner = sheet.manner
    size = manner.pitch * FINE
    if manner.way:
        centres = [(round(sheet.at(column + 0.5)), round(sheet.at(row + 0.5))) for row, column in manner.way]
        for begin, end in pairwise(centres):
            cv2.line(sheet.pixels, begin, end, (220, 30, 40), max(1, round(size * 0.25)))
    if manner.marks:
        free = np.argwhere(~walls) if manner.line == 0 else np.argwhere(np.ones((rows, columns)))
        for colour in ((20, 160, 60), (225, 40, 40)):
            row, column = free[rng.integers(len(free))]
            centre = round(sheet.at(column + 0.5)), round(sheet.at(row + 0.5))
            cv2.circle(sheet.pixels, centre, round(size * 0.3), colour, cv2.FILLED)


def _around(sheet: Sheet) -> None:
    manner = sheet.manner
    height, width = sheet.pixels.shape[:2]
    if manner.caption:
        size = manner.margin * FINE / 60
        ink = manner.wall
        for text, y in (("Maze No. 17, solve it!", manner.margin * 0.62), ("drawn by hand", None)):
            below = height - manner.margin * FINE * 0.25 if y is None else y * FINE
            place = (round(width * 0.08), round(below))
            cv2.putText(sheet.pixels, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, ink, max(1, round(size * 2)))
    if manner.frame:
        inset = round(manner.margin * FINE * 0.15)
        corners = (inset, inset), (width - inset, height - inset)
        cv2.rectangle(sheet.pixels, *corners, (90, 90, 90), 2 * FINE)


def turned(picture: np.ndarray, degrees: float, paper: Colour = (255, 255, 255)) -> np.ndarray:
    """Turned about its middle, on a sheet large enough."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = round(width * cosine + height * sine), round(width * sine + height * cosine)
    matrix[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    return cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR, borderValue=paper)


def tilted(
    picture: np.ndarray, strength: float, rng: np.random.Generator, paper: Colour = (255, 255, 255)
) -> np.ndarray:
    """Seen at an angle: every corner moves inwards by up to `strength` of the sides."""
    height, width = picture.shape[:2]
    corners = np.asarray([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    inwards = np.asarray([[1, 1], [-1, 1], [-1, -1], [1, -1]], np.float32)
    moved = corners + inwards * rng.uniform(0, strength, (4, 2)).astype(np.float32) * (width, height)
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    return cv2.warpPerspective(picture, matrix, (width, height), flags=cv2.INTER_AREA, borderValue=paper)


def jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    """As it comes back from a JPEG file."""
    done, coded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return np.ascontiguousarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1])


def blurred(picture: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(picture, (0, 0), sigma)


def unevenly_lit(picture: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Light that falls off in some direction, and a soft shadow across; `strength` of the light is lost at worst."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * (x - 0.5) + np.sin(angle) * (y - 0.5)
    fall = (slope - slope.min()) / np.ptp(slope)
    edge = rng.uniform(0.3, 0.7)
    shadow = 1 / (1 + np.exp(-(fall - edge) * 25))
    light = 1 - strength * (0.6 * fall + 0.4 * shadow)
    return np.clip(picture * light[..., None], 0, 255).astype(np.uint8)


def noisy(picture: np.ndarray, sigma: float, rng: np.random.Generator) -> np.ndarray:
    return np.clip(picture + rng.normal(0, sigma, picture.shape), 0, 255).astype(np.uint8)


def on_a_table(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A sheet of paper on a darker, grained table."""
    height, width = picture.shape[:2]
    edge = round(0.06 * max(height, width))
    table = rng.normal(95, 12, (height + 2 * edge, width + 2 * edge, 3)) * np.asarray([1.1, 0.9, 0.7])
    table = cv2.GaussianBlur(np.clip(table, 0, 255).astype(np.uint8), (0, 0), 1.5)
    table[edge:-edge, edge:-edge] = picture
    return table
