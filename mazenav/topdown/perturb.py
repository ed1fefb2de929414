"""Maps made wrong on purpose: a share of their interior cells changed, by a seeded generator.

The border stays, and so does the truth: these return a new map and the caller keeps the layout.
After the robustness test of Zhao & Wong (arXiv 2412.12024): wall to corridor, corridor to wall, and both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from mazenav.topdown.context import interior
from mazenav.types import Cell, MazenavError

Perturbation = Callable[[np.ndarray, float, np.random.Generator, Sequence[Cell]], np.ndarray]
"""(map, ratio, generator, cells to keep) -> a new map."""


def open_walls(map: np.ndarray, ratio: float, rng: np.random.Generator, keep: Sequence[Cell] = ()) -> np.ndarray:
    """Turn `ratio` of the interior walls of a map float `[R, C]` into corridor."""
    return _flip(map, interior(map.shape) & (map >= 0.5), ratio, rng, keep)


def close_corridors(map: np.ndarray, ratio: float, rng: np.random.Generator, keep: Sequence[Cell] = ()) -> np.ndarray:
    """Turn `ratio` of the interior corridor cells of a map float `[R, C]` into wall."""
    return _flip(map, interior(map.shape) & (map < 0.5), ratio, rng, keep)


def flip_cells(map: np.ndarray, ratio: float, rng: np.random.Generator, keep: Sequence[Cell] = ()) -> np.ndarray:
    """Turn `ratio` of the interior cells of a map float `[R, C]`, walls and corridors alike, into the other."""
    return _flip(map, interior(map.shape), ratio, rng, keep)


PERTURBATIONS: Mapping[str, Perturbation] = {
    "wall-to-corridor": open_walls,
    "corridor-to-wall": close_corridors,
    "mixed": flip_cells,
}
"""Every perturbation by the name that the command line and the configs use."""


def perturb(
    map: np.ndarray, kind: str, ratio: float, rng: np.random.Generator, keep: Sequence[Cell] = ()
) -> np.ndarray:
    """A map made wrong.

    Args:
        map: float `[R, C]`, 1 is wall.
        kind: one of `PERTURBATIONS`.
        ratio: share in [0, 1] of the cells that `kind` may change; their number is rounded.
        rng: draws which cells.
        keep: cells that stay as they are, such as start and goal.

    Returns:
        A new map, float32 `[R, C]`.

    Raises:
        MazenavError: if there is no such kind or the ratio is not between 0 and 1.
    """
    if kind not in PERTURBATIONS:
        raise MazenavError(f"there is no perturbation named {kind!r}: expected one of {', '.join(PERTURBATIONS)}")
    return PERTURBATIONS[kind](map, ratio, rng, keep)


def _flip(
    map: np.ndarray, eligible: np.ndarray, ratio: float, rng: np.random.Generator, keep: Sequence[Cell]
) -> np.ndarray:
    if not 0.0 <= ratio <= 1.0:
        raise MazenavError(f"a perturbation ratio must lie between 0 and 1, found {ratio}")
    for cell in keep:
        eligible[cell] = False
    cells = np.flatnonzero(eligible)
    chosen = rng.choice(cells, size=round(ratio * len(cells)), replace=False)
    wrong = np.array(map, np.float32)
    wrong.flat[chosen] = 1.0 - wrong.flat[chosen]
    return wrong
