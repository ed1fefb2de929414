"""Reads a task context as an image of N x N cells."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mazenav.model.dense.representation import CELLS_IN_ONE


def task_grids(maps: Tensor, starts: Tensor, goals: Tensor, side: int) -> Tensor:
    """Contexts c = (m, g) as images `[B, 3, N, N]`: the map, the start and the goal, one-hot (arXiv 2412.12024).

    Args:
        maps: `[B, R, C]` in [0, 1], 1 is wall; R and C at most N. They are padded with wall at the top and on the
            right, so that world coordinates stay what they are.
        starts: int64 `[B, 2]`, cells in the maps.
        goals: int64 `[B, 2]`, likewise.
        side: N.
    """
    batch, rows, columns = maps.shape
    above = side - rows
    assert above >= 0 and columns <= side, "the maps must fit the network"
    grids = maps.new_zeros((batch, 3, side, side))
    grids[:, 0] = F.pad(maps, [0, side - columns, above, 0], value=1.0)
    index = torch.arange(batch, device=maps.device)
    for channel, cells in ((1, starts), (2, goals)):
        grids[index, channel, cells[:, 0] + above, cells[:, 1]] = 1
    return grids


STRENGTH = (1.0, 1.0, 4.0)
"""Factors of map, start and goal: one goal cell must weigh as much as the many cells of walls."""


class Reading(NamedTuple):
    """What is read of B contexts.

    Attributes:
        embedding: `[B, E]`.
        features: `[B, F, N, N]`, what the embedding is made of: learnt features of every cell, and the map itself.
    """

    embedding: Tensor
    features: Tensor


class TaskReader(nn.Module):
    """Convolutions over the context, flattened and made into one embedding: grids `[B, 3, N, N]` -> `Reading`.

    Where start and goal lie it is also told in numbers, lest it have to learn them cell by cell.

    Embeddings have a mean square norm of about 2 whatever their width, so that a step of an optimizer in a layer that
    reads all of their units moves its outputs, which may be weights themselves, by about the learning rate.
    """

    strength: Tensor
    along: Tensor

    def __init__(self, side: int, channels: int, depth: int, pooled: int, embedding: int) -> None:
        super().__init__()
        widths = [3, *[channels] * depth]
        self.layers = nn.ModuleList(nn.Conv2d(widths[i], widths[i + 1], 3, padding=1) for i in range(depth))
        self.pool = nn.Conv2d(channels, pooled, 1)
        self.flat = nn.Linear((pooled + 1) * side * side, embedding)
        self.where = nn.Linear(4, embedding, bias=False)
        nn.init.normal_(self.where.weight, std=0.3)
        self.register_buffer("along", (torch.arange(side) + 0.5 - side / 2) / CELLS_IN_ONE, persistent=False)
        self.register_buffer("strength", torch.tensor(STRENGTH)[:, None, None], persistent=False)

    def forward(self, grids: Tensor) -> Reading:
        """What B contexts say."""
        features = self.read(grids)
        units = F.relu(self.flat(features.flatten(1)) + self.where(self.places(grids)))
        return Reading(units * (2 / math.sqrt(units.shape[1])), features)

    def places(self, grids: Tensor) -> Tensor:
        """Row and column of start and goal in the latent's units, `[B, 4]`."""
        cells = grids[:, 1:]
        return torch.cat([cells.sum(dim=3) @ self.along, cells.sum(dim=2) @ self.along], dim=1)

    def read(self, grids: Tensor) -> Tensor:
        """The features of every cell, `[B, F, N, N]`."""
        features = F.relu(self.layers[0](grids * self.strength))
        for layer in self.layers[1:]:
            features = features + F.relu(layer(features))
        return torch.cat([F.relu(self.pool(features)), 2 * grids[:, :1] - 1], dim=1)

    @torch.no_grad()
    def calibrate(self, grids: Tensor) -> None:
        """Give every unit's sum over features, before its rectifier, mean 0 and variance 1 over these contexts.

        Drawn at random they hardly differ from context to context (data-dependent initialisation, Kraehenbuehl et al.
        2016).
        """
        before = self.flat(self.read(grids).flatten(1))
        spread = before.std(dim=0).clamp(min=1e-6)
        self.flat.weight.div_(spread.unsqueeze(1))
        self.flat.bias.sub_(before.mean(dim=0)).div_(spread)
