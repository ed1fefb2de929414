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
from mazenav.parallel import OwnDraws, average, own_rows
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


def losses(network: Network, segments: Segments, config: LossConfig, rng: np.random.Generator) -> Losses:
    """All losses of a batch of segments, this process's share of them.

    Args:
        network: what learns.
        segments: the batch.
        config: how much each loss counts.
        rng: draws where the transition network is unrolled from, and what is searched.
    """
    device = next(network.parameters()).device
    whole, own, draws = segments, own_rows(len(segments)), OwnDraws(rng, len(segments))
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
    unrolled, error = model_loss(model, latent, actions, valid & ~reached, config, draws)
    labels = border_labels(whole.pushes(), whole.maps.shape[1:], DMLAB)
    right, down = (family.between(own.start, own.stop) for family in labels)
    passability = border_loss(weights.right, right) + border_loss(weights.down, down)
    arrival = reached_loss(model, latent, reached, valid)
    total = value + config.model_weight * unrolled + config.passability_weight * passability
    total = total + config.reached_weight * arrival
    searched = total.new_zeros(())
    if config.search_weight:
        searched = search_loss(model, latent, valid, config.searched, draws)
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
    model: BoundModel, latent: Tensor, actions: Tensor, whole: Tensor, config: LossConfig, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Unrolled auxiliary model loss: predicted against real position, heading and velocity, K decisions on.

    Decisions that were cut short by the goal do not count, nor do those behind them.
    """
    n, steps = actions.shape
    device = latent.device
    unroll = min(config.unroll, steps)
    starts = rng.integers(steps - unroll + 1, size=(n, config.unroll_starts))
    time = torch.from_numpy(starts).to(device).flatten()
    context = torch.arange(n, device=device).repeat_interleave(config.unroll_starts)
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
