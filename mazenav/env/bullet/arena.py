"""One agent in one layout in a physics client of its own."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from mazenav.env.bullet.capsule import Capsule
from mazenav.env.bullet.engine import TINY, Client
from mazenav.env.bullet.husky import Husky
from mazenav.env.bullet.motion import Command
from mazenav.env.bullet.walls import Walls
from mazenav.env.placement import wrapped
from mazenav.env.senses import state_bounds
from mazenav.sim.body import LabBody
from mazenav.types import GOAL_RADIUS, MazenavError


class Robot(Protocol):
    """A body that drives; lengths in cells, times in seconds of DeepMind Lab's engine, yaw in radians.

    Attributes:
        number: Bullet's number of the body.
        metres_per_cell: how long a cell is in Bullet.
    """

    number: int
    metres_per_cell: float

    def place(self, x: float, y: float, yaw: float, vx: float = 0.0, vy: float = 0.0) -> None:
        """Put it there, at rest unless told otherwise."""

    def frame(self, command: Command) -> tuple[float, float, bool]:
        """Advance by one frame; x and y then, and whether it ran into a wall."""

    def state(self) -> tuple[float, float, float, float, float, float]:
        """x, y, yaw, vx, vy, yaw rate; yaw may be beyond pi."""

    def face(self) -> None:
        """Show the heading, before somebody looks."""


ROBOTS: dict[str, type[Capsule] | type[Husky]] = {"capsule": Capsule, "husky": Husky}
"""The bodies by their names."""


def check_robot(name: str) -> str:
    """`name` itself.

    Raises:
        MazenavError: if there is no such body.
    """
    if name not in ROBOTS:
        raise MazenavError(f"body must be one of {', '.join(ROBOTS)}, found {name!r}")
    return name


class Arena:
    """A layout's walls and a robot among them.

    Attributes:
        client: the physics client.
        robot: the body.
        walls: the walls.
    """

    def __init__(
        self,
        robot: str,
        physics: LabBody,
        shape: tuple[int, int],
        renderer: str = TINY,
        cell_metres: float | None = None,
    ) -> None:
        """Open a client with a robot and no walls yet.

        Raises:
            MazenavError: if PyBullet is missing, there is no such robot, it does not fit, or nothing draws as asked.
        """
        self.client = Client(renderer)
        self.robot: Robot = ROBOTS[check_robot(robot)](self.client, physics, cell_metres)
        self.walls = Walls(self.client, self.robot.metres_per_cell)
        self._repeat = physics.action_repeat
        self._low, self._high = state_bounds(shape, physics)
        self._goal = (0.0, 0.0)

    def place(self, walls: np.ndarray, state: np.ndarray, goal: np.ndarray) -> None:
        """Stand walls bool `[R, C]` up where others stood, and put the robot into a state `[6]`; goal `[2]` is x, y."""
        self.walls.build(walls)
        x, y, yaw, vx, vy, _ = (float(value) for value in state)
        self.robot.place(x, y, yaw, vx, vy)
        self._goal = (float(goal[0]), float(goal[1]))

    def decide(self, command: Command) -> tuple[bool, bool]:
        """`action_repeat` frames, fewer if the goal is reached before; whether it is, and whether a wall was hit."""
        goal_x, goal_y = self._goal
        collided = False
        for _ in range(self._repeat):
            x, y, hit = self.robot.frame(command)
            collided |= hit
            if (x - goal_x) ** 2 + (y - goal_y) ** 2 < GOAL_RADIUS * GOAL_RADIUS:
                return True, collided
        return False, collided

    def state(self) -> np.ndarray:
        """float32 `[6]`: x, y, yaw in [-pi, pi), vx, vy, yaw rate; it saturates at the bounds of the observation."""
        x, y, yaw, vx, vy, rate = self.robot.state()
        if not math.isfinite(x + y + yaw + vx + vy + rate):
            raise MazenavError(f"Bullet lost the body: its state is {(x, y, yaw, vx, vy, rate)}")
        state = np.array([x, y, wrapped(yaw), vx, vy, rate], np.float32)
        return np.clip(state, self._low, self._high)

    def close(self) -> None:
        """Disconnect; once more does nothing."""
        self.client.close()
