"""The eight symmetries written out on arrays, to hold the model's own against: swap the axes, flip rows and columns."""

from __future__ import annotations

import torch
from torch import Tensor

CODES = range(8)


def turn_grid(grid: Tensor, code: int) -> Tensor:
    """A grid `[..., R, C]` under a symmetry."""
    grid = grid.transpose(-1, -2) if code & 1 else grid
    grid = grid.flip(-2) if code & 2 else grid
    return (grid.flip(-1) if code & 4 else grid).contiguous()


def turn_borders(right: Tensor, down: Tensor, code: int) -> tuple[Tensor, Tensor]:
    """Borders to the right `[B, R, C - 1]` and below `[B, R - 1, C]`; with swapped axes they change places."""
    if code & 1:
        right, down = down, right
    return turn_grid(right, code), turn_grid(down, code)


def turn_vector(vector: Tensor, code: int) -> Tensor:
    """Directions `[M, 2]` as (row, column)."""
    row, column = vector.flip(1).unbind(1) if code & 1 else vector.unbind(1)
    return torch.stack([-row if code & 2 else row, -column if code & 4 else column], dim=1)


def turn_position(position: Tensor, rows: int, columns: int, code: int) -> Tensor:
    """Positions `[M, 2]` in a grid of `rows` x `columns`."""
    if code & 1:
        rows, columns = columns, rows
    middle = torch.tensor([rows / 2, columns / 2])
    centred = position - torch.tensor([columns / 2, rows / 2] if code & 1 else [rows / 2, columns / 2])
    return middle + turn_vector(centred, code)


def mirrors(code: int) -> bool:
    return bin(code).count("1") % 2 == 1


def compass(count: int) -> Tensor:
    """Headings `[count, 2]` all around, off the axes and the diagonals."""
    angle = (torch.arange(count) + 0.37) * (2 * torch.pi / count)
    return torch.stack([angle.sin(), angle.cos()], dim=1)
