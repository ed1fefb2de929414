"""Agents of the kernel and of Bullet side by side."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from mazenav.env.bullet.batch import BulletBatch
from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import DMLAB, Body

NOWHERE = (-90, -90)
"""A goal that is never reached."""

Batch = TypeVar("Batch", AgentBatch, BulletBatch)


def placed(batch: Batch, walls: np.ndarray, starts: list[tuple[int, int]], yaws: list[float]) -> Batch:
    """A batch whose agents stand in the same layout, without goals."""
    n = len(starts)
    batch.place(np.arange(n), [walls] * n, np.array(starts), np.array([NOWHERE] * n), np.array(yaws), np.full(n, 10**6))
    return batch


def pair(
    walls: np.ndarray, starts: list[tuple[int, int]], yaws: list[float], body: Body = DMLAB, robot: str = "capsule"
) -> tuple[AgentBatch, BulletBatch]:
    """The kernel's agents and Bullet's, placed alike."""
    n, (rows, columns) = len(starts), walls.shape
    bullet = BulletBatch(n, rows, columns, body, robot)
    return placed(AgentBatch(n, rows, columns, body), walls, starts, yaws), placed(bullet, walls, starts, yaws)


def overlap(states: np.ndarray, walls: np.ndarray, radius: float) -> float:
    """How deep the deepest of discs at states `[N, 6]` of one layout is in a wall, in cells."""
    rows, columns = walls.shape
    solid = np.pad(walls[::-1], 1, constant_values=True)
    deepest = 0.0
    for x, y in states[:, :2]:
        for row in range(int(y), int(y) + 3):
            for column in range(int(x), int(x) + 3):
                if 0 <= row < rows + 2 and 0 <= column < columns + 2 and solid[row, column]:
                    near = np.clip((x, y), (column - 1, row - 1), (column, row))
                    deepest = max(deepest, radius - float(np.hypot(x - near[0], y - near[1])))
    return deepest
