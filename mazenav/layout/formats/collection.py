"""Many layouts in one text file.

The first line is `mazenav layouts 1`; then comes for each layout a line `layout NAME KEY=VALUE ...` with at least
`rows=` and `columns=`, and its rows as plain text. `thin_walls=true` and `cell_size=` are the layout's own; the other
keys are its `source`; where a generator made it, they say how to make it again. A value is a number, a word, or JSON
without spaces.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path

from mazenav.files import write_text_whole
from mazenav.layout.formats import text as plain
from mazenav.layout.formats.source_text import SourceText, check_cells
from mazenav.types import Layout, LayoutError

MAGIC = "mazenav layouts 1"
_NUMBER = re.compile(r"-?\d{1,1000}|-?\d{1,19}\.\d{1,19}(e[+-]?\d{1,3})?|-?\d{1,19}e[+-]?\d{1,3}", re.ASCII)
_KEY = re.compile(r"[!-<>-~]+")
_PLAIN_WORD = re.compile(r"(?![\[{\"])[!-~]+")
_WORDS: dict[str, object] = {"true": True, "false": False, "null": None}


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
        check_cells(text.name, rows, columns)
        first = index + 1
        if first + rows > len(text.lines):
            raise text.error(len(text.lines) - 1, f"layout {name} ends after {len(text.lines) - first} of {rows} rows")
        for row in range(first, first + rows):
            if len(text.lines[row]) != columns:
                raise text.error(row, f"found {len(text.lines[row])} characters, expected {columns} (columns)")
        cell_size, thin = _cell_size(text, index, fields), _thin_walls(text, index, fields)
        layouts.append(Layout(plain.walls_of(text, first, rows), name, fields, cell_size, thin))
        index = first + rows
    if not layouts:
        raise LayoutError(f"{text.name}: the file holds no layout")
    return layouts


def lines_of_all(layouts: Sequence[Layout]) -> list[str]:
    """The lines of a collection.

    Names lose their spaces and control characters; of each `source` everything is kept that JSON can say.
    """
    lines = [MAGIC]
    for number, layout in enumerate(layouts):
        name = _word_of_name(layout.name) or f"layout-{number}"
        fields = {**layout.source, "rows": layout.shape[0], "columns": layout.shape[1]}
        if layout.cell_size != 1.0:
            fields["cell_size"] = float(layout.cell_size)
        if layout.thin_walls:
            fields["thin_walls"] = True
        words = [f"{key}={_word(value)}" for key, value in fields.items() if _KEY.fullmatch(key) and _word(value)]
        lines += [" ".join(["layout", name, *words]), *plain.lines_of(layout)]
    return lines


def write(layouts: Sequence[Layout], path: Path) -> None:
    """Write layouts as a collection.

    Raises:
        MazenavError: if the file cannot be written.
    """
    write_text_whole(path, "\n".join(lines_of_all(layouts)) + "\n")


def _word_of_name(name: str) -> str:
    """A name as one word: `-` for spaces and for what is no printable character."""
    words = name.split()
    return "-".join(words if name.isprintable() else re.findall(r"\w+", " ".join(words)))


def _word(value: object) -> str:
    """A value as one word of a header line; empty where JSON cannot say it."""
    if type(value) is int or (type(value) is float and math.isfinite(value)):
        return repr(value)
    if isinstance(value, str) and _PLAIN_WORD.fullmatch(value) and value not in _WORDS and not _NUMBER.fullmatch(value):
        return value
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False).replace(" ", "\\u0020")
    except (TypeError, ValueError, RecursionError):
        return ""


def _header(text: SourceText, index: int) -> tuple[str, dict[str, object]]:
    """Name and fields of a line `layout NAME KEY=VALUE ...`."""
    words = text.lines[index].split()
    if len(words) < 2 or words[0] != "layout" or not all("=" in word for word in words[2:]):
        found = text.lines[index].strip()[:40]
        raise text.error(index, f"expected 'layout NAME rows=R columns=C ...', found {found!r}")
    pairs = (word.split("=", 1) for word in words[2:])
    return words[1], {key: _value(text, index, key, value) for key, value in pairs}


def _value(text: SourceText, index: int, key: str, word: str) -> object:
    if _NUMBER.fullmatch(word) is not None:
        return float(word) if "." in word or "e" in word else int(word)
    if word in _WORDS:
        return _WORDS[word]
    if word[:1] not in ("[", "{", '"'):
        return word
    try:
        return json.loads(word)
    except (ValueError, RecursionError):
        raise text.error(index, f"expected {key}=VALUE with a word, a number or JSON, found {word[:40]!r}") from None


def _cell_size(text: SourceText, index: int, fields: dict[str, object]) -> float:
    """The cell size, taken out of the fields."""
    size = fields.pop("cell_size", 1.0)
    if isinstance(size, bool) or not isinstance(size, (int, float)) or not 0 < size < math.inf:
        raise text.error(index, f"expected cell_size=NUMBER above 0, found {size!r}")
    return float(size)


def _thin_walls(text: SourceText, index: int, fields: dict[str, object]) -> bool:
    """Whether the layout is a lattice of thin walls, taken out of the fields."""
    thin = fields.pop("thin_walls", False)
    if not isinstance(thin, bool):
        raise text.error(index, f"expected thin_walls=true or thin_walls=false, found {thin!r}")
    rows, columns = fields["rows"], fields["columns"]
    if thin and not (isinstance(rows, int) and isinstance(columns, int) and rows % 2 and columns % 2):
        raise text.error(index, f"a lattice of thin walls has odd sides (2 n + 1), found {rows} x {columns}")
    return thin


def _side(text: SourceText, index: int, fields: dict[str, object], key: str) -> int:
    side = fields.get(key)
    if not isinstance(side, int) or side < 1:
        raise text.error(index, f"the layout needs {key}=NUMBER of at least 1, found {side!r}")
    return side
