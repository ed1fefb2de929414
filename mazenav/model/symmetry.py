"""The eight symmetries of the grid, used to turn every situation so that the body faces one and the same octant.

In the canonical frame the heading points along +column with a non-negative row part. A code in 0..7 says how to get
there: bit 0 swaps rows and columns, bit 1 then flips rows, bit 2 flips columns. An odd number of set bits mirrors the
world, and with it left and right turns.
"""

from __future__ import annotations

import torch
from torch import Tensor


def canonical_code(heading: Tensor) -> Tensor:
    """The code int64 `[M]` of the symmetry that turns headings `[M, 2]` (row, column) into the canonical octant."""
    swap = heading[:, 0].abs() > heading[:, 1].abs()
    row = torch.where(swap, heading[:, 1], heading[:, 0])
    column = torch.where(swap, heading[:, 0], heading[:, 1])
    return swap.long() + 2 * (row < 0).long() + 4 * (column < 0).long()


def transform(vectors: Tensor, code: Tensor) -> Tensor:
    """Turn vectors `[M, 2]` (row, column) by the symmetries `code` `[M]`."""
    swapped = torch.where((code & 1).bool().unsqueeze(1), vectors.flip(1), vectors)
    signs = torch.stack([1 - (code & 2), 1 - (code & 4) / 2], dim=1)
    return swapped * signs.to(vectors.dtype)


def transform_back(vectors: Tensor, code: Tensor) -> Tensor:
    """Turn vectors `[M, 2]` in the canonical frame back: the inverse of `transform`."""
    signs = torch.stack([1 - (code & 2), 1 - (code & 4) / 2], dim=1)
    signed = vectors * signs.to(vectors.dtype)
    return torch.where((code & 1).bool().unsqueeze(1), signed.flip(1), signed)


def is_mirror(code: Tensor) -> Tensor:
    """Whether a symmetry turns left into right, bool `[M]`."""
    return ((code & 1) + (code >> 1 & 1) + (code >> 2 & 1)) % 2 == 1


def patch_offsets(reach: int) -> Tensor:
    """Offsets int64 `[8, P, 2]`: where in the map to read so that a (2 reach + 1)^2 patch comes out canonical."""
    side = torch.arange(-reach, reach + 1)
    canonical = torch.stack(torch.meshgrid(side, side, indexing="ij"), dim=-1).reshape(-1, 2)
    offsets = []
    for code in range(8):
        flipped = canonical * torch.tensor([1 - (code & 2), 1 - (code & 4) // 2])
        offsets.append(flipped.flip(1) if code & 1 else flipped)
    return torch.stack(offsets)
