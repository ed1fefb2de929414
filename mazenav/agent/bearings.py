"""How far off the place is that a body is told to be at: a wall that stops it tells where it is, to a hair."""

from __future__ import annotations

import numpy as np

from mazenav.agent.contact import TOUCHING
from mazenav.sim.body import BACK, DMLAB, FORWARD

AGREE, DIFFER = 0.001, 0.01
"""Cells by which two walls may differ on how far off a place is, to be taken at their word; and from which on they tell
that it is off by another amount every time."""
HEAD_ON = 0.3
"""Share of a body's drive that must go against a wall for that to be taken for a stop."""
_AT_A_WALL = 0.5 - DMLAB.half_width - DMLAB.clearance  # from the middle of a cell


class Bearings:
    """What walls told B bodies of the places that they were told to be at.

    A body at a wall is half its width, and a hair, off the border between two cells. What it was told differs from that
    by what the told place is off, if it is always off by the same: so two walls must agree.

    Attributes:
        offset: float32 `[B, 2]`, told x and y less the true ones; 0 as long as nothing speaks against them.
    """

    def __init__(self, batch: int) -> None:
        self.offset = np.zeros((batch, 2), np.float32)
        self._last = np.full((batch, 2), np.nan)
        self._steady = np.ones(batch, np.bool_)

    def corrected(self, states: np.ndarray) -> np.ndarray:
        """Told states float32 `[B, 6]` with the places mended."""
        mended = states.copy()
        mended[:, :2] -= self.offset
        return mended

    def note(self, rows: np.ndarray, before: np.ndarray, actions: np.ndarray, after: np.ndarray) -> set[int]:
        """Learn from decisions that were stopped.

        Args:
            rows: int64 `[M]`, the bodies.
            before: float32 `[M, 6]`, told states.
            actions: int64 `[M]`.
            after: float32 `[M, 6]`, told states.

        Returns:
            The rows whose offset changed.
        """
        stopped = after[:, 3:5] == 0
        if not stopped.any():
            return set()
        wish = (actions == FORWARD).astype(np.float32) - (actions == BACK)
        drive = np.stack([np.cos(before[:, 2]), np.sin(before[:, 2])], axis=1) * wish[:, None]
        stopped &= np.abs(drive) > HEAD_ON
        side = np.sign(drive)
        beyond = (after[:, :2] % 1 - 0.5) * side - _AT_A_WALL
        beyond = np.where(beyond < -0.5, beyond + 1, beyond)  # told to be in the next cell already
        off = np.where(np.abs(beyond) < TOUCHING, 0, beyond * side)
        last, offset = self._last[rows], self.offset[rows]
        self._steady[rows] &= ~(stopped & (np.abs(off - last) > DIFFER)).any(axis=1)
        agreed = stopped & (np.abs(off - last) < AGREE)
        found = np.where(agreed, (off + last) / 2, offset) * self._steady[rows, None]
        changed = np.abs(found - offset) > DIFFER
        self.offset[rows] = np.where(changed, found, offset)
        self._last[rows] = np.where(stopped, off, last)
        return set(rows[changed.any(axis=1)].tolist())
