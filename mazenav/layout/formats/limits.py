"""What a format cannot hold, said in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mazenav.types import Layout, LayoutError


def only_one(layouts: Sequence[Layout], path: Path, what: str) -> Layout:
    """The one layout that goes into a file of `what`, such as "a MovingAI map".

    Raises:
        LayoutError: if there are several.
    """
    if len(layouts) != 1:
        raise LayoutError(
            f"{path}: {what} holds one layout, found {len(layouts)}; a collection (.txt) or a folder holds many"
        )
    return layouts[0]


def check_lattice(layout: Layout, path: Path, what: str) -> None:
    """Refuse layouts that are no (2n+1) lattice: odd sides, closed posts, free cells at odd rows and odd columns.

    Raises:
        LayoutError: naming what is in the way.
    """
    rows, columns = layout.shape
    wanted = f"{path}: {what} holds mazes on a lattice of 2 n + 1 rows and columns"
    if rows < 3 or columns < 3 or not rows % 2 or not columns % 2:
        raise LayoutError(f"{wanted}, found {rows} x {columns} cells")
    if layout.walls[1::2, 1::2].any():
        raise LayoutError(f"{wanted} whose odd rows and columns cross in free cells, found a wall there")
    if not layout.walls[::2, ::2].all():
        raise LayoutError(f"{wanted} whose even rows and columns cross in walls, found a free cell there")


def check_thick(layout: Layout, path: Path, what: str) -> None:
    """Refuse mazes of thin walls where every wall is as thick as a cell.

    Raises:
        LayoutError: if the layout is a lattice of thin walls.
    """
    if layout.thin_walls:
        raise LayoutError(f"{path}: {what} has walls as thick as its cells, and this layout's are thin")
