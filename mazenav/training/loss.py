"""The losses: decisions to go by lambda-returns, and the auxiliary model loss in its three parts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mazenav.config import LossConfig
from mazenav.model.network import BoundModel, Network
from mazenav.model.representation import POSITION
from mazenav.parallel import average, own_rows
from mazenav.planner.field import value_field
from mazenav.replay.segment import Segments
from mazenav.sim.body import DMLAB
from mazenav.sim.borders import BorderLabels, border_labels
from mazenav.training.returns import lambda_targets
from mazenav.training.searched import search_loss


class Losses(NamedTuple):
    """Scalars; `total` is what is minimised, the others are for the eye."""

    total: Tensor
    value: Tensor
    model: Tensor
    passability: Tensor
    reached: Tensor
    searched: Tensor
    position_error: Tensor


class Moments(NamedTuple):
    """Decisions of N segments that are looked into.

    Attributes:
        unrolled: int64 `[N, S]`, where the transition network is unrolled from.
        searched: int64 `[N, K]`, where a search is asked.
    """

    unrolled: np.ndarray
    searched: np.ndarray


def draw_moments(segments: Segments, config: LossConfig, rng: np.random.Generator) -> Moments:
    """Draw what `losses` looks into; the losses themselves draw nothing."""
    n, steps = segments.actions.shape
    unrolled = rng.integers(steps - min(config.unroll, steps) + 1, size=(n, config.unroll_starts))
    searched = config.searched if config.search_weight else 0
    return Moments(unrolled, rng.integers(steps, size=(n, searched)))


def losses(network: Network, segments: Segments, config: LossConfig, moments: Moments) -> Losses:
    """All losses of a batch of segments, this process's share of them.

    Args:
        network: what learns.
        segments: the batch.
        config: how much each loss counts.
        moments: of this batch.
    """
    device = next(network.parameters()).device
    whole, own = segments, own_rows(len(segments))
    unrolled_from, searched_at = (torch.from_numpy(part[own]).to(device) for part in moments)
    segments = whole.take(own)
    weights = network.hypermodel(torch.from_numpy(segments.maps).to(device))
    goals = torch.from_numpy(segments.goals).to(device)
    model = network.bind(weights, value_field(weights.move_costs, goals), goals)
    n, steps = segments.actions.shape
    states = torch.from_numpy(segments.states).to(device)
    latent = network.representation(states.reshape(-1, 6), segments.maps.shape[1]).reshape(n, steps + 1, -1)
    actions = torch.from_numpy(segments.actions).to(device)
    reached, valid = torch.from_numpy(segments.reached).to(device), torch.from_numpy(segments.valid).to(device)
    value = value_loss(model, latent, actions, reached, valid, config)
    unrolled, error = model_loss(model, latent, actions, valid & ~reached, unrolled_from, config.unroll)
    labels = border_labels(whole.pushes(), whole.maps.shape[1:], DMLAB)
    right, down = (family.between(own.start, own.stop) for family in labels)
    passability = border_loss(weights.right, right) + border_loss(weights.down, down)
    arrival = reached_loss(model, latent, reached, valid)
    total = value + config.model_weight * unrolled + config.passability_weight * passability
    total = total + config.reached_weight * arrival
    searched = total.new_zeros(())
    if config.search_weight:
        searched = search_loss(model, latent, valid, searched_at)
        total = total + config.search_weight * searched
    return Losses(total, value, unrolled, passability, arrival, searched, error)


def value_loss(
    model: BoundModel, latent: Tensor, actions: Tensor, reached: Tensor, valid: Tensor, config: LossConfig
) -> Tensor:
    """Huber loss of the decisions to go of the actions taken against their lambda-returns."""
    n, steps = actions.shape
    context = torch.arange(n, device=latent.device).repeat_interleave(steps + 1)
    field, residual = model.network.prediction.parts(model.around, latent.reshape(n * (steps + 1), -1), context)
    field, residual = field.reshape(n, steps + 1), residual.reshape(n, steps + 1, -1)
    targets = lambda_targets(
        residual.detach(),
        field.detach(),
        actions,
        reached,
        valid,
        config.trace,
        config.greedy_margin,
        config.residual_discount,
    )
    taken = residual[:, :-1].gather(2, actions.unsqueeze(2)).squeeze(2) + field[:, :-1]
    targets = targets + field[:, :-1].detach()
    error = F.smooth_l1_loss(taken, targets, reduction="none")
    return average((error * valid).sum(), valid.sum())


def model_loss(
    model: BoundModel, latent: Tensor, actions: Tensor, whole: Tensor, starts: Tensor, unroll: int
) -> tuple[Tensor, Tensor]:
    """Unrolled auxiliary model loss: predicted against real position, heading and velocity, K decisions on.

    Decisions that were cut short by the goal do not count, nor do those behind them.

    Args:
        model: of N segments.
        latent: `[N, T + 1, L]`.
        actions: int64 `[N, T]`.
        whole: bool `[N, T]`, decisions that were not cut short.
        starts: int64 `[N, S]`, decisions from which it is unrolled.
        unroll: K, or T if that is less.
    """
    n, steps = actions.shape
    unroll = min(unroll, steps)
    time = starts.flatten()
    context = torch.arange(n, device=latent.device).repeat_interleave(starts.shape[1])
    predicted = latent[context, time]
    counts = torch.ones_like(time, dtype=torch.bool)
    total, weight, error = latent.new_zeros(()), latent.new_zeros(()), latent.new_zeros(())
    for step in range(unroll):
        counts = counts & whole[context, time + step]
        predicted = model.network.transition(model.first_layer, predicted, actions[context, time + step], context)
        gap = predicted - latent[context, time + step + 1]
        cost = 10 * F.smooth_l1_loss(gap, torch.zeros_like(gap), reduction="none", beta=0.05).sum(dim=1)
        total = total + (cost * counts).sum()
        weight = weight + counts.sum()
        error = (gap[:, POSITION].detach().norm(dim=1) * counts).sum()
    return average(total, weight), average(error, counts.sum())


def border_loss(logits: Tensor, labels: BorderLabels) -> Tensor:
    """Cross-entropy of the passability logits `[B, R, C]` at the borders that were put to the test."""
    device = logits.device
    index = tuple(torch.from_numpy(part).to(device) for part in labels[:3])
    crossed = torch.from_numpy(labels.crossed).to(device)
    cost = F.binary_cross_entropy_with_logits(logits[index], crossed, reduction="sum")
    return average(cost, torch.tensor(len(crossed), device=device))


def reached_loss(model: BoundModel, latent: Tensor, reached: Tensor, valid: Tensor) -> Tensor:
    """Cross-entropy of having reached the goal, over the decisions that came near it."""
    n, steps = reached.shape
    context = torch.arange(n, device=latent.device).repeat_interleave(steps)
    start, end = latent[:, :-1].reshape(n * steps, -1), latent[:, 1:].reshape(n * steps, -1)
    near = (start[:, POSITION] - model.around.goal[context]).norm(dim=1) < 1.5
    chosen = torch.nonzero(near & valid.flatten()).squeeze(1)
    number = torch.tensor(len(chosen), device=latent.device)
    if not len(chosen):
        return average(latent.new_zeros(()), number)
    logit = model.network.prediction.reached_logit(model.around, start[chosen], end[chosen], context[chosen])
    arrived = reached.flatten()[chosen].to(logit.dtype)
    return average(F.binary_cross_entropy_with_logits(logit, arrived, reduction="sum"), number)
