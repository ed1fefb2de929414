"""Goal-conditioned rewards and ends, for one decision or for whole batches of relabelled ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mazenav.env.way import ways
from mazenav.types import GOAL_RADIUS, MazenavError

PLAIN = {"step_cost": np.array([-1.0, 0.0]), "sparse": np.array([0.0, 1.0])}
"""name -> float64 `[2]` (reward of a decision that does not end at the goal, reward of the one that does)."""
SHAPED = "shaped"
REWARDS = (*PLAIN, SHAPED)


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
    if here.shape[-1:] != (2,) or there.shape[-1:] != (2,) or not _fit(here.shape, there.shape):
        raise MazenavError(f"positions (x, y) are expected, found arrays of shape {here.shape} and {there.shape}")
    gap = here - there
    return gap[..., 0] * gap[..., 0] + gap[..., 1] * gap[..., 1] < np.float32(GOAL_RADIUS * GOAL_RADIUS)


def _fit(first: tuple[int, ...], second: tuple[int, ...]) -> bool:
    """Whether arrays of two shapes can be compared."""
    return all(1 in sides or len(set(sides)) == 1 for sides in zip(first[::-1], second[::-1], strict=False))


def rewards(name: str, reached: np.ndarray) -> np.ndarray:
    """float64 `[...]` rewards, `step_cost` or `sparse`, for bool `[...]`, whether the goal was reached."""
    return PLAIN[name][np.asarray(reached).astype(np.intp)]


def shaped_rewards(reached: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """float64 `[...]`: `step_cost`, and the cells of the way to the goal that the decision gained.

    The potential is minus the way that is left, 0 at the goal (Ng, Harada & Russell 1999, with a discount of 1): along
    an episode the gains add up to the way at its start, however it was driven, so that the best policy stays the best.

    Args:
        reached: bool `[...]`.
        before: cells to the goal when the decision began, `[...]`.
        after: cells to the goal when it ended, `[...]`.
    """
    return rewards("step_cost", reached) + before - np.where(reached, 0.0, after)


def relabelled_rewards(achieved: np.ndarray, desired: np.ndarray, info: Any, thin: bool = False) -> np.ndarray:
    """`shaped_rewards` for any goals, float64 `[...]`.

    Args:
        achieved: where decisions ended, `[..., 2]`.
        desired: goals, `[..., 2]`.
        info: the infos of the decisions, which know where they began and in which map.
        thin: the maps are lattices of thin walls.

    Raises:
        MazenavError: if the infos do not tell that.
    """
    reached = at_goal(achieved, desired)
    shape = reached.shape
    here = np.broadcast_to(achieved, (*shape, 2)).reshape(-1, 2)
    goals = np.broadcast_to(desired, (*shape, 2)).reshape(-1, 2)
    begun = told(info, "before", len(here), 1)
    maps = told(info, "map", len(here), 2)
    before, after = ways(maps, begun, goals, thin), ways(maps, here, goals, thin)
    return shaped_rewards(reached, before.reshape(shape), after.reshape(shape))


def told(info: Any, key: str, n: int, axes: int) -> np.ndarray:
    """What the infos of n decisions say under a key, `[n, ...]`.

    Args:
        info: one info, the infos of a vector environment, or a sequence of n infos.
        key: of which entry.
        n: how many decisions.
        axes: how many the entry of one decision has.

    Raises:
        MazenavError: if they do not say it.
    """
    infos = [info] if isinstance(info, Mapping) else list(info) if isinstance(info, (Sequence, np.ndarray)) else []
    if not infos or not all(isinstance(each, Mapping) and key in each for each in infos):
        raise MazenavError(
            f"this needs the infos of the {n} decisions, each with {key!r}, found {info!r:.40} "
            "(stable-baselines3 keeps them for HerReplayBuffer(copy_info_dict=True))"
        )
    values = np.asarray(info[key]) if isinstance(info, Mapping) else np.stack([each[key] for each in infos])
    values = values[None] if values.ndim == axes else values
    if len(values) not in (1, n):
        raise MazenavError(f"the infos of {n} decisions are expected, found {len(values)}")
    return np.broadcast_to(values, (n, *values.shape[1:]))
