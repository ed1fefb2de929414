"""What MuZero's networks are taught: search policies, and n-step returns that go on with searched values.

Every state of a batch is searched with the present network (MuZero Reanalyze, Schrittwieser et al. 2021), since its
goal may be a hindsight goal that nobody searched for when it was visited.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from mazenav.config.dense import MuZeroLossConfig
from mazenav.model.dense.network import DenseModel
from mazenav.planner.result import PlanResult
from mazenav.planner.search import search
from mazenav.planner.settings import SearchConfig
from mazenav.replay.segment import Segments
from mazenav.training.returns import n_step_targets, seen_decisions


class Labels(NamedTuple):
    """Of N segments of T decisions.

    Attributes:
        values: float32 `[N, T + 1]`, decisions to go.
        policies: float32 `[N, T + 1, A]`, policies that the search improved.
    """

    values: Tensor
    policies: Tensor


def label(
    model: DenseModel, latent: Tensor, segments: Segments, planner: SearchConfig, config: MuZeroLossConfig
) -> Labels:
    """Search every state `[N, T + 1, L]` of the segments, whose N tasks the model is bound to."""
    n, states, width = latent.shape
    tasks = torch.arange(n, device=latent.device).repeat_interleave(states)
    found = search(model, latent.reshape(n * states, width), planner, context=tasks)
    policies, values, q_values = improved(found, config.temperature)
    policies, q_values = policies.reshape(n, states, -1), q_values.reshape(n, states, -1)
    values = values.reshape(n, states)
    taken = np.take_along_axis(q_values[:, :-1], segments.actions[..., None], axis=2)[..., 0]
    greedy = taken >= values[:, :-1] - config.greedy_margin
    ahead, followed, chosen = (
        torch.from_numpy(array).to(latent.device) for array in (-values.astype(np.float32), greedy, policies)
    )
    reached, valid = (torch.from_numpy(array).to(latent.device) for array in (segments.reached, segments.valid))
    targets = value_targets(ahead, reached, valid, followed, config.n_step, config.discount)
    return Labels(targets.clamp(max=model.network.config.farthest), chosen.float())


def value_targets(
    ahead: Tensor, reached: Tensor, valid: Tensor, greedy: Tensor, n_step: int, discount: float
) -> Tensor:
    """Decisions to go `[N, T + 1]` that each state is taught: n-step returns, cut where a decision was not greedy.

    And whatever the goal was reached by, greedy or not, it can be reached so soon: that bounds any target.

    Args:
        ahead: `[N, T + 1]`, searched decisions to go.
        reached: bool `[N, T]`, the decision reached the goal.
        valid: bool `[N, T]`, it belongs to the episode.
        greedy: bool `[N, T]`, it was about as good as the searched policy.
        n_step: most decisions that a target looks ahead.
        discount: of the decisions.
    """
    returns = n_step_targets(ahead, reached, valid, greedy, n_step, discount)
    returns = torch.where(valid & (greedy | reached), returns, ahead[:, :-1])
    returns = torch.minimum(returns, seen_decisions(reached, valid, discount))
    return torch.cat([returns, ahead[:, -1:]], dim=1)


def improved(found: PlanResult, temperature: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Policies `[M, A]`, their values `[M]`, and action values `[M, A]`, minus infinity where untried, of a search.

    The policy is a softmax over searched action values alone. Gumbel MuZero's own adds them to the policy network's
    logits; with labels as fresh as these that runs away: what a network is taught is what it says and a bit more. And
    the value is that policy's, not the root's mean over visits, which counts every action that had to be tried.
    """
    assert found.trace is not None
    q_values = np.where(found.trace.visits > 0, found.trace.q_values, -np.inf)
    odds = np.exp((q_values - q_values.max(axis=1, keepdims=True)) / temperature)
    policies = odds / odds.sum(axis=1, keepdims=True)
    values = (policies * np.where(found.trace.visits > 0, found.trace.q_values, 0)).sum(axis=1)
    return policies, values, q_values
