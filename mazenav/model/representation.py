"""From what the body senses to the latent that transition and prediction networks share."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mazenav.topdown.occupancy import grid_direction, grid_position

POSITION, HEADING, VELOCITY = slice(0, 2), slice(2, 4), slice(4, 6)
"""Parts of the latent: (row, column) in cells, unit heading (row, column), velocity (row, column)."""
LATENT = 6


class Representation(nn.Module):
    """e: state `[M, 6]` in world coordinates -> latent `[M, L]` in grid coordinates."""

    def __init__(self, speed_scale: float) -> None:
        super().__init__()
        self.speed_scale = speed_scale

    def forward(self, states: Tensor, rows: Tensor | int) -> Tensor:
        """Latents of states whose map has `rows` rows (an integer or `[M]`)."""
        x, y, yaw, v_x, v_y, _ = states.unbind(1)
        row, column = grid_position(x, y, rows)
        h_row, h_column = grid_direction(yaw.cos(), yaw.sin())
        v_row, v_column = grid_direction(v_x / self.speed_scale, v_y / self.speed_scale)
        return torch.stack([row, column, h_row, h_column, v_row, v_column], dim=1)
