"""Between the lattice of a maze and grids in which corridors and walls have a width.

The lattice of H x W cells is bool `[2H + 1, 2W + 1]`: cells at odd rows and columns, the walls and passages between
them at even rows or columns, posts at even rows and columns.
"""

from __future__ import annotations

import numpy as np

from mazenav.types import LayoutError

LARGEST = 1 << 30
"""Cells that an expanded grid may have."""


def expand(walls: np.ndarray, corridor: int, wall: int) -> np.ndarray:
    """A lattice drawn with corridors and walls of a width: bool `[H * corridor + (H + 1) * wall, ...]`.

    Thin walls become a uniform grid in this way: with `corridor=10, wall=1` a wall is a tenth of a corridor thick.

    Args:
        walls: bool `[2H + 1, 2W + 1]`, true is wall.
        corridor: how many cells each row and column of the lattice's cells becomes.
        wall: how many cells each row and column between them becomes.

    Raises:
        LayoutError: if `walls` has an even side, a width is not a positive whole number, or the grid is too large.
    """
    for name, width in (("corridor", corridor), ("wall", wall)):
        if int(width) != width or width < 1:
            raise LayoutError(f"{name} must be a whole number from 1, found {width}")
    if walls.ndim != 2 or not (walls.shape[0] % 2 and walls.shape[1] % 2):
        raise LayoutError(f"a lattice has two odd sides (2n + 1), found {' x '.join(map(str, walls.shape))}")
    rows, columns = (_thicknesses(side, int(corridor), int(wall)) for side in walls.shape)
    if int(rows.sum()) * int(columns.sum()) > LARGEST:
        raise LayoutError(f"expanded to {rows.sum():,} x {columns.sum():,} cells a layout is too large")
    return np.repeat(np.repeat(walls, rows, axis=0), columns, axis=1)


def contract(walls: np.ndarray) -> np.ndarray | None:
    """The coarsest lattice that `walls` is an expansion of, bool `[2H + 1, 2W + 1]`; None if there is none."""
    found = structure(walls)
    if found is None:
        return None
    return _lattice_of(walls, *found)


def structure(walls: np.ndarray) -> tuple[int, int] | None:
    """The widths of corridors and walls for which `walls` is the expansion of a lattice, the largest if there are more.

    In a lattice every wall between two cells ends in posts that are walls, and a cell that is wall has walls around it.

    Args:
        walls: bool `[R, C]`, true is wall.
    """
    rows, columns = walls.shape
    row_changes = 1 + np.flatnonzero((walls[1:] != walls[:-1]).any(axis=1))
    column_changes = 1 + np.flatnonzero((walls[:, 1:] != walls[:, :-1]).any(axis=0))
    changes = np.concatenate((row_changes, column_changes))
    for pitch in range(min(rows, columns) - 1, 1, -1):
        # One cell and one wall make up a pitch; sides hold one wall more than cells.
        wall = rows % pitch
        if wall and columns % pitch == wall and np.isin(changes % pitch, (0, wall)).all():
            found = pitch - wall, wall
            if _is_lattice(_lattice_of(walls, *found)):
                return found
    return None


def _thicknesses(side: int, corridor: int, wall: int) -> np.ndarray:
    """How often each of the 2n + 1 lines of a side is repeated."""
    return np.where(np.arange(side) % 2, corridor, wall)


def _lattice_of(walls: np.ndarray, corridor: int, wall: int) -> np.ndarray:
    """One row and column of each that were repeated."""
    pitch = corridor + wall
    rows, columns = (
        np.cumsum(np.concatenate(([0], _thicknesses(2 * (side // pitch), corridor, wall)))) for side in walls.shape
    )
    return walls[np.ix_(rows, columns)]


def _is_lattice(walls: np.ndarray) -> bool:
    """Whether walls end in posts, and solid cells are closed all around."""
    posts, cells = walls[::2, ::2], walls[1::2, 1::2]
    across, upright = walls[::2, 1::2], walls[1::2, ::2]
    return bool(
        (posts[:, :-1] & posts[:, 1:] | ~across).all()
        and (posts[:-1] & posts[1:] | ~upright).all()
        and (across[:-1] & across[1:] & upright[:, :-1] & upright[:, 1:] | ~cells).all()
    )
