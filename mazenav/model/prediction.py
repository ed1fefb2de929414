"""Prediction network: value and policy from the latent and the surroundings of the body in the cell-level field."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mazenav.model.representation import HEADING, POSITION, VELOCITY
from mazenav.model.symmetry import canonical_code, is_mirror, patch_offsets, transform

BEYOND = 1e5
"""Field value outside the map, in decisions; that of cells without a path to the goal (`planner.field.UNREACHED`)."""


class Surroundings(NamedTuple):
    """What the prediction network reads of B tasks, padded by its reach on every side.

    Attributes:
        field: `[B, R + 2 reach, C + 2 reach]`, cell-level decisions to the goal.
        openness: same shape, in [0, 1]: how sure a cell can be entered at all.
        goal: `[B, 2]`, the goal cell's centre (row, column) in grid coordinates.
    """

    field: Tensor
    openness: Tensor
    goal: Tensor


def openness(right: Tensor, down: Tensor) -> Tensor:
    """How sure each cell can be entered, `[B, R, C]`: the best of its borders' passabilities."""
    across, along = right.sigmoid(), down.sigmoid()
    east, west = F.pad(across, [0, 1]), F.pad(across, [1, 0])
    south, north = F.pad(along, [0, 0, 0, 1]), F.pad(along, [0, 0, 1, 0])
    return torch.stack([east, west, south, north]).amax(dim=0)


class Prediction(nn.Module):
    """Decisions to go for every action: the field at the body's cell plus a residual read locally.

    The residual sees the field around the body only relative to the body's own cell, so it never sees absolute
    distance, and everything in the canonical octant (`symmetry`), so it is learnt once for all eight orientations.
    """

    offsets: Tensor
    mirror: Tensor

    def __init__(self, hidden: int, depth: int, reach: int, n_actions: int, mirror: tuple[int, ...]) -> None:
        super().__init__()
        self.reach = reach
        cells = (2 * reach + 1) ** 2
        widths = [6 + 3 * cells, *[hidden] * depth]
        self.layers = nn.ModuleList(nn.Linear(widths[i], widths[i + 1]) for i in range(depth))
        self.residual = nn.Linear(hidden, n_actions)
        nn.init.zeros_(self.residual.weight)
        nn.init.constant_(self.residual.bias, 1.0)
        # How near to the goal counts as reached is learnt from experience: radius and sharpness.
        self.goal_radius = nn.Parameter(torch.tensor(0.5))
        self.goal_sharpness = nn.Parameter(torch.tensor(3.0))
        self.register_buffer("offsets", patch_offsets(reach), persistent=False)
        self.register_buffer("mirror", torch.tensor(mirror), persistent=False)

    def surroundings(self, field: Tensor, right: Tensor, down: Tensor, goal: Tensor) -> Surroundings:
        """Pad what is read around the body; `goal` int64 `[B, 2]`."""
        margin = [self.reach] * 4
        return Surroundings(
            F.pad(field, margin, value=BEYOND), F.pad(openness(right, down), margin, value=0.0), goal + 0.5
        )

    def forward(self, around: Surroundings, latent: Tensor, context: Tensor) -> Tensor:
        """Decisions to go `[M, A]` for latents `[M, L]`, the action included."""
        centre, residual = self.parts(around, latent, context)
        return centre.unsqueeze(1) + residual

    def parts(self, around: Surroundings, latent: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """The field at the body's cell `[M]` and the residual `[M, A]`."""
        local, centre, code = self.local_view(around, latent, context)
        for index, layer in enumerate(self.layers):
            hidden = F.relu(layer(local))
            local = hidden + local if index else hidden
        residual = self.residual(local)
        mirrored = is_mirror(code).unsqueeze(1)
        return centre, torch.where(mirrored, residual[:, self.mirror], residual)

    def local_view(self, around: Surroundings, latent: Tensor, context: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Inputs of the residual `[M, I]`, field at the body's cell `[M]` and symmetry codes `[M]`."""
        height, width = around.field.shape[1:]
        reach = self.reach
        position = latent[:, POSITION]
        row = position[:, 0].detach().floor().long().clamp(0, height - 2 * reach - 1)
        column = position[:, 1].detach().floor().long().clamp(0, width - 2 * reach - 1)
        code = canonical_code(latent[:, HEADING])
        offsets = self.offsets[code]
        rows, columns = row.unsqueeze(1) + reach + offsets[..., 0], column.unsqueeze(1) + reach + offsets[..., 1]
        index = (context.unsqueeze(1) * height + rows) * width + columns
        patch = torch.take(around.field, index)
        centre = patch[:, patch.shape[1] // 2]
        slope = ((patch - centre.unsqueeze(1)) / 5).clamp(-3, 3)
        goal_cell = around.goal[context].floor().long()
        at_goal = (rows - reach == goal_cell[:, :1]) & (columns - reach == goal_cell[:, 1:])
        within = position - torch.stack([row, column], dim=1) - 0.5
        body = [transform(part, code) for part in (within * 2, latent[:, HEADING], latent[:, VELOCITY])]
        view = torch.cat([*body, slope, torch.take(around.openness, index), at_goal.to(slope.dtype)], dim=1)
        return view, centre, code

    def reached_logit(self, around: Surroundings, latent: Tensor, following: Tensor, context: Tensor) -> Tensor:
        """Logit `[M]` that the goal is reached between two latents: by the closest approach to its centre."""
        start, end = latent[:, POSITION], following[:, POSITION]
        goal = around.goal[context]
        way = end - start
        share = ((goal - start) * way).sum(1) / way.square().sum(1).clamp(min=1e-6)
        nearest = start + share.clamp(0, 1).unsqueeze(1) * way
        distance = (nearest - goal).square().sum(1).clamp(min=1e-8).sqrt()
        return self.goal_sharpness.exp() * (self.goal_radius - distance)
