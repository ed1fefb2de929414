"""Reward, value and policy networks: what a latent is worth in a task."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Modulation(NamedTuple):
    """What the prediction networks keep of B tasks: a factor and an offset for every unit.

    Attributes:
        parts: `[B, 6, H]`, factor and offset of the first, the second and the arrival layer.
    """

    parts: Tensor

    def take(self, tasks: Tensor) -> Modulation:
        """The parts of the tasks with these indices int64 `[M]`."""
        return Modulation(self.parts.index_select(0, tasks))


MODULATION = 0.3
"""First spread of the weights that make factors and offsets; an embedding's mean square norm is about 2."""


class DensePrediction(nn.Module):
    """Two layers whose units the task's embedding scales and shifts, and a head for each of value and policy.

    The reward network is a layer of its own over the latents before and after a decision.
    """

    def __init__(self, embedding: int, latent: int, hidden: int, n_actions: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.modulation = nn.Linear(embedding, 4 * hidden)
        self.first = nn.Linear(latent, hidden)
        self.second = nn.Linear(hidden, hidden)
        self.value = nn.Linear(hidden, 1)
        self.policy = nn.Linear(hidden, n_actions)
        self.arrival = nn.Linear(2 * latent, hidden)
        self.arrival_modulation = nn.Linear(embedding, 2 * hidden)
        self.reward = nn.Linear(hidden, 1)
        for layer in (self.modulation, self.arrival_modulation):
            nn.init.normal_(layer.weight, std=MODULATION)
            nn.init.zeros_(layer.bias)
        for head in (self.value, self.policy, self.reward):
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(head.bias)

    def read(self, embedding: Tensor) -> Modulation:
        """What is kept of B tasks."""
        both = torch.cat([self.modulation(embedding), self.arrival_modulation(embedding)], dim=1)
        return Modulation(both.unflatten(1, (6, self.hidden)))

    def forward(self, task: Modulation, latent: Tensor) -> tuple[Tensor, Tensor]:
        """Value logits `[B, M]` and policy logits `[B, M, A]` of latents `[B, M, L]`."""
        first_scale, first_shift, scale, shift = task.parts[:, :4].unsqueeze(2).unbind(1)
        state = F.relu(self.first(latent) * (1 + first_scale) + first_shift)
        state = F.relu(self.second(state) * (1 + scale) + shift)
        return self.value(state).squeeze(2), self.policy(state)

    def arrived(self, task: Modulation, latent: Tensor, following: Tensor) -> Tensor:
        """Logits `[B, M]` that the goal was reached between two latents `[B, M, L]`."""
        scale, shift = task.parts[:, 4:].unsqueeze(2).unbind(1)
        state = F.relu(self.arrival(torch.cat([latent, following], dim=2)) * (1 + scale) + shift)
        return self.reward(state).squeeze(2)
