"""The `dmlab` body: physics constants and actions of DeepMind Lab's engine, in cells (100 lab units = 1 cell).

Source: bg_pmove.c, g_main.c and dmlab_connect.c of that engine; see `Body` for each number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

FRAME_SECONDS = 0.016
"""Seconds that one frame advances the engine by."""
LOOK_DEGREES_PER_PIXEL = 0.1056
"""Degrees that one pixel of look turns the body in one frame."""

LOOK_LEFT, LOOK_RIGHT, FORWARD, BACK = range(4)
ACTION_NAMES = ("look left", "look right", "forward", "back")


@dataclass(frozen=True)
class Body:
    """An axis-aligned box that slides along walls.

    Attributes:
        half_width: half the side of the box, in cells.
        max_speed: top speed, cells/s.
        acceleration: gain of the engine's acceleration, 1/s.
        friction: gain of the ground friction, 1/s.
        stop_speed: below this speed friction acts as at this speed, cells/s.
        rest_speed: below this speed the body stands, cells/s.
        clearance: gap kept to a wall that was hit, cells (the engine's surface clip epsilon).
        look_pixels: pixels of look of the two turning actions.
        action_repeat: frames in a decision.
    """

    half_width: float = 0.15
    max_speed: float = 3.2
    acceleration: float = 10.0
    friction: float = 6.0
    stop_speed: float = 1.0
    rest_speed: float = 0.01
    clearance: float = 0.00125
    look_pixels: int = 30
    action_repeat: int = 10

    def __post_init__(self) -> None:
        if not 0 < self.half_width < 0.5:
            raise ValueError(f"half_width must lie between 0 and 0.5 cells, found {self.half_width}")
        if not 0 < self.max_speed <= 20:  # a frame must stay far below a cell, or the body could jump over a wall
            raise ValueError(f"max_speed must lie between 0 and 20 cells/s, found {self.max_speed}")
        if not 1 <= self.look_pixels <= 512:
            raise ValueError(f"look_pixels must lie between 1 and 512, found {self.look_pixels}")
        if not 1 <= self.action_repeat <= 1000:
            raise ValueError(f"action_repeat must lie between 1 and 1000, found {self.action_repeat}")

    @property
    def turn_rate(self) -> float:
        """Yaw rate of `look left` in radians per frame; looking right lowers yaw by as much."""
        return math.radians(LOOK_DEGREES_PER_PIXEL * self.look_pixels)

    @property
    def n_actions(self) -> int:
        """How many discrete actions there are."""
        return len(ACTION_NAMES)

    def commands(self) -> np.ndarray:
        """What each action asks of the engine, float32 `[A, 3]`: move ahead, strafe left, yaw radians per frame."""
        table = np.zeros((self.n_actions, 3), np.float32)
        table[LOOK_LEFT, 2] = self.turn_rate
        table[LOOK_RIGHT, 2] = -self.turn_rate
        table[FORWARD, 0] = 1.0
        table[BACK, 0] = -1.0
        return table

    def constants(self) -> np.ndarray:
        """The numbers that the kernel reads, float32 `[7]`, in the order of `kernels.CONSTANTS`."""
        return np.array(
            [
                self.half_width,
                self.max_speed,
                self.acceleration,
                self.friction,
                self.stop_speed,
                self.rest_speed,
                self.clearance,
            ],
            np.float32,
        )


DMLAB = Body()
