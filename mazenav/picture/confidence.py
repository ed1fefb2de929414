"""How sure a reading is: the probability that all of it is right, from what can be seen without the truth."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from mazenav.picture.lattice import run_lengths
from mazenav.picture.read import Read

PLAIN = 0.985
"""Confidence in a picture of whole cells, where nothing had to be measured."""


def confidence(read: Read) -> float:
    """The probability, 0 to 1, that every cell of a reading is right; `PLAIN` at most."""
    values = features(read)
    return float(np.clip(np.prod(values), 0.0, PLAIN))


def features(read: Read) -> np.ndarray:
    """What the probability is made of, each in 0 to 1 and 1 where all is well, float64 `[7]`.

    They are: how well the lattice fits; how much of the ink is accounted for; how far walls and passages are apart;
    how clear the least clear hundredth of all cells is; how clear all are on average; how much hangs together;
    whether cells are as large as they should be.
    """
    known = read.margin[read.margin < 1.0] if read.is_thin else read.margin.ravel()
    least = float(np.quantile(known, 0.01)) if known.size else 1.0
    mean = float(known.mean()) if known.size else 1.0
    return np.asarray(
        [
            _step(read.coherence, 0.3, 0.8),
            _step(read.explained, 0.35, 0.85) if read.is_thin else _step(read.explained, 0.4, 0.9),
            _step(read.contrast, 0.25, 0.5),
            0.5 + 0.5 * _step(least, 0.0, 0.3),
            _step(mean, 0.45, 0.75),
            _step(connected(read.walls), 0.3, 0.7),
            1.0 if read.is_thin else 0.4 + 0.6 * _step(narrow(read.walls), 0.0, 0.05),
        ]
    )


def connected(walls: np.ndarray) -> float:
    """Share of the free cells in the largest connected piece."""
    labels, count = ndimage.label(~walls)
    return float(np.bincount(labels.ravel())[1:].max() / (~walls).sum()) if count else 0.0


def narrow(walls: np.ndarray) -> float:
    """Share of the free cells in passages of at most three times the usual thickness of walls.

    Where there is none, the cells may well be smaller than they should be, and the walls be lines.
    """
    thick = np.minimum(run_lengths(walls), run_lengths(walls.T).T)
    usual = float(np.median(thick[walls])) if walls.any() else 1.0
    return float((thick[~walls] <= 3 * usual).mean()) if not walls.all() else 1.0


def _step(value: float, none: float, full: float) -> float:
    return float(np.clip((value - none) / (full - none), 0.0, 1.0))
