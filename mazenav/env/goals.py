"""Goal-conditioned rewards, for one decision or for whole batches of relabelled ones."""

from __future__ import annotations

import numpy as np

from mazenav.types import GOAL_RADIUS, MazenavError

REWARDS = {"step_cost": (-1.0, 0.0), "sparse": (0.0, 1.0)}
"""name -> (reward of a decision that does not end at the goal, reward of the one that does)."""


def check_reward(name: str) -> str:
    """`name` itself.

    Raises:
        MazenavError: if there is no such reward.
    """
    if name not in REWARDS:
        raise MazenavError(f"reward must be one of {', '.join(REWARDS)}, found {name!r}")
    return name


def at_goal(achieved: np.ndarray, desired: np.ndarray) -> np.ndarray:
    """Whether positions `[..., 2]` lie within the goal radius of goals `[..., 2]`: bool `[...]`.

    Raises:
        MazenavError: if the arrays are not positions.
    """
    here, there = np.asarray(achieved, np.float32), np.asarray(desired, np.float32)
    if not here.ndim or not there.ndim or here.shape[-1] != 2 or there.shape[-1] != 2:
        raise MazenavError(f"positions (x, y) are expected, found arrays of shape {here.shape} and {there.shape}")
    gap = here - there
    return gap[..., 0] * gap[..., 0] + gap[..., 1] * gap[..., 1] < np.float32(GOAL_RADIUS * GOAL_RADIUS)


def rewards(name: str, reached: np.ndarray) -> np.ndarray:
    """float64 `[...]` rewards for bool `[...]`, whether the goal was reached."""
    miss, hit = REWARDS[name]
    return np.where(reached, hit, miss)
