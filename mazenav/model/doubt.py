"""Reads a map that may be wrong: which cells are free, given those that are known and how often the rest errs."""

from __future__ import annotations

from collections.abc import Sequence
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
        inside: float32 `[B, R, C]`, 0 in the padding around a map.
    """

    given: Tensor
    map: Tensor
    known: Tensor
    missing: Tensor
    invented: Tensor
    inside: Tensor


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
        outside: bool `[B, R, C]`, padding around the maps.
    """
    missing, invented = (share.view(-1, 1, 1).expand(given.shape) for share in wrong_shares(given, map, known))
    inside = torch.ones_like(given) if outside is None else (~outside).to(given.dtype)
    return Belief(given, map, known, missing, invented, inside)


class DoubtReader(nn.Module):
    """How likely each cell is free: dilated 3 x 3 convolutions over a belief, and what the map is like as a whole.

    Whether walls are missing, invented or moved, and what a maze of this kind looks like, shows all over the map: every
    layer is also given the mean of the layer before over the whole map.
    """

    def __init__(self, channels: int, dilations: Sequence[int]) -> None:
        super().__init__()
        self.half_precision = False
        self.first = nn.Conv2d(len(Belief._fields), channels, 3, padding=1)
        self.layers = nn.ModuleList(nn.Conv2d(channels, channels, 3, padding=far, dilation=far) for far in dilations)
        self.whole = nn.ModuleList(nn.Linear(channels, channels) for _ in dilations)
        self.free = nn.Conv2d(channels, 1, 1)

    def forward(self, belief: Belief) -> Tensor:
        """Logits `[B, R, C]` that cells are free."""
        inside = belief.inside.unsqueeze(1)
        solid, given = belief.map * 2 - 1, belief.given * 2 - 1
        shares = belief.missing * 4, belief.invented * 4
        seen = torch.stack([solid, given, belief.known, *shares, belief.inside], dim=1) * inside
        cells = inside.sum((2, 3)).clamp(min=1)
        with torch.autocast(seen.device.type, torch.bfloat16, enabled=self.half_precision):
            # Nothing is felt outside of a map, whatever it is padded to.
            features = F.relu(self.first(seen)) * inside
            for layer, whole in zip(self.layers, self.whole, strict=True):
                everywhere = whole(features.sum((2, 3)) / cells)
                features = features + F.relu(layer(features) + everywhere[:, :, None, None]) * inside
        return self.free(features.float()).squeeze(1)
