"""The border of a maze among whatever else is read as walls: the largest box closed on all four sides."""

from __future__ import annotations

import numpy as np

BORDER = 0.8
"""Share of a side that is wall at least; the rest are ways out."""
OUTERMOST = 12
"""Lines tried on either side."""

Lines = tuple[int, int, int, int]
"""Top, left, bottom, right line of a box."""


def bordered_box(level: np.ndarray, upright: np.ndarray, within: Lines) -> Lines | None:
    """The largest box with walls along all sides; where boxes nest with nothing between, the inner one; or None.

    A window frame that happens to lie on a line of the lattice is no border: the maze's other sides do not reach it.

    Args:
        level: bool `[lines, C]`, walls along level lines; what is beyond the picture counts as wall.
        upright: bool `[R, lines]`, walls along upright lines.
        within: the box that holds all that hangs together.
    """
    top, left, bottom, right = within
    rows = [row for row in range(top, bottom + 1) if _longest(level[row, left:right]) >= 0.4 * (right - left)]
    columns = [
        column for column in range(left, right + 1) if _longest(upright[top:bottom, column]) >= 0.4 * (bottom - top)
    ]
    boxes = _closed(level, upright, _pairs(rows, bottom - top), _pairs(columns, right - left))
    if not boxes:
        return None
    boxes.sort(key=lambda box: -(box[2] - box[0]) * (box[3] - box[1]))
    best = next((box for box in boxes if not _hangs_on(level, upright, box)), None)
    if best is None:
        return None
    held = _Held(level, upright)
    for box in boxes:
        inside = box[0] > best[0] and box[1] > best[1] and box[2] < best[2] and box[3] < best[3]
        if inside and held.walls(best) - held.walls(box) <= 1.05 * _length(best):
            best = box
    return best


def _pairs(lines: list[int], span: int) -> list[tuple[int, int]]:
    outer = sorted({*lines[:OUTERMOST], *lines[-OUTERMOST:]})
    return [(a, b) for a in outer for b in outer if b - a >= max(2, 0.3 * span)]


def _longest(side: np.ndarray) -> int:
    """Length from the first to the last wall of the longest stretch with gaps of at most two."""
    places = np.flatnonzero(side)
    if len(places) == 0:
        return 0
    parts = np.split(places, np.flatnonzero(np.diff(places) > 3) + 1)
    return max(int(part[-1] - part[0]) + 1 for part in parts)


def _closed(
    level: np.ndarray, upright: np.ndarray, rows: list[tuple[int, int]], columns: list[tuple[int, int]]
) -> list[Lines]:
    """The boxes of pairs of lines that have walls along all sides."""
    if not rows or not columns:
        return []
    (top, bottom), (left, right) = np.asarray(rows).T[:, :, None], np.asarray(columns).T[:, None, :]
    along = np.concatenate([np.zeros((len(level), 1)), np.cumsum(level, axis=1)], axis=1)
    down = np.concatenate([np.zeros((1, upright.shape[1])), np.cumsum(upright, axis=0)], axis=0)
    good = np.ones((len(rows), len(columns)), np.bool_)
    for line in (top, bottom):
        good &= along[line, right] - along[line, left] >= BORDER * (right - left)
    for line in (left, right):
        good &= down[bottom, line] - down[top, line] >= BORDER * (bottom - top)
    return [(rows[p][0], columns[q][0], rows[p][1], columns[q][1]) for p, q in np.argwhere(good)]


def _hangs_on(level: np.ndarray, upright: np.ndarray, box: Lines) -> bool:
    """Whether a side is none of the maze's: nothing joins it to a border that lies further in."""
    top, left, bottom, right = box
    part, turned = level[top : bottom + 1, left:right], upright[top:bottom, left : right + 1]
    for lines, ends in (
        (part, turned[:, [0, -1]]),
        (part[::-1], turned[::-1][:, [0, -1]]),
        (turned.T, part[[0, -1]].T),
        (turned.T[::-1], part[[0, -1]].T[::-1]),
    ):
        for depth in range(1, len(lines) - 1):
            if ends[depth - 1].any():
                break
            if lines[depth].mean() >= BORDER:
                return True
    return False


def _length(box: Lines) -> int:
    return 2 * (box[2] - box[0] + box[3] - box[1])


class _Held:
    """How many walls a box holds, from sums made once."""

    def __init__(self, level: np.ndarray, upright: np.ndarray) -> None:
        self.level, self.upright = (np.pad(each, ((1, 0), (1, 0))).cumsum(0).cumsum(1) for each in (level, upright))

    def walls(self, box: Lines) -> int:
        """Walls on the box's sides and within it."""
        top, left, bottom, right = box
        total = 0
        for sums, last_row, last_column in ((self.level, bottom + 1, right), (self.upright, bottom, right + 1)):
            total += int(sums[last_row, last_column] - sums[top, last_column])
            total -= int(sums[last_row, left] - sums[top, left])
        return total
