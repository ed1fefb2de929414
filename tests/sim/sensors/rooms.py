"""A drawn maze with things in it, and random scenes, for the sensors' tests.

`python -m tests.sim.sensors.rooms` draws the golden pictures anew; look at them before you commit them.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from mazenav.layout.generate import generate_walls_batch
from mazenav.sim.sensors import APPLE, GOAL, Camera, Scene, render_rgb
from mazenav.topdown.occupancy import world_grid

GOLDEN = Path(__file__).parents[2] / "golden" / "first_person.png"
CAMERA = Camera(160, 120)
MAZE = """
###########
#    #    #
# ## # ## #
# #     # #
#   # #   #
### # # ###
#   # #   #
# #     # #
# ####### #
#         #
###########
"""
POSES = (
    # x, y, yaw, pitch
    (5.5, 7.3, -1.57, 0.0),
    (1.4, 1.5, 0.0, 0.0),
    (9.6, 1.6, 2.2, 0.0),
    (1.5, 7.5, 0.3, -0.35),
    (5.5, 7.5, 1.57, 0.4),
    (3.5, 4.4, -2.0, 0.0),
)
THINGS = (
    # x, y, kind
    (5.5, 3.5, GOAL),
    (3.5, 1.5, APPLE),
    (4.5, 1.5, APPLE),
    (5.5, 9.5, GOAL),
    (3.5, 3.5, APPLE),
    (3.1, 3.2, APPLE),
    (0.0, 0.0, -1),
)


def walls_of(drawing: str) -> np.ndarray:
    """bool `[R, C]` of a drawn maze."""
    return np.array([[letter == "#" for letter in line] for line in drawing.strip("\n").splitlines()])


def solid_of(walls: np.ndarray) -> np.ndarray:
    """uint8 `[L, C + 2, R + 2]` of walls `[L, R, C]`, as batches hold them."""
    layers, rows, columns = walls.shape
    solid = np.ones((layers, columns + 2, rows + 2), np.uint8)
    solid[:, 1:-1, 1:-1] = world_grid(walls)
    return solid


def drawn_scene() -> Scene:
    """Six agents in the drawn maze."""
    poses = np.array(POSES, np.float32)
    n = len(poses)
    things = np.repeat(np.array(THINGS, np.float32)[None], n, 0)
    solid = solid_of(walls_of(MAZE)[None])
    return Scene(poses[:, :3], solid, np.zeros(n, np.int64), things, poses[:, 3])


def drawn_pictures() -> np.ndarray:
    """What they see, in two rows: uint8 `[2 H, 3 W, 3]`."""
    views = render_rgb(drawn_scene(), CAMERA)
    return np.vstack([np.hstack(views[:3]), np.hstack(views[3:])])


def random_scene(seed: int, n: int = 4, side: int = 9, kind: str = "backtracker") -> Scene:
    """Agents anywhere free in layouts of their own, looking anywhere, with a goal and an apple near each."""
    rng = np.random.default_rng(seed)
    walls = generate_walls_batch(kind, (side, side), n, rng)
    poses = np.empty((n, 4), np.float32)
    things = np.empty((n, 2, 3), np.float32)
    for agent in range(n):
        cells = np.argwhere(~walls[agent])
        centres = np.stack([cells[:, 1] + 0.5, side - cells[:, 0] - 0.5], axis=1)
        at = centres[rng.integers(len(centres))]
        poses[agent] = *(at + rng.uniform(-0.45, 0.45, 2)), rng.uniform(-3.2, 3.2), rng.uniform(-0.6, 0.6)
        near = centres[np.argsort(np.abs(centres - at).sum(1))[1:6]]
        things[agent, :, :2] = near[rng.choice(len(near), 2, replace=False)]
        things[agent, :, 2] = GOAL, APPLE
    return Scene(poses[:, :3].copy(), solid_of(walls), things=things, pitches=poses[:, 3].copy())


if __name__ == "__main__":
    cv2.imwrite(str(GOLDEN), drawn_pictures()[..., ::-1])
