"""Micromouse text mazes: posts `o` (or `+`) every four columns, walls `---` and `|`, marks at the cell centres.

An n x m maze of thin walls becomes a lattice of (2n + 1) x (2m + 1) cells: posts and walls get cells of their own.
Source: https://github.com/micromouseonline/micromouse_maze_tool, whose mazes are 16x16 or 32x32. `S` marks the start
and `G` the goals; where a file marks neither, they are the rules' own: the bottom-left cell, the four central cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mazenav.files import write_text_whole
from mazenav.layout.formats.limits import check_lattice, only_one
from mazenav.layout.formats.marks import goals_of, starts_of
from mazenav.layout.formats.source_text import SourceText, check_cells
from mazenav.types import Layout

POSTS = "o+"


def recognise(text: SourceText) -> bool:
    """Whether the first line that is not blank consists of posts joined by `---` or gaps."""
    line = text.lines[text.first()].rstrip()
    is_spaced = len(line) >= 5 and len(line) % 4 == 1 and set(line[::4]) <= set(POSTS)
    return is_spaced and set(line) <= set(POSTS + "- ") and ("---" in line or "o" in line)


def parse(text: SourceText) -> Layout:
    """The layout of a maze.

    Raises:
        LayoutError: naming the line that is too long or has no posts, or the number of lines where it does not fit.
    """
    text = text.without_blank_end()
    first = text.first()
    lines = [line.rstrip() for line in text.lines[first:]]
    length = len(lines[0])
    if length < 5 or length % 4 != 1:
        raise text.error(first, f"expected posts every four characters (length 4 n + 1), found {length} characters")
    if len(lines) < 3 or len(lines) % 2 == 0:
        raise text.error(len(text.lines) - 1, f"expected an odd number of lines (2 n + 1), found {len(lines)}")
    check_cells(text.name, len(lines), length // 2 + 1)
    walls = np.zeros((len(lines), length // 2 + 1), np.bool_)
    marks: dict[str, list[list[int]]] = {"S": [], "G": []}
    for row, line in enumerate(lines):
        if len(line) > length:
            raise text.error(first + row, f"found {len(line)} characters, expected {length} as in line {first + 1}")
        padded = line.ljust(length)
        if row % 2 == 0:
            _read_posts(text, first + row, padded, walls[row])
        else:
            _read_cells(text, first + row, padded, walls[row])
            for column in range(2, length, 4):
                if padded[column] in marks:
                    marks[padded[column]].append([row, column // 2])
    source = {"file": text.name, "format": "micromouse", **ends(walls.shape[0], walls.shape[1], marks)}
    return Layout(walls, Path(text.name).stem, source, thin_walls=True)


def write(layouts: Sequence[Layout], path: Path) -> None:
    """Write one maze, with `S` and `G` at the starts and goals of its source that are cells of the maze.

    Raises:
        LayoutError: if there are several, or it is no lattice.
        MazenavError: if the file cannot be written.
    """
    layout = only_one(layouts, path, "a micromouse maze")
    check_lattice(layout, path, "a micromouse maze")
    marks = dict.fromkeys(goals_of(layout), "G") | dict.fromkeys(starts_of(layout), "S")
    rows = layout.walls.tolist()
    lines = []
    for row, walls in enumerate(rows):
        if row % 2 == 0:
            lines.append("".join("o" + ("---" if wall else "   ") for wall in walls[1::2]) + "o")
        else:
            sides = ["|" if wall else " " for wall in walls[::2]]
            centres = [marks.get((row, column), " ") for column in range(1, len(walls), 2)]
            cells = (f"{side} {centre} " for side, centre in zip(sides[:-1], centres, strict=True))
            lines.append("".join(cells) + sides[-1])
    write_text_whole(path, "\n".join(line.rstrip() for line in lines) + "\n")


def _read_posts(text: SourceText, index: int, line: str, walls: np.ndarray) -> None:
    """A line of posts and horizontal walls; `walls` bool `[C]` is filled."""
    for column in range(0, len(line), 4):
        if line[column] not in POSTS:
            raise text.error(index, f"expected a post ('o') at character {column + 1}, found {line[column]!r}")
    for column in range(2, len(line), 4):
        wall = line[column - 1 : column + 2]
        if wall not in ("---", "   "):
            raise text.error(index, f"expected '---' or a gap at character {column}, found {wall!r}")
        walls[column // 2] = wall == "---"
    walls[::2] = True


def _read_cells(text: SourceText, index: int, line: str, walls: np.ndarray) -> None:
    """A line of cells and vertical walls; `walls` bool `[C]` is filled."""
    for column in range(0, len(line), 4):
        if line[column] not in "| ":
            raise text.error(index, f"expected '|' or a gap at character {column + 1}, found {line[column]!r}")
        walls[column // 2] = line[column] == "|"


def ends(rows: int, columns: int, marks: Mapping[str, list[list[int]]]) -> dict[str, object]:
    """Start and goals in cells of a lattice of that shape, by the marks `S` and `G` or else by the rules."""
    middle_rows = sorted({(rows - 1) // 4 * 2 - 1, (rows - 1) // 4 * 2 + 1} & set(range(1, rows)))
    middle_columns = sorted({(columns - 1) // 4 * 2 - 1, (columns - 1) // 4 * 2 + 1} & set(range(1, columns)))
    centre = [[row, column] for row in middle_rows for column in middle_columns]
    return {"starts": marks.get("S") or [[rows - 2, 1]], "goals": marks.get("G") or centre}
