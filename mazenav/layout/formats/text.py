"""Plain text: `#` is wall, a space or `.` is free, one character a cell.

Letters that tools use as marks on free cells are read as free: `S` start, `E` or `G` goal, `P` agent, `X` or `+` path
(maze-dataset, mazelib and others).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mazenav.files import write_text_whole
from mazenav.layout.formats.limits import only_one
from mazenav.layout.formats.marks import goals_of, starts_of
from mazenav.layout.formats.source_text import SourceText, cells, characters, check_letters, members
from mazenav.types import Layout

WALL, FREE, MARKS = "#", " .", "SEGPX+"
_NOTHING = dict.fromkeys(map(ord, WALL + FREE + MARKS))


def recognise(text: SourceText) -> bool:
    """Whether the first line that is not blank holds plain cells only, and no line a wall of DeepMind Lab."""
    line = set(text.lines[text.first()])
    return line <= set(WALL + FREE + MARKS) and bool(line & set(WALL + FREE)) and not any("*" in x for x in text.lines)


def parse(text: SourceText, first: int = 0, count: int | None = None) -> Layout:
    """The layout in the lines from `first` on; empty lines before it are passed over.

    Raises:
        LayoutError: naming the line that is ragged or holds an unknown character.
    """
    if count is None:
        first = next(index for index, line in enumerate(text.lines) if line)
        count = len(text.lines) - first
    codes = characters(text, first, count)
    starts, goals = members(codes, "SP"), members(codes, "EG")
    source: dict[str, object] = {"file": text.name, "format": "text"}
    if starts.any() or goals.any():
        source |= {"starts": cells(starts), "goals": cells(goals)}
    return Layout(walls_of(text, first, count), Path(text.name).stem, source)


def walls_of(text: SourceText, first: int, count: int) -> np.ndarray:
    """The walls in some lines: bool `[R, C]`.

    Raises:
        LayoutError: naming the line that is ragged or holds an unknown character.
    """
    codes = characters(text, first, count)
    walls = codes == ord(WALL)
    if "".join(text.lines[first : first + count]).translate(_NOTHING):
        check_letters(text, first, walls | members(codes, FREE + MARKS), "'#' (wall), ' ' or '.' (free)")
    return walls


def lines_of(layout: Layout) -> list[str]:
    """The rows of a layout as plain text.

    Free cells are spaces, and dots where a row would begin or end with one: editors strip spaces at the end of lines.
    """
    walls = layout.walls
    open_sides = not (walls[:, 0] & walls[:, -1]).all()
    drawn = np.where(walls, np.uint8(ord(WALL)), np.uint8(ord("." if open_sides else " "))).tobytes().decode("ascii")
    columns = layout.shape[1]
    return [drawn[at : at + columns] for at in range(0, len(drawn), columns)]


def write(layouts: Sequence[Layout], path: Path) -> None:
    """Write one layout as plain text, with `S` and `G` where its source has starts and goals.

    Raises:
        LayoutError: if there are several.
        MazenavError: if the file cannot be written.
    """
    layout = only_one(layouts, path, "plain text")
    plain = lines_of(layout)
    rows = [list(line) for line in plain]
    for letter, marked in (("G", goals_of(layout)), ("S", starts_of(layout))):
        for row, column in marked:
            rows[row][column] = letter
    marked_lines = ["".join(row) for row in rows]
    # A first line of marks alone does not tell the format.
    lines = marked_lines if set(marked_lines[0]) & set(WALL + FREE) else plain
    write_text_whole(path, "\n".join(lines) + "\n")
