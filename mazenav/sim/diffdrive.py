"""The `diffdrive` body: a robot on two driven wheels (a unicycle), with limits on speeds and on their rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mazenav.sim.body import Body, Precision, within
from mazenav.types import MazenavError

MOST_TURN = 50.0
"""Largest yaw rate of a body, radians/s."""


@dataclass(frozen=True)
class WheelAction:
    """A discrete action: forward speed and yaw rate (counter-clockwise), each as a share from -1 to 1 of the top."""

    name: str
    speed: float = 0.0
    turn: float = 0.0

    def __post_init__(self) -> None:
        for value in (self.speed, self.turn):
            if not -1 <= value <= 1:
                raise MazenavError(f"speed and turn of an action lie from -1 to 1, found {value}: {self.name}")


WHEEL_ACTIONS = (
    WheelAction("turn left", turn=1),
    WheelAction("turn right", turn=-1),
    WheelAction("forward", speed=1),
    WheelAction("back", speed=-1),
)
"""In the order of the `dmlab` body's four: look left, look right, forward, back."""


@dataclass(frozen=True)
class DiffDrive(Body):
    """A unicycle: it rolls along its heading and does not slip sideways, but for sliding along walls.

    A command is (v, 0, omega): the wanted forward speed in cells/s and the wanted yaw rate in radians/s. Speed and yaw
    rate go towards them by at most `acceleration` and `turn_acceleration` a second. Where both together ask more of the
    outer wheel than `max_speed`, |v| + |omega| track / 2, both are lowered in proportion, which keeps the curve.

    Attributes:
        max_speed: top speed of the body ahead, and of a wheel's rim, cells/s.
        acceleration: limit on the change of the forward speed, cells/s^2.
        max_turn: top yaw rate, radians/s.
        turn_acceleration: limit on the change of the yaw rate, radians/s^2.
        track: distance between the wheels, cells; 0 leaves forward speed and yaw rate independent.
        actions: the discrete actions.
    """

    lengths: ClassVar[tuple[str, ...]] = (*Body.lengths, "acceleration", "track")

    max_speed: float = 2.0
    acceleration: float = 8.0
    max_turn: float = 3.5
    turn_acceleration: float = 35.0
    track: float = 0.3
    actions: Sequence[WheelAction] = WHEEL_ACTIONS

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "actions", tuple(self.actions))
        within("max_turn", self.max_turn, MOST_TURN, "radians/s")
        within("turn_acceleration", self.turn_acceleration, 1e6, "radians/s^2")
        if not 0 <= self.track <= 8 * self.half_width:
            raise MazenavError(f"the track must lie between 0 and 8 half widths, found {self.track}")
        if not self.actions or not all(isinstance(action, WheelAction) for action in self.actions):
            raise MazenavError(f"a body needs at least one WheelAction, found {self.actions!r}")

    @classmethod
    def from_wheels(
        cls,
        radius: float,
        track: float,
        max_rate: float,
        max_rate_change: float,
        half_width: float,
        action_repeat: int = 10,
    ) -> DiffDrive:
        """The body that two wheels make.

        Args:
            radius: of a wheel, cells.
            track: distance between the wheels, cells.
            max_rate: top rate of a wheel, radians/s.
            max_rate_change: limit on the change of a wheel's rate, radians/s^2.
            half_width: half the side of the body's box, cells.
            action_repeat: frames in a decision.

        Raises:
            MazenavError: if a number is not positive, or leads out of a body's range.
        """
        for name, value in (("radius", radius), ("track", track), ("max_rate", max_rate)):
            within(name, value, 1e6, "(cells, radians/s)")
        return cls(
            half_width=half_width,
            max_speed=radius * max_rate,
            acceleration=radius * max_rate_change,
            action_repeat=action_repeat,
            max_turn=2 * radius * max_rate / track,
            turn_acceleration=2 * radius * max_rate_change / track,
            track=track,
        )

    @property
    def action_names(self) -> tuple[str, ...]:
        """What each discrete action is called."""
        return tuple(action.name for action in self.actions)

    @property
    def top_turn(self) -> float:
        """The yaw rate's limit."""
        return self.max_turn

    @property
    def top_speed(self) -> float:
        """The forward speed's limit, with room for rounding."""
        return 1.001 * self.max_speed

    @property
    def coast(self) -> float:
        """Half of the time that it takes to brake from top speed."""
        return 0.5 * self.max_speed / self.acceleration if self.acceleration > 0 else 1.0

    @property
    def command_bound(self) -> np.ndarray:
        """Top speed, no strafing, top yaw rate."""
        return np.array([self.max_speed, 0, self.max_turn], np.float32)

    def commands(self, precision: Precision = np.float32) -> np.ndarray:
        """What each action asks for, `[A, 3]`: forward speed in cells/s, 0, yaw rate in radians/s."""
        rows = [(action.speed * self.max_speed, 0, action.turn * self.max_turn) for action in self.actions]
        return np.array(rows, precision)

    def constants(self, precision: Precision = np.float32) -> np.ndarray:
        """The numbers that the kernels read."""
        return np.array(
            [
                self.half_width,
                self.max_speed,
                self.acceleration,
                0,
                0,
                0,
                self.clearance,
                1,
                self.track,
                self.turn_acceleration,
            ],
            precision,
        )


DIFFDRIVE = DiffDrive()
"""The preset: about as nimble as the `dmlab` body, slower, and with inertia when it turns."""
