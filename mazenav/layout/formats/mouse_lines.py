"""Micromouse mazes as lines of numbers, one a cell: `x y N E S W`, cell (0, 0) at the bottom left, 1 is a wall.

Source: https://github.com/mackorone/mms, whose "number" format this is. Start and goals are those of the rules.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mazenav.files import write_text_whole
from mazenav.layout.formats.cell_sides import check_size, lattice_of, sides_of
from mazenav.layout.formats.limits import check_lattice, only_one
from mazenav.layout.formats.micromouse import ends
from mazenav.layout.formats.source_text import SourceText
from mazenav.types import Layout

_CELL = re.compile(r"\s*(\d{1,5})\s+(\d{1,5})\s+([01])\s+([01])\s+([01])\s+([01])\s*", re.ASCII)
_NUMBERS = re.compile(r"\s*\d+(\s+\d+){5}\s*", re.ASCII)


def recognise(text: SourceText) -> bool:
    """Whether the first line that is not blank holds six numbers."""
    return _NUMBERS.fullmatch(text.lines[text.first()][:200]) is not None


def parse(text: SourceText) -> Layout:
    """The layout of a maze.

    Raises:
        LayoutError: naming the line that is no cell or tells one again, the cell that no line tells, or the
            neighbours that disagree.
    """
    told: dict[tuple[int, int], int] = {}
    sides: list[list[bool]] = []
    for index, line in enumerate(text.lines):
        if not line.strip():
            continue
        found = _CELL.fullmatch(line)
        if found is None:
            shown = line.strip()[:40]
            raise text.error(index, f"expected a cell as 'x y N E S W', each wall 0 or 1, found {shown!r}")
        cell = int(found[1]), int(found[2])
        if cell in told:
            raise text.error(index, f"cell {cell} was told in line {told[cell] + 1} already")
        told[cell] = index
        sides.append([bit == "1" for bit in found.groups()[2:]])
    columns, rows = 1 + max(x for x, _ in told), 1 + max(y for _, y in told)
    check_size(text.name, columns, rows)
    if len(told) != columns * rows:
        missing = next((x, y) for x in range(columns) for y in range(rows) if (x, y) not in told)
        last = len(text.lines) - 1
        raise text.error(last, f"no line tells cell {missing}, expected all {columns} x {rows} cells of the maze")
    grid = np.zeros((columns, rows, 4), np.bool_)
    grid[tuple(np.array(list(told)).T)] = sides
    walls = lattice_of(grid, text.name)
    source = {"file": text.name, "format": "mms", **ends(walls.shape[0], walls.shape[1], {})}
    return Layout(walls, Path(text.name).stem, source, thin_walls=True)


def write(layouts: Sequence[Layout], path: Path) -> None:
    """Write one maze; the marks of start and goals have no place in it.

    Raises:
        LayoutError: if there are several, or it is no lattice.
        MazenavError: if the file cannot be written.
    """
    layout = only_one(layouts, path, "an mms maze")
    check_lattice(layout, path, "an mms maze")
    sides = sides_of(layout.walls).astype(int)
    lines = [f"{x} {y} {n} {e} {s} {w}" for x, y in np.ndindex(sides.shape[:2]) for n, e, s, w in [sides[x, y]]]
    write_text_whole(path, "\n".join(lines) + "\n")
