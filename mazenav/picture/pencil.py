"""Where a maze's two families of lines point: turn and perspective of a picture, found without its border.

Parallel lines, seen in perspective, all pass through one point: they are a pencil. With d the position from the middle
of the picture, t the direction of a family there and n its normal, the lines n.d / (1 + k t.d) = u pass through
d = -t / k, and k = 0 means that they are parallel. A pencil fits if the edges of the picture bunch up at few values of
u. Two such fits, (t1, k1) for the rows and (t2, k2) for the columns, make the homography: its vanishing line
1 + l.d = 0 passes through both points, thus l.t1 = k1 and l.t2 = k2; then x = n2.d / (1 + l.d), y = n1.d / (1 + l.d).
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numba import njit

MOST_EDGES = 5000
"""Edge points of each family that a fit is made with."""
REACH = np.radians(5.0)
"""How far a family may point from where its edges' gradients say."""
SLANT = 0.16
"""Largest change of direction, as a slope, from the middle of the picture to its edge."""
STRAIGHT = 0.93
"""A picture is taken as straight if its edges bunch up like this, compared with the best turn."""


class Edges(NamedTuple):
    """Points on edges: positions float64 `[E, 2]` (x, y) from the picture's middle; whether each is of a row."""

    places: np.ndarray
    is_level: np.ndarray


class Pencil(NamedTuple):
    """A family of lines: its angle in the middle of the picture, and its convergence k, 0 where they are parallel."""

    angle: float
    convergence: float


def straightening(dark: np.ndarray) -> np.ndarray:
    """The homography float64 `[3, 3]` from pixels to a plane in which the maze's lines are level and upright.

    Scale and place are those of the picture's middle; the identity if the picture is straight already.

    Args:
        dark: float32 `[H, W]` in 0 to 1.
    """
    height, width = dark.shape
    turn = gradient_angle(dark)
    edges = find_edges(dark, turn)
    half = max(height, width) / 2
    fits, straight, best = [], 0.0, 0.0
    for level in (True, False):
        places = edges.places[edges.is_level == level]
        if len(places) < 30:
            return np.eye(3)
        axis = 0.0 if level else np.pi / 2
        fit, gain = fit_pencil(places, turn + axis, half)
        straight += bunching(places, np.asarray([axis]), np.zeros(1), 1.0, half)[0]
        best += gain
        fits.append(fit)
    if straight >= STRAIGHT * best:
        return np.eye(3)
    rows, columns = fits
    t1 = np.asarray([np.cos(rows.angle), np.sin(rows.angle)])
    t2 = np.asarray([np.cos(columns.angle), np.sin(columns.angle)])
    vanishing = np.linalg.solve(np.stack([t1, t2]), [rows.convergence, columns.convergence])
    matrix = np.asarray([[t2[1], -t2[0], 0.0], [-t1[1], t1[0], 0.0], [*vanishing, 1.0]])
    centre = np.asarray([[1.0, 0.0, -width / 2], [0.0, 1.0, -height / 2], [0.0, 0.0, 1.0]])
    return matrix @ centre


def gradient_angle(dark: np.ndarray) -> float:
    """The commonest direction of edges, modulo a right angle, in (-45, 45] degrees, as radians."""
    smooth = cv2.GaussianBlur(dark, (0, 0), 1.2)
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    strength = np.hypot(across, down)
    strong = strength > 0.3 * float(np.percentile(strength, 99.5))
    angles = np.degrees(np.arctan2(down[strong], across[strong])) % 90.0
    counts, _ = np.histogram(angles, bins=360, range=(0.0, 90.0), weights=strength[strong])
    kernel = np.exp(-0.5 * (np.arange(-12, 13) / 4.0) ** 2)
    smoothed = np.convolve(np.tile(counts, 3), kernel, "same")[360:720]
    angle = (float(smoothed.argmax()) + 0.5) / 4.0
    return float(np.radians(angle - 90.0 if angle > 45.0 else angle))


def find_edges(dark: np.ndarray, turn: float) -> Edges:
    """Places of the strongest change along each axis, between pixels; `turn` tells rows from columns."""
    smooth = cv2.GaussianBlur(dark, (0, 0), 0.7)
    places, levels = [], []
    for level in (True, False):
        change = np.abs(cv2.Sobel(smooth, cv2.CV_32F, 0 if level else 1, 1 if level else 0))
        other = np.abs(cv2.Sobel(smooth, cv2.CV_32F, 1 if level else 0, 0 if level else 1))
        lines = change if level else change.T
        cross = other if level else other.T
        before, here, after = lines[:-2], lines[1:-1], lines[2:]
        wide = np.tan(abs(turn) + np.radians(20.0))
        # The gradient of a line that leans by `turn` leans as much: what leans far more is of the other family.
        peak = (here >= before) & (here > after) & (here > 0.3 * float(lines.max())) & (cross[1:-1] < wide * here)
        row, column = np.nonzero(peak)
        if len(row) > MOST_EDGES:
            keep = np.sort(np.random.default_rng(0).choice(len(row), MOST_EDGES, replace=False))
            row, column = row[keep], column[keep]
        b, h, a = before[row, column], here[row, column], after[row, column]
        exact = row + 1.5 + 0.5 * (b - a) / np.minimum(b - 2 * h + a, -1e-6)
        pair = (column + 0.5, exact) if level else (exact, column + 0.5)
        places.append(np.stack(pair, axis=-1))
        levels.append(np.full(len(row), level))
    middle = np.asarray([dark.shape[1] / 2, dark.shape[0] / 2])
    return Edges(np.concatenate(places) - middle, np.concatenate(levels))


def fit_pencil(places: np.ndarray, angle: float, half: float) -> tuple[Pencil, float]:
    """The pencil at which the edges bunch up most, from coarse to fine, and how much they do at bins of one pixel."""
    width = 3.0
    steps = int(np.ceil(REACH * half / width))
    angles = angle + np.linspace(-REACH, REACH, 2 * steps + 1)
    bends = int(np.ceil(SLANT * half / width))
    slopes = np.linspace(-SLANT, SLANT, 2 * bends + 1) / half
    best = _best(places, angles, slopes, width, half)
    while width > 0.4:
        fine = np.linspace(-1.0, 1.0, 5) * width / half
        width /= 2
        best = _best(places, best.angle + fine, best.convergence + fine / half, width, half)
    gain = bunching(places, np.asarray([best.angle]), np.asarray([best.convergence]), 1.0, half)[0]
    return best, float(gain)


def _best(places: np.ndarray, angles: np.ndarray, slopes: np.ndarray, width: float, half: float) -> Pencil:
    grid_angles, grid_slopes = (each.ravel() for each in np.meshgrid(angles, slopes, indexing="ij"))
    gains = bunching(places, grid_angles, grid_slopes, width, half)
    best = int(gains.argmax())
    return Pencil(float(grid_angles[best]), float(grid_slopes[best]))


def bunching(places: np.ndarray, angles: np.ndarray, slopes: np.ndarray, width: float, half: float) -> np.ndarray:
    """How much the edges bunch up at each of `[T]` pencils: the sum of squares of a histogram with bins of `width`."""
    x, y = np.ascontiguousarray(places[:, 0]), np.ascontiguousarray(places[:, 1])
    return _bunching(x, y, angles, slopes, float(width), int(4.0 * half / width) + 4)


@njit(cache=True)
def _bunching(
    x: np.ndarray, y: np.ndarray, angles: np.ndarray, slopes: np.ndarray, width: float, count: int
) -> np.ndarray:
    """As `bunching`, with float64 `x` and `y` `[E]` and `count` bins; an edge is shared by the two bins next to it."""
    gains = np.empty(len(angles))
    histogram = np.empty(count)
    for trial in range(len(angles)):
        cosine, sine, slope = np.cos(angles[trial]), np.sin(angles[trial]), slopes[trial]
        histogram[:] = 0.0
        for edge in range(len(x)):
            # A line of the family lies at n.d = u (1 + k t.d); n is t turned by a right angle.
            depth = max(1.0 + slope * (x[edge] * cosine + y[edge] * sine), 0.2)
            place = (y[edge] * cosine - x[edge] * sine) / (depth * width) + 0.5 * count
            whole = min(max(int(place), 0), count - 2)
            part = place - whole
            histogram[whole] += 1.0 - part
            histogram[whole + 1] += part
        gains[trial] = (histogram * histogram).sum()
    return gains
