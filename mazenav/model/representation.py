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
        row, column = grid_position(states[:, 0], states[:, 1], rows)
        h_row, h_column = grid_direction(states[:, 2].cos(), states[:, 2].sin())
        v_row, v_column = grid_direction(states[:, 3] / self.speed_scale, states[:, 4] / self.speed_scale)
        return torch.stack([row, column, h_row, h_column, v_row, v_column], dim=1)
