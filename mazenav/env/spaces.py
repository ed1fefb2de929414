"""Observation and action spaces, and how a batch of agents is observed."""

from __future__ import annotations

import math

import numpy as np
from gymnasium import spaces

from mazenav.sim.body import Body
from mazenav.sim.interface import World

Observation = dict[str, np.ndarray]


def state_bounds(shape: tuple[int, int], body: Body) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and highest state, float32 `[6]` each, of a body in layouts of at most `shape`."""
    rows, columns = shape
    speed, turn = body.top_speed, 1.001 * body.top_turn
    pi = float(np.float32(math.pi))
    low = np.array([0, 0, -pi, -speed, -speed, -turn], np.float32)
    high = np.array([columns, rows, pi, speed, speed, turn], np.float32)
    return low, high


def observation_space(shape: tuple[int, int], body: Body) -> spaces.Dict:
    """`observation` float32 `[6]`, `achieved_goal` and `desired_goal` float32 `[2]`, `map` uint8 `[R, C]`."""
    low, high = state_bounds(shape, body)
    return spaces.Dict(
        {
            "observation": spaces.Box(low, high, dtype=np.float32),
            "achieved_goal": spaces.Box(low[:2], high[:2], dtype=np.float32),
            "desired_goal": spaces.Box(low[:2], high[:2], dtype=np.float32),
            "map": spaces.Box(0, 1, shape, np.uint8),
        }
    )


def observe(batch: World) -> Observation:
    """What N agents see, in arrays of its own: the space's keys with a leading axis N."""
    return {
        "achieved_goal": batch.states[:, :2].copy(),
        "desired_goal": batch.goals.copy(),
        "map": batch.walls.astype(np.uint8),
        "observation": batch.states.copy(),
    }


def observe_one(batch: World, agent: int) -> Observation:
    """What one agent sees, in arrays of its own."""
    return {
        "achieved_goal": batch.states[agent, :2].copy(),
        "desired_goal": batch.goals[agent].copy(),
        "map": batch.walls[agent].astype(np.uint8),
        "observation": batch.states[agent].copy(),
    }
