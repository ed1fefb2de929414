"""Cameras in a Bullet arena: colour, depth and what each pixel shows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mazenav.env.bullet.arena import Arena
from mazenav.env.bullet.capsule import EYE
from mazenav.env.bullet.engine import EGL
from mazenav.env.bullet.scenery import BODY, SKY, Scenery
from mazenav.env.bullet.walls import WALL_HEIGHT
from mazenav.types import MazenavError

VIEWS = ("first_person", "chase", "top")
NEAR = 0.02
"""Nearest distance that is seen, in cells."""
CHASE_BACK, CHASE_HEIGHT = 1.9, 2.6
ZENITH, HORIZON = (118, 160, 214), (226, 236, 246)


@dataclass(frozen=True)
class Camera:
    """What a camera is.

    Attributes:
        height: pixels.
        width: pixels.
        view: `first_person` (from the body ahead), `chase` (from behind and above it) or `top` (the whole layout).
        field_of_view: degrees from top to bottom.
        far: the greatest depth that is told, in cells, which is also that of the sky.

    Raises:
        MazenavError: if a value cannot be used.
    """

    height: int = 64
    width: int = 64
    view: str = "first_person"
    field_of_view: float = 75.0
    far: float = 100.0

    def __post_init__(self) -> None:
        if not (1 <= self.height <= 4096 and 1 <= self.width <= 4096):
            raise MazenavError(f"a camera has 1 to 4096 pixels a side, found {self.height} x {self.width}")
        if self.view not in VIEWS:
            raise MazenavError(f"view must be one of {', '.join(VIEWS)}, found {self.view!r}")
        if not 1 <= self.field_of_view <= 170:
            raise MazenavError(f"field_of_view must lie between 1 and 170 degrees, found {self.field_of_view}")
        if not 0 < self.far <= 1e6:
            raise MazenavError(f"far must lie above 0 and not above 1e6 cells, found {self.far}")


class Picture(NamedTuple):
    """What a camera saw.

    Attributes:
        rgb: uint8 `[H, W, 3]`.
        depth: float32 `[H, W]`, distance along the camera's axis in cells, `far` at most.
        segmentation: uint8 `[H, W]`, indices of `scenery.SEEN`.
    """

    rgb: np.ndarray
    depth: np.ndarray
    segmentation: np.ndarray


class Cameras:
    """Takes pictures of one arena.

    Attributes:
        arena: of which.
    """

    def __init__(self, arena: Arena) -> None:
        self.arena = arena
        self._scenery = Scenery(arena.client, arena.robot.metres_per_cell)

    def take(self, camera: Camera, walls: np.ndarray, goal: np.ndarray) -> Picture:
        """A picture of the robot's surroundings now.

        Args:
            camera: what takes it.
            walls: bool `[R, C]`, what stands in the arena.
            goal: float32 `[2]`, where the goal is.
        """
        client = self.arena.client
        seen = {**self._scenery.show(walls, goal), self.arena.robot.number: BODY}
        self.arena.robot.face()
        eye, aim, up, far = _placed(camera, self.arena.robot.state(), walls.shape)
        scale = self.arena.robot.metres_per_cell
        view = client.computeViewMatrix((eye * scale).tolist(), (aim * scale).tolist(), up)
        near, far = NEAR * scale, far * scale
        projection = client.computeProjectionMatrixFOV(camera.field_of_view, camera.width / camera.height, near, far)
        first_person = camera.view == "first_person"
        _, _, rgba, buffer, bodies = client.getCameraImage(
            camera.width,
            camera.height,
            view,
            projection,
            lightDirection=(0.35, -0.5, 1.6),
            lightColor=(1, 1, 1),
            lightDistance=100 * scale,
            shadow=0,
            lightAmbientCoeff=0.68,
            lightDiffuseCoeff=0.34,
            lightSpecularCoeff=0.0,
            renderer=client.ER_BULLET_HARDWARE_OPENGL if client.renderer == EGL else client.ER_TINY_RENDERER,
        )
        rgb = np.asarray(rgba, np.uint8).reshape(camera.height, camera.width, 4)[..., :3].copy()
        buffer = np.asarray(buffer, np.float32).reshape(camera.height, camera.width)
        numbers = np.asarray(bodies, np.int64).reshape(camera.height, camera.width)
        segmentation = _classes(numbers, seen)
        depth = np.minimum(far * near / (far - (far - near) * buffer) / scale, camera.far).astype(np.float32)
        sky = segmentation == SKY
        depth[sky] = camera.far
        rgb[sky] = _sky(camera, down=not first_person)[sky]
        return Picture(rgb, depth, segmentation)

    def follow(self, walls: np.ndarray, goal: np.ndarray) -> None:
        """Let the camera of Bullet's window follow the robot."""
        client, robot = self.arena.client, self.arena.robot
        self._scenery.show(walls, goal)
        robot.face()
        x, y, yaw, *_ = robot.state()
        target = (x * robot.metres_per_cell, y * robot.metres_per_cell, 0.0)
        client.resetDebugVisualizerCamera(3.2 * robot.metres_per_cell, math.degrees(yaw) - 90, -52, target)


def _placed(
    camera: Camera, state: tuple[float, ...], shape: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray, tuple[float, float, float], float]:
    """Where a camera is, what it looks at, what is up, and how far it sees; in cells."""
    x, y, yaw = state[:3]
    rows, columns = shape
    ahead = np.array([math.cos(yaw), math.sin(yaw), 0.0])
    here = np.array([x, y, 0.0])
    if camera.view == "first_person":
        eye = here + np.array([0, 0, EYE])
        return eye, eye + ahead, (0, 0, 1), float(math.hypot(rows, columns)) + 2
    if camera.view == "chase":
        eye = here - CHASE_BACK * ahead + np.array([0, 0, CHASE_HEIGHT])
        return eye, here + 0.5 * ahead, (0, 0, 1), float(math.hypot(rows, columns)) + 6
    half = math.tan(math.radians(camera.field_of_view) / 2)
    height = max((rows + 1) / 2, (columns + 1) / 2 * camera.height / camera.width) / half + WALL_HEIGHT
    middle = np.array([columns / 2, rows / 2, 0.0])
    return middle + np.array([0, 0, height]), middle, (0, 1, 0), height + 1


def _classes(numbers: np.ndarray, seen: dict[int, int]) -> np.ndarray:
    """What bodies `[H, W]` of Bullet's are, uint8; the link is in the upper bits, -1 is nothing."""
    table = np.full(max(seen) + 2, SKY, np.uint8)
    for body, kind in seen.items():
        table[body] = kind
    bodies = np.where(numbers < 0, len(table) - 1, numbers & ((1 << 24) - 1))
    return table[np.minimum(bodies, len(table) - 1)]


def _sky(camera: Camera, down: bool) -> np.ndarray:
    """The colour of the sky, pale at the horizon, float `[H, W, 3]`; plain where the camera looks down."""
    rows = np.linspace(0, 2, camera.height)[:, None, None].clip(0, 1) if not down else np.ones((camera.height, 1, 1))
    sky = np.asarray(ZENITH) + (np.asarray(HORIZON) - np.asarray(ZENITH)) * rows
    return np.broadcast_to(sky, (camera.height, camera.width, 3))
