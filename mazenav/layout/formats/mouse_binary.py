"""Micromouse mazes as bytes (`.maz`): 256 bytes of a 16x16 maze, or 1,024 of a 32x32 one.

Byte x * SIDE + y tells the walls of cell (x, y), which count from the bottom left: bit 0 north, 1 east, 2 south, 3
west. Source: https://github.com/micromouseonline/micromouse_maze_tool. Start and goals are those of the rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mazenav.files import write_bytes_whole
from mazenav.layout.formats.cell_sides import lattice_of, sides_of
from mazenav.layout.formats.limits import check_lattice, only_one
from mazenav.layout.formats.micromouse import ends
from mazenav.layout.formats.source_file import SourceFile
from mazenav.types import Layout, LayoutError

SIDE_OF_BYTES = {256: 16, 1024: 32}
_BITS = np.array([1, 2, 4, 8], np.uint8)


def recognise(source: SourceFile) -> bool:
    """Whether there are as many bytes as cells, none of them with more than four bits, and not all are line ends."""
    return (
        len(source.content) in SIDE_OF_BYTES and max(source.content) < 16 and not set(source.content) <= set(b"\t\n\r")
    )


def parse(source: SourceFile) -> Layout:
    """The layout of a maze.

    Raises:
        LayoutError: if there are not 256 or 1,024 bytes, one has more than four bits, or neighbours disagree.
    """
    content, name = source.content, source.name
    if len(content) not in SIDE_OF_BYTES:
        raise LayoutError(
            f"{name}: a binary micromouse maze has 256 bytes (16x16) or 1024 (32x32), found {len(content)}"
        )
    side = SIDE_OF_BYTES[len(content)]
    codes = np.frombuffer(content, np.uint8).reshape(side, side)
    if codes.max() > 15:
        x, y = (int(number) for number in np.argwhere(codes > 15)[0])
        raise LayoutError(
            f"{name}: byte {x * side + y} is {codes[x, y]}, expected 0 to 15, one bit a wall of cell ({x}, {y})"
        )
    walls = lattice_of((codes[:, :, None] & _BITS) > 0, name)
    found = {"file": name, "format": "maz", **ends(walls.shape[0], walls.shape[1], {})}
    return Layout(walls, source.stem, found, thin_walls=True)


def write(layouts: Sequence[Layout], path: Path) -> None:
    """Write one maze; the marks of start and goals have no place in it.

    Raises:
        LayoutError: if there are several, or it is no lattice of 16x16 or 32x32 cells.
        MazenavError: if the file cannot be written.
    """
    layout = only_one(layouts, path, "a binary micromouse maze")
    check_lattice(layout, path, "a binary micromouse maze")
    if layout.shape not in {(2 * side + 1, 2 * side + 1) for side in SIDE_OF_BYTES.values()}:
        rows, columns = (side // 2 for side in layout.shape)
        raise LayoutError(
            f"{path}: a binary micromouse maze has 16 x 16 or 32 x 32 cells, found {rows} x {columns}; "
            "the text formats micromouse and mms hold any size"
        )
    write_bytes_whole(path, (sides_of(layout.walls) @ _BITS).astype(np.uint8).tobytes())
