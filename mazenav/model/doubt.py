"""Reads a map that may be wrong: which cells are free, given those that are known and how often the rest errs."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


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


class DoubtReader(nn.Module):
    """How likely each cell is free: convolutions of 3 x 3 over a belief surrounded by wall, as `MapEncoder`.

    It sees `depth` cells around each cell, enough to tell what kind of maze this is and what is amiss in it.
    """

    def __init__(self, channels: int, depth: int) -> None:
        super().__init__()
        self.half_precision = False
        widths = [5, *[channels] * depth]
        self.layers = nn.ModuleList(nn.Conv2d(widths[i], widths[i + 1], 3) for i in range(depth))
        self.free = nn.Conv2d(channels, 1, 1)

    def forward(self, belief: Belief) -> Tensor:
        """Logits `[B, R, C]` that cells are free."""
        margin = [len(self.layers)] * 4
        solid = F.pad(belief.map, margin, value=1.0) * 2 - 1
        given = F.pad(belief.given, margin, value=1.0) * 2 - 1
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
