"""DeepMind Lab's `nav_maze_*` levels as text: a (2n+1) lattice of THIN walls around cells of 100 units.

The characters are those of a text level, so the text alone does not tell whether its walls are thin; half of what
labmaze makes would pass for such a lattice too. It is taken for thin walls only if a file `STEM.entities.json` lies
beside it, as this format is written, or if the file bears the name of those levels; or by `format="nav_maze"`.

The file beside it holds the places of things in lab units, x to the right and y up, by the engine's class names:
`{"cells_wh": [W, H], "cell_units": 100, "entities_origin_xyz": {"info_player_start": [[x, y, z], ...], ...}}`.
They become `starts` (`info_player_start`), `goals` (`goal`, `frag_goal`) and `entities` (all but starts and `goal`) of
the source.
Cells of the lattice with odd row and odd column are the level's cells.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from mazenav.files import write_text_whole
from mazenav.layout.formats import lab
from mazenav.layout.formats.limits import only_one
from mazenav.layout.formats.marks import goals_of, marked_cells, starts_of
from mazenav.layout.formats.source_file import SourceFile
from mazenav.types import Cell, Layout, LayoutError

UNITS_A_CELL = lab.UNITS_A_CELL
WALL_HALF_UNITS = 1
ENTITIES = ".entities.json"
START, GOAL, FRAG_GOAL = "info_player_start", "goal", "frag_goal"
_HEIGHT = {START: 30.0}
_MOST_BYTES = 8 * 2**20


def recognise(source: SourceFile) -> bool:
    """Whether the text is a closed lattice without marks, and its name or a file beside it says that walls are thin."""
    if not source.is_text or not lab.recognise(source.text):
        return False
    lines = [line for line in source.text.lines if line]
    columns = len(lines[0])
    if len(lines) < 3 or columns < 3 or not len(lines) % 2 or not columns % 2:
        return False
    if any(len(line) != columns or line[0] != lab.WALL or line[-1] != lab.WALL for line in lines):
        return False
    is_lattice = set(lines[0]) == set(lines[-1]) == {lab.WALL} and set("".join(lines)) == {lab.WALL, lab.FLOOR}
    if not is_lattice or any(set(line[1::2]) != {lab.FLOOR} for line in lines[1::2]):
        return False
    return source.stem.startswith("nav_maze_") or _entities_file(source) is not None


def _entities_file(source: SourceFile) -> Path | None:
    """The file of things beside a level, None if there is none."""
    if source.folder is None:
        return None
    path = source.folder / (source.stem + ENTITIES)
    try:
        return path if path.is_file() else None
    except (OSError, ValueError):
        return None


def parse(source: SourceFile) -> list[Layout]:
    """The layout of a level, with what the file beside it tells.

    Raises:
        LayoutError: naming the line that is wrong, the side that is even, or what is wrong in the file beside it.
    """
    level = lab.parse(source.text)
    rows, columns = level.shape
    if not rows % 2 or not columns % 2:
        raise LayoutError(f"{source.name}: a lattice of thin walls has odd sides (2 n + 1), found {rows} x {columns}")
    fields = {**level.source, "format": "nav_maze"}
    beside = _entities_file(source)
    if beside is not None:
        fields |= _things(source.sibling(beside.name), rows, columns)
    return [Layout(level.walls, level.name, fields, cell_size=UNITS_A_CELL, thin_walls=True)]


def _things(source: SourceFile, rows: int, columns: int) -> dict[str, object]:
    """Starts, goals and entities from the file beside a level."""
    if len(source.content) > _MOST_BYTES:
        raise LayoutError(f"{source.name}: {len(source.content)} bytes are more than such a file may have")
    try:
        told = json.loads(source.content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise LayoutError(f"{source.name}: expected the JSON of a level's things, found something else") from None
    shape = told.get("cells_wh") if isinstance(told, dict) else None
    if shape != [columns // 2, rows // 2]:
        raise LayoutError(f"{source.name}: expected cells_wh [{columns // 2}, {rows // 2}], found {str(shape)[:40]}")
    places = told.get("entities_origin_xyz", {})
    if not isinstance(places, dict) or not all(isinstance(origins, list) for origins in places.values()):
        raise LayoutError(f"{source.name}: expected lists of places by class name in entities_origin_xyz")
    found = {kind: [_cell(source, at, rows, columns) for at in origins] for kind, origins in places.items()}
    entities = {kind: [list(cell) for cell in at] for kind, at in found.items() if kind not in (START, GOAL)}
    things: dict[str, object] = {"starts": [list(cell) for cell in found.get(START, [])]}
    things["goals"] = [list(cell) for kind in (GOAL, FRAG_GOAL) for cell in found.get(kind, [])]
    return things | ({"entities": entities} if entities else {})


def _cell(source: SourceFile, origin: object, rows: int, columns: int) -> Cell:
    """The lattice cell of a place [x, y, z] in lab units."""
    numbers = origin if isinstance(origin, list) and len(origin) == 3 else [math.nan]
    is_place = all(isinstance(n, (int, float)) and not isinstance(n, bool) and math.isfinite(n) for n in numbers)
    if is_place:
        across, up = math.floor(numbers[0] / UNITS_A_CELL), math.floor(numbers[1] / UNITS_A_CELL)
        if 0 <= across < columns // 2 and 0 <= up < rows // 2:
            return rows - 2 - 2 * up, 2 * across + 1
    raise LayoutError(f"{source.name}: expected a place [x, y, z] inside the level, found {str(origin)[:40]}")


def write(layouts: Sequence[Layout], path: Path) -> None:
    """Write one lattice of thin walls: its text to `path`, its things to `STEM.entities.json` beside it.

    Raises:
        LayoutError: if there are several, the layout is no lattice of thin walls, its border is open or a cell is wall.
        MazenavError: if the files cannot be written.
    """
    layout = only_one(layouts, path, "a nav_maze level")
    wanted = f"{path}: a nav_maze level is a closed lattice of thin walls"
    if not layout.thin_walls:
        raise LayoutError(f"{wanted}, and this layout's walls are as thick as its cells; the format lab holds those")
    if not (layout.walls[[0, -1]].all() and layout.walls[:, [0, -1]].all()) or layout.walls[1::2, 1::2].any():
        raise LayoutError(f"{wanted} around free cells, found an open border or a wall in place of a cell")
    entities = layout.source.get("entities")
    things = {START: starts_of(layout)}
    if isinstance(entities, Mapping):
        things |= {str(kind): marked_cells(at, layout) for kind, at in entities.items()}
    framed = set(things.get(FRAG_GOAL, []))
    things[GOAL] = [cell for cell in goals_of(layout) if cell not in framed]
    rows, columns = layout.shape
    told = {
        "name": layout.name,
        "cells_wh": [columns // 2, rows // 2],
        "cell_units": int(UNITS_A_CELL),
        "wall_halfthickness_units": WALL_HALF_UNITS,
        "entities_origin_xyz": {
            kind: [_origin(kind, cell, rows) for cell in at if cell[0] % 2 and cell[1] % 2]
            for kind, at in things.items()
            if at
        },
    }
    lines = str(layout).replace("#", lab.WALL)
    write_text_whole(path.with_name(path.stem + ENTITIES), json.dumps(told) + "\n")
    write_text_whole(path, lines + "\n")


def _origin(kind: str, cell: Cell, rows: int) -> list[float]:
    """The place [x, y, z] of a lattice cell in lab units."""
    half = UNITS_A_CELL / 2
    return [cell[1] * half, (rows - 1 - cell[0]) * half, _HEIGHT.get(kind, 20.0)]
