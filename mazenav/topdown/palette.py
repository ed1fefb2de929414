"""The colours of the pictures made for people, all RGB, and the two ramps built from them."""

from __future__ import annotations

import numpy as np

Colour = tuple[int, int, int]
"""Red, green, blue, each 0 to 255."""

PAPER: Colour = (252, 251, 248)
INK: Colour = (38, 43, 56)
FAINT: Colour = (124, 130, 146)
FLOOR: Colour = (248, 245, 238)
GRID: Colour = (238, 234, 225)
WALL: Colour = (78, 91, 122)
WALL_SHADE: Colour = (30, 36, 58)
WAY: Colour = (196, 190, 176)
START: Colour = (18, 150, 136)
GOAL: Colour = (236, 90, 72)
BODY: Colour = (32, 36, 54)
HALO: Colour = (255, 255, 255)
SUCCESS: Colour = (34, 150, 98)
FAILURE: Colour = (214, 58, 66)
UNKNOWN: Colour = (214, 210, 202)

TIME_RAMP: tuple[Colour, ...] = (START, (66, 108, 214), (142, 78, 198), (222, 70, 132), GOAL)
"""A driven path, from its first decision in the colour of the start to its last in that of the goal."""

COST_RAMP: tuple[Colour, ...] = (
    (255, 244, 196),
    (253, 206, 140),
    (244, 149, 114),
    (214, 96, 122),
    (146, 66, 135),
    (84, 52, 124),
    (44, 36, 88),
)
"""Decisions to go, from none (light) to many (dark)."""


def ramp(colours: tuple[Colour, ...], amount: np.ndarray) -> np.ndarray:
    """Colours float32 `[..., 3]` at `amount` `[...]` in [0, 1] along a ramp of evenly spaced colours."""
    knots = np.linspace(0.0, 1.0, len(colours))
    table = np.asarray(colours, np.float32)
    return np.stack([np.interp(amount, knots, table[:, channel]) for channel in range(3)], axis=-1).astype(np.float32)
