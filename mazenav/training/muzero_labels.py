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


class Labels(NamedTuple):
    """Of N segments of T decisions.

    Attributes:
        values: float32 `[N, T + 1]`, discount ** (decisions to go).
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
    discount = model.network.config.discount
    targets = n_step_targets(discount**-values, greedy, segments.reached, segments.valid, discount, config.n_step)
    return Labels(*(torch.from_numpy(array.astype(np.float32)).to(latent.device) for array in (targets, policies)))


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


def n_step_targets(
    values: np.ndarray, greedy: np.ndarray, reached: np.ndarray, valid: np.ndarray, discount: float, n: int
) -> np.ndarray:
    """Value targets z `[N, T + 1]` of a reward of 1 at the goal.

    z_t = discount^k v_{t+k}, k the first of: n decisions; the end of what is valid; a decision that was not greedy, for
    what it led to says nothing of what better ones would have (Watkins 1989). Where the goal was reached within them,
    z_t = discount^(decisions until then). And whatever it was reached by, greedy or not, it can be reached so soon:
    that is a lower bound of any target.

    Args:
        values: `[N, T + 1]`, searched values v in the same terms.
        greedy: bool `[N, T]`, the decision was about as good as the searched policy.
        reached: bool `[N, T]`, it reached the goal.
        valid: bool `[N, T]`, it belongs to the episode.
        discount: for a decision.
        n: most decisions that a target looks ahead.
    """
    follow = valid & greedy
    targets = values.copy()
    for _ in range(n):
        ahead = np.where(follow, discount * targets[:, 1:], values[:, :-1])
        targets[:, :-1] = np.where(reached, discount, ahead)
    bound = np.zeros(len(values))
    for step in range(valid.shape[1] - 1, -1, -1):
        bound = np.where(reached[:, step], discount, np.where(valid[:, step], discount * bound, 0))
        targets[:, step] = np.maximum(targets[:, step], bound)
    return targets
