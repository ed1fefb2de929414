"""What tests count in layouts."""

from __future__ import annotations

import numpy as np


def loops(walls):
    """How many independent loops the corridors make: 1 - V + E - F, open squares of four cells counting as faces."""
    free = ~walls
    down, right = free[:-1] & free[1:], free[:, :-1] & free[:, 1:]
    faces = down[:, :-1] & down[:, 1:]
    return 1 - free.sum() + down.sum() + right.sum() - faces.sum()


def dead_ends(walls):
    """How many free cells have one free neighbour at most."""
    free = np.pad(~walls, 1).astype(int)
    around = free[:-2, 1:-1] + free[2:, 1:-1] + free[1:-1, :-2] + free[1:-1, 2:]
    return int(((around <= 1) & ~walls).sum())
