"""OGBench's mazes: `maze_map` tables by name with the start-goal cells of their tasks.

JSON, `{"maze_map": {NAME: [[1, 0, ...], ...]}, "tasks_init_goal_ij": {NAME: [[[i, j], [i, j]], ...]}}`, the two tables
of ogbench/locomaze/maze.py. One cell is 4 units; a cell (i, j) lies at x = 4 j - 4, y = 4 i - 4, so that y grows
downwards in the drawing. Tasks are kept in the source as `tasks`, their cells as `starts` and `goals`. The module's
Python source itself is read as `maze_map`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mazenav.files import write_text_whole
from mazenav.layout.formats.limits import check_thick
from mazenav.layout.formats.marks import goals_of, marked_cells, starts_of
from mazenav.layout.formats.maze_map import by_name, layout_of
from mazenav.layout.formats.source_file import SourceFile
from mazenav.layout.formats.source_text import SourceText
from mazenav.types import Cell, Layout, LayoutError

UNITS_A_CELL = 4.0
MAX_BYTES = 8 * 2**20


_MAPS = re.compile(r'"maze_map"[ \t\r\n]{0,99}:[ \t\r\n]{0,99}\{')


def recognise(text: SourceText) -> bool:
    """Whether the text is an object with tables by name in `maze_map`."""
    return text.lines[text.first()].lstrip().startswith("{") and _MAPS.search("\n".join(text.lines)) is not None


def parse(source: SourceFile) -> list[Layout]:
    """All layouts of a file.

    Raises:
        LayoutError: naming the line that is no JSON, or the maze whose table or tasks are wrong.
    """
    told = _json(source)
    tables = told.get("maze_map") if isinstance(told, dict) else None
    tasks = told.get("tasks_init_goal_ij", {}) if isinstance(told, dict) else None
    if not isinstance(tables, dict) or not tables:
        raise LayoutError(f"{source.name}: expected tables by name in maze_map, found {str(tables)[:40]}")
    if not isinstance(tasks, dict):
        raise LayoutError(f"{source.name}: expected lists of tasks by name in tasks_init_goal_ij")
    return [_layout(source, name, table, tasks.get(name, [])) for name, table in tables.items()]


def _json(source: SourceFile) -> object:
    if len(source.content) > MAX_BYTES:
        raise LayoutError(f"{source.name}: {len(source.content)} bytes are more than a file of lists may have")
    try:
        return json.loads("\n".join(source.text.lines))
    except json.JSONDecodeError as error:
        raise source.text.error(error.lineno - 1, f"this is no JSON: {error.msg}") from None
    except (ValueError, RecursionError):
        raise LayoutError(f"{source.name}: expected JSON, found lists nested too deep or a number too long") from None


def _layout(source: SourceFile, name: str, table: object, tasks: object) -> Layout:
    """One maze with its tasks."""
    where = f"{source.name}: maze {name[:40]!r}"
    if not isinstance(table, list) or not table or not all(isinstance(row, list) for row in table):
        raise LayoutError(f"{where}: expected a list of rows, found {str(table)[:40]}")
    for row in table:
        bad = next((cell for cell in row if isinstance(cell, bool) or cell not in (0, 1)), None)
        if bad is not None:
            raise LayoutError(f"{where}: expected 0 or 1, found {str(bad)[:40]!r}")
    rows = ["".join("1" if cell else "0" for cell in row) for row in table]
    layout = replace(layout_of(source.name, rows, name, where, "ogbench"), cell_size=UNITS_A_CELL)
    if not isinstance(tasks, list):
        raise LayoutError(f"{where}: expected a list of tasks, found {str(tasks)[:40]}")
    pairs = []
    for task in tasks:
        cells = marked_cells(task, layout)
        if not isinstance(task, list) or len(task) != 2 or len(cells) != 2:
            raise LayoutError(f"{where}: expected a task as two free cells [[i, j], [i, j]], found {str(task)[:40]}")
        pairs.append(cells)
    if not pairs:
        return layout
    marks = {"tasks": [[list(cell) for cell in pair] for pair in pairs]}
    marks["starts"], marks["goals"] = (
        [list(cell) for cell in dict.fromkeys(ends)] for ends in zip(*pairs, strict=True)
    )
    return replace(layout, source={**layout.source, **marks})


def write(layouts: Sequence[Layout], path: Path) -> None:
    """Write layouts as tables by name, with their tasks.

    A layout without tasks that has one start and one goal gets these as its task.

    Raises:
        LayoutError: if a layout's walls are thin.
        MazenavError: if the file cannot be written.
    """
    for layout in layouts:
        check_thick(layout, path, "an OGBench maze")
    named = by_name(layouts)
    tables = {name: layout.walls.astype(int).tolist() for name, layout in named.items()}
    tasks = {name: found for name, layout in named.items() if (found := _tasks_of(layout))}
    told = {"maze_map": tables, **({"tasks_init_goal_ij": tasks} if tasks else {})}
    write_text_whole(path, json.dumps(told) + "\n")


def _tasks_of(layout: Layout) -> list[list[Cell]]:
    """The layout's own tasks that can be driven in it; else its one start to its one goal."""
    tasks = layout.source.get("tasks")
    if isinstance(tasks, (list, tuple)):
        return [cells for task in tasks if len(cells := marked_cells(task, layout)) == 2]
    starts, goals = starts_of(layout), goals_of(layout)
    return [[starts[0], goals[0]]] if len(starts) == 1 and len(goals) == 1 else []
