"""An empty hall."""

from __future__ import annotations

import numpy as np

from mazenav.layout.generators.making import closed_blocks, draw_seeds, layout_from_seed
from mazenav.types import Layout


def open_hall(shape: tuple[int, int], rng: np.random.Generator) -> Layout:
    """A closed border and nothing inside: all halls of a shape are the same.

    Args:
        shape: rows and columns, each 5 to 201.
        rng: a seed is drawn from it, as for every other kind.

    Raises:
        LayoutError: if the shape is out of range.
    """
    return layout_from_seed("open", open_walls, shape, int(draw_seeds(rng, 1)[0]))


def open_walls(shape: tuple[int, int], seeds: np.ndarray) -> np.ndarray:
    """Many halls at once: bool `[N, R, C]` for seeds uint64 `[N]`."""
    walls = closed_blocks(shape, seeds)
    walls[:, 1:-1, 1:-1] = False
    return walls
