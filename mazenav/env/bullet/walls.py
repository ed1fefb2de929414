"""Walls as few boxes."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.env.bullet.engine import Client
from mazenav.topdown.occupancy import world_grid

WALL_HEIGHT = 0.7
"""Cells."""
RING = 1
"""Cells of wall around the map: the world ends there."""


@njit(cache=True)
def merge_boxes(solid: np.ndarray) -> np.ndarray:
    """Rectangles that together cover exactly the solid cells; they may overlap.

    From each solid cell that none covers yet, the larger of two rectangles: grown along the first axis then the second,
    and the other way round.

    Args:
        solid: uint8 `[X, Y]`, not 0 where there is wall.

    Returns:
        int64 `[B, 4]`: first x, first y, end x, end y.
    """
    size_x, size_y = solid.shape
    covered = np.zeros((size_x, size_y), np.bool_)
    boxes = np.empty((solid.size, 4), np.int64)
    count = 0
    for x in range(size_x):
        for y in range(size_y):
            if not solid[x, y] or covered[x, y]:
                continue
            left, right = _run_x(solid, x, y, y + 1)
            low, high = _run_y(solid, y, left, right)
            bottom, top = _run_y(solid, y, x, x + 1)
            start, end = _run_x(solid, x, bottom, top)
            box = boxes[count]
            if (right - left) * (high - low) >= (end - start) * (top - bottom):
                box[0], box[1], box[2], box[3] = left, low, right, high
            else:
                box[0], box[1], box[2], box[3] = start, bottom, end, top
            covered[box[0] : box[2], box[1] : box[3]] = True
            count += 1
    return boxes[:count].copy()


@njit(cache=True)
def _run_x(solid: np.ndarray, x: int, low: int, high: int) -> tuple[int, int]:
    """The longest run of columns around `x` that are solid from `low` to `high`."""
    first, end = x, x + 1
    while first > 0 and solid[first - 1, low:high].all():
        first -= 1
    while end < solid.shape[0] and solid[end, low:high].all():
        end += 1
    return first, end


@njit(cache=True)
def _run_y(solid: np.ndarray, y: int, left: int, right: int) -> tuple[int, int]:
    """The longest run of rows around `y` that are solid from `left` to `right`."""
    first, end = y, y + 1
    while first > 0 and solid[left:right, first - 1].all():
        first -= 1
    while end < solid.shape[1] and solid[left:right, end].all():
        end += 1
    return first, end


def wall_boxes(walls: np.ndarray) -> np.ndarray:
    """The walls bool `[R, C]` and a ring around them as int64 `[B, 4]`: first x, first y, end x, end y, in cells."""
    return merge_boxes(np.pad(world_grid(walls), RING, constant_values=1)) - RING


class Walls:
    """The walls of one layout in one client; built anew only when they change.

    Attributes:
        bodies: Bullet's numbers of the boxes.
        times: how often walls were stood up.
    """

    def __init__(self, client: Client, metres_per_cell: float) -> None:
        self._client = client
        self._scale = metres_per_cell
        self._hidden = client.hidden()
        self._built: np.ndarray | None = None
        self._shapes: dict[tuple[float, ...], int] = {}
        self.bodies: list[int] = []
        self.times = 0

    def build(self, walls: np.ndarray) -> bool:
        """Stand these walls bool `[R, C]` up, row 0 at the top; whether they were not there already."""
        if self._built is not None and np.array_equal(self._built, walls):
            return False
        for body in self.bodies:
            self._client.removeBody(body)
        boxes = wall_boxes(walls) * self._scale
        height = WALL_HEIGHT * self._scale
        halves = np.column_stack([(boxes[:, 2:] - boxes[:, :2]) / 2, np.full(len(boxes), height / 2)])
        centres = np.column_stack([(boxes[:, 2:] + boxes[:, :2]) / 2, np.full(len(boxes), height / 2)])
        self.bodies = [self._box(half, centre) for half, centre in zip(halves.tolist(), centres.tolist(), strict=True)]
        self._built = walls.copy()
        self.times += 1
        return True

    def _box(self, half: list[float], centre: list[float]) -> int:
        # Bodies of their own, not one compound: a compound's parts are only looked at once they are touched.
        client = self._client
        size = tuple(half)
        if size not in self._shapes:  # shapes outlive their bodies in Bullet, so each size is made once
            self._shapes[size] = client.createCollisionShape(client.GEOM_BOX, halfExtents=half)
        body: int = client.createMultiBody(0, self._shapes[size], self._hidden, centre, useMaximalCoordinates=1)
        client.changeDynamics(body, -1, lateralFriction=0)  # bodies slide along walls, as they do in the kernel
        return body
