"""Random layouts and random places in them, for the tests of the simulator."""

from __future__ import annotations

import numpy as np

from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import DMLAB, Body

NO_LIMIT = 10**9


def random_walls(rng: np.random.Generator, rows: int, columns: int, density: float) -> np.ndarray:
    """Walls `[R, C]` at random, border included (it may be open), with at least two free cells."""
    walls = rng.random((rows, columns)) < density
    walls.flat[rng.choice(walls.size, 2, replace=False)] = False
    return walls


def scatter(
    rng: np.random.Generator, n: int, rows: int, columns: int, body: Body = DMLAB, density: float = 0.4
) -> AgentBatch:
    """N agents in N random layouts, at random places where the box is clear of walls, with random velocities."""
    batch = AgentBatch(n, rows, columns, body)
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


def overlaps_wall(batch: AgentBatch) -> np.ndarray:
    """bool `[N]`: whether the box lies in a wall or outside the map, by more than float32 can tell."""
    rows, columns = batch.walls.shape[1:]
    padded = np.pad(batch.walls, ((0, 0), (1, 1), (1, 1)), constant_values=True)
    inside = np.zeros(len(batch), np.bool_)
    places = batch.states[:, :2].astype(np.float64)
    for dx in (-1, 1):
        for dy in (-1, 1):
            corner = np.floor(places + np.array([dx, dy]) * (batch.body.half_width - 1e-4)).astype(np.int64)
            column = np.clip(corner[:, 0] + 1, 0, columns + 1)
            row = np.clip(rows - corner[:, 1], 0, rows + 1)
            inside |= padded[np.arange(len(batch)), row, column]
    return inside
