"""Layouts from pictures: see it in grey, lay it straight, find the lattice, read the walls, judge the reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import cv2
import numpy as np

from mazenav.picture.cells import read_cells
from mazenav.picture.confidence import confidence
from mazenav.picture.focus import Box, closed_boxes, only_within
from mazenav.picture.frame import Frame, changes_within, lay_out
from mazenav.picture.ink import darkness, views
from mazenav.picture.lattice import (
    LEAST_PITCH,
    Lattice,
    edge_marks,
    fit_lattice,
    project,
    stroke_marks,
    stroke_width,
    thickness,
)
from mazenav.picture.light import evened, sheets
from mazenav.picture.load import decode_picture, load_picture
from mazenav.picture.pencil import straightening
from mazenav.picture.read import Read
from mazenav.picture.thick import block_of, read_thick
from mazenav.picture.thin import line_step, read_thin
from mazenav.types import Layout, LayoutError

Walls = Literal["thin", "thick"]

LEAST_CONFIDENCE = 0.3
"""A reading with less than this is refused."""
SURE = 0.9
"""A reading with more than this is taken without trying another view of the picture."""
THIN, STOUT = 0.36, 0.8
"""Walls up to these shares of a passage's width are lines: before they are tried as cells, and after that."""
AS_CELLS = 0.65
"""How much less sure a reading as lines is where they are as wide as cells might be."""
AS_LINES = 0.7
"""How much less sure a reading as cells is where lines were made out."""
MOST_GAP = 12
"""Half the gap in a dotted line, in pixels, that is closed at most."""
WORKING_SIDE, WORKING_STROKE = 1600, 4.0
"""A larger picture is made smaller as far as its strokes keep so many pixels."""


@dataclass(frozen=True, eq=False)
class PictureReading:
    """A layout read from a picture.

    Attributes:
        layout: the layout; `thin_walls` if its walls are lines.
        confidence: the probability, 0 to 1, that every cell is right.
        corners: float64 `[4, 2]`, the maze's corners in the picture, (x, y) in pixels: top left, top right, bottom
            right, bottom left.
        pitch: pixels from cell to cell along x and y, in the middle of the maze.
        matrix: homography float64 `[3, 3]` from the picture's pixels (x, y) to cells (column, row) of the maze.
        doubtful: bool `[R, C]`, cells of the layout that are not clearly what they were read as.
        assumed: sides (top, bottom, left, right) that are not drawn and were taken for walls.
    """

    layout: Layout
    confidence: float
    corners: np.ndarray
    pitch: tuple[float, float]
    matrix: np.ndarray
    doubtful: np.ndarray
    assumed: tuple[str, ...]


class Candidate(NamedTuple):
    """A reading of one view, the homography from the picture to the maze's cells, and how sure it is."""

    read: Read
    matrix: np.ndarray
    confidence: float


def read_picture(
    path: str | Path, walls: Walls | None = None, least_confidence: float = LEAST_CONFIDENCE
) -> PictureReading:
    """The layout in a picture of a rectangular maze: a drawing, a rendering, a screenshot or a photo.

    Args:
        path: the file; PNG, JPEG, BMP, GIF, TIFF, WebP or PPM.
        walls: whether walls are lines ("thin", which gives a lattice) or cells ("thick"); None for what it looks like.
        least_confidence: below this the picture is refused.

    Raises:
        LayoutError: if the file is no picture that can be read, or shows no rectangular maze.
    """
    return read_pixels(load_picture(path), str(path), walls, least_confidence)


def read_picture_bytes(
    content: bytes, name: str, walls: Walls | None = None, least_confidence: float = LEAST_CONFIDENCE
) -> PictureReading:
    """As `read_picture`, for the content of a picture file; `name` stands for the file."""
    return read_pixels(decode_picture(content, name), name, walls, least_confidence)


def read_pixels(
    pixels: np.ndarray, name: str, walls: Walls | None = None, least_confidence: float = LEAST_CONFIDENCE
) -> PictureReading:
    """As `read_picture`, for pixels uint8 `[H, W]` or RGB `[H, W, 3]`; `name` stands for the file."""
    best: Candidate | None = None
    for number, view in enumerate(views(pixels)):
        for candidate in candidates(view, walls):
            if best is None or candidate.confidence > best.confidence:
                best = candidate
        # The first view of several leaves out what is coloured, which may be walls: the second one tells.
        if best is not None and best.confidence > SURE and number != 0:
            break
    if best is None or best.confidence < least_confidence:
        found = "no lattice of walls fits it" if best is None else f"confidence {best.confidence:.2f}"
        raise LayoutError(f"{name}: the picture shows no rectangular maze that can be made out ({found})")
    return _result(best, name)


def candidates(grey: np.ndarray, walls: Walls | None) -> Iterator[Candidate]:
    """Readings of one view of a picture, uint8 `[H, W]`."""
    if walls != "thin":
        plain = read_cells(grey, force=walls == "thick")
        if plain is not None:
            read, side, (top, left) = plain
            matrix = np.asarray([[1 / side, 0, -left / side], [0, 1 / side, -top / side], [0, 0, 1.0]])
            yield Candidate(read, matrix, confidence(read))
            return
    small, shrink = _working_size(grey)
    back = np.diag([shrink, shrink, 1.0])
    dark, best = darkness(small), 0.0
    for attempt in _attempts(small, dark):
        for found in _measured(attempt, walls):
            best = max(best, found.confidence)
            yield found._replace(matrix=found.matrix @ back)
        if best > SURE:
            return
    if walls != "thick":
        for found in _measured(_closed(attempt), "thin"):
            yield found._replace(matrix=found.matrix @ back, confidence=0.9 * found.confidence)


def _attempts(grey: np.ndarray, dark: np.ndarray) -> Iterator[np.ndarray]:
    """Darkness as it is, then of a sheet of paper alone, then under even light."""
    yield dark
    alone = sheets(grey, dark)
    for sheet in alone:
        yield darkness(sheet)
    paper = alone[-1] if alone else grey
    even = evened(paper, darkness(paper))
    if even is not None:
        yield darkness(even)


def _working_size(grey: np.ndarray) -> tuple[np.ndarray, float]:
    """The picture made smaller where it is far finer than its strokes, and by which factor."""
    side = max(grey.shape)
    if side <= WORKING_SIDE:
        return grey, 1.0
    dark = darkness(grey) > 0.5
    stroke = min(thickness(dark), thickness(~dark))
    factor = max(WORKING_SIDE / side, min(1.0, WORKING_STROKE / max(stroke, 1.0)))
    if factor > 0.8:
        return grey, 1.0
    size = round(grey.shape[1] * factor), round(grey.shape[0] * factor)
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA), factor


def _straightened(dark: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The picture with its lines level and upright, and the homography to it."""
    matrix = straightening(dark) if min(dark.shape) >= 60 else np.eye(3)
    if np.array_equal(matrix, np.eye(3)):
        return dark, matrix
    height, width = dark.shape
    corners = project(matrix, np.asarray([[0, 0], [width, 0], [width, height], [0, height]], np.float64))
    low, high = corners.min(axis=0), corners.max(axis=0)
    size = np.minimum(np.ceil(high - low), 2.0 * max(height, width)).astype(int)
    whole = np.asarray([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1.0]]) @ matrix
    middle = np.asarray([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    pixels = np.linalg.inv(middle) @ whole @ middle
    turned = cv2.warpPerspective(
        dark, pixels, (int(size[0]), int(size[1])), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return turned, whole


def _measured(dark: np.ndarray, walls: Walls | None) -> Iterator[Candidate]:
    """Readings with a fitted lattice: as lines that are dark or light, and as cells."""
    straight, matrix = _straightened(dark)
    best = 0.0
    for is_dark in (True, False):
        ink, flat = (dark, straight) if is_dark else (1.0 - dark, 1.0 - straight)
        for box in (None, *closed_boxes(flat)):
            part = flat if box is None else only_within(flat, box)
            for found in _readings(ink, part, matrix, box, walls):
                # What is light counts as cells only where its box is closed: the dark reading sees both.
                if found.read.is_thin or is_dark or box is not None:
                    best = max(best, found.confidence)
                    yield found
            if best > SURE:
                return


def _readings(
    ink: np.ndarray, part: np.ndarray, matrix: np.ndarray, box: Box | None, walls: Walls | None
) -> Iterator[Candidate]:
    """Ink read as lines and, unless that is sure, as cells; `part` is the straightened picture within `box`."""
    lines = None if walls == "thick" else _as_lines(ink, part, matrix, box)
    width = np.inf if lines is None else lines.stroke / max(1.0 - lines.stroke, 1e-6)
    if lines is not None and (walls == "thin" or width <= THIN):
        yield lines.candidate
        if lines.candidate.confidence > SURE:
            return
    if walls != "thin":
        cells = _as_cells(ink, part, matrix, box)
        if cells is not None:
            if lines is not None and width <= THIN and lines.candidate.confidence > LEAST_CONFIDENCE:
                cells = cells._replace(confidence=AS_LINES * cells.confidence)
            yield cells
            if cells.confidence > SURE:
                return
    if lines is not None and walls is None and THIN < width <= STOUT:
        yield lines.candidate._replace(confidence=AS_CELLS * lines.candidate.confidence)


class Lines(NamedTuple):
    """A reading as lines, and their width in pitches."""

    candidate: Candidate
    stroke: float


def _as_lines(ink: np.ndarray, part: np.ndarray, matrix: np.ndarray, box: Box | None) -> Lines | None:
    """A reading as thin lines of ink."""
    width = stroke_width(part)
    if width == 0.0:
        return None
    lattice = fit_lattice(stroke_marks(part, width), max(1.6 * width, LEAST_PITCH))
    if lattice is None:
        return None
    read, frame = _lines_in(ink, matrix, lattice, box, width)
    step, row, column = (1, 0, 0) if read is None else line_step(read.walls)
    if read is not None and frame is not None and step > 1:
        lattice = _coarser(lattice, step, frame.origin[0] + read.box[0] + row, frame.origin[1] + read.box[1] + column)
        read, frame = _lines_in(ink, matrix, lattice, box, width)
    if read is None or frame is None:
        return None
    # Blur widens lines at half their height; at three quarters it does not.
    stroke = stroke_width(part, 0.75) / float(np.mean(lattice.pitch))
    return Lines(_candidate(read, lattice.matrix @ matrix, frame), stroke)


def _lines_in(
    ink: np.ndarray, matrix: np.ndarray, lattice: Lattice, box: Box | None, width: float
) -> tuple[Read | None, Frame | None]:
    frame = lay_out(ink, lattice.matrix @ matrix, lattice.pitch)
    if frame is None:
        return None, None
    stroke = width / float(np.mean(lattice.pitch))
    return read_thin(_without_outside(frame, lattice, box), stroke, lattice.coherence), frame


def _coarser(lattice: Lattice, step: int, top: int, left: int) -> Lattice:
    """A lattice of which only every so many lines are left, (top, left) being one of them.

    Something beside the maze, such as a window frame or the edge of the paper, lay between its lines.
    """
    moved = np.asarray([[1 / step, 0, -left / step], [0, 1 / step, -top / step], [0, 0, 1.0]])
    return lattice._replace(matrix=moved @ lattice.matrix, pitch=(lattice.pitch[0] * step, lattice.pitch[1] * step))


def _as_cells(ink: np.ndarray, part: np.ndarray, matrix: np.ndarray, box: Box | None) -> Candidate | None:
    """A reading as cells of ink and of paper."""
    lattice = fit_lattice(edge_marks(part))
    frame = None if lattice is None else lay_out(ink, lattice.matrix @ matrix, lattice.pitch)
    if lattice is None or frame is None:
        return None
    read = read_thick(_cut(frame, lattice, box), lattice.coherence)
    side, row, column = (1, 0, 0) if read is None else block_of(read.walls)
    if read is not None and side > 1:
        lattice = _coarser(lattice, side, frame.origin[0] + read.box[0] + row, frame.origin[1] + read.box[1] + column)
        frame = lay_out(ink, lattice.matrix @ matrix, lattice.pitch)
        read = None if frame is None else read_thick(_cut(frame, lattice, box), lattice.coherence)
    return None if read is None or frame is None else _candidate(read, lattice.matrix @ matrix, frame)


def _closed(ink: np.ndarray) -> np.ndarray:
    """Ink with gaps in it closed that are up to twice as long as its strokes are wide: dotted and broken lines."""
    reach = 2 * min(int(np.ceil(stroke_width(ink))), MOST_GAP) + 1
    # A disc favours no direction, and a little blur takes away what is left of the dots at the lines' edges.
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    return cv2.GaussianBlur(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, disc), (0, 0), reach / 8)


def _box_in(frame: Frame, lattice: Lattice, box: Box) -> np.ndarray:
    """The corners of a box of the straightened picture in pitches of a frame, float64 `[4, 2]`, (column, row)."""
    corners = [[box.left, box.top], [box.right, box.top], [box.right, box.bottom], [box.left, box.bottom]]
    return project(lattice.matrix, np.asarray(corners, np.float64)) - frame.origin[::-1]


def _without_outside(frame: Frame, lattice: Lattice, box: Box | None) -> Frame:
    """A frame without the ink that is outside of a box."""
    if box is None:
        return frame
    corners = np.rint(_box_in(frame, lattice, box) * frame.scale).astype(np.int32)
    inside = cv2.fillConvexPoly(np.zeros(frame.ink.shape, np.uint8), corners, 1)
    inside = cv2.dilate(inside, np.ones((3, 3), np.uint8))
    return frame._replace(ink=frame.ink * inside)


def _cut(frame: Frame, lattice: Lattice, box: Box | None) -> Frame:
    """A frame in which the picture ends where a box does, if the box ends on lines of the lattice."""
    if box is None:
        return frame
    corners = _box_in(frame, lattice, box)
    if np.abs(corners - np.rint(corners)).max() > 0.3:
        return frame
    corners = np.rint(corners)
    inside = cv2.fillConvexPoly(np.zeros(frame.ink.shape, np.uint8), (corners * frame.scale).astype(np.int32), 1)
    return frame._replace(seen=frame.seen * inside, corners=corners)


def _candidate(read: Read, matrix: np.ndarray, frame: Frame) -> Candidate:
    """Move the origin of the homography to the maze's top left corner, and judge."""
    top, left, bottom, right = read.box
    moved = np.asarray([[1, 0, -left - frame.origin[1]], [0, 1, -top - frame.origin[0]], [0, 0, 1.0]]) @ matrix
    half, scale = frame.scale // 2, frame.scale
    around = top * scale - half, left * scale - half, bottom * scale + half, right * scale + half
    judged = read._replace(share=changes_within(frame.ink > 0.5, around))
    return Candidate(judged, moved, confidence(judged))


def _result(found: Candidate, name: str) -> PictureReading:
    read, matrix = found.read, found.matrix
    rows, columns = (side // 2 if read.is_thin else side for side in read.walls.shape)
    inverse = np.linalg.inv(matrix)
    corners = project(inverse, np.asarray([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float64))
    middle = np.asarray([[columns / 2, rows / 2]])
    around = project(inverse, middle + np.asarray([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    pitch = float(np.hypot(*(around[1] - around[0]))), float(np.hypot(*(around[2] - around[0])))
    source = {"file": name, "format": "picture", "confidence": round(found.confidence, 4)}
    layout = Layout(read.walls, Path(name).stem, source, thin_walls=read.is_thin)
    return PictureReading(layout, found.confidence, corners, pitch, matrix, read.margin < 0.35, read.assumed)
