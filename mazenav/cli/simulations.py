"""Which physics a sub-command drives in, as the options `--env`, `--body` and `--cell-metres` say."""

from __future__ import annotations

from typing import Literal, NamedTuple

from mazenav.sim.batch import AgentBatch
from mazenav.sim.interface import MakeWorld
from mazenav.types import MazenavError

Env = Literal["numba", "bullet"]
BulletBody = Literal["capsule", "husky"]

CLIENTS_AT_ONCE = 16
"""Physics clients of Bullet's side by side; each takes about 30 MB."""


class Simulation(NamedTuple):
    """Physics to drive in.

    Attributes:
        world: makes what simulates the bodies.
        at_once: episodes side by side.
        label: how results name it; empty for the compiled kernels, which are the usual ones.
    """

    world: MakeWorld
    at_once: int
    label: str


NUMBA = Simulation(AgentBatch, 256, "")
"""The compiled kernels."""


def choose_simulation(env: Env, body: BulletBody | None, cell_metres: float | None = None) -> Simulation:
    """What `--env`, `--body` and `--cell-metres` ask for.

    Raises:
        MazenavError: if they do not go together, or PyBullet is missing.
    """
    if cell_metres is not None and body != "husky":
        raise MazenavError("--cell-metres is for --env bullet --body husky")
    if env == "numba":
        if body is not None:
            raise MazenavError(f"--body {body} is a body of --env bullet")
        return NUMBA
    from mazenav.env.bullet.batch import bullet_world
    from mazenav.env.bullet.engine import load_bullet

    load_bullet()
    robot = body or "capsule"
    label = f"bullet, {robot}" + (f", cells of {cell_metres:g} m" if cell_metres is not None else "")
    return Simulation(bullet_world(robot, cell_metres), CLIENTS_AT_ONCE, label)
