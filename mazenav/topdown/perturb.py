"""Maps made wrong on purpose, by a seeded generator, with the truth kept beside them.

The border stays, and so do the cells that the caller names. After the robustness test of Zhao & Wong (arXiv
2412.12024): wall to corridor, corridor to wall, and both at a ratio; and what befalls maps that are drawn or scanned:
patches rubbed out, and the map as a whole shifted, rotated, scaled, blurred or drawn by an unsteady hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mazenav.rng import stream
from mazenav.topdown.context import interior
from mazenav.topdown.distort import blurred, rotated, scaled, shifted, wobbled
from mazenav.topdown.occupancy import occupancy
from mazenav.types import Cell, Layout, MazenavError

Perturbation = Callable[[np.ndarray, float, np.random.Generator, Sequence[Cell]], np.ndarray]
"""(map, strength, generator, cells to keep) -> a new map."""

PATCH_SIDES = (2, 5)
"""Shortest and longest side in cells of a patch that is rubbed out."""


def open_walls(map: np.ndarray, ratio: float, rng: np.random.Generator, keep: Sequence[Cell] = ()) -> np.ndarray:
    """Turn `ratio` of the interior walls of a map float `[R, C]` into corridor."""
    return _flip(map, interior(map.shape) & (map >= 0.5), ratio, rng, keep)


def close_corridors(map: np.ndarray, ratio: float, rng: np.random.Generator, keep: Sequence[Cell] = ()) -> np.ndarray:
    """Turn `ratio` of the interior corridor cells of a map float `[R, C]` into wall."""
    return _flip(map, interior(map.shape) & (map < 0.5), ratio, rng, keep)


def flip_cells(map: np.ndarray, ratio: float, rng: np.random.Generator, keep: Sequence[Cell] = ()) -> np.ndarray:
    """Turn `ratio` of the interior cells of a map float `[R, C]`, walls and corridors alike, into the other."""
    return _flip(map, interior(map.shape), ratio, rng, keep)


def erase_patches(map: np.ndarray, ratio: float, rng: np.random.Generator, keep: Sequence[Cell] = ()) -> np.ndarray:
    """Rub out rectangles until `ratio` of the interior cells of a map float `[R, C]` are blank, which is corridor."""
    _check_strength(ratio)
    inside = interior(map.shape)
    missing = round(ratio * int(inside.sum()))
    blank = ~inside
    for place in rng.permutation(np.flatnonzero(inside)):
        if missing == 0:
            break
        row, column = divmod(int(place), map.shape[1])
        if blank[row, column]:
            continue
        height, width = rng.integers(PATCH_SIDES[0], PATCH_SIDES[1] + 1, size=2)
        top, left = max(0, row - int(height) // 2), max(0, column - int(width) // 2)
        patch = np.s_[top : top + height, left : left + width]
        # The last patch is cut off in reading order, so that the ratio is kept to the cell.
        fresh = np.argwhere(~blank[patch])[:missing] + np.array([top, left])
        blank[fresh[:, 0], fresh[:, 1]] = True
        missing -= len(fresh)
    wrong = np.where(blank, np.float32(0.0), np.asarray(map, np.float32))
    return _kept(wrong, map, keep)


def _whole(distortion: Callable[[np.ndarray, float, np.random.Generator], np.ndarray]) -> Perturbation:
    """A perturbation that distorts the whole picture, and then restores the border and what is to be kept."""

    def apply(map: np.ndarray, strength: float, rng: np.random.Generator, keep: Sequence[Cell] = ()) -> np.ndarray:
        _check_strength(strength)
        return _kept(distortion(map, strength, rng), map, keep)

    apply.__doc__ = distortion.__doc__
    return apply


PERTURBATIONS: Mapping[str, Perturbation] = {
    "wall-to-corridor": open_walls,
    "corridor-to-wall": close_corridors,
    "mixed": flip_cells,
    "erased": erase_patches,
    "shift": _whole(shifted),
    "rotation": _whole(rotated),
    "scale": _whole(scaled),
    "blur": _whole(blurred),
    "wobble": _whole(wobbled),
}
"""Every perturbation by the name that the command line and the configs use."""


def perturb(
    map: np.ndarray, kind: str, ratio: float, rng: np.random.Generator, keep: Sequence[Cell] = ()
) -> np.ndarray:
    """A map made wrong.

    Args:
        map: float `[R, C]`, 1 is wall.
        kind: one of `PERTURBATIONS`.
        ratio: how wrong, in [0, 1]: the share of the cells that `kind` may change or erase (their number is rounded),
            or the strength of a distortion of the whole map, as `mazenav.topdown.distort` scales it.
        rng: draws which cells, which way, or how.
        keep: cells that stay as they are, such as start and goal.

    Returns:
        A new map, float32 `[R, C]`.

    Raises:
        MazenavError: if there is no such kind or the ratio is not between 0 and 1.
    """
    if kind not in PERTURBATIONS:
        raise MazenavError(f"there is no perturbation named {kind!r}: expected one of {', '.join(PERTURBATIONS)}")
    return PERTURBATIONS[kind](map, ratio, rng, keep)


@dataclass(frozen=True, eq=False)
class PerturbedMap:
    """A wrong map beside the truth.

    Attributes:
        map: float32 `[R, C]` in [0, 1], 1 is wall, read-only: what an agent is given.
        layout: the truth.
        kind: one of `PERTURBATIONS`.
        strength: how wrong, in [0, 1].
        seed: what made it so; kind, strength, seed and kept cells give the same map again.
    """

    map: np.ndarray
    layout: Layout
    kind: str
    strength: float
    seed: int

    @property
    def missing(self) -> np.ndarray:
        """Walls that the map does not show: bool `[R, C]`."""
        return self.layout.walls & (self.map < 0.5)

    @property
    def invented(self) -> np.ndarray:
        """Walls that the map shows and that are not there: bool `[R, C]`."""
        return ~self.layout.walls & (self.map >= 0.5)

    @property
    def wrong_share(self) -> float:
        """The share of the interior cells that the map has wrong."""
        return float((self.missing | self.invented).sum()) / max(1, int(interior(self.layout.shape).sum()))


def perturbed_map(layout: Layout, kind: str, strength: float, seed: int, keep: Sequence[Cell] = ()) -> PerturbedMap:
    """A wrong map of a layout, the same for the same arguments.

    Args:
        layout: the truth.
        kind: one of `PERTURBATIONS`.
        strength: how wrong, in [0, 1].
        seed: decides what is wrong.
        keep: cells that stay as they are, such as start and goal.

    Raises:
        MazenavError: if there is no such kind or the strength is not between 0 and 1.
    """
    wrong = perturb(occupancy(layout), kind, strength, stream(seed, "perturb", kind), keep)
    wrong.flags.writeable = False
    return PerturbedMap(wrong, layout, kind, strength, seed)


def _flip(
    map: np.ndarray, eligible: np.ndarray, ratio: float, rng: np.random.Generator, keep: Sequence[Cell]
) -> np.ndarray:
    _check_strength(ratio)
    for cell in keep:
        eligible[cell] = False
    cells = np.flatnonzero(eligible)
    chosen = rng.choice(cells, size=round(ratio * len(cells)), replace=False)
    wrong = np.array(map, np.float32)
    wrong.flat[chosen] = 1.0 - wrong.flat[chosen]
    return wrong


def _kept(wrong: np.ndarray, map: np.ndarray, keep: Sequence[Cell]) -> np.ndarray:
    """The wrong map with the border and the cells to keep as they were, in place."""
    border = ~interior(map.shape)
    wrong[border] = map[border]
    for cell in keep:
        wrong[cell] = map[cell]
    return wrong


def _check_strength(strength: float) -> None:
    if not 0.0 <= strength <= 1.0:
        raise MazenavError(f"a perturbation ratio must lie between 0 and 1, found {strength}")
