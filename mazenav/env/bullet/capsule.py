"""The body `capsule`: an upright capsule that forces move as the `dmlab` formulas say."""

from __future__ import annotations

import math

from mazenav.env.bullet.engine import Client
from mazenav.env.bullet.motion import Command, wanted_velocity
from mazenav.sim.body import FRAME_SECONDS, LabBody
from mazenav.types import MazenavError

HEIGHT = 0.6
"""Top of the capsule above the floor, in cells."""
HIT_SPEED = 1e-6
"""Speed that a wall must take away to count as hit, cells/s."""
EYE = 0.45
"""Height that it looks from, in cells: inside of the ball that shows where it faces, which is not seen from there."""
SKIN, VISOR = (0.07, 0.59, 0.53, 1), (0.97, 0.96, 0.92, 1)


class Capsule:
    """Hovers upright over the floor; each frame a force turns its velocity into the one that the formulas ask for.

    Its radius is the half-width of the kernel's box and the gap that the box keeps, so that it stops at walls where
    the kernel stops and has the same free space. Walls are smooth, so that it slides. Over 100 decisions it stays
    within 0.002 cells of the kernel in free space and within 0.01 along walls; at corners that stick out it is round
    where the kernel's body is a box, so that it passes them a little earlier and ways part there. Yaw is set, not
    turned by a torque: turning has no inertia. One metre is one cell, and a frame of Bullet's is a frame.

    Attributes:
        number: Bullet's number of the body.
        metres_per_cell: how long a cell is.
    """

    metres_per_cell = 1.0

    def __init__(self, client: Client, physics: LabBody, cell_metres: float | None = None) -> None:
        """Stand it somewhere.

        Raises:
            MazenavError: if a size of cells is asked for: it is as large in a cell as the kernel's body.
        """
        if cell_metres is not None:
            raise MazenavError(f"cell_metres is for the husky; a capsule's cells are 1 metre, found {cell_metres}")
        self._client = client
        self._physics = physics
        self._yaw = 0.0
        self._turn = 0.0
        radius = physics.half_width + physics.clearance
        client.setTimeStep(FRAME_SECONDS)
        client.setGravity(0, 0, 0)
        shape = client.createCollisionShape(client.GEOM_CAPSULE, radius=radius, height=max(HEIGHT - 2 * radius, 0.01))
        skin = client.createVisualShapeArray(
            shapeTypes=[client.GEOM_CAPSULE, client.GEOM_SPHERE],  # the eye, so that one sees where it faces
            radii=[radius, 0.66 * radius],
            lengths=[max(HEIGHT - 2 * radius, 0.01), 0.0],
            rgbaColors=[SKIN, VISOR],
            visualFramePositions=[(0, 0, 0), (0.48 * radius, 0, EYE - HEIGHT / 2)],
        )
        self._middle = HEIGHT / 2
        self._place = (0.0, 0.0, self._middle)
        self._speed = (0.0, 0.0, 0.0)
        self._left = (0.0, 0.0)
        self._pressed = 0.0
        self.number: int = client.createMultiBody(1.0, shape, skin, (0, 0, self._middle), useMaximalCoordinates=1)
        client.changeDynamics(
            self.number,
            -1,
            mass=1.0,
            localInertiaDiagonal=(0, 0, 0),  # that is, none that a contact could turn
            lateralFriction=0,
            spinningFriction=0,
            rollingFriction=0,
            restitution=0,
            linearDamping=0,
            angularDamping=0,
            activationState=client.ACTIVATION_STATE_DISABLE_SLEEPING,
        )

    def place(self, x: float, y: float, yaw: float, vx: float = 0.0, vy: float = 0.0) -> None:
        """Put it there, at rest unless told otherwise; cells, radians, cells/s."""
        self._yaw, self._turn = yaw, 0.0
        self._place, self._speed, self._left = (x, y, self._middle), (vx, vy, 0.0), (vx, vy)
        self._pressed = 0.0
        self._client.resetBasePositionAndOrientation(self.number, self._place, (0, 0, 0, 1))
        self._client.resetBaseVelocity(self.number, self._speed, (0, 0, 0))

    def frame(self, command: Command) -> tuple[float, float, bool]:
        """Advance by one frame; where it is then, and whether it ran into a wall."""
        client, number = self._client, self.number
        self._yaw += command.turn
        self._turn = command.turn
        vx, vy, vz = self._speed
        to_x, to_y = wanted_velocity(*self._left, self._yaw, command, self._physics)
        lift = ((self._middle - self._place[2]) / FRAME_SECONDS - vz) / FRAME_SECONDS
        force = ((to_x - vx) / FRAME_SECONDS, (to_y - vy) / FRAME_SECONDS, lift)
        client.applyExternalForce(number, -1, force, self._place, client.WORLD_FRAME)
        client.stepSimulation()
        self._place, _ = client.getBasePositionAndOrientation(number)
        self._speed, _ = client.getBaseVelocity(number)
        vx, vy, _ = self._speed
        # The kernel's box is hit once its gap to the wall is used up; that gap is a part of the capsule's radius.
        held = math.hypot(to_x - vx, to_y - vy)
        self._pressed = self._pressed + held * FRAME_SECONDS if held > HIT_SPEED else 0.0
        hit = self._pressed > self._physics.clearance
        if hit:
            self._pressed, self._left = 0.0, self._along_walls(vx, vy)
        else:
            self._left = (to_x, to_y)
        return self._place[0], self._place[1], hit

    def state(self) -> tuple[float, float, float, float, float, float]:
        """x, y, yaw, vx, vy, yaw rate; yaw may be beyond pi."""
        return self._place[0], self._place[1], self._yaw, *self._left, self._turn / FRAME_SECONDS

    def _along_walls(self, vx: float, vy: float) -> tuple[float, float]:
        """What is left of a velocity once a wall has been hit: nothing that points into the wall.

        Bullet brings a body up to the wall first, at the speed that takes a frame, and stops it there one frame later.
        The kernel does both in one frame.
        """
        for contact in self._client.getContactPoints(self.number):
            (normal_x, normal_y, _), force = contact[7], contact[9]
            into = min(0.0, vx * normal_x + vy * normal_y) if force > 0 else 0.0
            vx, vy = vx - into * normal_x, vy - into * normal_y
        return vx, vy

    def face(self) -> None:
        """Turn the body to its yaw, for whoever looks at it; contacts do not care."""
        turned = (0.0, 0.0, math.sin(self._yaw / 2), math.cos(self._yaw / 2))
        self._client.resetBasePositionAndOrientation(self.number, self._place, turned)
        self._client.resetBaseVelocity(self.number, self._speed, (0, 0, 0))
