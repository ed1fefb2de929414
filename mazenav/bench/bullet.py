"""Speed of `mazenav/BulletNav-v0`, and what merging walls into few boxes gains there."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import partial

import gymnasium
import numpy as np

from mazenav.bench.comparing import Measured, compared
from mazenav.bench.table import Row, best_rate
from mazenav.env import BULLET_NAV
from mazenav.env.bullet.camera import Camera
from mazenav.env.bullet.engine import Client
from mazenav.env.bullet.single import BulletNav
from mazenav.env.bullet.walls import Walls
from mazenav.layout.generate import generate
from mazenav.sim.body import FRAME_SECONDS, LOOK_LEFT

SHAPE = (13, 13)
SCALE = 1
"""How many times less than usual is measured."""
MAZES = 20


def drive_rate(body: str, decisions: int) -> float:
    """Decisions/s of `gymnasium.make` under random actions, episodes and new layouts included."""
    env = gymnasium.make(BULLET_NAV, shape=SHAPE, body=body)
    env.reset(seed=0)
    env.action_space.seed(0)

    def run() -> int:
        for _ in range(decisions // SCALE):
            _, _, terminated, truncated, _ = env.step(env.action_space.sample())
            if terminated or truncated:
                env.reset()
        return decisions // SCALE

    rate = best_rate(run, repeats=3)
    env.close()
    return rate


def picture_rate(side: int) -> float:
    """Pictures/s, colour, depth and segmentation at once, from a body that turns round in a maze."""
    env, camera = BulletNav(shape=SHAPE), Camera(side, side)
    env.reset(seed=0)

    def run() -> int:
        for _ in range(200 // SCALE):
            _, _, _, truncated, _ = env.step(LOOK_LEFT)
            env.look(camera)
            if truncated:
                env.reset()
        return 200 // SCALE

    rate = best_rate(run, repeats=3)
    env.close()
    return rate


def grids() -> list[np.ndarray]:
    """Walls of some mazes, bool `[R, C]` each."""
    rng = np.random.default_rng(0)
    return [generate("backtracker", SHAPE, rng).walls for _ in range(MAZES)]


def walls_rate() -> float:
    """Mazes/s whose walls are stood up where others stood."""
    client = Client()
    walls = Walls(client, 1.0)

    def run() -> int:
        return sum(walls.build(grid) for grid in grids())

    rate = best_rate(run, repeats=3)
    client.close()
    return rate


def boxes_by_hand(client: Client, walls: np.ndarray) -> list[int]:
    """A box for each wall cell and each cell of the ring, as a user of PyBullet stands a maze up."""
    shape = client.createCollisionShape(client.GEOM_BOX, halfExtents=(0.5, 0.5, 0.35))
    cells = np.argwhere(np.pad(walls, 1, constant_values=True)).tolist()
    return [client.createMultiBody(0, shape, -1, (column, row, 0.35)) for row, column in cells]


def walls_by_hand() -> float:
    """Mazes/s of `boxes_by_hand`."""
    client = Client()

    def run() -> int:
        for grid in grids():
            for body in boxes_by_hand(client, grid):
                client.removeBody(body)
        return MAZES

    rate = best_rate(run, repeats=3)
    client.close()
    return rate


def drive_by_hand(frames: int = 10) -> float:
    """Decisions/s of a capsule pushed among `boxes_by_hand`: forces and steps alone, nothing observed, no episodes."""
    client = Client()
    client.setTimeStep(FRAME_SECONDS)
    boxes_by_hand(client, grids()[0])
    shape = client.createCollisionShape(client.GEOM_CAPSULE, radius=0.15, height=0.3)
    body = client.createMultiBody(1.0, shape, -1, (2, 2, 0.3))
    pushes = np.random.default_rng(0).uniform(-20, 20, (300 // SCALE, 2)).tolist()

    def run() -> int:
        for x, y in pushes:
            for _ in range(frames):
                client.applyExternalForce(body, -1, (x, y, 0), (0, 0, 0), client.LINK_FRAME)
                client.stepSimulation()
        return len(pushes)

    rate = best_rate(run, repeats=3)
    client.close()
    return rate


def bullet_rows() -> list[Callable[[], Row]]:
    """What measures each row; none where PyBullet is not installed."""
    if importlib.util.find_spec("pybullet") is None:
        return []
    drive: dict[str, Measured] = {"PyBullet by hand, a box a wall cell, nothing observed": drive_by_hand}
    walls: dict[str, Measured] = {"PyBullet by hand, a box a wall cell": walls_by_hand}
    steps, name = "env-steps/s", "`make` of `BulletNav-v0`, {}, repeat 10"
    return [
        partial(compared, name.format("capsule"), steps, partial(drive_rate, "capsule", 4000), drive, None, 400),
        partial(compared, name.format("husky"), steps, partial(drive_rate, "husky", 100), {}, None),
        partial(compared, "`BulletNav.look`, 64x64, a decision each", "frames/s", partial(picture_rate, 64), {}, None),
        partial(compared, "walls of a 13x13 maze in Bullet", "mazes/s", walls_rate, walls, None),
    ]
