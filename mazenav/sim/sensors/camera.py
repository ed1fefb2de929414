"""What a first-person camera is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mazenav.types import MazenavError

MAX_SIDE = 4096


@dataclass(frozen=True)
class Camera:
    """A pinhole camera on the body, without roll; lengths in cells of the maze (1 = 100 lab units).

    DeepMind Lab sees 90 degrees from left to right at any aspect ratio (cg_fov, CG_CalcFov), from 50 units above the
    floor (MINS_Z -24, DEFAULT_VIEWHEIGHT 26 in bg_public.h), and its walls are 100 units high.

    Attributes:
        width: pixels from left to right.
        height: pixels from top to bottom.
        fov: degrees from left to right; pixels are square, so the vertical one follows.
        eye_height: of the camera above the floor.
        wall_height: of the walls.
        far: the greatest depth that is told, which is also that of the sky.

    Raises:
        MazenavError: if an attribute is out of range.
    """

    width: int = 64
    height: int = 64
    fov: float = 90.0
    eye_height: float = 0.5
    wall_height: float = 1.0
    far: float = 100.0

    def __post_init__(self) -> None:
        for name in ("width", "height"):
            side = getattr(self, name)
            if not 1 <= side <= MAX_SIDE:
                raise MazenavError(f"a camera's {name} must be 1 to {MAX_SIDE} pixels, found {side}")
        if not 1 <= self.fov <= 170:
            raise MazenavError(f"a camera's fov must be 1 to 170 degrees, found {self.fov}")
        if not 0 < self.eye_height < self.wall_height <= 100:
            raise MazenavError(
                "a camera needs 0 < eye_height < wall_height <= 100 cells, "
                f"found {self.eye_height} and {self.wall_height}"
            )

        if not 0 < self.far <= 1e6:
            raise MazenavError(f"a camera's far must lie above 0 and not above 1e6 cells, found {self.far}")

    @property
    def pixel(self) -> float:
        """Side of a pixel on the image plane one unit ahead."""
        return 2 * math.tan(math.radians(self.fov) / 2) / self.width

    def offsets(self) -> tuple[np.ndarray, np.ndarray]:
        """Where pixel centres lie on the image plane one unit ahead: float32 `[W]` to the left, float32 `[H]` up."""
        left = (self.width / 2 - 0.5 - np.arange(self.width)) * self.pixel
        up = (self.height / 2 - 0.5 - np.arange(self.height)) * self.pixel
        return left.astype(np.float32), up.astype(np.float32)

    def ray_lengths(self) -> np.ndarray:
        """Length of each pixel's ray for every unit of depth, float32 `[H, W]`: range = depth * ray length."""
        left, up = self.offsets()
        return np.sqrt(1 + left[None, :] ** 2 + up[:, None] ** 2).astype(np.float32)
