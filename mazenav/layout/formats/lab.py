"""DeepMind Lab text levels (and labmaze): `*` is wall, a space is floor, letters are things that stand on the floor.

Source: deepmind/lab docs/developers/creating_levels/text_level.md. `P` spawn, `G` goal, `A` apple, `I` and `H` doors,
which are crossed and therefore free. Lines of length zero are ignored and short lines are padded with wall, as that
engine does. A variations layer of `A`-`Z` and `.`, as large as the level, may follow. One character is 100 units.
"""

from __future__ import annotations

from pathlib import Path
from string import ascii_letters, ascii_uppercase, digits

import numpy as np

from mazenav.layout.formats.source_text import SourceText, cells, characters, check_cells, check_letters, members
from mazenav.types import Layout

WALL, FLOOR = "*", " "
UNITS_A_CELL = 100.0


def recognise(text: SourceText) -> bool:
    """Whether there are `*`, and the first line that is not blank holds nothing but walls, floor and capitals."""
    return set(text.lines[text.first()]) <= set(WALL + FLOOR + ascii_uppercase) and any(WALL in x for x in text.lines)


def parse(text: SourceText) -> Layout:
    """The layout of a text level.

    Raises:
        LayoutError: naming the line with an unknown character.
    """
    numbers = [index for index, line in enumerate(text.lines) if line]
    numbers = numbers[: len(numbers) - _variation_lines([text.lines[index] for index in numbers])]
    columns = max(len(text.lines[index]) for index in numbers)
    check_cells(text, len(numbers), columns)
    padded = SourceText(text.name, tuple(text.lines[index].ljust(columns, WALL) for index in numbers))
    codes = characters(padded, 0, len(numbers))
    walls = members(codes, WALL)
    known = walls | members(codes, FLOOR + ascii_letters + digits)
    if not known.all():
        worst = numbers[int(np.argwhere(~known)[0][0])]
        row = known[numbers.index(worst)][None]
        check_letters(text, worst, row, "'*' (wall), ' ' (floor), a letter or a digit (things on the floor)")
    source: dict[str, object] = {"file": text.name, "format": "lab"}
    source |= {"starts": cells(members(codes, "P")), "goals": cells(members(codes, "G"))}
    return Layout(walls, Path(text.name).stem, source, cell_size=UNITS_A_CELL)


def _variation_lines(lines: list[str]) -> int:
    """How many lines at the end are a variations layer: the second half, if it holds only capitals and dots."""
    half = len(lines) // 2
    layer = lines[half:]
    is_layer = len(lines) % 2 == 0 and all(set(line) <= set(ascii_uppercase + ".") for line in layer)
    return half if is_layer and half > 0 else 0
