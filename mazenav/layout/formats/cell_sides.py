"""Mazes told cell by cell, each with its four sides, as a lattice: what the formats of micromouse contests share.

A wall is told twice, by the cells on both of its sides. Cells are called (x, y) in errors, (0, 0) at the bottom left,
as those contests count.
"""

from __future__ import annotations

import numpy as np

from mazenav.layout.formats.source_text import MAX_CELLS
from mazenav.types import LayoutError

SIDES = ("north", "east", "south", "west")


def check_size(name: str, columns: int, rows: int) -> None:
    """Refuse mazes whose lattice would have more than 16 Mi cells, before anything is allocated for it.

    Raises:
        LayoutError: if it would.
    """
    if (2 * rows + 1) * (2 * columns + 1) > MAX_CELLS:
        raise LayoutError(
            f"{name}: a maze of {columns} x {rows} cells is more than a layout may have ({MAX_CELLS} lattice cells)"
        )


def lattice_of(sides: np.ndarray, name: str) -> np.ndarray:
    """The lattice of a maze.

    Args:
        sides: bool `[X, Y, 4]`, whether cell (x, y) has a wall to the north, east, south and west.
        name: the file, for errors.

    Returns:
        bool `[2 Y + 1, 2 X + 1]`, row 0 at the top.

    Raises:
        LayoutError: naming the first two neighbours of which only one has the wall between them.
    """
    columns, rows = sides.shape[:2]
    _check_pairs(sides[:-1, :, 1], sides[1:, :, 3], (1, 0), ("east", "west"), name)
    _check_pairs(sides[:, :-1, 0], sides[:, 1:, 2], (0, 1), ("north", "south"), name)
    walls = np.zeros((2 * rows + 1, 2 * columns + 1), np.bool_)
    walls[::2, ::2] = True
    up = walls[::-1]  # row 0 at the bottom, as y counts
    up[2::2, 1::2] = sides[:, :, 0].T
    up[0, 1::2] = sides[:, 0, 2]
    up[1::2, 2::2] = sides[:, :, 1].T
    up[1::2, 0] = sides[0, :, 3]
    return walls


def sides_of(walls: np.ndarray) -> np.ndarray:
    """The inverse of `lattice_of`: bool `[X, Y, 4]` of a lattice bool `[2 Y + 1, 2 X + 1]`."""
    up = walls[::-1].T  # [x, y], y upwards
    return np.stack([up[1::2, 2::2], up[2::2, 1::2], up[1::2, :-1:2], up[:-1:2, 1::2]], axis=-1)


def _check_pairs(one: np.ndarray, other: np.ndarray, step: tuple[int, int], names: tuple[str, str], file: str) -> None:
    """Refuse walls that only one of two neighbours has; both bool, over the first of the two cells."""
    wrong = np.argwhere(one != other)
    if not len(wrong):
        return
    x, y = (int(number) for number in wrong[0])
    first, second = f"({x}, {y})", f"({x + step[0]}, {y + step[1]})"
    has, lacks = (first, second) if one[x, y] else (second, first)
    raise LayoutError(
        f"{file}: cells {first} and {second} disagree on the wall between them: {has} has it, {lacks} does not "
        f"({names[0]} of {first} is {names[1]} of {second}, expected the same in both)"
    )
