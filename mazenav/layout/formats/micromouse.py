"""Micromouse text mazes: posts `o` (or `+`) every four columns, walls `---` and `|`, marks at the cell centres.

An n x m maze of thin walls becomes a grid of (2n + 1) x (2m + 1) cells: posts and walls get cells of their own.
Source: https://github.com/micromouseonline/micromouse_maze_tool, whose mazes are 16x16 or 32x32. `S` marks the start
and `G` the goals; where a file marks neither, they are the rules' own: the bottom-left cell, the four central cells.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mazenav.layout.formats.source_text import SourceText, check_cells
from mazenav.types import Layout

POSTS = "o+"


def recognise(text: SourceText) -> bool:
    """Whether the first line that is not blank consists of posts joined by `---` or gaps."""
    line = text.lines[text.first()].rstrip()
    return len(line) % 4 == 1 and set(line[::4]) <= set(POSTS) and set(line) <= set(POSTS + "- ") and "---" in line


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
    check_cells(text, len(lines), length // 2 + 1)
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
    source = {"file": text.name, "format": "micromouse", **_ends(walls.shape[0], walls.shape[1], marks)}
    return Layout(walls, Path(text.name).stem, source)


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


def _ends(rows: int, columns: int, marks: dict[str, list[list[int]]]) -> dict[str, object]:
    """Start and goals in grid cells, by mark or by the rules."""
    middle_rows = sorted({(rows - 1) // 4 * 2 - 1, (rows - 1) // 4 * 2 + 1} & set(range(1, rows)))
    middle_columns = sorted({(columns - 1) // 4 * 2 - 1, (columns - 1) // 4 * 2 + 1} & set(range(1, columns)))
    centre = [[row, column] for row in middle_rows for column in middle_columns]
    return {"starts": marks["S"] or [[rows - 2, 1]], "goals": marks["G"] or centre}
