"""Speed of the sensors on one core: rays beside C and PyBullet, first-person pictures, DeepMind Lab's interface."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from mazenav.bench.comparing import Measured, compared
from mazenav.bench.compiled import compile_c
from mazenav.bench.table import Row, best_rate
from mazenav.layout.generate import generate_walls_batch
from mazenav.sim.sensors import GOAL, Camera, Scene, range_scan, render_rgb, render_rgbd
from mazenav.topdown.occupancy import cells_to_world, world_grid

SIDE = 13
AGENTS = 1024
RAYS_AT_LEAST = 1_000_000
"""Rays in one measurement."""
LEVEL = "*************\n*P    *    G*\n* *** * *** *\n* *A    *   *\n* ***** * ***\n*       *  A*\n*************\n"


def scene_in_mazes(agents: int) -> Scene:
    """Agents anywhere free in mazes of their own, looking anywhere, each with a goal."""
    rng = np.random.default_rng(0)
    walls = generate_walls_batch("backtracker", (SIDE, SIDE), agents, rng)
    solid = np.ones((agents, SIDE + 2, SIDE + 2), np.uint8)
    solid[:, 1:-1, 1:-1] = world_grid(walls)
    states = np.zeros((agents, 6), np.float32)
    things = np.full((agents, 1, 3), GOAL, np.float32)
    for agent in range(agents):
        free = np.argwhere(~walls[agent])
        places = cells_to_world(free[rng.choice(len(free), 2, replace=False)], SIDE)
        states[agent, :2] = places[0] + rng.uniform(-0.3, 0.3, 2)
        things[agent, 0, :2] = places[1]
    states[:, 2] = rng.uniform(-math.pi, math.pi, agents)
    return Scene(states, solid, things=things)


def scan_rate(rays: int) -> float:
    """Rays/s of `range_scan` all around."""
    scene = scene_in_mazes(AGENTS)
    out = np.empty((AGENTS, rays), np.float32)
    times = -(-RAYS_AT_LEAST // out.size)

    def run() -> int:
        for _ in range(times):
            range_scan(scene, rays, out=out)
        return times * out.size

    return best_rate(run)


def c_scan_rate(rays: int) -> float | None:
    """Rays/s of `rays.c` in the same mazes; None without a compiler."""
    library = compile_c("rays.c", ("-ffast-math",))
    if library is None:
        return None
    scene = scene_in_mazes(AGENTS)
    angles = ((np.arange(rays) + 0.5) / rays - 0.5) * 2 * math.pi
    base = np.array([np.cos(angles), np.sin(angles)], np.float32)
    out = np.empty((AGENTS, rays), np.float32)
    times = -(-RAYS_AT_LEAST // out.size)
    pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in (scene.states, scene.solid, base, out)]
    library.range_scan.restype = None

    def run() -> int:
        for _ in range(times):
            library.range_scan(
                pointers[0], pointers[1], SIDE + 2, SIDE + 2, pointers[2], AGENTS, rays, pointers[3]
            )  # fmt: skip
        return times * out.size

    return best_rate(run)


@contextmanager
def bullet_maze() -> Iterator[tuple[Any, int, tuple[float, float]]]:
    """PyBullet, a client of it with one of the mazes, walls as boxes, and where the agent is.

    Raises:
        ImportError: if PyBullet is missing.
    """
    import pybullet

    client = pybullet.connect(pybullet.DIRECT)
    try:
        scene = scene_in_mazes(1)
        box = pybullet.createCollisionShape(pybullet.GEOM_BOX, halfExtents=[0.5, 0.5, 0.5], physicsClientId=client)
        for x, y in np.argwhere(scene.solid[0]):
            pybullet.createMultiBody(0, box, basePosition=[x - 0.5, y - 0.5, 0.5], physicsClientId=client)
        x, y = scene.states[0, :2].tolist()
        yield pybullet, client, (x, y)
    finally:
        pybullet.disconnect(client)


def bullet_scan_rate(rays: int) -> float:
    """Rays/s of PyBullet's rayTestBatch in one of the mazes."""
    with bullet_maze() as (pybullet, client, (x, y)):
        angles = np.arange(rays) * 2 * math.pi / rays
        begins = [[x, y, 0.5]] * rays
        ends = np.stack([x + 20 * np.cos(angles), y + 20 * np.sin(angles), np.full(rays, 0.5)], axis=1).tolist()

        def run() -> int:
            for _ in range(40):
                pybullet.rayTestBatch(begins, ends, numThreads=1, physicsClientId=client)
            return 40 * rays

        return best_rate(run, repeats=3)


def bullet_picture_rate(side: int) -> float:
    """Pictures/s of PyBullet's TinyRenderer in one of the mazes, looking about; colour, depth and segmentation."""
    with bullet_maze() as (pybullet, client, (x, y)):
        lens = pybullet.computeProjectionMatrixFOV(80, 1.0, 0.05, 30.0)
        angles = np.arange(40) * 2 * math.pi / 40
        aims = [[x + math.cos(angle), y + math.sin(angle), 0.5] for angle in angles]
        views = [pybullet.computeViewMatrix([x, y, 0.5], aim, [0, 0, 1]) for aim in aims]

        def run() -> int:
            for view in views:
                pybullet.getCameraImage(
                    side, side, view, lens, renderer=pybullet.ER_TINY_RENDERER, physicsClientId=client
                )
            return len(views)

        return best_rate(run, repeats=3)


def picture_rate(side: int, with_depth: bool = False, looking_up: float = 0.0) -> float:
    """Pictures/s of `render_rgb` or `render_rgbd`."""
    scene = scene_in_mazes(AGENTS)
    if looking_up:
        scene = Scene(scene.states, scene.solid, things=scene.things, pitches=np.full(AGENTS, looking_up, np.float32))
    camera = Camera(side, side)
    out = np.empty((AGENTS, side, side, 3), np.uint8)

    def run() -> int:
        for _ in range(4):
            if with_depth:
                render_rgbd(scene, camera)
            else:
                render_rgb(scene, camera, out)
        return 4 * AGENTS

    return best_rate(run)


def lab_rate() -> float:
    """Steps/s of four frames of `Lab`, each with its picture of 84 x 84."""
    from mazenav.env.lab import Lab

    env = Lab(LEVEL, ["RGB_INTERLEAVED"], {"width": "84", "height": "84"})
    env.reset(seed=0)
    rng = np.random.default_rng(0)
    actions = [np.array([turn, 0, 0, 1, 0, 0, 0], np.intc) for turn in rng.integers(-20, 21, 1000)]

    def run() -> int:
        for action in actions:
            if not env.is_running():
                env.reset(seed=0)
            env.observations()
            env.step(action, num_steps=4)
        return len(actions)

    return best_rate(run)


def sensor_rows() -> list[Callable[[], Row]]:
    """What measures each row."""
    others: dict[int, dict[str, Measured]] = {
        rays: {"C, ray by ray": partial(c_scan_rate, rays), "PyBullet rayTestBatch": partial(bullet_scan_rate, rays)}
        for rays in (64, 360)
    }
    tiny: dict[str, Measured] = {"PyBullet TinyRenderer": partial(bullet_picture_rate, 64)}
    scan, frame = f"`range_scan`, {{}} rays, {AGENTS} mazes {SIDE} x {SIDE}", "frames/s"
    return [
        partial(compared, scan.format(64), "rays/s", partial(scan_rate, 64), others[64], None, 80e6),
        partial(compared, scan.format(360), "rays/s", partial(scan_rate, 360), others[360], None, 80e6),
        partial(compared, scan.format(16), "rays/s", partial(scan_rate, 16), {}, 80e6),
        partial(compared, "`render_rgb`, 64 x 64, with a goal", frame, partial(picture_rate, 64), tiny, None, 20e3),
        partial(compared, "`render_rgbd`, 64 x 64", frame, partial(picture_rate, 64, True), tiny, None, 20e3),
        partial(compared, "`render_rgb`, 64 x 64, looking up", frame, partial(picture_rate, 64, False, 0.2), {}, None),
        partial(compared, "`render_rgb`, 320 x 320", frame, partial(picture_rate, 320), {}, None),
        partial(compared, "`Lab.step`, 4 frames and a picture of 84 x 84", "env-steps/s", lab_rate, {}, None),
    ]


def measure(progress: Callable[[int, int, str], None]) -> list[Row]:
    """Rays/s, pictures/s and steps/s; `mazenav bench sim` holds these rows too."""
    waiting = sensor_rows()
    measured: list[Row] = []
    for work in waiting:
        progress(len(measured), len(waiting), "")
        measured.append(work())
    progress(len(measured), len(waiting), "")
    return measured
