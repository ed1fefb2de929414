"""Maps bent, moved and blurred as pictures are: the ways in which a drawn or measured map is wrong as a whole.

Each takes a map float `[R, C]`, a strength in [0, 1] and a generator, and gives a new map float32 `[R, C]`; the
constants say what is meant by a strength of 1. All but `blurred` give walls and corridors only: a cell is wall where
walls cover at least half of it. Beyond the map there is wall, as behind a closed border.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

SHIFT = 0.25
"""A shift of strength 1, as a share of the map's shorter side."""
ROTATION = math.radians(45.0)
"""A rotation of strength 1, about a point in the middle half of the map."""
SCALE = 2.0
"""The factor of a change of scale of strength 1, up or down, about a point in the middle half of the map."""
BLUR = 2.0
"""Standard deviation in cells of a blur of strength 1."""
WOBBLE = 2.0
"""Root mean square in cells of how far a wobble of strength 1 moves things; neighbours move alike."""
WOBBLE_LENGTH = 3.0
"""Over about so many cells a wobbly hand changes its mind."""
_FINE = 8
"""Samples across a cell."""


def shifted(map: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """The map moved by `strength * SHIFT` of its shorter side in a direction that the generator draws."""
    turn = rng.uniform(0.0, 2 * math.pi)
    length = strength * SHIFT * min(map.shape)
    rows, columns = _sample_places(map.shape)
    return _resampled(map, rows - length * math.sin(turn), columns - length * math.cos(turn))


def rotated(map: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """The map turned by `strength * ROTATION`, about a point and to a side that the generator draws."""
    angle = strength * ROTATION * (1 if rng.random() < 0.5 else -1)
    row, column = _pivot(map.shape, rng)
    rows, columns = _sample_places(map.shape)
    down, right = rows - row, columns - column
    cosine, sine = math.cos(angle), math.sin(angle)
    return _resampled(map, row + cosine * down - sine * right, column + sine * down + cosine * right)


def scaled(map: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """The map enlarged or shrunk by a factor of `SCALE ** strength`, about a point that the generator draws."""
    factor = SCALE ** (strength if rng.random() < 0.5 else -strength)
    row, column = _pivot(map.shape, rng)
    rows, columns = _sample_places(map.shape)
    return _resampled(map, row + (rows - row) / factor, column + (columns - column) / factor)


def wobbled(map: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """The map as an unsteady hand draws it: places moved by a smooth random field, `strength * WOBBLE` cells RMS."""
    rows, columns = _sample_places(map.shape)
    down, right = (_smooth_noise(map.shape, rng) * strength * WOBBLE for _ in range(2))
    return _resampled(map, rows + down, columns + right)


def blurred(map: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """The map out of focus, by a normal distribution of `strength * BLUR` cells: numbers between 0 and 1."""
    sigma = strength * BLUR
    if sigma < 1e-3:
        return np.array(map, np.float32)
    soft = cv2.GaussianBlur(np.asarray(map, np.float32), (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.clip(soft, 0.0, 1.0)


def _pivot(shape: tuple[int, ...], rng: np.random.Generator) -> tuple[float, float]:
    """A point (row, column) in the middle half of a map."""
    return shape[0] * rng.uniform(0.25, 0.75), shape[1] * rng.uniform(0.25, 0.75)


def _sample_places(shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Places of all samples in cells, row and column float64 `[R * _FINE, C * _FINE]`."""
    rows = (np.arange(shape[0] * _FINE) + 0.5) / _FINE
    columns = (np.arange(shape[1] * _FINE) + 0.5) / _FINE
    grid = np.meshgrid(rows, columns, indexing="ij")
    return grid[0], grid[1]


def _resampled(map: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The map whose samples lie at these places of the old one; a cell is wall if half of its samples are."""
    height, width = map.shape
    row, column = np.floor(rows).astype(np.int64), np.floor(columns).astype(np.int64)
    inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    old = np.asarray(map, np.float32)
    samples = np.where(inside, old[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)], 1.0)
    share = samples.reshape(height, _FINE, width, _FINE).mean(axis=(1, 3))
    return (share >= 0.5).astype(np.float32)


def _smooth_noise(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """A smooth random field over all samples, float64 `[R * _FINE, C * _FINE]`, with a root mean square of 1."""
    rough = rng.standard_normal((shape[0] + 1, shape[1] + 1))
    soft = cv2.GaussianBlur(rough, (0, 0), WOBBLE_LENGTH / 2, borderType=cv2.BORDER_REFLECT)
    field = cv2.resize(soft, (shape[1] * _FINE, shape[0] * _FINE), interpolation=cv2.INTER_CUBIC)
    return field / max(float(np.sqrt(np.mean(field**2))), 1e-12)
