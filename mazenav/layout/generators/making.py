"""What all generators share: seeds, checked parameters, and the way from walls to a `Layout`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mazenav.types import Layout, LayoutError

SMALLEST, LARGEST = 5, 201

WallMaker = Callable[..., np.ndarray]
"""(shape, seeds uint64 `[N]`, **parameters) -> bool `[N, R, C]`; layout i depends on seeds[i] alone."""


def draw_seeds(rng: np.random.Generator, n: int) -> np.ndarray:
    """Seeds uint64 `[n]`, below 2^63 so that TOML and JSON can hold them; n draws of one give the same as one of n."""
    return rng.integers(1 << 63, size=n, dtype=np.uint64)


def layout_from_seed(kind: str, make: WallMaker, shape: tuple[int, int], seed: int, **parameters: float) -> Layout:
    """The layout that belongs to a seed; its `source` holds all that makes it again."""
    walls = make(shape, np.array([seed], np.uint64), **parameters)[0]
    source = {"generator": kind, "rows": int(shape[0]), "columns": int(shape[1]), "seed": int(seed), **parameters}
    return Layout(walls, name=f"{kind}-{int(seed):016x}", source=source)


def closed_blocks(shape: tuple[int, int], seeds: np.ndarray) -> np.ndarray:
    """Solid walls bool `[N, R, C]` to carve from.

    Raises:
        LayoutError: if a side is not a whole number from 5 to 201.
    """
    sides = tuple(shape)
    if len(sides) != 2 or any(int(side) != side or not SMALLEST <= side <= LARGEST for side in sides):
        raise LayoutError(f"a generated layout has two sides of {SMALLEST} to {LARGEST} cells, found {sides}")
    return np.ones((len(seeds), int(sides[0]), int(sides[1])), np.bool_)


def check_share(name: str, value: float, most: float = 1.0) -> None:
    """Raises LayoutError unless `value` lies in [0, most]."""
    if not 0.0 <= value <= most:
        raise LayoutError(f"{name} must lie between 0 and {most:g}, found {value}")


def check_count(name: str, value: int, least: int, most: int) -> None:
    """Raises LayoutError unless `value` is a whole number in [least, most]."""
    if int(value) != value or not least <= value <= most:
        raise LayoutError(f"{name} must be a whole number from {least} to {most}, found {value}")
