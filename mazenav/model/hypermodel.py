"""The spatial hypermodel: reads a map once and predicts the weights of the transition network at two levels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mazenav.model.encoder import MapEncoder
from mazenav.model.neighbourhood import kinds, neighbourhoods

MOVES = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))
"""Moves (row, column) out of a cell, in the order of `TransitionWeights.move_costs`."""
MAX_BLOCK_COST = math.exp(8.0)
"""What a border costs at most, in decisions."""
TYPICAL_COST = 3.0
"""Decisions that a move by one cell costs before anything is learnt."""
COST_SPREAD = 1.5
"""Own costs stay within a factor e^COST_SPREAD of the typical one."""


class TransitionWeights(NamedTuple):
    """All that the hypermodel predicts for B maps, by name.

    Attributes:
        move_costs: `[B, 8, R, C]`, cell level: decisions that each of `MOVES` out of each cell costs.
        right: `[B, R, C - 1]`, logit that the border between a cell and its right neighbour can be crossed.
        down: `[B, R - 1, C]`, the same towards the lower neighbour.
        kinds: int16 `[B, R + 2, C + 2, 8]`, body level: which of the first-layer weight vectors that
            `SpatialHypermodel.vectors` predicts belongs to each cell (and to a ring of cells around the map), seen in
            each of eight orientations.
    """

    move_costs: Tensor
    right: Tensor
    down: Tensor
    kinds: Tensor


def block_costs(right: Tensor, down: Tensor) -> tuple[Tensor, Tensor]:
    """Costs of crossing the borders, exp(-2 logit): near nothing where open, thousands where blocked."""
    limit = -math.log(MAX_BLOCK_COST) / 2
    return torch.exp(-2 * right.clamp(min=limit)), torch.exp(-2 * down.clamp(min=limit))


def border_costs(right: Tensor, down: Tensor) -> Tensor:
    """What blocked borders add to each move, `[B, 8, R, C]`; a diagonal move pays for both ways around its corner."""
    across, along = block_costs(right, down)
    east = F.pad(across, [0, 1], value=MAX_BLOCK_COST)
    west = F.pad(across, [1, 0], value=MAX_BLOCK_COST)
    south = F.pad(along, [0, 0, 0, 1], value=MAX_BLOCK_COST)
    north = F.pad(along, [0, 0, 1, 0], value=MAX_BLOCK_COST)
    straight = {(-1, 0): north, (1, 0): south, (0, -1): west, (0, 1): east}

    def shifted(grid: Tensor, row: int, column: int) -> Tensor:
        padded = F.pad(grid, [1, 1, 1, 1], value=MAX_BLOCK_COST)
        rows, columns = grid.shape[1:]
        return padded[:, 1 + row : 1 + row + rows, 1 + column : 1 + column + columns]

    costs = []
    for row, column in MOVES:
        if row and column:
            rows, columns = straight[row, 0], straight[0, column]
            around = rows + shifted(columns, row, 0) + columns + shifted(rows, 0, column)
            costs.append(around)
        else:
            costs.append(straight[row, column])
    return torch.stack(costs, dim=1).clamp(max=MAX_BLOCK_COST)


class SpatialHypermodel(nn.Module):
    """h_psi: map -> `TransitionWeights`, a reader for each level.

    Passability is learnt from the auxiliary model loss alone: the value's gradient does not reach the border logits.
    Borders, own costs and the body level have a reader each: where they shared one, the large gradients of value and
    dynamics kept passability from being learnt. The body level's reads the 3 x 3 cells around a cell: how a body moves
    depends on no more, and of those there are so few kinds that all are read at once, whatever the map.
    """

    typical_cost: Tensor
    looks: Tensor

    def __init__(self, channels: int, depth: int, body_channels: int, rank: int, blind: Sequence[str] = ()) -> None:
        super().__init__()
        self.blind = blind
        self.border_encoder = MapEncoder(channels, 2)
        self.cost_encoder = MapEncoder(channels, depth)
        self.own_cost = nn.Conv2d(channels, len(MOVES), 1)
        self.right = nn.Conv2d(channels, 1, (1, 2))
        self.down = nn.Conv2d(channels, 1, (2, 1))
        self.body_reader = nn.Sequential(
            nn.Linear(9, body_channels),
            nn.ReLU(),
            nn.Linear(body_channels, body_channels),
            nn.ReLU(),
            nn.Linear(body_channels, rank),
        )
        for parameter in self.own_cost.parameters():
            nn.init.zeros_(parameter)
        lengths = torch.tensor([math.hypot(*move) for move in MOVES])
        self.register_buffer("typical_cost", TYPICAL_COST * lengths.view(1, -1, 1, 1), persistent=False)
        self.register_buffer("looks", kinds(), persistent=False)
        # At this scale the coefficients start near unit variance, and with them the target network's first layer.
        for layer in self.body_reader:
            if isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight, std=math.sqrt((1 if layer.in_features == 9 else 2) / layer.in_features))
                nn.init.zeros_(layer.bias)

    def forward(self, maps: Tensor) -> TransitionWeights:
        """Weights for maps `[B, R, C]` with values in [0, 1], 1 is wall."""
        return self.cell_level(maps)._replace(kinds=self.body_level(maps))

    def cell_level(self, maps: Tensor, borders: tuple[Tensor, Tensor] | None = None) -> TransitionWeights:
        """The cell level alone; `kinds` is left empty. The border logits are read off the maps unless given."""
        maps = self._seen(maps, "cells")
        right, down = self.borders(maps) if borders is None else borders
        wished = self.own_cost(self.cost_encoder(maps)[:, :, 1:-1, 1:-1])
        own = self.typical_cost * torch.exp(COST_SPREAD * F.softsign(wished / COST_SPREAD))
        costs = own + border_costs(right.detach(), down.detach())
        return TransitionWeights(costs, right, down, maps.new_empty(0))

    def _seen(self, maps: Tensor, level: str) -> Tensor:
        """What a level is given of the maps: nothing but their size, if it is blind."""
        return torch.zeros_like(maps) if level in self.blind else maps

    def borders(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """The border logits alone, `[B, R, C - 1]` and `[B, R - 1, C]`."""
        features = self.border_encoder(maps)[:, :, 1:-1, 1:-1]
        return self.right(features).squeeze(1), self.down(features).squeeze(1)

    def body_level(self, maps: Tensor) -> Tensor:
        """Which weight vector belongs to each cell, int16 `[B, R + 2, C + 2, 8]`."""
        return neighbourhoods(self._seen(maps, "body"))

    def vectors(self) -> Tensor:
        """The first-layer weight vectors of all kinds of neighbourhoods `[512, Q]`.

        Each is given by its Q coefficients in a basis of H-vectors that all maps share (`Transition.basis_here`).
        """
        return self.body_reader(self.looks)
