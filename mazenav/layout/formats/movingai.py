"""MovingAI grid maps (Sturtevant 2012, https://movingai.com/benchmarks/formats.html).

Header lines `type`, `height`, `width` and `map`, then the rows. `.` `G` passable, `S` swamp passable from there,
`@` `O` out of bounds, `T` trees, `W` water that terrain does not lead into. Maps without a closed border stay as they
are. Letters other than `.` and `@` are kept in the source as `terrain`, the rows of the map, and written back.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeGuard

import numpy as np

from mazenav.files import write_text_whole
from mazenav.layout.formats.limits import check_thick, only_one
from mazenav.layout.formats.source_text import SourceText, characters, check_cells, check_letters, members
from mazenav.types import Layout

FREE, BLOCKED = ".GS", "@OTW"
PLAIN_FREE, PLAIN_BLOCKED = ".", "@"
_HEADER = 16


def recognise(text: SourceText) -> bool:
    """Whether the first line that is not blank is `type ...`."""
    return text.lines[text.first()].lower().split()[0] == "type"


def parse(text: SourceText) -> Layout:
    """The layout of a map.

    Raises:
        LayoutError: naming the header field, or the line that has another length or an unknown character.
    """
    text = text.without_blank_end()
    sides, first = _header(text)
    rows, columns = sides["height"], sides["width"]
    check_cells(text.name, rows, columns)
    found = len(text.lines) - first
    if found != rows:
        raise text.error(len(text.lines) - 1, f"the map ends here after {found} rows, expected {rows} (height)")
    for index in range(first, first + rows):
        if len(text.lines[index]) != columns:
            raise text.error(index, f"found {len(text.lines[index])} characters, expected {columns} (width)")
    codes = characters(text, first, rows)
    blocked = members(codes, BLOCKED + BLOCKED.lower())
    known = blocked | members(codes, FREE + FREE.lower())
    check_letters(text, first, known, f"one of {' '.join(FREE)} (free) or {' '.join(BLOCKED)} (blocked)")
    source: dict[str, object] = {"file": text.name, "format": "movingai"}
    if not members(codes, PLAIN_FREE + PLAIN_BLOCKED).all():
        source["terrain"] = [line.upper() for line in text.lines[first : first + rows]]
    return Layout(blocked, Path(text.name).stem, source)


def write(layouts: Sequence[Layout], path: Path) -> None:
    """Write one layout as a map, with the letters of the map that it came from.

    Raises:
        LayoutError: if there are several, or the layout's walls are thin.
        MazenavError: if the file cannot be written.
    """
    layout = only_one(layouts, path, "a MovingAI map")
    check_thick(layout, path, "a MovingAI map")
    head = ["type octile", f"height {layout.shape[0]}", f"width {layout.shape[1]}", "map"]
    write_text_whole(path, "\n".join([*head, *lines_of(layout)]) + "\n")


def lines_of(layout: Layout) -> list[str]:
    """The rows of the map: a letter of the layout's `terrain` where it agrees with the walls, else `.` or `@`."""
    codes = np.where(layout.walls, ord(PLAIN_BLOCKED), ord(PLAIN_FREE)).astype(np.uint32)
    terrain = layout.source.get("terrain")
    if _fits(terrain, layout):
        letters = np.frombuffer("".join(terrain).encode("utf-32-le"), np.uint32).reshape(layout.shape)
        agrees = np.where(layout.walls, members(letters, BLOCKED), members(letters, FREE))
        codes = np.where(agrees, letters, codes)
    return [row.tobytes().decode("utf-32-le") for row in codes]


def _fits(terrain: object, layout: Layout) -> TypeGuard[Sequence[str]]:
    """Whether `terrain` is rows of letters of the layout's shape."""
    if not isinstance(terrain, (list, tuple)) or len(terrain) != layout.shape[0]:
        return False
    return all(isinstance(row, str) and len(row) == layout.shape[1] for row in terrain)


def _header(text: SourceText) -> tuple[dict[str, int], int]:
    """Height and width, and the index of the first row."""
    sides: dict[str, int] = {}
    for index, line in enumerate(text.lines[: text.first() + _HEADER]):
        words = line.lower().split()
        if words == ["map"]:
            missing = [name for name in ("height", "width") if name not in sides]
            if missing:
                raise text.error(index, f"the header has no {missing[0]}")
            if index + 1 == len(text.lines):
                raise text.error(index, "no rows follow 'map'")
            return sides, index + 1
        if words and words[0] in ("height", "width"):
            if len(words) != 2 or not words[1].isascii() or not words[1].isdigit() or not 0 < len(words[1]) < 10:
                raise text.error(index, f"expected '{words[0]} NUMBER', found {line.strip()[:40]!r}")
            if int(words[1]) == 0:
                raise text.error(index, f"the {words[0]} must be at least 1")
            sides[words[0]] = int(words[1])
        elif words and words[0] != "type":
            raise text.error(index, f"expected type, height, width or map in the header, found {line.strip()[:40]!r}")
    raise text.error(min(text.first() + _HEADER, len(text.lines)) - 1, "the header has no line 'map'")
