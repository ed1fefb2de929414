r"""D4RL's maze2d strings: rows separated by backslashes, `#` wall, `O` free, `G` goal.

Source: d4rl/pointmaze/maze_model.py, `parse_maze`. Read raw (`#####\#GOO#\###O#\...`), as JSON strings by name, and
from Python source, where every such string is a layout by the name of its variable.

**Axes.** That package calls the row index x and the column index y: the cell in row r and column c of the string has
its centre at x = r + 1, y = c + 1. Here a layout is the string as it is drawn, so that cells have the same (row,
column) as in D4RL's own arrays and as the tables of Gymnasium-Robotics, which draw the same mazes. The picture of
D4RL's world, x to the right and y up, is the layout turned by a quarter counter-clockwise, `numpy.rot90(walls)`; no
maze changes by that but for its orientation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from mazenav.files import write_text_whole
from mazenav.layout.formats.limits import check_thick
from mazenav.layout.formats.literals import scan
from mazenav.layout.formats.marks import goals_of
from mazenav.layout.formats.maze_map import by_name, free_name
from mazenav.layout.formats.source_file import SourceFile
from mazenav.layout.formats.source_text import SourceText, cells, check_cells
from mazenav.types import Layout, LayoutError

WALL, FREE, GOAL, SEPARATOR = "#", "O0 ", "G", "\\"
_LETTERS = set(WALL + FREE + GOAL + SEPARATOR)
_BEGINNING = 2**16


def recognise(text: SourceText) -> bool:
    """Whether the text is such a string, or the first string in it of walls and backslashes begins like one."""
    if _is_raw(text):
        return True
    beginning = "\n".join(text.lines)[:_BEGINNING]
    return any(quote + WALL * 3 in beginning for quote in "\"'") and WALL + SEPARATOR in beginning


def _is_raw(text: SourceText) -> bool:
    line = text.lines[text.first()]
    return SEPARATOR in line and WALL in line and set(line) <= _LETTERS


def parse(source: SourceFile) -> list[Layout]:
    """All layouts of a file.

    Raises:
        LayoutError: naming the line, the row and the character that is wrong, or if there is no such string.
    """
    text = source.text
    names: set[str] = set()
    layouts = [_layout(text, free_name(name or source.stem, names), line, maze) for name, line, maze in _mazes(text)]
    if not layouts:
        raise LayoutError(f"{source.name}: expected rows of '#', 'O' and 'G' with a backslash between them, found none")
    return layouts


def _mazes(text: SourceText) -> Iterator[tuple[str, int, str]]:
    """Name, line index and string of each maze."""
    if _is_raw(text):
        yield "", text.first(), "".join(text.lines)
        return
    for found in scan(text):
        if isinstance(found.value, str) and SEPARATOR in found.value and found.value.startswith(WALL):
            yield found.name, found.line, found.value


def _layout(text: SourceText, name: str, line: int, maze: str) -> Layout:
    rows = maze.strip(SEPARATOR + " ").split(SEPARATOR)
    columns = len(rows[0])
    for number, row in enumerate(rows, 1):
        if len(row) != columns:
            raise text.error(line, f"row {number} of the maze has {len(row)} cells, expected {columns} as in row 1")
        bad = next((letter for letter in row if letter not in _LETTERS), None)
        if bad is not None:
            raise text.error(line, f"found {bad!r} in row {number} of the maze, expected '#' (wall), 'O' (free) or 'G'")
    check_cells(text.name, len(rows), columns)
    codes = np.frombuffer("".join(rows).encode("ascii"), np.uint8).reshape(len(rows), columns)
    source: dict[str, object] = {"file": text.name, "format": "d4rl"}
    goals = cells(codes == ord(GOAL))
    return Layout(codes == ord(WALL), name, {**source, "goals": goals} if goals else source)


def write(layouts: Sequence[Layout], path: Path) -> None:
    """Write one layout as a raw string; several, or into a `.json` file, as JSON strings by name.

    Raises:
        LayoutError: if a layout's walls are thin, or its first cell is free: such strings begin with a wall.
        MazenavError: if the file cannot be written.
    """
    for layout in layouts:
        check_thick(layout, path, "a D4RL maze")
        if not layout.walls[0].all() or layout.shape[0] < 2 or layout.shape[1] < 3:
            raise LayoutError(
                f"{path}: a D4RL maze has a first row of walls, three cells wide at least, and a second row, which "
                f"layout {layout.name[:80]!r} has not"
            )
    if len(layouts) == 1 and path.suffix.lower() != ".json":
        write_text_whole(path, SEPARATOR.join(rows_of(layouts[0])) + "\n")
        return
    mazes = {name: SEPARATOR.join(rows_of(layout)) for name, layout in by_name(layouts).items()}
    write_text_whole(path, json.dumps(mazes, indent=1) + "\n")


def rows_of(layout: Layout) -> list[str]:
    """The rows of a layout, one character a cell."""
    codes = np.where(layout.walls, ord(WALL), ord(FREE[0])).astype(np.uint8)
    for cell in goals_of(layout):
        codes[cell] = ord(GOAL)
    return [row.tobytes().decode("ascii") for row in codes]
