"""DeepMind Lab's numbers about the body: where it is and how it moves, in that engine's units."""

from __future__ import annotations

import numpy as np

LAB_UNITS = 100.0
"""Lab units in a cell of the maze."""
STANDING_HEIGHT = 24.125
"""Where a standing body's origin is: MINS_Z of bg_public.h above the floor, and the eighth that traces keep off it."""


def joint_state(
    states: np.ndarray,
    pitches: np.ndarray | None = None,
    pitch_rates: np.ndarray | None = None,
    cells_per_unit: float = 1.0,
    origin: float = 0.0,
) -> np.ndarray:
    """The 12 numbers of DEBUG.POS.TRANS, DEBUG.POS.ROT, VEL.TRANS and VEL.ROT: float64 `[N, 12]`.

    Position x, y, z in lab units; pitch (down is positive), yaw and roll in degrees, yaw in [-180, 180); velocity
    ahead, to the left and up in lab units a second (custom_observations.lua turns it into the body's frame); rates of
    pitch, yaw and roll in degrees a second.

    Args:
        states: `[N, 6]`, x, y, yaw, vx, vy, yaw rate; cells of the grid, radians.
        pitches: `[N]`, how far each looks up, in radians.
        pitch_rates: `[N]`, its change, radians a second.
        cells_per_unit: cells of the grid in one cell of the maze.
        origin: cells of the grid at which lab's x and y begin.
    """
    numbers = np.zeros((len(states), 12))
    x, y, yaw, vx, vy, turn = states[:, :6].T.astype(np.float64)
    units = LAB_UNITS / cells_per_unit
    numbers[:, 0], numbers[:, 1], numbers[:, 2] = (x - origin) * units, (y - origin) * units, STANDING_HEIGHT
    if pitches is not None:
        numbers[:, 3] = 0 - np.degrees(pitches)
    numbers[:, 4] = np.degrees((yaw + np.pi) % (2 * np.pi) - np.pi)
    numbers[:, 6] = (np.cos(yaw) * vx + np.sin(yaw) * vy) * units
    numbers[:, 7] = (np.cos(yaw) * vy - np.sin(yaw) * vx) * units
    if pitch_rates is not None:
        numbers[:, 9] = 0 - np.degrees(pitch_rates)
    numbers[:, 10] = np.degrees(turn)
    return numbers
