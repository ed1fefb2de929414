"""The 3 x 3 cells around every cell of a map, as they look from each of eight orientations: one of 512 kinds."""

from __future__ import annotations

from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

from mazenav.model.encoder import RING
from mazenav.model.symmetry import patch_offsets

KINDS = 512
"""How many ways there are to fill 3 x 3 cells with walls."""
WALL = 0.5
"""Map values from here on count as wall."""


def neighbourhoods(maps: Tensor) -> Tensor:
    """The kind of every cell's neighbourhood, int16 `[B, R + 2, C + 2, 8]`, of maps `[B, R, C]` and a ring around them.

    The last axis is the symmetry (`symmetry`) that turns what is seen into the canonical frame. Bit p of a kind says
    whether the p-th of the 3 x 3 cells there, row by row, is wall; all is wall outside of the map.
    """
    walls = (F.pad(maps.unsqueeze(1), [RING + 1] * 4, value=1.0) >= WALL).float()
    return F.conv2d(walls, _bits(maps.device)).permute(0, 2, 3, 1).to(torch.int16).contiguous()


def kinds() -> Tensor:
    """What the 3 x 3 cells of each kind look like, float32 `[512, 9]`: 1 is wall, -1 is free."""
    bits = torch.arange(KINDS).unsqueeze(1) >> torch.arange(9) & 1
    return bits.float() * 2 - 1


@cache
def _bits(device: torch.device) -> Tensor:
    """What each cell around counts in the kind under each symmetry, `[8, 1, 3, 3]`."""
    bits = torch.zeros(8, 1, 3, 3)
    for code, offsets in enumerate(patch_offsets(1)):
        for place, (row, column) in enumerate(offsets.tolist()):
            bits[code, 0, 1 + row, 1 + column] = 2.0**place
    return bits.to(device)
