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
        values: float32 `[N, T]`, decisions to go by the actions taken, discounted.
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
    flat = latent.detach().reshape(n * states, width)
    with torch.no_grad():
        said = model.decisions_to_go(flat, tasks)
    network = model.network
    ahead, policies = improved(said, search(model, flat, planner, context=tasks), network.config.temperature)
    said, ahead = said.reshape(n, states, -1), network.discounted(ahead.reshape(n, states))
    actions, reached, valid = (
        torch.from_numpy(array).to(latent.device) for array in (segments.actions, segments.reached, segments.valid)
    )
    taken = said[:, :-1].gather(2, actions.unsqueeze(2)).squeeze(2)
    greedy = taken <= said[:, :-1].amin(dim=2) + config.greedy_margin
    discount = network.config.discount
    targets = n_step_targets(ahead, reached, valid, greedy, config.n_step, discount)
    # Whatever the goal was reached by, it can be reached so soon.
    targets = torch.minimum(targets, seen_decisions(reached, valid, discount))
    return Labels(targets, policies.reshape(n, states, -1))


def improved(said: Tensor, found: PlanResult, temperature: float) -> tuple[Tensor, Tensor]:
    """What a search adds to what the network says: decisions to go `[M]` of M states and a better policy `[M, A]`.

    The value is the network's policy's by searched action values: one chooses, the other judges, or the luckiest error
    would be learnt (double Q-learning, van Hasselt et al. 2016). The policy is a softmax over the mean of both. Gumbel
    MuZero's own is over logits and searched values added up; with labels as fresh as these that runs away: what a
    network is taught is what it says and a bit more.

    Args:
        said: `[M, A]`, the network's decisions to go.
        found: the search.
        temperature: of the network's policy.
    """
    assert found.trace is not None
    searched = -torch.from_numpy(np.nan_to_num(found.trace.q_values, nan=0.0)).to(said)
    searched = torch.where(torch.from_numpy(found.trace.visits > 0).to(said.device), searched, said)
    ahead = ((-said / temperature).softmax(dim=1) * searched).sum(dim=1)
    return ahead, (-(said + searched) / (2 * temperature)).softmax(dim=1)
