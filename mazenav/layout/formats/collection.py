"""Many layouts in one text file.

The first line is `mazenav layouts 1`; then comes for each layout a line `layout NAME KEY=VALUE ...` with at least
`rows=` and `columns=`, and its rows as plain text. The other keys are the layout's `source`; where a generator made it,
they say how to make it again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from mazenav.files import write_text_whole
from mazenav.layout.formats import text as plain
from mazenav.layout.formats.source_text import SourceText, check_cells
from mazenav.types import Layout, LayoutError

MAGIC = "mazenav layouts 1"
_NUMBER = re.compile(r"-?\d{1,19}|-?\d{1,19}\.\d{1,19}(e-?\d{1,3})?", re.ASCII)


def recognise(text: SourceText) -> bool:
    """Whether the first line is that of a collection, of any version."""
    return text.lines[0].startswith("mazenav layouts")


def parse_all(text: SourceText) -> list[Layout]:
    """All layouts of a collection.

    Raises:
        LayoutError: naming the line that is wrong.
    """
    if text.lines[0].strip() != MAGIC:
        raise text.error(0, f"expected {MAGIC!r}, found {text.lines[0].strip()[:40]!r}")
    layouts: list[Layout] = []
    index = 1
    while index < len(text.lines):
        if not text.lines[index].strip():
            index += 1
            continue
        name, fields = _header(text, index)
        rows, columns = _side(text, index, fields, "rows"), _side(text, index, fields, "columns")
        check_cells(text, rows, columns)
        first = index + 1
        if first + rows > len(text.lines):
            raise text.error(len(text.lines) - 1, f"layout {name} ends after {len(text.lines) - first} of {rows} rows")
        for row in range(first, first + rows):
            if len(text.lines[row]) != columns:
                raise text.error(row, f"found {len(text.lines[row])} characters, expected {columns} (columns)")
        layouts.append(Layout(plain.parse(text, first, rows).walls, name, fields))
        index = first + rows
    if not layouts:
        raise LayoutError(f"{text.name}: the file holds no layout")
    return layouts


def lines_of_all(layouts: Sequence[Layout]) -> list[str]:
    """The lines of a collection.

    Names lose their spaces; of each `source` the numbers and the words without spaces are kept.
    """
    lines = [MAGIC]
    for number, layout in enumerate(layouts):
        name = re.sub(r"\s+", "-", layout.name.strip()) or f"layout-{number}"
        fields = {**layout.source, "rows": layout.shape[0], "columns": layout.shape[1]}
        words = [f"{key}={value}" for key, value in fields.items() if _writable(key, value)]
        lines += [" ".join(["layout", name, *words]), *plain.lines_of(layout)]
    return lines


def write(layouts: Sequence[Layout], path: Path) -> None:
    """Write layouts as a collection.

    Raises:
        MazenavError: if the file cannot be written.
    """
    write_text_whole(path, "\n".join(lines_of_all(layouts)) + "\n")


def _writable(key: str, value: object) -> bool:
    is_scalar = isinstance(value, (int, float, str)) and not isinstance(value, bool)
    return is_scalar and re.fullmatch(r"[^\s=]+=\S+", f"{key}={value}") is not None


def _header(text: SourceText, index: int) -> tuple[str, dict[str, object]]:
    """Name and fields of a line `layout NAME KEY=VALUE ...`."""
    words = text.lines[index].split()
    if len(words) < 2 or words[0] != "layout" or not all("=" in word for word in words[2:]):
        found = text.lines[index].strip()[:40]
        raise text.error(index, f"expected 'layout NAME rows=R columns=C ...', found {found!r}")
    pairs = (word.split("=", 1) for word in words[2:])
    return words[1], {key: _value(value) for key, value in pairs}


def _value(word: str) -> int | float | str:
    if _NUMBER.fullmatch(word) is None:
        return word
    return float(word) if "." in word else int(word)


def _side(text: SourceText, index: int, fields: dict[str, object], key: str) -> int:
    side = fields.get(key)
    if not isinstance(side, int) or side < 1:
        raise text.error(index, f"the layout needs {key}=NUMBER of at least 1, found {side!r}")
    return side
