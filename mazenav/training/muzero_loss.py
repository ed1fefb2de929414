"""MMN's losses: reward, value and policy along unrolled latents (MuZero), and the auxiliary model loss.

With the paper's symbols (Zhao & Wong, arXiv 2412.12024): a context c = (m, g) gives phi = h_psi(c), and from a state
of a trajectory of that task, for k = 0 .. K - 1 and K = 5,

    z^0 = e(s_t),   z^(k+1) = f_phi(z^k, a_(t+k)),
    L = sum over k of  w_r l(r(z^k, z^(k+1), c), r_(t+k)) + w_v l(q(z^k, a_(t+k), c), G_(t+k))
                       + w_p KL(pi_(t+k) || p(z^k, c)) + w_m d(z^(k+1), e(s_(t+k+1))),

with n-step returns G and searched policies pi as labels (`muzero_labels`); value v and policy p are read off q. The
first three are MuZero's (Schrittwieser et al. 2020); the last, the auxiliary model loss, aligns what the predicted
weights predict with what really happened, whatever the goal. Contexts come from fresh segments with their own goals
and from old ones with hindsight goals.

Arrays here are `[N, S, ...]`: the networks are unrolled from S states of each of N segments, one behind the other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mazenav.config.dense import MuZeroLossConfig
from mazenav.model.dense.network import DenseModel, DenseNetwork
from mazenav.model.dense.representation import BODY
from mazenav.model.rescaling import rescale
from mazenav.parallel import OwnDraws, average, own_rows
from mazenav.planner.settings import SearchConfig
from mazenav.replay.segment import TaskSegments
from mazenav.training.muzero_labels import Labels, label


class MuZeroLosses(NamedTuple):
    """Scalars; `total` is what is minimised, the others are for the eye."""

    total: Tensor
    value: Tensor
    policy: Tensor
    reward: Tensor
    model: Tensor
    position_error: Tensor


Part = tuple[Tensor, Tensor]
"""Costs `[N, S]` and which of them count, bool `[N, S]`."""


class Facts(NamedTuple):
    """What happened in N segments of T decisions.

    Attributes:
        latent: `[N, T + 1, L]`, representations of the states.
        actions: int64 `[N, T]`.
        reached: bool `[N, T]`.
        valid: bool `[N, T]`.
    """

    latent: Tensor
    actions: Tensor
    reached: Tensor
    valid: Tensor


def muzero_losses(
    network: DenseNetwork,
    segments: TaskSegments,
    planner: SearchConfig,
    config: MuZeroLossConfig,
    rng: np.random.Generator,
) -> MuZeroLosses:
    """All losses of a batch of segments, this process's share; `rng` draws where the networks are unrolled from."""
    device = next(network.parameters()).device
    rng, segments = OwnDraws(rng, len(segments)), segments.take(own_rows(len(segments)))
    arrays = (segments.maps, segments.starts, segments.goals)
    model = DenseModel(network, network.read(*(torch.from_numpy(array).to(device) for array in arrays)))
    n, steps = segments.actions.shape
    states = torch.from_numpy(segments.states).to(device)
    latent = network.representation(states.reshape(-1, 6), network.config.side).reshape(n, steps + 1, -1)
    labels = label(model, latent, segments, planner, config)
    facts = Facts(
        latent, *(torch.from_numpy(array).to(device) for array in (segments.actions, segments.reached, segments.valid))
    )
    real = said(model, latent[:, :-1], facts, labels, slice(None, steps))
    return unrolled(model, facts, labels, real, config, rng)


def said(model: DenseModel, latent: Tensor, facts: Facts, labels: Labels, time: Tensor | slice) -> tuple[Part, Part]:
    """Costs of value and policy in latents `[N, S, L]` of decisions that were taken at some times."""
    rows = torch.arange(len(latent), device=latent.device).unsqueeze(1)
    index = (slice(None), time) if isinstance(time, slice) else (rows, time)
    scaled = model.network.prediction(model.weights.plans, latent)
    logits = -model.network.decisions(scaled) / model.network.config.temperature
    value = scaled.gather(2, facts.actions[index].unsqueeze(2)).squeeze(2)
    taken = facts.valid[index]
    return (value_cost(value, labels.values[index]), taken), (policy_cost(logits, labels.policies[index]), taken)


def unrolled(
    model: DenseModel,
    facts: Facts,
    labels: Labels,
    real: tuple[Part, Part],
    config: MuZeroLossConfig,
    rng: np.random.Generator,
) -> MuZeroLosses:
    """Unroll f for K decisions from every K-th state, from a random first one; behind the goal nothing counts.

    What value and policy say of real states, whose costs are given, is learnt in full; what they say of imagined ones,
    which are off while f is, with a weight of its own.
    """
    n, steps = facts.actions.shape
    unroll = min(config.unroll, steps)
    times = steps // unroll
    offset = rng.integers(steps - times * unroll + 1, size=(n, 1))
    first = torch.from_numpy(offset + unroll * np.arange(times)).to(facts.latent.device)
    rows = torch.arange(n, device=first.device).unsqueeze(1)
    network, weights = model.network, model.weights
    latent = facts.latent[rows, first]
    here = facts.valid[rows, first]
    sums: dict[str, list[Part]] = {name: [] for name in ("value", "policy", "reward", "model")}
    error = latent.new_zeros(())
    for step in range(unroll):
        time = first + step
        taken, reached = here & facts.valid[rows, time], facts.reached[rows, time]
        if step:
            for name, (cost, _) in zip(("value", "policy"), said(model, latent, facts, labels, time), strict=True):
                sums[name].append((cost, taken))
        following = network.transition(weights.transition, latent, facts.actions[rows, time])
        arrived = network.prediction.arrived(weights.plans, latent, following)
        cost = F.binary_cross_entropy_with_logits(arrived, reached.to(arrived.dtype), reduction="none")
        sums["reward"].append((cost, taken))
        here = taken & ~reached
        gap = following - facts.latent[rows, time + 1].detach()
        sums["model"].append((model_cost(gap), here))
        error = mean([(network.representation.cells(gap).norm(dim=2), here)]).detach()
        latent = following
    value, policy = (mean([part]) for part in real)
    reward, aligned = mean(sums["reward"]), mean(sums["model"])
    total = config.value_weight * value + config.policy_weight * policy
    if unroll > 1:
        imagined = config.value_weight * mean(sums["value"]) + config.policy_weight * mean(sums["policy"])
        total = total + config.imagined_weight * imagined
    total = total + config.reward_weight * reward + config.model_weight * aligned
    return MuZeroLosses(total, value, policy, reward, aligned, error)


def value_cost(scaled: Tensor, target: Tensor) -> Tensor:
    """Distance of rescaled decisions to go from those of the target, `[N, S]`."""
    return F.smooth_l1_loss(scaled, rescale(target), reduction="none")


def policy_cost(logits: Tensor, target: Tensor) -> Tensor:
    """Divergence of the policy from the search's, `[N, S]`."""
    return F.kl_div(F.log_softmax(logits, dim=2), target, reduction="none").sum(dim=2)


def model_cost(gap: Tensor) -> Tensor:
    """The auxiliary model loss's distance of latents: body and learnt features weigh the same, `[N, S]`."""
    cost = 10 * F.smooth_l1_loss(gap, torch.zeros_like(gap), reduction="none", beta=0.05)
    return cost[..., :BODY].sum(dim=2) + BODY * cost[..., BODY:].mean(dim=2)


def mean(parts: list[Part]) -> Tensor:
    """The mean of costs `[N, S]` over all that count, bool `[N, S]`."""
    total = sum(((cost * counts).sum() for cost, counts in parts), start=parts[0][0].new_zeros(()))
    return average(total, torch.stack([counts.sum() for _, counts in parts]).sum())
