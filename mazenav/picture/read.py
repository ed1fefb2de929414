"""What is read from a frame, before anybody judges it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Read(NamedTuple):
    """A layout as read from a frame.

    Attributes:
        walls: bool `[R, C]`; the `(2n+1)` lattice if the walls are thin.
        margin: float32 `[R, C]`, how clearly each is what it was read as: 0 not at all, 1 beyond doubt.
        box: top, left, bottom, right in pitches of the lattice, the maze's outer lines.
        is_thin: the walls are lines between cells.
        explained: share of the picture's ink that the layout accounts for, in 0 to 1.
        coherence: how well the lattice fits, in 0 to 1.
        contrast: difference between the mean wall and the mean passage, in 0 to 1.
        assumed: sides that the picture does not show as walls and that were taken for walls.
        beyond: those of them that lie beyond the picture.
        quiet: share of what lies just outside the border that is alike, in 0.5 to 1.
        share: how much of all that is drawn belongs to the maze, in 0 to 1.
    """

    walls: np.ndarray
    margin: np.ndarray
    box: tuple[int, int, int, int]
    is_thin: bool
    explained: float
    coherence: float
    contrast: float
    assumed: tuple[str, ...]
    beyond: tuple[str, ...] = ()
    quiet: float = 1.0
    share: float = 1.0
