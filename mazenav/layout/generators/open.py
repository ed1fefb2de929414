"""An empty hall."""

from __future__ import annotations

import numpy as np


def fill_open(walls: np.ndarray, seeds: np.ndarray) -> None:
    """Fills walls bool `[N, R, C]`: a closed border and nothing inside; all halls of a shape are the same."""
    walls[:] = True
    walls[:, 1:-1, 1:-1] = False
