"""Bodies: what moves, in cells (100 lab units = 1 cell). Here what all have in common, and the `dmlab` body.

Source of the `dmlab` body: bg_pmove.c, g_main.c and dmlab_connect.c of DeepMind Lab's engine; see `LabBody`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, TypeVar

import numpy as np

from mazenav.types import MazenavError

FRAME_SECONDS = 0.016
"""Seconds that one frame advances the engine by."""
LOOK_DEGREES_PER_PIXEL = 0.1056
"""Degrees that one pixel of look turns the body in one frame."""
MOST_PIXELS = 512
"""Most pixels of look that the engine takes in a frame."""
WIDEST = 16.0
"""Largest half width of a body, in cells."""
FASTEST = 500.0
"""Largest speed of a body, in cells/s."""

Precision = type[np.float32] | type[np.float64]
"""Of the numbers that a kernel works with."""
SomeBody = TypeVar("SomeBody", bound="Body")


@dataclass(frozen=True)
class Body(ABC):
    """An axis-aligned box that slides along walls; how it is driven is for those derived from it to say.

    A command is three numbers, whose meaning and bounds each kind of body states. An action is the index of a command
    in a fixed list.

    Attributes:
        half_width: half the side of the box, in cells; a body may be wider than a cell.
        max_speed: top speed, cells/s.
        acceleration: see the kind of body.
        clearance: gap kept to a wall that was hit, cells (the engine's surface clip epsilon).
        action_repeat: frames in a decision.

    Raises:
        MazenavError: if a number lies outside of its range.
    """

    lengths: ClassVar[tuple[str, ...]] = ("half_width", "max_speed", "clearance")
    """Attributes that are lengths, or lengths in a time."""

    half_width: float = 0.15
    max_speed: float = 3.2
    acceleration: float = 10.0
    clearance: float = 0.00125
    action_repeat: int = 10

    def __post_init__(self) -> None:
        within("half_width", self.half_width, WIDEST, "cells")
        within("max_speed", self.max_speed, FASTEST, "cells/s")
        if not 0 <= self.acceleration < math.inf:
            raise MazenavError(f"acceleration must be a finite number of at least 0, found {self.acceleration}")
        if not 0 < self.clearance <= 0.1 * max(1.0, self.half_width):
            raise MazenavError(f"clearance must be a small part of a cell above 0, found {self.clearance}")
        if not (isinstance(self.action_repeat, (int, np.integer)) and 1 <= self.action_repeat <= 1000):
            raise MazenavError(f"action_repeat must be a whole number from 1 to 1000, found {self.action_repeat}")

    @property
    @abstractmethod
    def action_names(self) -> tuple[str, ...]:
        """What each discrete action is called, `[A]`."""

    @abstractmethod
    def commands(self, precision: Precision = np.float32) -> np.ndarray:
        """The command of each discrete action, `[A, 3]`, float32 or in another precision."""

    @property
    @abstractmethod
    def command_bound(self) -> np.ndarray:
        """Largest absolute value of each number of a command, float32 `[3]`; 0 where the body takes none."""

    @property
    def full_command(self) -> np.ndarray:
        """What continuous actions of 1 ask for, float32 `[3]`, within the bound; 0 where the body takes none."""
        return self.command_bound

    @property
    @abstractmethod
    def top_speed(self) -> float:
        """A bound on |v| whatever the commands, cells/s."""

    @property
    @abstractmethod
    def top_turn(self) -> float:
        """A bound on the absolute yaw rate under the discrete actions, radians/s."""

    @property
    @abstractmethod
    def coast(self) -> float:
        """Seconds of its present velocity that the body goes on for when nothing more is asked of it."""

    @abstractmethod
    def constants(self, precision: Precision = np.float32) -> np.ndarray:
        """The numbers that the kernels read, in the order of `kernels.CONSTANTS`, float32 or in another precision."""

    def rescaled(self: SomeBody, cells_per_cell: float) -> SomeBody:
        """The same body in a world of which each cell is cut into `cells_per_cell` cells a side.

        Every length is multiplied by that; angles and rates a second stay.

        Raises:
            MazenavError: if the number is not above 0, or the body would leave its range.
        """
        if not 0 < cells_per_cell < math.inf:
            raise MazenavError(f"cells_per_cell must be a finite number above 0, found {cells_per_cell}")
        return replace(self, **{name: getattr(self, name) * cells_per_cell for name in self.lengths})

    @property
    def n_actions(self) -> int:
        """How many discrete actions there are."""
        return len(self.action_names)

    @property
    def turn_rate(self) -> float:
        """Largest change of yaw in a frame under the discrete actions, radians."""
        return self.top_turn * FRAME_SECONDS

    @property
    def is_narrow(self) -> bool:
        """Whether it fits between two walls one cell apart and moves less than a cell a frame, as most bodies do."""
        return self.half_width < 0.5 and self.top_speed * FRAME_SECONDS < 0.9


def within(name: str, value: float, most: float, unit: str) -> None:
    """Check that a number is positive and not above `most`.

    Raises:
        MazenavError: if it is not.
    """
    if not 0 < value <= most:
        raise MazenavError(f"{name} must lie above 0 and not above {most:g} {unit}, found {value}")


@dataclass(frozen=True)
class LabAction:
    """An action of DeepMind Lab's engine, each part from -1 to 1.

    Attributes:
        name: what it is called.
        look: to the right, in units of the body's `look_pixels`.
        strafe: to the right.
        move: ahead.
    """

    name: str
    look: float = 0.0
    strafe: float = 0.0
    move: float = 0.0

    def __post_init__(self) -> None:
        for value in (self.look, self.strafe, self.move):
            if not -1 <= value <= 1:
                raise MazenavError(f"look, strafe and move of an action lie from -1 to 1, found {value}: {self.name}")


MAP_ACTIONS = (
    LabAction("look left", look=-1),
    LabAction("look right", look=1),
    LabAction("forward", move=1),
    LabAction("back", move=-1),
)
"""The four of Xu & Wong's map navigation, and of mazenav."""
LOOK_LEFT, LOOK_RIGHT, FORWARD, BACK = range(4)

IMPALA_ACTIONS = (
    LabAction("forward", move=1),
    LabAction("back", move=-1),
    LabAction("strafe left", strafe=-1),
    LabAction("strafe right", strafe=1),
    LabAction("look left", look=-1),
    LabAction("look right", look=1),
    LabAction("forward, look left", look=-1, move=1),
    LabAction("forward, look right", look=1, move=1),
    LabAction("fire"),
)
"""IMPALA's nine (Espeholt et al. 2018, scalable_agent's environments.py); to fire moves nothing here."""


@dataclass(frozen=True)
class LabBody(Body):
    """The `dmlab` body: DeepMind Lab's navigation.

    A command is (move ahead, strafe left, yaw radians a frame). Less than full deflection asks for less than top speed:
    the wished speed is the top speed times the larger of |ahead| and |strafe|, as PM_CmdScale has it.

    Attributes:
        acceleration: gain of the engine's acceleration, 1/s.
        friction: gain of the ground friction, 1/s.
        stop_speed: below this speed friction acts as at this speed, cells/s.
        rest_speed: below this speed the body stands, cells/s.
        look_pixels: pixels of look of the turning actions.
        actions: the discrete actions.
    """

    lengths: ClassVar[tuple[str, ...]] = (*Body.lengths, "stop_speed", "rest_speed")

    friction: float = 6.0
    stop_speed: float = 1.0
    rest_speed: float = 0.01
    look_pixels: int = 30
    actions: Sequence[LabAction] = MAP_ACTIONS

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "actions", tuple(self.actions))
        if not 1 <= self.look_pixels <= MOST_PIXELS:
            raise MazenavError(f"look_pixels must lie between 1 and {MOST_PIXELS}, found {self.look_pixels}")
        if not 0 <= self.friction <= 1 / FRAME_SECONDS:
            raise MazenavError(f"friction must lie between 0 and {1 / FRAME_SECONDS:g} a second, found {self.friction}")
        if not (0 < self.rest_speed < math.inf and 0 < self.stop_speed < math.inf):
            raise MazenavError(f"stop and rest speed must be above 0, found {self.stop_speed} and {self.rest_speed}")
        if not self.actions or not all(isinstance(action, LabAction) for action in self.actions):
            raise MazenavError(f"a body needs at least one LabAction, found {self.actions!r}")

    @property
    def action_names(self) -> tuple[str, ...]:
        """What each discrete action is called."""
        return tuple(action.name for action in self.actions)

    @property
    def top_turn(self) -> float:
        """Yaw rate of `look left` in radians/s; a body whose actions never look gets the same."""
        return math.radians(LOOK_DEGREES_PER_PIXEL * self.look_pixels) / FRAME_SECONDS

    @property
    def coast(self) -> float:
        """Friction eats the speed in about this time."""
        return 1 / max(self.friction, 1.0)

    @property
    def command_bound(self) -> np.ndarray:
        """Full deflection ahead and to the side, and as much yaw as the engine turns in a frame."""
        return np.array([1, 1, math.radians(LOOK_DEGREES_PER_PIXEL * MOST_PIXELS)], np.float32)

    @property
    def full_command(self) -> np.ndarray:
        """Full deflection ahead and to the left, and as much yaw as `look left` turns."""
        return np.array([1, 1, math.radians(LOOK_DEGREES_PER_PIXEL * self.look_pixels)], np.float32)

    @property
    def top_speed(self) -> float:
        """A bound on |v|, cells/s, from the physics.

        A body that coasts and pushes elsewhere goes a little faster than `max_speed`: pushing adds most, a gain g,
        where `v . wish = w - g` after friction has left a share f of v: `V^2 = f^2 V^2 + 2 w g - g^2` at most.
        """
        kept = max(0.0, 1 - self.friction * FRAME_SECONDS)
        gain = min(1.0, self.acceleration * FRAME_SECONDS) * self.max_speed
        if kept >= 1:
            return 100 * self.max_speed  # no friction, no bound but that nobody pushes sideways for long
        bound = math.sqrt((2 * self.max_speed * gain - gain * gain) / (1 - kept * kept))
        return 1.001 * max(self.max_speed, bound)

    def commands(self, precision: Precision = np.float32) -> np.ndarray:
        """What each action asks of the engine, `[A, 3]`: move ahead, strafe left, yaw radians a frame."""
        turn = math.radians(LOOK_DEGREES_PER_PIXEL * self.look_pixels)
        rows = [(action.move, -action.strafe, -action.look * turn) for action in self.actions]
        return (np.array(rows) + 0.0).astype(precision)  # no negative zeros

    def constants(self, precision: Precision = np.float32) -> np.ndarray:
        """The numbers that the kernels read."""
        return np.array(
            [
                self.half_width,
                self.max_speed,
                self.acceleration,
                self.friction,
                self.stop_speed,
                self.rest_speed,
                self.clearance,
                0,
                0,
                0,
            ],
            precision,
        )


DMLAB = LabBody()
"""mazenav's preset: four actions at 30 pixels, ten frames a decision."""
