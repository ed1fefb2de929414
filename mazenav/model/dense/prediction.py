"""Reward, value and policy networks: what a latent is worth in a task."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mazenav.model.dense.representation import CELLS_IN_ONE
from mazenav.model.representation import POSITION


class Modulation(NamedTuple):
    """What the prediction networks keep of B tasks: a factor and an offset for every unit, and where the goal lies.

    Attributes:
        parts: `[B, 6, H]`, factor and offset of the first, the second and the arrival layer.
        goal: `[B, 2]`, the goal cell's centre as latents hold positions.
    """

    parts: Tensor
    goal: Tensor

    def take(self, tasks: Tensor) -> Modulation:
        """The parts of the tasks with these indices int64 `[M]`."""
        return Modulation(self.parts.index_select(0, tasks), self.goal.index_select(0, tasks))


MODULATION = 0.3
"""First spread of the weights that make factors and offsets; an embedding's mean square norm is about 2."""
RARELY = -4.0
"""First logit of an arrival: few decisions arrive, and what is far away must not seem to."""


def towards(latent: Tensor, goal: Tensor) -> Tensor:
    """The way to goals `[B, 2]` from latents `[B, M, L]`: as it is, and in cells up to one, `[B, M, 4]`."""
    way = goal.unsqueeze(1) - latent[..., POSITION]
    return torch.cat([way, (way * CELLS_IN_ONE).clamp(-1, 1)], dim=2)


class DensePrediction(nn.Module):
    """Value and policy, two layers and a head each, and the reward, a layer over the latents around a decision.

    The task's embedding scales and shifts their units; they are also given the way to the goal as the crow flies.
    """

    def __init__(self, embedding: int, latent: int, hidden: int, n_actions: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.modulation = nn.Linear(embedding, 4 * hidden)
        self.first = nn.Linear(latent + 4, hidden)
        self.second = nn.Linear(hidden, hidden)
        self.value = nn.Linear(hidden, 1)
        self.policy = nn.Linear(hidden, n_actions)
        self.arrival = nn.Linear(2 * (latent + 4), hidden)
        self.arrival_modulation = nn.Linear(embedding, 2 * hidden)
        self.reward = nn.Linear(hidden, 1)
        for layer in (self.modulation, self.arrival_modulation):
            nn.init.normal_(layer.weight, std=MODULATION)
            nn.init.zeros_(layer.bias)
        for head in (self.value, self.policy, self.reward):
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(head.bias)
        nn.init.constant_(self.reward.bias, RARELY)

    def read(self, embedding: Tensor, goal: Tensor) -> Modulation:
        """What is kept of B tasks."""
        both = torch.cat([self.modulation(embedding), self.arrival_modulation(embedding)], dim=1)
        return Modulation(both.unflatten(1, (6, self.hidden)), goal)

    def forward(self, task: Modulation, latent: Tensor) -> tuple[Tensor, Tensor]:
        """Value logits `[B, M]` and policy logits `[B, M, A]` of latents `[B, M, L]`."""
        first_scale, first_shift, scale, shift = task.parts[:, :4].unsqueeze(2).unbind(1)
        given = torch.cat([latent, towards(latent, task.goal)], dim=2)
        state = F.relu(self.first(given) * (1 + first_scale) + first_shift)
        state = F.relu(self.second(state) * (1 + scale) + shift)
        return self.value(state).squeeze(2), self.policy(state)

    def arrived(self, task: Modulation, latent: Tensor, following: Tensor) -> Tensor:
        """Logits `[B, M]` that the goal was reached between two latents `[B, M, L]`."""
        scale, shift = task.parts[:, 4:].unsqueeze(2).unbind(1)
        given = torch.cat([latent, following, towards(latent, task.goal), towards(following, task.goal)], dim=2)
        state = F.relu(self.arrival(given) * (1 + scale) + shift)
        return self.reward(state).squeeze(2)
