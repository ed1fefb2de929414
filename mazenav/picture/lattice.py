"""The lattice that a maze is drawn on: how far apart its lines are, and where they lie.

What is measured are places where ink begins or ends (thick walls: all of them lie on lines between cells) or the
middles of strokes (thin walls: those lie on the lattice's lines). Their period is the lowest frequency f at which they
are in phase, |sum exp(2 pi i f x)|; then a homography is fitted that puts each on the whole number next to it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

LEAST_PITCH = 2.0
"""Pixels from line to line at least."""
LEAST_CELLS = 2.6
"""Pitches that the marks must span at least."""
IN_PHASE = 0.75
"""A period counts if its marks are in phase at least like this, compared with the best period."""
NEAR = 0.27
"""Marks further than this from a line, in pitches, say nothing about the lattice."""
MOST_MARKS = 40_000
"""Marks of each axis that the homography is fitted to."""


class Marks(NamedTuple):
    """Places on lines of the lattice: x and y in pixels, float64 `[M]`; whether their line is upright."""

    x: np.ndarray
    y: np.ndarray
    is_upright: np.ndarray


class Crossings(NamedTuple):
    """Where rows of a picture cross the level 1/2: place along the row, row, whether ink begins there; each `[M]`."""

    place: np.ndarray
    row: np.ndarray
    begins: np.ndarray


class Lattice(NamedTuple):
    """A fitted lattice.

    Attributes:
        matrix: homography float64 `[3, 3]` from pixels to pitches; lines lie at whole numbers.
        pitch: pixels from line to line along x and y, in the middle of the marks.
        coherence: in 0 to 1, how much the marks of the worse axis are in phase: 1 if all lie on lines.
    """

    matrix: np.ndarray
    pitch: tuple[float, float]
    coherence: float


def crossings(ink: np.ndarray) -> Crossings:
    """All places along the rows of `ink` (float32 `[H, W]`) where it passes 1/2, exact between the pixels."""
    above = ink > 0.5
    row, column = np.nonzero(above[:, 1:] != above[:, :-1])
    before, after = ink[row, column], ink[row, column + 1]
    return Crossings(column + 0.5 + (before - 0.5) / (before - after), row, after > before)


def runs(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Middle, row and width, float64 `[M]` each, of every run of ink along the rows that begins and ends in it."""
    place, row, begins = crossings(ink)
    whole = begins[:-1] & ~begins[1:] & (row[:-1] == row[1:])
    start, stop = place[:-1][whole], place[1:][whole]
    return (start + stop) / 2, row[:-1][whole] + 0.5, stop - start


def stroke_width(ink: np.ndarray, level: float = 0.5) -> float:
    """The usual width of strokes in pixels at a level of ink, exact between them; 0 if there are none."""
    rough = thickness(ink > 0.5)
    raised = ink if level == 0.5 else np.clip(ink + (0.5 - level), 0.0, 1.0)
    widths = np.concatenate([runs(raised)[2], runs(np.ascontiguousarray(raised.T))[2]])
    alike = widths[(widths > 0.4 * rough) & (widths < 1.8 * rough)]
    return float(np.median(alike)) if len(alike) else rough


def thickness(mask: np.ndarray) -> float:
    """How thick a class of pixels usually is: the median over its pixels of the shorter run through each; 0 if none."""
    if not mask.any():
        return 0.0
    return float(np.median(np.minimum(run_lengths(mask), run_lengths(mask.T).T)[mask]))


def run_lengths(mask: np.ndarray) -> np.ndarray:
    """For each pixel the length of the run of its own class along its row, int32 `[H, W]`."""
    height, width = mask.shape
    starts = np.ones((height, width), np.bool_)
    starts[:, 1:] = mask[:, 1:] != mask[:, :-1]
    first = np.flatnonzero(starts)
    lengths = np.diff(first, append=height * width)
    return np.repeat(lengths, lengths).reshape(height, width).astype(np.int32)


def edge_marks(ink: np.ndarray) -> Marks:
    """Where ink begins and ends."""
    across, down = crossings(ink), crossings(np.ascontiguousarray(ink.T))
    return _joined((across.place, across.row + 0.5), (down.row + 0.5, down.place))


def stroke_marks(ink: np.ndarray, width: float) -> Marks:
    """The middles of all strokes about `width` wide."""
    sides = []
    for picture in (ink, np.ascontiguousarray(ink.T)):
        middle, row, length = runs(picture)
        fits = (length > 0.4 * width) & (length < 1.8 * width + 0.7)
        sides.append((middle[fits], row[fits]))
    (x, y), (y_level, x_level) = sides
    return _joined((x, y), (x_level, y_level))


def _joined(upright: tuple[np.ndarray, np.ndarray], level: tuple[np.ndarray, np.ndarray]) -> Marks:
    count = len(upright[0]), len(level[0])
    return Marks(
        np.concatenate([upright[0], level[0]]).astype(np.float64),
        np.concatenate([upright[1], level[1]]).astype(np.float64),
        np.repeat([True, False], count),
    )


def fit_lattice(marks: Marks, least_pitch: float = LEAST_PITCH) -> Lattice | None:
    """The lattice that marks lie on, or None if they have no common period."""
    places = marks.x[marks.is_upright], marks.y[~marks.is_upright]
    if min(len(each) for each in places) < 8:
        return None
    spectra = [_spectrum(each, least_pitch) for each in places]
    pair = _matching_periods(spectra)
    if pair is None:
        return None
    lines = [_fit_line(each, period) for each, period in zip(places, pair, strict=True)]
    if any(line is None for line in lines):
        return None
    (x_slope, x_start), (y_slope, y_start) = (line for line in lines if line is not None)
    matrix = np.asarray([[x_slope, 0.0, x_start], [0.0, y_slope, y_start], [0.0, 0.0, 1.0]])
    matrix = _refined(marks, matrix)
    middle = np.median(marks.x), np.median(marks.y)
    return Lattice(matrix, _pitch_at(matrix, middle), _coherence(marks, matrix))


class _Spectrum(NamedTuple):
    """Periods in pixels, and how much marks are in phase at each; local peaks only."""

    periods: np.ndarray
    phase: np.ndarray


def _spectrum(places: np.ndarray, least_pitch: float) -> _Spectrum:
    """The periods at which places are in phase, longest first."""
    low, high = np.percentile(places, (1.0, 99.0))
    span = max(high - low, 1.0)
    fine = 4.0
    start = places.min()
    histogram = np.bincount(((places - start) * fine).astype(np.int64))
    size = 1 << int(np.ceil(np.log2(len(histogram) * 6)))
    power = np.abs(np.fft.rfft(histogram, size)) / len(places)
    frequency = np.arange(len(power)) * fine / size
    inside = (frequency >= LEAST_CELLS / span) & (frequency <= 1.0 / least_pitch)
    inside[1:-1] &= (power[1:-1] >= power[:-2]) & (power[1:-1] >= power[2:])
    inside[[0, -1]] = False
    peaks = np.flatnonzero(inside)
    if len(peaks) == 0:
        return _Spectrum(np.empty(0), np.empty(0))
    left, top, right = power[peaks - 1], power[peaks], power[peaks + 1]
    shift = 0.5 * (left - right) / np.minimum(left - 2 * top + right, -1e-9)
    return _Spectrum(1.0 / ((peaks + shift) * fine / size), top)


def _matching_periods(spectra: list[_Spectrum]) -> tuple[float, float] | None:
    """The longest periods of the two axes that are in phase and alike (within a factor of 5/3)."""
    if any(len(each.periods) == 0 for each in spectra):
        return None
    kept = []
    for periods, phase in spectra:
        good = phase >= IN_PHASE * phase.max()
        kept.append((periods[good], phase[good] / phase.max()))
    (x_periods, x_phase), (y_periods, y_phase) = kept
    ratio = np.abs(np.log(x_periods[:, None] / y_periods[None]))
    value = np.log(x_periods[:, None] * y_periods[None]) + 2.0 * np.log(x_phase[:, None] * y_phase[None])
    value = np.where(ratio < np.log(5 / 3), value - ratio, -np.inf)
    best = int(value.argmax())
    if not np.isfinite(value.flat[best]):
        return None
    row, column = divmod(best, value.shape[1])
    return float(x_periods[row]), float(y_periods[column])


def _fit_line(places: np.ndarray, period: float) -> tuple[float, float] | None:
    """Slope and start of the map from pixels to pitches on one axis."""
    slope = 1.0 / period
    phase = np.angle(np.exp(2j * np.pi * slope * places).sum()) / (2 * np.pi)
    start = -phase
    for _ in range(4):
        value = slope * places + start
        error = value - np.rint(value)
        near = np.abs(error) < NEAR
        if near.sum() < 8:
            return None
        target = np.rint(value[near])
        design = np.stack([places[near], np.ones(int(near.sum()))], axis=-1)
        (slope, start), *_ = np.linalg.lstsq(design, target, rcond=None)
        if slope <= 0:
            return None
    return float(slope), float(start)


def _refined(marks: Marks, matrix: np.ndarray) -> np.ndarray:
    """A homography near `matrix` that puts the marks on whole numbers (least squares on the lines' equations).

    A line x = k of the lattice asks h1.p - k h3.p = 0 of a mark p on it; a line y = k asks it of h2.
    """
    pick = _subset(len(marks.x))
    x, y, upright = marks.x[pick], marks.y[pick], marks.is_upright[pick]
    centre = np.asarray([x.mean(), y.mean()])
    scale = max(float(np.ptp(x)), float(np.ptp(y)), 1.0) / 2
    shift = np.asarray([[1 / scale, 0, -centre[0] / scale], [0, 1 / scale, -centre[1] / scale], [0, 0, 1.0]])
    p = np.stack([(x - centre[0]) / scale, (y - centre[1]) / scale, np.ones_like(x)], axis=-1)
    current = matrix @ np.linalg.inv(shift)
    current /= current[2, 2]
    for reach in (NEAR, NEAR, 0.2, 0.15):
        whole = p @ current.T
        value = np.where(upright, whole[:, 0], whole[:, 1]) / whole[:, 2]
        line = np.rint(value)
        near = np.abs(value - line) < reach
        if near.sum() < 24:
            break
        q, k, up = p[near], line[near], upright[near]
        design = np.zeros((len(q), 8))
        design[up, 0:3] = q[up]
        design[~up, 3:6] = q[~up]
        design[:, 6:8] = -k[:, None] * q[:, :2]
        weight = (1.0 - (np.abs(value - line)[near] / reach) ** 2) / np.maximum(whole[near, 2], 0.2)
        # A weak pull towards no more perspective than before holds what too few marks leave open.
        pull = np.zeros((2, 8))
        pull[[0, 1], [6, 7]] = 0.002 * np.sqrt(len(q)) * max(1.0, float(np.abs(k).max()))
        target = np.concatenate([k * weight, pull[:, 6:] @ current[2, :2]])
        solution = _least_squares(np.concatenate([design * weight[:, None], pull]), target)
        current = np.asarray([[*solution[:3]], [*solution[3:6]], [*solution[6:], 1.0]])
    return current @ shift


def _least_squares(design: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The least squares solution of many equations in few unknowns, by the normal equations, each unknown scaled."""
    scale = np.sqrt((design**2).sum(axis=0)) + 1e-12
    scaled = design / scale
    square = scaled.T @ scaled + 1e-12 * np.eye(design.shape[1])
    return np.linalg.solve(square, scaled.T @ target) / scale


def _subset(count: int) -> np.ndarray:
    if count <= MOST_MARKS:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, MOST_MARKS, replace=False))


def project(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points float64 `[..., 2]` under a homography."""
    whole = np.concatenate([points, np.ones((*points.shape[:-1], 1))], axis=-1) @ matrix.T
    return whole[..., :2] / whole[..., 2:]


def _pitch_at(matrix: np.ndarray, place: tuple[float, float]) -> tuple[float, float]:
    """Pixels for one pitch along x and y."""
    here = project(matrix, np.asarray([place]))
    points = project(np.linalg.inv(matrix), here + np.asarray([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    return float(np.hypot(*(points[1] - points[0]))), float(np.hypot(*(points[2] - points[0])))


def _coherence(marks: Marks, matrix: np.ndarray) -> float:
    """How much the marks of the worse axis are in phase with whole numbers."""
    value = project(matrix, np.stack([marks.x, marks.y], axis=-1))
    worst = 1.0
    for axis, kind in ((0, marks.is_upright), (1, ~marks.is_upright)):
        worst = min(worst, float(np.cos(2 * np.pi * value[kind, axis]).mean()))
    return max(worst, 0.0)
