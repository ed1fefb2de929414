"""Observation and action spaces, and how a batch of agents is observed."""

from __future__ import annotations

import math

import numpy as np
from gymnasium import spaces

from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import FRAME_SECONDS, Body

Observation = dict[str, np.ndarray]


def top_speed(body: Body) -> float:
    """A bound on |v|, cells/s, from the physics.

    A body that coasts and pushes elsewhere goes a little faster than `max_speed`: pushing adds most, a gain g, where
    `v . wish = w - g` after friction has left a share f of v, so that `V^2 = f^2 V^2 + 2 w g - g^2` at most.
    """
    kept = max(0.0, 1 - body.friction * FRAME_SECONDS)
    gain = min(1.0, body.acceleration * FRAME_SECONDS) * body.max_speed
    if kept >= 1:
        return 100 * body.max_speed  # no friction, no bound but that nobody pushes sideways for long
    bound = math.sqrt((2 * body.max_speed * gain - gain * gain) / (1 - kept * kept))
    return 1.001 * max(body.max_speed, bound)


def observation_space(shape: tuple[int, int], body: Body) -> spaces.Dict:
    """`observation` float32 `[6]`, `achieved_goal` and `desired_goal` float32 `[2]`, `map` uint8 `[R, C]`."""
    rows, columns = shape
    speed, turn = top_speed(body), 1.001 * body.turn_rate / FRAME_SECONDS
    pi = float(np.float32(math.pi))
    low = np.array([0, 0, -pi, -speed, -speed, -turn], np.float32)
    high = np.array([columns, rows, pi, speed, speed, turn], np.float32)
    return spaces.Dict(
        {
            "observation": spaces.Box(low, high, dtype=np.float32),
            "achieved_goal": spaces.Box(low[:2], high[:2], dtype=np.float32),
            "desired_goal": spaces.Box(low[:2], high[:2], dtype=np.float32),
            "map": spaces.Box(0, 1, (rows, columns), np.uint8),
        }
    )


def observe(batch: AgentBatch) -> Observation:
    """What N agents see, in arrays of its own: the space's keys with a leading axis N."""
    return {
        "achieved_goal": batch.states[:, :2].copy(),
        "desired_goal": batch.goals.copy(),
        "map": batch.walls.astype(np.uint8),
        "observation": batch.states.copy(),
    }


def observe_one(batch: AgentBatch, agent: int) -> Observation:
    """What one agent sees, in arrays of its own."""
    return {
        "achieved_goal": batch.states[agent, :2].copy(),
        "desired_goal": batch.goals[agent].copy(),
        "map": batch.walls[agent].astype(np.uint8),
        "observation": batch.states[agent].copy(),
    }
