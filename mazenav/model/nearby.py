"""What a controller sees of the numbers that a reader left in the cells: those around the body, and the way to go."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from mazenav.model.representation import HEADING, POSITION, VELOCITY
from mazenav.model.rescaling import rescale
from mazenav.model.symmetry import canonical_code, transform

REACH = 1
"""Cells around the body's own that are seen."""


class Nearby(NamedTuple):
    """What is seen by M bodies, turned into the canonical octant (`model.symmetry`), P numbers being left in a cell.

    Attributes:
        seen: `[M, 18 + 10 P]`: body and way to the goal as the crow flies, whether the body is in the goal's cell, the
            numbers of the 3 x 3 cells around less those of the body's own, and these.
        own: `[M, P]`, the numbers of the body's own cell.
        code: int64 `[M]`, the symmetry by which it was turned.
    """

    seen: Tensor
    own: Tensor
    code: Tensor

    @staticmethod
    def width(plans: int) -> int:
        """Numbers that are seen where P are left in every cell."""
        return 6 + 3 + 9 + 10 * plans


def look(plans: Tensor, goals: Tensor, latent: Tensor, context: Tensor, offsets: Tensor) -> Nearby:
    """What bodies see.

    Args:
        plans: `[B, P, R + 2, C + 2]`, what the reader left in every cell, with a ring of nothing around.
        goals: int64 `[B, 2]`, goal cells.
        latent: `[M, 6]`, position in cells, heading, velocity, in grid coordinates.
        context: int64 `[M]`, each body's task.
        offsets: int64, `symmetry.patch_offsets(REACH)`.
    """
    _, height, width = plans.shape[1:]
    position = latent[:, POSITION]
    row = position[:, 0].detach().floor().long().clamp(0, height - 3)
    column = position[:, 1].detach().floor().long().clamp(0, width - 3)
    code = canonical_code(latent[:, HEADING])
    turned = offsets[code]
    rows, columns = row.unsqueeze(1) + 1 + turned[..., 0], column.unsqueeze(1) + 1 + turned[..., 1]
    patch = plans.permute(0, 2, 3, 1).flatten(0, 2)[(context.unsqueeze(1) * height + rows) * width + columns]
    own = patch[:, 4]
    at_goal = (rows - 1 == goals[context, :1]) & (columns - 1 == goals[context, 1:])
    within = position - torch.stack([row, column], dim=1) - 0.5
    way = goals[context] + 0.5 - position
    distance = way.square().sum(dim=1, keepdim=True).clamp(min=1e-6).sqrt()
    vectors = (within * 2, latent[:, HEADING], latent[:, VELOCITY], way / distance.clamp(min=1))
    body = [transform(vector, code) for vector in vectors]
    around = (patch - own.unsqueeze(1)).flatten(1)
    return Nearby(torch.cat([*body, rescale(distance), at_goal.to(around.dtype), around, own], dim=1), own, code)
