"""Value iteration as a recurrent convolution (Tamar et al. 2016, Value Iteration Networks, section 3.1)."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mazenav.model.encoder import MapEncoder
from mazenav.model.hypermodel import MOVES

TYPICAL_COST = 3.0
"""Decisions that an abstract action costs before anything is learnt."""
LOWEST, HIGHEST = -1.5, 6.0
"""Bounds of the logarithm of an abstract action's cost, in units of the typical one."""
SHARPNESS = 6.0
"""Logit by which an abstract action prefers its own neighbour before anything is learnt."""
CHECK_EVERY = 8
"""Sweeps between two looks at whether the values are at rest."""


class ValueIteration(nn.Module):
    """Maps and goals -> decisions to go from every cell, by as many sweeps as the map needs.

    A sweep is Q_a(c) = r_a(c) + sum_d P_a(d) V(c + d), V(c) = max_a Q_a(c): a convolution and a maximum over its
    channels. Rewards r_a are read from the map, transition kernels P_a (3 x 3, positive, summing to one, so that any
    number of sweeps is stable) are shared by all cells. There are eight abstract actions; each kernel begins near one
    neighbour and is learnt. The goal absorbs, as terminal cells do in the paper's worlds. Costs, which are what is kept
    here instead of negative rewards, are positive, so values rise from nothing to their fixed point.
    """

    typical_cost: Tensor

    def __init__(self, channels: int, depth: int, sweeps_per_cell: float, tolerance: float) -> None:
        super().__init__()
        self.sweeps_per_cell, self.tolerance = sweeps_per_cell, tolerance
        self.encoder = MapEncoder(channels, depth)
        self.cost = nn.Conv2d(channels, len(MOVES), 1)
        for parameter in self.cost.parameters():
            nn.init.zeros_(parameter)
        logits = torch.zeros(len(MOVES), 1, 3, 3)
        for action, (row, column) in enumerate(MOVES):
            logits[action, 0, 1 + row, 1 + column] = SHARPNESS
        self.kernels = nn.Parameter(logits)
        lengths = torch.tensor([math.hypot(*move) for move in MOVES])
        self.register_buffer("typical_cost", TYPICAL_COST * lengths.view(1, -1, 1, 1), persistent=False)

    def forward(self, maps: Tensor, goals: Tensor) -> Tensor:
        """Decisions to go `[B, R, C]` in maps `[B, R, C]` with goal cells int64 `[B, 2]`."""
        return self.iterate(self.costs(maps), goals)

    def costs(self, maps: Tensor) -> Tensor:
        """What each abstract action costs in each cell, `[B, 8, R, C]`, in decisions."""
        wished = self.cost(self.encoder(maps)[:, :, 1:-1, 1:-1])
        # Zero where nothing is learnt; the gradient never dies, as it would behind a hard bound.
        high, low = HIGHEST * torch.tanh(wished / HIGHEST), LOWEST * torch.tanh(wished / LOWEST)
        return self.typical_cost * torch.exp(torch.where(wished > 0, high, low))

    def iterate(self, costs: Tensor, goals: Tensor) -> Tensor:
        """Sweep until the values are at rest, or have been swept as often as is allowed."""
        batch, _, rows, columns = costs.shape
        away = torch.ones(batch, 1, rows, columns, device=costs.device)
        away[torch.arange(batch, device=costs.device), 0, goals[:, 0], goals[:, 1]] = 0
        kernels = self.kernels.flatten(1).softmax(dim=1).view_as(self.kernels)
        values = torch.zeros_like(away)
        most = max(1, math.ceil(self.sweeps_per_cell * rows * columns))
        for sweep in range(1, most + 1):
            before = values
            values = self.sweep(values, costs, kernels) * away
            if sweep % CHECK_EVERY == 0 and float((values - before).detach().abs().amax()) <= self.tolerance:
                break
        return values.squeeze(1)

    def sweep(self, values: Tensor, costs: Tensor, kernels: Tensor) -> Tensor:
        """One sweep over decisions to go `[B, 1, R, C]`; beyond its edge the map goes on as at its edge."""
        around = F.pad(values, [1, 1, 1, 1], mode="replicate")
        return (costs + F.conv2d(around, kernels)).amin(dim=1, keepdim=True)
