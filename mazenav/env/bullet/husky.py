"""The body `husky`: the four-wheeled robot of `husky/husky.urdf` (pybullet_data), driven by its wheels."""

from __future__ import annotations

import math
from pathlib import Path

from mazenav.env.bullet.engine import Client, quiet
from mazenav.env.bullet.motion import Command, wanted_velocity
from mazenav.sim.body import FRAME_SECONDS, LabBody
from mazenav.types import MazenavError

CELL_METRES = 2.3
"""The robot, 0.68 m across its wheels, then takes as much of a cell's width as the `dmlab` body."""
LEAST_CELL, MOST_CELL = 1.25, 20.0
"""Metres: it is 1.19 m across its corners; wider halls would take too many steps of Bullet's a decision."""
TOP_SPEED = 1.0
"""m/s, the robot's own."""
WHEEL_RADIUS = 0.17775
HALF_TRACK = 0.2854
CENTRE = (0.0069, 0.0)
"""Where Bullet has the base, its centre of mass, from the middle between the wheels; metres ahead and to the left."""
STANDING_HEIGHT = 0.157
"""Of the base over the floor, metres."""
NOWHERE = (-100.0, -100.0, 100.0)
"""A place, in metres, where it touches nothing."""
STEP_SECONDS = 1 / 240
"""Longest step of Bullet's."""
MOTOR_TORQUE = 100.0
"""Nm of each wheel at most."""
SLIP = 2.0
"""How much faster the wheels turn than wheels that rolled would: four wheels turn the robot by sliding sideways."""
YAW_GAIN = 6.0
"""Yaw rate for each radian that the robot is behind, 1/s."""
YAW_HOLD = 0.8
"""Part of that gap left for the next frame while no turn is asked for, so that a wall may turn the robot along it."""
YAW_LEAD = 0.35
"""Radians that the heading asked for may be ahead at most, so that a robot held by a wall does not save turns up."""


class Husky:
    """Skid-steered: no sideways motion but by sliding, a track of 0.57 m, 1 m long.

    A cell is 2.3 m unless told: with 0.68 m across its wheels it is then as wide in a cell as the `dmlab` body, and
    with 1.19 m across its corners it can turn in a corridor. In smaller cells it is wider than an agent that knows the
    `dmlab` body thinks, and catches at corners that the agent takes closely. Its top speed of 1 m/s stands for the
    3.2 cells/s of that body, which makes one second of DeepMind Lab's engine 7.4 s of its own: 1 frame is 0.12 s.
    States are told in cells and engine seconds, so that an agent finds the speeds that it knows.

    Each frame the `dmlab` formulas say which velocity follows; of that the wheels can follow what points ahead. Under
    turning actions the heading asked for goes on as the kernel's would and the wheels' difference closes the gap;
    under others the robot yields to walls, which turn it along themselves: without that it jams where the kernel's box
    slides.

    Attributes:
        number: Bullet's number of the body.
        metres_per_cell: how long a cell is.
    """

    def __init__(self, client: Client, physics: LabBody, cell_metres: float | None = None) -> None:
        """Load it; a cell is `CELL_METRES` long unless told.

        Raises:
            MazenavError: if it cannot turn in a corridor that wide.
        """
        import pybullet_data

        self._client = client
        self._physics = physics
        self._aim = 0.0
        self._asked = (0.0, 0.0)
        self.metres_per_cell = CELL_METRES if cell_metres is None else cell_metres
        if not LEAST_CELL <= self.metres_per_cell <= MOST_CELL:
            raise MazenavError(
                f"a cell must be {LEAST_CELL} to {MOST_CELL} metres long for the husky, found {cell_metres}"
            )
        self._slow = physics.max_speed * self.metres_per_cell / TOP_SPEED
        seconds = FRAME_SECONDS * self._slow
        self._steps = math.ceil(seconds / STEP_SECONDS)
        self._seconds = seconds
        client.setTimeStep(seconds / self._steps)
        client.setGravity(0, 0, -9.81)
        client.setPhysicsEngineParameter(enableConeFriction=1)  # spinning wheels give way sideways, as real ones do
        floor = client.createCollisionShape(client.GEOM_PLANE)
        self._floor: int = client.createMultiBody(0, floor, client.hidden(), useMaximalCoordinates=1)
        path = Path(pybullet_data.getDataPath()) / "husky" / "husky.urdf"
        with quiet():
            self.number: int = client.loadURDF(str(path), flags=client.URDF_MERGE_FIXED_LINKS)
        self._wheels = list(range(client.getNumJoints(self.number)))
        self._sides = [-1 if b"left" in client.getJointInfo(self.number, wheel)[1] else 1 for wheel in self._wheels]

    def place(self, x: float, y: float, yaw: float, vx: float = 0.0, vy: float = 0.0) -> None:
        """Put it there with wheels that stand still; cells, radians, cells/s."""
        client, scale = self._client, self.metres_per_cell
        self._aim, self._asked = yaw, (vx, vy)
        cosine, sine = math.cos(yaw), math.sin(yaw)
        # Somewhere else first: contacts of the episode before would be remembered, and the same would not happen again.
        client.resetBasePositionAndOrientation(self.number, NOWHERE, (0, 0, 0, 1))
        client.performCollisionDetection()
        middle = (x * scale + cosine * CENTRE[0], y * scale + sine * CENTRE[0], STANDING_HEIGHT)
        client.resetBasePositionAndOrientation(self.number, middle, (0, 0, math.sin(yaw / 2), math.cos(yaw / 2)))
        speed = scale / self._slow
        client.resetBaseVelocity(self.number, (vx * speed, vy * speed, 0), (0, 0, 0))
        for wheel in self._wheels:
            client.resetJointState(self.number, wheel, 0, (vx * cosine + vy * sine) * speed / WHEEL_RADIUS)

    def frame(self, command: Command) -> tuple[float, float, bool]:
        """Advance by one frame; where it is then, and whether it touches a wall."""
        client = self._client
        _, _, yaw, vx, vy, _ = self.state()
        kept = 1.0 if command.turn else YAW_HOLD
        self._aim = yaw + _within(kept * _within(self._aim - yaw, YAW_LEAD) + command.turn, YAW_LEAD)
        # While it pushes, what is asked for goes on from itself: wheels held by a wall must spin to slide along it.
        pushed = bool(command.ahead or command.strafe)
        self._asked = wanted_velocity(*(self._asked if pushed else (vx, vy)), yaw, command, self._physics)
        ahead = (self._asked[0] * math.cos(yaw) + self._asked[1] * math.sin(yaw)) * self.metres_per_cell / self._slow
        turn = command.turn / self._seconds + YAW_GAIN * (self._aim - yaw)
        across = SLIP * HALF_TRACK * turn
        client.setJointMotorControlArray(
            self.number,
            self._wheels,
            client.VELOCITY_CONTROL,
            targetVelocities=[(ahead + side * across) / WHEEL_RADIUS for side in self._sides],
            forces=[MOTOR_TORQUE] * len(self._wheels),
        )
        for _ in range(self._steps):
            client.stepSimulation()
        x, y, *_ = self.state()
        touches = any(
            contact[2] not in (self._floor, self.number) and contact[9] > 0
            for contact in client.getContactPoints(self.number)
        )
        return x, y, touches

    def state(self) -> tuple[float, float, float, float, float, float]:
        """x, y, yaw, vx, vy, yaw rate of the point between the wheels, as measured."""
        client, scale = self._client, self.metres_per_cell
        (x, y, _), turned = client.getBasePositionAndOrientation(self.number)
        (vx, vy, _), (_, _, rate) = client.getBaseVelocity(self.number)
        yaw = client.getEulerFromQuaternion(turned)[2]
        back_x, back_y = -math.cos(yaw) * CENTRE[0], -math.sin(yaw) * CENTRE[0]
        speed = self._slow / scale
        return (
            (x + back_x) / scale,
            (y + back_y) / scale,
            yaw,
            (vx - rate * back_y) * speed,
            (vy + rate * back_x) * speed,
            rate * self._slow,
        )

    def face(self) -> None:
        """Nothing to do: what Bullet turns is what it shows."""


def _within(angle: float, most: float) -> float:
    """An angle as one in [-pi, pi), cut to +-`most`."""
    around = (angle + math.pi) % (2 * math.pi) - math.pi
    return min(max(around, -most), most)
