"""Random layouts and random places in them, for the tests of the simulator."""

from __future__ import annotations

import math

import numpy as np

from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import DMLAB, Body, Precision

NO_LIMIT = 10**9


def random_walls(rng: np.random.Generator, rows: int, columns: int, density: float) -> np.ndarray:
    """Walls `[R, C]` at random, border included (it may be open), with at least two free cells."""
    walls = rng.random((rows, columns)) < density
    walls.flat[rng.choice(walls.size, 2, replace=False)] = False
    return walls


def scatter(
    rng: np.random.Generator,
    n: int,
    rows: int,
    columns: int,
    body: Body = DMLAB,
    density: float = 0.4,
    precision: Precision = np.float32,
) -> AgentBatch:
    """N agents in N random layouts, at random places where the box is clear of walls, with random velocities."""
    batch = AgentBatch(n, rows, columns, body, precision=precision)
    layouts, starts, goals = [], np.empty((n, 2), np.int64), np.empty((n, 2), np.int64)
    for agent in range(n):
        walls = random_walls(rng, int(rng.integers(2, rows + 1)), int(rng.integers(2, columns + 1)), density)
        free = np.argwhere(~walls)
        starts[agent], goals[agent] = free[rng.choice(len(free), 2, replace=False)]
        layouts.append(walls)
    batch.place(np.arange(n), layouts, starts, goals, rng.uniform(-np.pi, np.pi, n), np.full(n, NO_LIMIT))
    room = 0.5 - body.half_width - body.clearance
    batch.states[:, :2] += rng.uniform(-room, room, (n, 2))
    heading, speed = rng.uniform(-np.pi, np.pi, n), rng.uniform(0, body.max_speed, n) * rng.integers(0, 2, n)
    batch.states[:, 3] = speed * np.cos(heading)
    batch.states[:, 4] = speed * np.sin(heading)
    return batch


def blow_up(walls: np.ndarray, times: int) -> np.ndarray:
    """The same layout with every cell cut into `times` x `times`."""
    return np.kron(walls, np.ones((times, times), np.bool_))


def random_commands(rng: np.random.Generator, body: Body, n: int) -> np.ndarray:
    """Commands `[N, 3]` anywhere within the body's bounds, one number in five at rest or at its bound."""
    shares = rng.uniform(-1, 1, (n, 3))
    extreme = rng.random((n, 3)) < 0.2
    shares[extreme] = rng.integers(-1, 2, int(extreme.sum()))
    return shares * body.command_bound


def overlaps_wall(batch: AgentBatch) -> np.ndarray:
    """bool `[N]`: whether the box lies in a wall or outside the map, by more than float32 can tell."""
    half, (rows, columns) = batch.body.half_width - 1e-4, batch.walls.shape[1:]
    inside = np.zeros(len(batch), np.bool_)
    for agent, (x, y) in enumerate(batch.states[:, :2].tolist()):
        left, right = math.floor(x - half), math.floor(x + half)
        top, bottom = rows - 1 - math.floor(y + half), rows - 1 - math.floor(y - half)
        outside = left < 0 or top < 0 or right >= columns or bottom >= rows
        inside[agent] = outside or batch.walls[agent, top : bottom + 1, left : right + 1].any()
    return inside
