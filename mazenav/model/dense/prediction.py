"""Reward, value and policy networks: what a latent is worth in a task."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mazenav.config.dense import DenseModelConfig
from mazenav.model.cell_reader import CellReader
from mazenav.model.dense.representation import BODY, CELLS_IN_ONE
from mazenav.model.nearby import REACH, Nearby, look
from mazenav.model.representation import POSITION
from mazenav.model.symmetry import is_mirror, patch_offsets


class Plans(NamedTuple):
    """What the prediction networks keep of B tasks.

    Attributes:
        cells: `[B, P, N + 2, N + 2]`, numbers left in every cell, and a ring of nothing.
        goals: int64 `[B, 2]`, goal cells in the padded map.
    """

    cells: Tensor
    goals: Tensor

    def take(self, tasks: Tensor) -> Plans:
        """Those of the tasks with these indices int64 `[M]`."""
        return Plans(self.cells.index_select(0, tasks), self.goals.index_select(0, tasks))


RARELY = -4.0
"""First logit of an arrival: few decisions arrive, and what is far away must not seem to."""

FIRST_VALUE = 2.0
"""First value, rescaled: about eight decisions."""


class DensePrediction(nn.Module):
    """Value and policy, read off dueling action values (Wang et al. 2016), and the reward: a layer over two latents.

    A value that is compared between where two actions lead must be finer than what an action is worth; values of the
    actions themselves are told apart at once. v = min_a q, p = softmax(-q / temperature).

    A recurrent convolution reads map and goal and leaves a few numbers in every cell; the networks see those around
    the latent's position, turned with the body into the canonical octant as the other agents' are (`model.nearby`), and
    the learnt part of the latent. Nothing in them is a plan or a distance unless it is learnt to be one.
    """

    offsets: Tensor
    mirror: Tensor

    def __init__(self, config: DenseModelConfig) -> None:
        super().__init__()
        hidden, self.middle = config.prediction_hidden, config.side / 2
        self.reader = CellReader(3, config.plan_channels, config.plan_rounds, config.plans)
        self.reader.half_precision = config.half_precision
        widths = [Nearby.width(config.plans) + config.latent - BODY, *[hidden] * config.prediction_depth]
        self.layers = nn.ModuleList(nn.Linear(widths[i], widths[i + 1]) for i in range(config.prediction_depth))
        self.value = nn.Linear(hidden, 1)
        self.advantage = nn.Linear(hidden, config.n_actions)
        self.arrival = nn.Linear(2 * (config.latent + 4), hidden)
        self.reward = nn.Linear(hidden, 1)
        for head in (self.value, self.advantage, self.reward):
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(head.bias)
        nn.init.constant_(self.value.bias, FIRST_VALUE)
        nn.init.constant_(self.reward.bias, RARELY)
        self.register_buffer("offsets", patch_offsets(REACH), persistent=False)
        self.register_buffer("mirror", torch.tensor(config.mirror), persistent=False)

    def read(self, grids: Tensor) -> Plans:
        """What is kept of B contexts `[B, 3, N, N]`: map, start and goal."""
        image = torch.cat([grids[:, 2:], torch.ones_like(grids[:, :1]), 2 * grids[:, :1] - 1], dim=1)
        goal = grids[:, 2].flatten(1).argmax(dim=1)
        side = grids.shape[3]
        return Plans(F.pad(self.reader(image), [1, 1, 1, 1]), torch.stack([goal // side, goal % side], dim=1))

    def forward(self, plans: Plans, latent: Tensor) -> Tensor:
        """Rescaled decisions to go by each action `[B, M, A]` of latents `[B, M, L]`."""
        batch, rows, _ = latent.shape
        flat = latent.flatten(0, 1)
        body = torch.cat([flat[:, POSITION] * CELLS_IN_ONE + self.middle, flat[:, 2:BODY]], dim=1)
        context = torch.arange(batch, device=latent.device).repeat_interleave(rows)
        near = look(plans.cells, plans.goals, body, context, self.offsets)
        hidden = torch.cat([near.seen, flat[:, BODY:]], dim=1)
        for index, layer in enumerate(self.layers):
            after = F.relu(layer(hidden))
            hidden = after + hidden if index else after
        advantage = self.advantage(hidden)
        advantage = torch.where(is_mirror(near.code).unsqueeze(1), advantage[:, self.mirror], advantage)
        scaled = near.own[:, :1] + self.value(hidden) + advantage - advantage.mean(dim=1, keepdim=True)
        return scaled.view(batch, rows, -1)

    def arrived(self, plans: Plans, latent: Tensor, following: Tensor) -> Tensor:
        """Logits `[B, M]` that the goal was reached between two latents `[B, M, L]`."""
        goal = self.place(plans)
        given = torch.cat([latent, following, towards(latent, goal), towards(following, goal)], dim=2)
        return self.reward(F.relu(self.arrival(given))).squeeze(2)

    def place(self, plans: Plans) -> Tensor:
        """The goal cells' centres as latents hold positions, `[B, 2]`."""
        return (plans.goals + 0.5 - self.middle) / CELLS_IN_ONE


def towards(latent: Tensor, goal: Tensor) -> Tensor:
    """The way to goals `[B, 2]` from latents `[B, M, L]`: as it is, and in cells up to one, `[B, M, 4]`."""
    way = goal.unsqueeze(1) - latent[..., POSITION]
    return torch.cat([way, (way * CELLS_IN_ONE).clamp(-1, 1)], dim=2)
