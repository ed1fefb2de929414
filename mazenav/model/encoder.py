"""Reads a top-down map as an image."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

RING = 1
"""Cells around the map for which features are made too, so that a body near an open border finds some."""


class MapEncoder(nn.Module):
    """Convolutions of 3 x 3 without padding over a map that is first surrounded by wall.

    The features of a cell therefore depend on nothing but the cells around it: not on the map's size, nor on the maps
    that share its batch. Maps of any shape pass.
    """

    def __init__(self, channels: int, depth: int) -> None:
        super().__init__()
        self.half_precision = False
        widths = [1, *[channels] * depth]
        self.layers = nn.ModuleList(nn.Conv2d(widths[i], widths[i + 1], 3) for i in range(depth))

    def forward(self, maps: Tensor) -> Tensor:
        """Features `[B, F, R + 2, C + 2]` (a ring of one cell around the map) of maps `[B, R, C]`."""
        with torch.autocast(maps.device.type, torch.bfloat16, enabled=self.half_precision):
            return self.convolve(maps).float()

    def convolve(self, maps: Tensor) -> Tensor:
        """The convolutions, in whichever precision is set."""
        margin = RING + len(self.layers)
        features = F.pad(maps.unsqueeze(1), [margin] * 4, value=1.0) * 2 - 1
        for index, layer in enumerate(self.layers):
            before = features
            features = F.relu(layer(features))
            if index:
                features = features + before[:, :, 1:-1, 1:-1]
        return features
