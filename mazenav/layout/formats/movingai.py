"""MovingAI grid maps (Sturtevant 2012, https://movingai.com/benchmarks/formats.html).

Header lines `type`, `height`, `width` and `map`, then the rows. `.` `G` passable, `S` swamp passable from there,
`@` `O` out of bounds, `T` trees, `W` water that terrain does not lead into. Maps without a closed border stay as they
are.
"""

from __future__ import annotations

from pathlib import Path

from mazenav.layout.formats.source_text import SourceText, characters, check_cells, check_letters, members
from mazenav.types import Layout

FREE, BLOCKED = ".GS", "@OTW"
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
    check_cells(text, rows, columns)
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
    return Layout(blocked, Path(text.name).stem, {"file": text.name, "format": "movingai"})


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
