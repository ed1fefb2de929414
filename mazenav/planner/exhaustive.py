"""Exhaustive search: every sequence of D actions, all of a depth in one call of the model.

With 4 actions and D = 2 or 3 this is the strongest search for its price: nothing is sampled and nothing pruned.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from mazenav.model.interface import LatentModel
from mazenav.planner.result import PlanResult, SearchTrace
from mazenav.types import MazenavError

MOST_SEQUENCES = 65_536


class _Level(NamedTuple):
    """The nodes that sequences of one length lead to; node i came from node i // A of the level above by action i % A.

    Attributes:
        latent: `[B, A^d, L]`.
        reward: float64 `[B, A^d]`, of the last action.
        discount: float64 `[B, A^d]`, of the last action.
    """

    latent: Tensor
    reward: Tensor
    discount: Tensor


@torch.no_grad()
def exhaustive(
    model: LatentModel, latent: Tensor, depth: int, *, value_clip: float | None = None, context: Tensor | None = None
) -> PlanResult:
    """Try every sequence of `depth` actions in the model and take the first action of the best.

    A sequence is worth its rewards and the predicted value of where it ends, each times the discounts before it; an
    action is worth its best sequence.

    Args:
        model: the latent model; called once a depth with `B * A**depth` rows, and once for the leaves.
        latent: `[B, L]`, the roots.
        depth: D, at least 1, with at most 65,536 sequences.
        value_clip: leaf values enter no lower than the root's predicted value minus this; None is off.
        context: int64 `[B]`, the task that each root belongs to; by default root b belongs to task b.

    Returns:
        The actions; the softmax of the action values as weights; the best action value as value; and the trace.

    Raises:
        MazenavError: if the depth cannot be searched, the latents are not `[B, L]` or the model says something that is
            not finite.
    """
    n_actions = model.n_actions
    if depth < 1 or n_actions**depth > MOST_SEQUENCES:
        raise MazenavError(
            f"exhaustive search needs depth 1 or more and at most {MOST_SEQUENCES} sequences,"
            f" found depth {depth} with {n_actions} actions"
        )
    if latent.ndim != 2 or (context is not None and context.shape != latent.shape[:1]):
        raise MazenavError(f"a planner needs latents [B, L] and one context a root, found {tuple(latent.shape)}")
    contexts = torch.arange(latent.shape[0], device=latent.device) if context is None else context
    levels = _expand(model, latent, contexts, depth)
    leaves = _value_leaves(model, levels[-1], contexts)
    if value_clip is not None:
        leaves = torch.maximum(leaves, model.predict(latent, contexts).value.double()[:, None] - value_clip)
    values = _back_up(levels, leaves, n_actions)
    if not torch.isfinite(values[0]).all():
        raise MazenavError("the model's answer in an exhaustive search is not finite")
    q_values = (levels[0].reward + levels[0].discount * values[1]).cpu().numpy()
    action = q_values.argmax(axis=1).astype(np.int64)
    weights = torch.softmax(torch.from_numpy(q_values), dim=1).numpy()
    trace = _trace(latent, levels, [value.cpu().numpy() for value in values], q_values)
    return PlanResult(action, weights.astype(np.float32), q_values.max(axis=1).astype(np.float32), trace)


def _expand(model: LatentModel, latent: Tensor, contexts: Tensor, depth: int) -> list[_Level]:
    """Levels 1 to `depth`, each from one call of the model."""
    batch, n_actions = latent.shape[0], model.n_actions
    levels: list[_Level] = []
    parents = latent[:, None]
    for _ in range(depth):
        rows = parents.repeat_interleave(n_actions, dim=1)
        width = rows.shape[1]
        actions = torch.arange(n_actions, device=latent.device).repeat(batch * width // n_actions)
        step = model.step(rows.flatten(0, 1), actions, contexts.repeat_interleave(width))
        parents = step.latent.reshape(batch, width, latent.shape[1])
        levels.append(
            _Level(parents, step.reward.double().reshape(batch, width), step.discount.double().reshape(batch, width))
        )
    return levels


def _value_leaves(model: LatentModel, level: _Level, contexts: Tensor) -> Tensor:
    """The predicted values of the deepest level, float64 `[B, A^D]`."""
    batch, width = level.reward.shape
    prediction = model.predict(level.latent.flatten(0, 1), contexts.repeat_interleave(width))
    return prediction.value.double().reshape(batch, width)


def _back_up(levels: list[_Level], leaves: Tensor, n_actions: int) -> list[Tensor]:
    """Values of the nodes of levels 0 (the root, `[B, 1]`) to D: the best that a sequence from there can get."""
    values = [leaves]
    for level in reversed(levels):
        returns = level.reward + level.discount * values[0]
        values.insert(0, returns.unflatten(1, (-1, n_actions)).amax(dim=2))
    return values


def _trace(latent: Tensor, levels: list[_Level], values: list[np.ndarray], q_values: np.ndarray) -> SearchTrace:
    """All nodes, level after level; a node's visits are the sequences through it."""
    batch, n_actions = q_values.shape
    depth = len(levels)
    widths = [n_actions**length for length in range(depth + 1)]
    starts = np.concatenate([[0], np.cumsum(widths)])
    parents = np.full(starts[-1], -1, np.int64)
    actions = np.full(starts[-1], -1, np.int64)
    for above in range(depth):
        index = np.arange(widths[above + 1])
        parents[starts[above + 1] : starts[above + 2]] = starts[above] + index // n_actions
        actions[starts[above + 1] : starts[above + 2]] = index % n_actions
    visits = np.concatenate([np.full(width, widths[depth] // width) for width in widths]).astype(np.int64)
    principal = np.zeros((batch, depth + 1), np.int64)
    best = np.zeros(batch, np.int64)
    for number, level in enumerate(levels):
        returns = level.reward.cpu().numpy() + level.discount.cpu().numpy() * values[number + 1]
        returns = returns.reshape(batch, widths[number], n_actions)
        best = best * n_actions + returns[np.arange(batch), best].argmax(axis=1)
        principal[:, number + 1] = starts[number + 1] + best
    latents = torch.cat([latent[:, None], *(level.latent for level in levels)], dim=1)
    return SearchTrace(
        visits=np.full((batch, n_actions), widths[depth - 1], np.int64),
        q_values=q_values,
        principal_nodes=principal,
        node_parents=np.tile(parents, (batch, 1)),
        node_actions=np.tile(actions, (batch, 1)),
        node_visits=np.tile(visits, (batch, 1)),
        node_values=np.concatenate(values, axis=1),
        node_latents=latents.float().cpu().numpy(),
    )
