"""Reads a map that may be wrong: which cells are free, given those that are known and how often the rest errs."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PRIOR_WRONG, PRIOR_CELLS = 0.5, 10.0
"""Before anything is found out, a map counts as if so many wrong cells had been found among so many."""


class Belief(NamedTuple):
    """What is believed of B maps.

    Attributes:
        given: float32 `[B, R, C]`, 1 is wall: the map as given.
        map: float32 `[B, R, C]`, the same with what has been found out in the run.
        known: float32 `[B, R, C]`, 1 where a cell has been found out.
        missing: float32 `[B, R, C]`, share of the walls that the map is thought not to show.
        invented: float32 `[B, R, C]`, share of the free cells that the map is thought to show as wall.
    """

    given: Tensor
    map: Tensor
    known: Tensor
    missing: Tensor
    invented: Tensor


def wrong_shares(given: Tensor, map: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """How often maps are thought to be wrong, from what was found out: `[B, R, C]` each -> float32 `[B]` each.

    Returns:
        The share of walls that are missing from the map, and of free cells that it shows as wall.
    """
    walls, free = known * map, known * (1 - map)
    missing, invented = (walls * (1 - given)).sum((1, 2)), (free * given).sum((1, 2))
    return (
        (missing + PRIOR_WRONG) / (walls.sum((1, 2)) + PRIOR_CELLS),
        (invented + PRIOR_WRONG) / (free.sum((1, 2)) + PRIOR_CELLS),
    )


def believe(given: Tensor, map: Tensor, known: Tensor, outside: Tensor | None = None) -> Belief:
    """The belief that maps float32 `[B, R, C]` and what was found out about them amount to.

    Args:
        given: the maps as given.
        map: the same with what was found out.
        known: 1 where a cell was found out.
        outside: bool `[B, R, C]`, padding, which is as sure as what lies beyond the edge of a map.
    """
    everywhere = [share.view(-1, 1, 1).expand(given.shape) for share in wrong_shares(given, map, known)]
    if outside is not None:
        known = known.masked_fill(outside, 1.0)
        everywhere = [share.masked_fill(outside, 0.0) for share in everywhere]
    return Belief(given, map, known, *everywhere)


class DoubtReader(nn.Module):
    """How likely each cell is free: 3 x 3 convolutions over a belief surrounded by wall, as `MapEncoder` reads maps.

    It sees `depth` cells around each cell, enough to tell what kind of maze this is and what is amiss in it.
    """

    def __init__(self, channels: int, depth: int) -> None:
        super().__init__()
        self.half_precision = False
        widths = [len(Belief._fields), *[channels] * depth]
        self.layers = nn.ModuleList(nn.Conv2d(widths[i], widths[i + 1], 3) for i in range(depth))
        self.free = nn.Conv2d(channels, 1, 1)

    def forward(self, belief: Belief) -> Tensor:
        """Logits `[B, R, C]` that cells are free."""
        margin = [len(self.layers)] * 4
        solid, given = (F.pad(cells, margin, value=1.0) * 2 - 1 for cells in (belief.map, belief.given))
        known = F.pad(belief.known, margin, value=1.0)
        missing, invented = (F.pad(share, margin) * 4 for share in (belief.missing, belief.invented))
        features = torch.stack([solid, given, known, missing, invented], dim=1)
        with torch.autocast(solid.device.type, torch.bfloat16, enabled=self.half_precision):
            for index, layer in enumerate(self.layers):
                before = features
                features = F.relu(layer(features))
                if index:
                    features = features + before[:, :, 1:-1, 1:-1]
        return self.free(features.float()).squeeze(1)
