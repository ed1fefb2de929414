"""Thick walls: cells that are dark or light, and which of the two are the walls."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from scipy import ndimage

from mazenav.picture.border import Lines, bordered_box
from mazenav.picture.frame import Frame, seen_mean, two_levels
from mazenav.picture.read import Read

MIDDLE = 0.5
"""Share of a cell's sides that is looked at."""
SOFT = 0.15
"""Pitches on either side of a wall's edge where neither wall nor passage is expected."""
WHOLE = 0.13
"""Pitches that a picture's edge may lie off a line and still be the edge of a cell."""
AROUND = 0.9
"""Share of the picture's edge that is alike where something surrounds the maze."""
RING = 0.93
"""Share of a maze's outermost cells that are walls: a border with few ways out. Corridors along a border have less."""
CLOSED = 0.97
"""The same where the walls are thicker than the passages."""
MOSTLY, FRAMED = 0.7, 0.2
"""Share of all that is light, or dark, that a closed box within it covers at least to be the maze's border."""
HOG_MARGIN = 1.5
"""Cells that the hog2 renderings of MovingAI maps leave on each side of the longer side."""


class Cells(NamedTuple):
    """Cells of a picture.

    Attributes:
        dark: bool `[R, C]`.
        seen: bool `[R, C]`, within the picture.
        corners: float64 `[4, 2]`, (column, row) of the picture's own corners.
        around: share of dark along the picture's own edge.
    """

    dark: np.ndarray
    seen: np.ndarray
    corners: np.ndarray
    around: float


class Meaning(NamedTuple):
    """Which cells are the maze's, and whether its walls are the dark ones; sides whose walls were not drawn."""

    box: Lines
    is_dark: bool
    assumed: tuple[str, ...]


def read_thick(frame: Frame, coherence: float) -> Read | None:
    """The layout of a maze whose walls are as wide as cells, or None if there is none."""
    scale = frame.scale
    width = max(1, round(MIDDLE * scale))
    means = seen_mean(frame.ink, frame.seen, width, width)
    at = scale // 2
    values = means[at::scale, at::scale]
    seen = seen_mean(frame.seen, np.ones_like(frame.seen), scale, scale)[at::scale, at::scale] > 0.55
    if seen.sum() < 9:
        return None
    values = np.where(seen, values, np.nan)
    threshold, low, high = two_levels(values)
    if high - low < 0.25:
        return None
    meaning = interpret(Cells(np.nan_to_num(values, nan=0.0) > threshold, seen, frame.corners, frame.around()))
    if meaning is None:
        return None
    top, left, bottom, right = meaning.box
    rows, columns = np.clip(np.arange(top, bottom), 0, values.shape[0] - 1), np.arange(left, right)
    inner = values[np.ix_(rows, np.clip(columns, 0, values.shape[1] - 1))].copy()
    inner[(np.arange(top, bottom) < 0) | (np.arange(top, bottom) >= values.shape[0])] = np.nan
    inner[:, (columns < 0) | (columns >= values.shape[1])] = np.nan
    known = np.isfinite(inner)
    walls = np.where(known, (inner > threshold) == meaning.is_dark, True)
    _close(walls, meaning.assumed)
    reach = np.where(inner > threshold, high - threshold, threshold - low)
    margin = np.clip(np.abs(inner - threshold) / np.maximum(reach, 1e-3), 0.0, 1.0)
    margin = np.nan_to_num(margin, nan=0.5).astype(np.float32)
    explained = _explained(frame, walls == meaning.is_dark, meaning.box, threshold)
    quiet = _quiet(frame, meaning.box, threshold)
    return Read(walls, margin, meaning.box, False, explained, coherence, high - low, meaning.assumed, (), quiet)


def _close(walls: np.ndarray, sides: tuple[str, ...]) -> None:
    lines = {"top": walls[0], "bottom": walls[-1], "left": walls[:, 0], "right": walls[:, -1]}
    for side in sides:
        lines[side][:] = True


def _explained(frame: Frame, dark: np.ndarray, box: Lines, threshold: float) -> float:
    """How much better than a guess the cells that were read account for the pixels, but for those where dark ends."""
    scale = frame.scale
    top, left, bottom, right = box
    rows, columns = frame.shape
    inside = np.s_[max(top, 0) - top : min(bottom, rows) - top, max(left, 0) - left : min(right, columns) - left]
    part = np.s_[max(top, 0) * scale : min(bottom, rows) * scale, max(left, 0) * scale : min(right, columns) * scale]
    picture, seen = frame.ink[part] > threshold, frame.seen[part] > 0
    drawn = dark[inside].repeat(scale, 0).repeat(scale, 1)
    reach = 2 * max(1, round(SOFT * scale)) + 1
    kernel, solid = np.ones((reach, reach), np.uint8), drawn.astype(np.uint8)
    clear = (cv2.dilate(solid, kernel) == cv2.erode(solid, kernel)) & seen
    if not clear.any():
        return 0.0
    wrong_dark = float((picture & ~drawn & clear).sum() / max((~drawn & clear).sum(), 1))
    wrong_light = float((~picture & drawn & clear).sum() / max((drawn & clear).sum(), 1))
    return max(0.0, 1.0 - 2.0 * max(wrong_dark, wrong_light))


def _quiet(frame: Frame, box: Lines, threshold: float) -> float:
    """Share of what lies within a cell around a box that is alike; noise and text have no edge there, a maze has."""
    scale = frame.scale
    top, left, bottom, right = (line * scale for line in box)
    near, far = round(SOFT * scale) + 1, scale
    band = np.zeros(frame.ink.shape, np.bool_)
    band[max(0, top - far) : bottom + far, max(0, left - far) : right + far] = True
    band[max(0, top - near) : bottom + near, max(0, left - near) : right + near] = False
    band &= frame.seen > 0
    if band.sum() < scale**2:
        return 1.0
    share = float((frame.ink[band] > threshold).mean())
    return max(share, 1.0 - share)


def block_of(walls: np.ndarray) -> tuple[int, int, int]:
    """The largest block of alike cells that a grid is made of: its side, and the (row, column) of a block's corner.

    A side of 1 says that cells are as small as they should be.
    """
    down = np.count_nonzero(walls[1:] != walls[:-1], axis=1)
    across = np.count_nonzero(walls[:, 1:] != walls[:, :-1], axis=0)
    for side in range(min(8, min(walls.shape) // 4), 1, -1):
        starts = []
        for changes in (down, across):
            shares = np.bincount((np.arange(len(changes)) + 1) % side, changes, side)
            if shares.max() < 0.93 * max(shares.sum(), 1):
                break
            starts.append(int(shares.argmax()))
        if len(starts) == 2:
            return side, starts[0], starts[1]
    return 1, 0, 0


def interpret(cells: Cells) -> Meaning | None:
    """Which cells are the maze's and which of the two classes are its walls.

    What surrounds the maze tells most: a closed ring of the other class within it is a border on paper. Otherwise the
    surrounding is the walls' own, or the border was not drawn. Walls are not thicker than passages, and dark in doubt.
    """
    share = cells.around
    whole = _whole_picture(cells)
    if 1.0 - AROUND < share < AROUND:
        box = whole or box_of(cells.dark & cells.seen)
        return None if box is None else Meaning(box, True, ())
    is_dark_around = share >= AROUND
    others = (cells.dark != is_dark_around) & cells.seen
    box = box_of(others)
    if box is None or box[2] - box[0] < 2 or box[3] - box[1] < 2:
        return None
    closed = bordered_box(others, others, (box[0], box[1], box[2] - 1, box[3] - 1))
    least = MOSTLY if is_dark_around else FRAMED
    if closed is not None and _area(closed) >= least * _area(box):
        box = closed[0], closed[1], closed[2] + 1, closed[3] + 1
    if whole is None and is_dark_around:
        inner = _on_paper(cells, box)
        if inner is not None:
            return Meaning(inner, True, ())
    part = others[box[0] : box[2], box[1] : box[3]]
    ring = np.concatenate([part[0], part[-1], part[1:-1, 0], part[1:-1, -1]]).mean()
    is_thin = _blocks(part) <= _blocks(~part) + 0.02
    is_one_cell = whole is not None and box == (whole[0] + 1, whole[1] + 1, whole[2] - 1, whole[3] - 1)
    if (
        ring >= (RING if is_thin else CLOSED)
        and min(part.shape) >= 5
        and not (is_one_cell and is_dark_around and ring < 0.99)
    ):
        return Meaning(box, not is_dark_around, ())
    if is_dark_around:
        return Meaning(whole or _hog_box(cells, box) or _grown(box), True, ())
    if whole is not None and is_one_cell and not is_thin:
        return Meaning(whole, False, ())
    if whole is not None:
        # A light rim of one cell around corridors in the dark is a light border; else it is a map's own free edge.
        is_light_border = is_one_cell and _is_odd_maze(~part)
        return Meaning(whole, not is_light_border, ())
    return _bordered(part, box)


def _on_paper(cells: Cells, paper: Lines) -> Lines | None:
    """The box of a dark border on light paper that itself lies on something dark, or None."""
    top, left, bottom, right = paper
    light = ~cells.dark[top:bottom, left:right]
    rim = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]]).mean()
    closed = bordered_box(~light, ~light, (0, 0, light.shape[0] - 1, light.shape[1] - 1)) if rim > RING else None
    if closed is None or min(closed[0], closed[1]) < 1:
        return None
    dark = ~light[closed[0] : closed[2] + 1, closed[1] : closed[3] + 1]
    if np.concatenate([dark[0], dark[-1], dark[1:-1, 0], dark[1:-1, -1]]).mean() < RING:
        return None
    return closed[0] + top, closed[1] + left, closed[2] + top + 1, closed[3] + left + 1


def _area(box: Lines) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _bordered(part: np.ndarray, box: Lines) -> Meaning:
    """Dark walls on light paper, whose border was drawn on some sides only."""
    lines = {"top": part[0], "left": part[:, 0], "bottom": part[-1], "right": part[:, -1]}
    bare = tuple(side for side, line in lines.items() if line.mean() < 0.6)
    top, left, bottom, right = box
    grown = (top - ("top" in bare), left - ("left" in bare), bottom + ("bottom" in bare), right + ("right" in bare))
    return Meaning(grown, True, bare)


def _whole_picture(cells: Cells) -> Lines | None:
    """The box of the whole picture if its edges lie on lines of the lattice, else None."""
    nearest = np.rint(cells.corners)
    if np.abs(cells.corners - nearest).max() > WHOLE:
        return None
    (left, top), (right, bottom) = nearest[0], nearest[2]
    if not np.array_equal(nearest, [[left, top], [right, top], [right, bottom], [left, bottom]]):
        return None
    return int(top), int(left), int(bottom), int(right)


def box_of(cells: np.ndarray) -> Lines | None:
    """Top, left, bottom, right (exclusive) of the piece with the largest box; cells two apart hang together."""
    near = ndimage.binary_dilation(cells, np.ones((3, 3), np.bool_))
    labels, count = ndimage.label(near, np.ones((3, 3), np.int_))
    best, box = 0, None
    for number, part in enumerate(ndimage.find_objects(labels), start=1):
        rows, columns = np.nonzero(cells[part] & (labels[part] == number))
        top, left = int(rows.min()) + part[0].start, int(columns.min()) + part[1].start
        bottom, right = int(rows.max()) + part[0].start + 1, int(columns.max()) + part[1].start + 1
        if (bottom - top) * (right - left) > best:
            best, box = (bottom - top) * (right - left), (top, left, bottom, right)
    return box if count else None


def _blocks(cells: np.ndarray) -> float:
    """Share of 2 x 2 blocks that are all of a class: how thick it is."""
    blocks = cells[1:, 1:] & cells[:-1, 1:] & cells[1:, :-1] & cells[:-1, :-1]
    return float(blocks.mean()) if blocks.size else 0.0


def _is_odd_maze(free: np.ndarray) -> bool:
    """Whether cells at even places (from the first corridor) are free and those at odd places are walls."""
    return min(free.shape) >= 3 and bool((~free)[::2, ::2].mean() > 0.95 and free[1::2, 1::2].mean() > 0.95)


def _grown(box: Lines) -> Lines:
    return box[0] - 1, box[1] - 1, box[2] + 1, box[3] + 1


def _hog_box(cells: Cells, free: Lines) -> Lines | None:
    """The box of a MovingAI map as hog2 draws it: in the middle of a square, 1.5 black cells on the longer sides.

    Seen in the pictures beside the maps of nathansttt/hog2, maps/mapf: 1000 pixels for n + 3 cells.
    """
    (left, top), (right, bottom) = cells.corners[0], cells.corners[2]
    sides = bottom - top, right - left
    longest = round(max(sides) - 2 * HOG_MARGIN)
    if abs(sides[0] - sides[1]) > 0.3 or abs(max(sides) - 2 * HOG_MARGIN - longest) > 0.3 or longest < 2:
        return None
    lines = []
    for middle, low, high in (((top + bottom) / 2, free[0], free[2]), ((left + right) / 2, free[1], free[3])):
        half = max(middle - low, high - middle)
        first, last = middle - half, middle + half
        if max(abs(first - round(first)), abs(last - round(last))) > 0.3:
            return None
        lines.append((round(first), round(last)))
    counts = [last - first for first, last in lines]
    if max(counts) > longest:
        return None
    # Outer rows of walls do not show: the longer side has as many as are missing, the other only if nearly as long.
    extra = [(longest - count) // 2 if count == max(counts) or longest - count <= 2 else 0 for count in counts]
    (first_row, last_row), (first_column, last_column) = lines
    return first_row - extra[0], first_column - extra[1], last_row + extra[0], last_column + extra[1]
