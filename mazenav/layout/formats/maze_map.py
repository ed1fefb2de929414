"""Gymnasium-Robotics `maze_map`: a list of rows, 1 is wall, 0 free, `'r'` reset, `'g'` goal, `'c'` both.

Source: gymnasium_robotics/envs/maze/maps.py. Read from JSON (a list, or an object of several by name) and from Python
source, where every list of lists of such cells is a layout by the name of its variable. One cell is 1 unit for the
point maze (4 for the ant maze, which the file does not say); a cell (i, j) of an H x W map lies at
x = (j + 0.5) - W / 2, y = H / 2 - (i + 0.5). Resets become `starts`, goals `goals`, and `'c'` is in both.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from mazenav.files import write_text_whole
from mazenav.layout.formats.limits import check_thick
from mazenav.layout.formats.literals import has_table, scan
from mazenav.layout.formats.marks import goals_of, starts_of
from mazenav.layout.formats.source_file import SourceFile
from mazenav.layout.formats.source_text import SourceText, cells, check_cells
from mazenav.types import Layout, LayoutError

WALL, FREE, RESET, GOAL, BOTH = "1", "0", "r", "g", "c"


def recognise(text: SourceText) -> bool:
    """Whether a list of lists of such cells begins anywhere in the text."""
    return has_table(text)


def parse(source: SourceFile) -> list[Layout]:
    """All layouts of a file.

    Raises:
        LayoutError: naming the line of a cell that is none or of a row that is too short, or if there is no list.
    """
    text = source.text
    layouts: list[Layout] = []
    names: set[str] = set()
    for found in scan(text):
        if isinstance(found.value, list):
            # OGBench's module gives every table the same name, under a condition that tells which maze it is.
            told = found.label if found.name == "maze_map" and found.label else found.name
            name = free_name(told or source.stem, names)
            layouts.append(layout_of(text.name, found.value, name, f"{text.name}, line {found.line + 1}", "maze_map"))
    if not layouts:
        raise LayoutError(
            f"{source.name}: expected a list of rows such as [[1, 1, 1], [1, 0, 1], [1, 1, 1]], found none"
        )
    return layouts


def free_name(name: str, taken: set[str]) -> str:
    """The name, or with a number behind it where it is taken; it is then taken."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    taken.add(free)
    return free


def layout_of(file: str, rows: Sequence[str], name: str, where: str, format: str) -> Layout:
    """The layout in rows of `1 0 r g c`.

    Args:
        file: the file's name.
        rows: the rows of the table.
        name: what the layout is called.
        where: the place in the file, with which errors begin.
        format: the name of the format.

    Raises:
        LayoutError: if the rows are empty, not all equally long, or too many.
    """
    columns = len(rows[0]) if rows else 0
    if columns == 0:
        raise LayoutError(f"{where}: the first row of the list is empty, expected at least one cell")
    for number, row in enumerate(rows):
        if len(row) != columns:
            raise LayoutError(
                f"{where}: row {number + 1} of the list has {len(row)} cells, expected {columns} as in row 1"
            )
    check_cells(file, len(rows), columns)
    codes = np.frombuffer("".join(rows).encode("ascii"), np.uint8).reshape(len(rows), columns)
    source: dict[str, object] = {"file": file, "format": format}
    starts = np.isin(codes, [ord(RESET), ord(BOTH)])
    goals = np.isin(codes, [ord(GOAL), ord(BOTH)])
    if starts.any() or goals.any():
        source |= {"starts": cells(starts), "goals": cells(goals)}
    return Layout(codes == ord(WALL), name, source)


def table_of(layout: Layout) -> list[list[int | str]]:
    """The rows of a layout as a maze map."""
    table: list[list[int | str]] = layout.walls.astype(int).tolist()
    goals = set(goals_of(layout))
    for row, column in goals:
        table[row][column] = GOAL
    for row, column in starts_of(layout):
        table[row][column] = BOTH if (row, column) in goals else RESET
    return table


def write(layouts: Sequence[Layout], path: Path) -> None:
    """Write layouts: into a `.py` file as variables, else as JSON, a list if there is one and an object if several.

    Raises:
        LayoutError: if a layout's walls are thin.
        MazenavError: if the file cannot be written.
    """
    for layout in layouts:
        check_thick(layout, path, "a maze map")
    tables = by_name(layouts)
    if path.suffix.lower() == ".py":
        parts = [f"{_variable(name)} = [\n{_rows(table_of(layout), repr)}\n]\n" for name, layout in tables.items()]
        write_text_whole(path, "\n".join(parts))
        return
    texts = {name: f"[\n{_rows(table_of(layout), json.dumps)}\n]" for name, layout in tables.items()}
    if len(layouts) == 1:
        write_text_whole(path, next(iter(texts.values())) + "\n")
    else:
        write_text_whole(
            path, "{\n" + ",\n".join(f"{json.dumps(name)}: {text}" for name, text in texts.items()) + "\n}\n"
        )


def by_name(layouts: Sequence[Layout]) -> dict[str, Layout]:
    """Layouts by their names, which are told apart by numbers where two have the same."""
    taken: set[str] = set()
    return {free_name(layout.name or "maze", taken): layout for layout in layouts}


def _rows(table: list[list[int | str]], literal: Callable[[int | str], str]) -> str:
    return ",\n".join("    [" + ", ".join(literal(cell) for cell in row) + "]" for row in table)


def _variable(name: str) -> str:
    """A Python variable's name that comes close to `name`."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name)
    return plain if plain and not plain[0].isdigit() else f"MAZE_{plain}"
