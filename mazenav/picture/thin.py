"""Thin walls: lines between cells, read edge by edge."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from scipy import ndimage

from mazenav.picture.border import Lines, bordered_box
from mazenav.picture.frame import Frame, seen_mean, two_levels
from mazenav.picture.read import Read

ALONG = 0.56
"""Share of an edge's length that is looked at: its middle, away from what crosses at the posts."""
ASTRAY = 0.13
"""Pitches by which a line may lie beside its place."""
BARE = 0.3
"""A side with a smaller share of walls than this is not drawn at all."""
WHOLE = 0.8
"""A side with a smaller share is no border, where other sides are not drawn."""
STICKING = 0.15
"""Share of the posts of a border beyond which walls go on, from which on it is none."""
MOSTLY = 0.5
"""Share of the walls that a border holds at least."""


class EdgeValues(NamedTuple):
    """How much ink is on each edge, 0 to 1, NaN where unseen: level `[R + 1, C]` and upright `[R, C + 1]` ones."""

    level: np.ndarray
    upright: np.ndarray

    def raster(self) -> np.ndarray:
        """Both on the `(2n+1)` lattice; NaN at posts and cells."""
        rows, columns = self.upright.shape[0], self.level.shape[1]
        values = np.full((2 * rows + 1, 2 * columns + 1), np.nan, np.float32)
        values[::2, 1::2] = self.level
        values[1::2, ::2] = self.upright
        return values


def read_thin(frame: Frame, stroke: float, coherence: float) -> Read | None:
    """The layout of a maze of lines, or None if there is none.

    Args:
        frame: the picture, with ink 1 where lines are.
        stroke: width of the lines in pitches.
        coherence: of the lattice.
    """
    edges = measure_edges(frame, stroke)
    values = edges.raster()
    if np.isfinite(values).sum() < 12:
        return None
    threshold, low, high = two_levels(values)
    box = find_box(values, threshold)
    if box is None:
        return None
    if ink_outside(frame, box, stroke) > 0.5:
        return None
    top, left, bottom, right = box
    inner = values[2 * top : 2 * bottom + 1, 2 * left : 2 * right + 1]
    threshold, low, high = two_levels(inner)
    if high - low < 0.25:
        threshold, low, high = 0.5, 0.0, max(high, 0.5)
    walls = np.nan_to_num(inner, nan=0.0) > threshold
    walls[::2, ::2] = True
    walls[1::2, 1::2] = False
    is_edge = np.add.outer(np.arange(walls.shape[0]), np.arange(walls.shape[1])) % 2 == 1
    reach = np.where(inner > threshold, high - threshold, threshold - low)
    margin = np.where(is_edge, np.clip(np.abs(inner - threshold) / np.maximum(reach, 1e-3), 0.0, 1.0), 1.0)
    margin = np.nan_to_num(margin, nan=0.0).astype(np.float32)
    assumed, beyond = _close_bare_sides(walls, margin, inner)
    explained = explained_ink(frame, walls, box, stroke)
    return Read(walls, margin, box, True, explained, coherence, high - low, assumed, beyond)


def measure_edges(frame: Frame, stroke: float) -> EdgeValues:
    """How much ink lies along each edge: the mean over a strip as wide as the lines, at the best place nearby."""
    scale = frame.scale
    along, across = round(ALONG * scale), max(1, round(stroke * scale))
    reach = 2 * max(1, round(ASTRAY * scale)) + 1
    level = _best_near(seen_mean(frame.ink, frame.seen, along, across), (1, reach))
    upright = _best_near(seen_mean(frame.ink, frame.seen, across, along), (reach, 1))
    rows, columns = frame.shape
    at_row, at_column = (np.arange(count) * scale + scale // 2 for count in (rows, columns))
    row_lines, column_lines = (np.minimum(np.arange(count + 1) * scale, count * scale - 1) for count in (rows, columns))
    return EdgeValues(level[np.ix_(row_lines, at_column)], upright[np.ix_(at_row, column_lines)])


def _best_near(means: np.ndarray, reach: tuple[int, int]) -> np.ndarray:
    """The largest known mean within `reach` (width, height) pixels; NaN where the place itself is unknown."""
    kernel = np.ones((reach[1], reach[0]), np.uint8)
    best = cv2.dilate(np.nan_to_num(means, nan=-1.0).astype(np.float32), kernel)
    return np.where(np.isfinite(means), best, np.nan)


def find_box(values: np.ndarray, threshold: float) -> Lines | None:
    """The lines (top, left, bottom, right) within which walls hang together, or None.

    Walls a cell apart count as one piece, so that islands and a missing border do not matter.

    Args:
        values: the raster of `EdgeValues`.
        threshold: an edge with more ink is a wall.
    """
    walls = np.nan_to_num(values, nan=0.0) > threshold
    solid = cv2.dilate(walls.astype(np.uint8), np.ones((3, 3), np.uint8))
    labels, count = ndimage.label(cv2.dilate(solid, np.ones((3, 3), np.uint8)), np.ones((3, 3), np.int_))
    if count == 0:
        return None
    best, box = 0, None
    for number, part in enumerate(ndimage.find_objects(labels), start=1):
        rows, columns = np.nonzero(walls[part] & (labels[part] == number))
        if len(rows) == 0:
            continue
        lines = (
            (int(rows.min()) + part[0].start) // 2,
            (int(columns.min()) + part[1].start) // 2,
            -(-(int(rows.max()) + part[0].start) // 2),
            -(-(int(columns.max()) + part[1].start) // 2),
        )
        area = (lines[2] - lines[0]) * (lines[3] - lines[1])
        if area > best:
            best, box = area, lines
    if box is None:
        return None
    closed = walls | ~np.isfinite(values)
    border = bordered_box(closed[::2, 1::2], closed[1::2, ::2], box)
    holds_most = border is not None and _raster(walls, border).sum() >= MOSTLY * _raster(walls, box).sum()
    if border is not None and holds_most and _beyond(walls, border) < STICKING:
        box = border
    else:
        box = _outgrown(walls, values, _without_hangers(walls, values, box))
    return box if box[2] - box[0] >= 2 and box[3] - box[1] >= 2 else None


def _raster(walls: np.ndarray, box: Lines) -> np.ndarray:
    """The part of a raster within lines, those included."""
    top, left, bottom, right = box
    return walls[2 * top : 2 * bottom + 1, 2 * left : 2 * right + 1]


def _beyond(walls: np.ndarray, box: Lines) -> float:
    """The largest share, over the sides of a box, of posts beyond which walls go on."""
    top, left, bottom, right = (2 * line for line in box)
    posts = np.s_[left : right + 1 : 2], np.s_[top : bottom + 1 : 2]
    shares = [0.0]
    for line, most in ((top - 1, walls.shape[0]), (bottom + 1, walls.shape[0])):
        if 0 <= line < most:
            shares.append(float(walls[line, posts[0]].mean()))
    for line, most in ((left - 1, walls.shape[1]), (right + 1, walls.shape[1])):
        if 0 <= line < most:
            shares.append(float(walls[posts[1], line].mean()))
    return max(shares)


def _outgrown(walls: np.ndarray, values: np.ndarray, box: Lines) -> Lines:
    """The box grown by a line where its own cannot be the border: full of gaps, while another side is not drawn."""
    part, known = _raster(walls, box), np.isfinite(_raster(values, box))
    sides = [(part[0], known[0]), (part[:, 0], known[:, 0]), (part[-1], known[-1]), (part[:, -1], known[:, -1])]
    shares = [float(line[seen].mean()) if seen.any() else 1.0 for line, seen in sides]
    if min(shares) >= BARE:
        return box
    lines = list(box)
    last = values.shape[0] // 2, values.shape[1] // 2
    for side, share in enumerate(shares):
        if BARE <= share < WHOLE:
            lines[side] = min(max(lines[side] + (-1 if side < 2 else 1), 0), last[side % 2])
    return lines[0], lines[1], lines[2], lines[3]


def _without_hangers(walls: np.ndarray, values: np.ndarray, box: Lines) -> Lines:
    """The box without outer strips that hold next to nothing beyond a line that is a border: words, for example."""
    lines = list(box)
    for side, inwards in ((0, 1), (1, 1), (2, -1), (3, -1)):
        for _ in range(3):
            top, left, bottom, right = lines
            part = walls[2 * top : 2 * bottom + 1, 2 * left : 2 * right + 1]
            known = np.isfinite(values[2 * top : 2 * bottom + 1, 2 * left : 2 * right + 1])
            if min(part.shape) < 7:
                break
            turn = {0: 0, 1: 3, 2: 2, 3: 1}[side]
            part, known = np.rot90(part, turn), np.rot90(known, turn)
            outer, strip, border = part[0, 1::2], part[1, ::2], part[2, 1::2]
            if known[0, 1::2].mean() > 0.5 and border.mean() > 0.85 and outer.mean() < 0.3 and strip.mean() < STICKING:
                lines[side] += inwards
            else:
                break
    return lines[0], lines[1], lines[2], lines[3]


def _close_bare_sides(
    walls: np.ndarray, margin: np.ndarray, values: np.ndarray
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Make walls of every side that is not drawn, and of what of the others is beyond the picture.

    Returns:
        The sides that are not drawn, and those of them that are beyond the picture.
    """
    bare, beyond = [], []
    for side, line in (
        ("top", np.s_[0, 1::2]), ("bottom", np.s_[-1, 1::2]), ("left", np.s_[1::2, 0]), ("right", np.s_[1::2, -1])
    ):  # fmt: skip
        known = np.isfinite(values[line])
        share = float(walls[line][known].mean()) if known.any() else 0.0
        if share < BARE:
            walls[line] = True
            margin[line] = 0.5
            bare.append(side)
            if known.mean() < 0.5:
                beyond.append(side)
        elif not known.all():
            walls[line] = walls[line] | ~known
    return tuple(bare), tuple(beyond)


def ink_outside(frame: Frame, box: Lines, stroke: float) -> float:
    """Mean ink just beyond the lines of a box, as far as it is in the picture; much of it is no drawing on paper."""
    top, left, bottom, right = (line * frame.scale for line in box)
    near = round((stroke / 2 + ASTRAY) * frame.scale)
    far = near + max(1, round(0.1 * frame.scale))
    band = np.zeros(frame.ink.shape, np.bool_)
    band[max(0, top - far) : bottom + far, max(0, left - far) : right + far] = True
    band[max(0, top - near) : bottom + near, max(0, left - near) : right + near] = False
    band &= frame.seen > 0
    return float((frame.ink[band] > 0.5).mean()) if band.any() else 0.0


def line_step(walls: np.ndarray) -> tuple[int, int, int]:
    """Of how many lines only one holds walls, on both axes alike, and the first level and upright one that does.

    A step of 1 says that the lattice's lines are as far apart as they should be.
    """
    inner = walls[1:-1, 1:-1]
    level, upright = inner[1::2, ::2].sum(axis=1), inner[::2, 1::2].sum(axis=0)
    for step in range(min(4, min(walls.shape) // 6), 1, -1):
        firsts = []
        for counts in (level, upright):
            shares = np.bincount((np.arange(len(counts)) + 1) % step, counts, step)
            if shares.max() < 0.95 * max(shares.sum(), 1):
                break
            firsts.append(int(shares.argmax()))
        if len(firsts) == 2:
            return step, firsts[0], firsts[1]
    return 1, 0, 0


def explained_ink(frame: Frame, walls: np.ndarray, box: Lines, stroke: float) -> float:
    """Share of the ink within the box that lies on the walls that were read, give or take `ASTRAY` pitches."""
    scale = frame.scale
    top, left, bottom, right = (line * scale for line in box)
    ink = (frame.ink[top:bottom, left:right] > 0.5) & (frame.seen[top:bottom, left:right] > 0)
    drawn = np.zeros(ink.shape, np.uint8)
    half = (stroke / 2 + ASTRAY) * scale
    for row, column in np.argwhere(walls):
        if (row + column) % 2 == 0:
            continue
        x, y = column * scale / 2, row * scale / 2
        along, across = (scale / 2 + half, half) if row % 2 == 0 else (half, scale / 2 + half)
        low, high = (max(0, round(y - across)), max(0, round(x - along))), (round(y + across), round(x + along))
        drawn[low[0] : high[0], low[1] : high[1]] = 1
    total = int(ink.sum())
    return float((ink & (drawn > 0)).sum() / total) if total else 0.0
