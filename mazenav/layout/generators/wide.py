"""Mazes whose corridors are two or more cells wide."""

from __future__ import annotations

import numpy as np

from mazenav.layout.generators.backtracker import carve_backtracker
from mazenav.layout.generators.lattice_maze import WIDEST, fill_lattice
from mazenav.layout.generators.making import check_count


def fill_wide(walls: np.ndarray, seeds: np.ndarray, corridor: int = 2, loop_ratio: float = 0.0, wall: int = 1) -> None:
    """Fills walls bool `[N, R, C]` with backtracker mazes on a coarser lattice; see `fill_lattice` for the knobs."""
    check_count("corridor", corridor, 2, WIDEST)
    fill_lattice(carve_backtracker, (), walls, seeds, loop_ratio, corridor, wall)
