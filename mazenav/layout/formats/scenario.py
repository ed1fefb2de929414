"""MovingAI scenarios (`.scen`): start-goal pairs on a map that lies beside the file, with their optimal lengths.

Source: https://movingai.com/benchmarks/formats.html. `version 1` or `version 1.0`, then nine fields a line, with tabs
or spaces between: bucket, map, width, height, start x, start y, goal x, goal y, optimal length; x is the column.
Lengths count diagonal steps as sqrt 2, which need both cells beside them free; `lengths` computes them anew.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mazenav.files import write_text_whole
from mazenav.layout.formats.reading import parse_file
from mazenav.layout.formats.source_file import SourceFile, load_file
from mazenav.layout.formats.source_text import SourceText
from mazenav.layout.graph import octile_lengths
from mazenav.types import Cell, Layout, LayoutError

MAGIC = "version"
_FIELDS = ("bucket", "map", "width", "height", "start x", "start y", "goal x", "goal y", "optimal length")
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_LENGTH = re.compile(r"\d{1,12}(\.\d{0,20})?(e[+-]?\d{1,2})?", re.ASCII | re.IGNORECASE)


class Pair(NamedTuple):
    """One line of a scenario.

    Attributes:
        bucket: pairs of one bucket are about equally long, in most files 4 units a bucket.
        map: the map as the file names it.
        shape: rows and columns that the map should have.
        start: start cell (row, column).
        goal: goal cell (row, column).
        optimal: the length of a shortest path that the file tells.
        line: the number of the line in the file, from 1.
    """

    bucket: int
    map: str
    shape: tuple[int, int]
    start: Cell
    goal: Cell
    optimal: float
    line: int


class Scenario(NamedTuple):
    """A scenario with its maps.

    Attributes:
        name: the file.
        maps: the layouts by the names that the pairs use.
        pairs: at least one; both cells of each lie inside its map.
    """

    name: str
    maps: dict[str, Layout]
    pairs: list[Pair]


def is_scenario(source: SourceFile) -> bool:
    """Whether the first line that is not blank is `version ...`."""
    return source.is_text and source.text.lines[source.text.first()].lower().split()[0] == MAGIC


def read_scenario(path: str | Path) -> Scenario:
    """A scenario and the maps beside it.

    Raises:
        LayoutError: naming file and line: no scenario, no such map in the file's own folder, a map of another size, or
            a cell outside of it.
    """
    return scenario_of(load_file(path))


def scenario_of(source: SourceFile) -> Scenario:
    """The scenario in a file that has been loaded; raises as `read_scenario`."""
    pairs = parse_pairs(source.text)
    maps: dict[str, Layout] = {}
    for pair in pairs:
        if pair.map not in maps:
            maps[pair.map] = _map_beside(source, pair)
        rows, columns = maps[pair.map].shape
        told = f"{pair.shape[0]} x {pair.shape[1]}"
        if pair.shape != (rows, columns):
            raise source.text.error(
                pair.line - 1,
                f"the map {pair.map[:80]} should have {told} cells, and has {rows} x {columns}",
            )
        for what, cell in (("start", pair.start), ("goal", pair.goal)):
            if cell[0] >= rows or cell[1] >= columns:
                raise source.text.error(
                    pair.line - 1,
                    f"the {what} x {cell[1]}, y {cell[0]} lies outside the map of width {columns} and height {rows}",
                )
    return Scenario(source.name, maps, pairs)


def _map_beside(source: SourceFile, pair: Pair) -> Layout:
    """The map of a pair: by its name, else by the last part of its name, in the scenario's own folder."""
    name = pair.map.replace("\\", "/")
    path = source.sibling_path(name)
    last = name.rsplit("/", 1)[-1]
    name = name if path.is_file() else last
    if not source.sibling_path(name).is_file():
        raise source.text.error(pair.line - 1, f"the map {last[:80]!r} does not lie in the folder of the scenario")
    layouts = parse_file(source.sibling(name))
    if len(layouts) != 1:
        raise source.text.error(pair.line - 1, f"the map {last[:80]!r} holds {len(layouts)} layouts, expected one")
    return layouts[0]


def parse_pairs(text: SourceText) -> list[Pair]:
    """The pairs of a scenario, without its maps.

    Raises:
        LayoutError: naming the line and the field that is wrong.
    """
    first = text.first()
    words = text.lines[first].lower().split()
    if len(words) != 2 or words[0] != MAGIC or words[1] not in ("1", "1.0"):
        raise text.error(first, f"expected 'version 1', found {text.lines[first].strip()[:40]!r}")
    numbered = enumerate(text.lines[first + 1 :], first + 1)
    pairs = [_pair(text, index, line) for index, line in numbered if line.strip()]
    if not pairs:
        raise LayoutError(f"{text.name}: the scenario holds no start-goal pair")
    return pairs


def _pair(text: SourceText, index: int, line: str) -> Pair:
    words = line.strip().split("\t") if "\t" in line else line.split()
    if len(words) != len(_FIELDS):
        raise text.error(index, f"found {len(words)} fields, expected {len(_FIELDS)} ({', '.join(_FIELDS)})")
    for field, word in zip(_FIELDS, words, strict=True):
        if field not in ("map", "optimal length") and _WHOLE.fullmatch(word.strip()) is None:
            raise text.error(index, f"expected a whole number as {field}, found {word[:40]!r}")
    if _LENGTH.fullmatch(words[8].strip()) is None:
        raise text.error(index, f"expected a number as optimal length, found {words[8][:40]!r}")
    width, height, sx, sy, gx, gy = (int(word) for word in words[2:8])
    return Pair(int(words[0]), words[1].strip(), (height, width), (sy, sx), (gy, gx), float(words[8]), index + 1)


def lengths(scenario: Scenario) -> np.ndarray:
    """The length of a shortest path of every pair, computed on the maps: float64 `[K]`, -1 where there is none."""
    found = np.full(len(scenario.pairs), -1.0)
    for name, layout in scenario.maps.items():
        chosen = [index for index, pair in enumerate(scenario.pairs) if pair.map == name]
        starts = np.array([scenario.pairs[index].start for index in chosen])
        goals = np.array([scenario.pairs[index].goal for index in chosen])
        found[chosen] = octile_lengths(layout.walls, starts, goals)
    return found


def wrong_lengths(scenario: Scenario, tolerance: float = 1e-5) -> list[int]:
    """The indices of the pairs whose optimal length is not what their map says, up to a relative tolerance.

    Maps with swamp or water have other rules of movement than free and blocked, so their lengths differ.
    """
    told = np.array([pair.optimal for pair in scenario.pairs])
    return np.flatnonzero(np.abs(lengths(scenario) - told) > tolerance * np.maximum(told, 1.0)).tolist()


def write_scenario(layout: Layout, ends: Sequence[tuple[Cell, Cell]], path: str | Path, map: str) -> None:
    """Write start-goal pairs on a layout as a scenario, with the optimal lengths.

    Args:
        layout: the layout; write it beside the scenario with `write_layouts`.
        ends: start and goal cells (row, column).
        path: the file.
        map: the name of the layout's own file, without a folder.

    Raises:
        LayoutError: if there is no pair, a pair has no way, or `map` is no plain file name.
        MazenavError: if the file cannot be written.
    """
    if not ends:
        raise LayoutError(f"{path}: no start-goal pairs to write")
    if not map or "/" in map or "\\" in map or not map.isprintable():
        raise LayoutError(f"{path}: the map of a scenario is the name of a file beside it, found {map!r}")
    found = octile_lengths(layout.walls, np.array([pair[0] for pair in ends]), np.array([pair[1] for pair in ends]))
    rows, columns = layout.shape
    lines = ["version 1"]
    for (start, goal), length in zip(ends, found, strict=True):
        if length < 0:
            raise LayoutError(f"{path}: no path joins the start {tuple(start)} and the goal {tuple(goal)}")
        fields = [math.floor(length / 4), map, columns, rows, start[1], start[0], goal[1], goal[0], f"{length:.8f}"]
        lines.append("\t".join(str(field) for field in fields))
    write_text_whole(path, "\n".join(lines) + "\n")
