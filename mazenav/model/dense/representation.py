"""e: from what the body senses to a latent that says it in scaled numbers and in learnt features."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mazenav.model.representation import POSITION, Representation

BODY = 6
"""Leading numbers of the latent: position from the map's middle, unit heading, velocity, all in grid coordinates."""
CELLS_IN_ONE = 2.0
"""Cells that the latent's position counts as 1."""


class DenseRepresentation(nn.Module):
    """State `[M, 6]` in world coordinates -> latent `[M, L]`.

    The learnt features read the position through a bump for each row and each column of the map, for a small MLP
    cannot tell cells apart by a number that runs over the whole map.
    """

    centres: Tensor

    def __init__(self, side: int, latent: int, speed_scale: float) -> None:
        super().__init__()
        self.middle = side / 2
        self.physical = Representation(speed_scale)
        self.features = nn.Linear(2 * side + 4, latent - BODY)
        # Two bumps share a weight of 1 along each axis, and a heading has length 1: about unit variance.
        nn.init.normal_(self.features.weight, std=0.7)
        nn.init.zeros_(self.features.bias)
        self.register_buffer("centres", torch.arange(side) + 0.5, persistent=False)

    def forward(self, states: Tensor, rows: Tensor | int) -> Tensor:
        """Latents of states whose map, padded to the network's size, has `rows` rows: N."""
        body = self.physical(states, rows)
        position = body[:, POSITION]
        bumps = F.relu(1 - (position.unsqueeze(2) - self.centres).abs()).flatten(1)
        learnt = torch.tanh(self.features(torch.cat([bumps, body[:, 2:]], dim=1)))
        return torch.cat([(position - self.middle) / CELLS_IN_ONE, body[:, 2:], learnt], dim=1)

    @staticmethod
    def cells(gap: Tensor) -> Tensor:
        """Of differences of latents `[..., L]` those of the position, `[..., 2]` in cells."""
        return gap[..., POSITION] * CELLS_IN_ONE

    def positions(self, latent: Tensor) -> Tensor:
        """Where latents `[M, L]` hold the body to be: (row, column) in cells, `[M, 2]`."""
        return latent[:, POSITION] * CELLS_IN_ONE + self.middle
