"""DeepMind Lab text levels (and labmaze): `*` is wall, a space is floor, letters are things that stand on the floor.

Source: deepmind/lab docs/developers/creating_levels/text_level.md. `P` spawn, `G` goal, `A` apple, `I` and `H` doors,
which are crossed and therefore free. Lines of length zero are ignored and short lines are padded with wall, as that
engine does. A variations layer of `A`-`Z` and `.`, as large as the level, may follow. One character is 100 units.

Kept in `Layout.source` and written back: `starts` (P), `goals` (G), `entities` (the cells of every other letter) and
`variations` (the rows of the layer).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from string import ascii_letters, ascii_uppercase, digits

import numpy as np

from mazenav.files import write_text_whole
from mazenav.layout.formats.limits import check_thick, only_one
from mazenav.layout.formats.marks import marked_cells
from mazenav.layout.formats.source_text import SourceText, cells, characters, check_cells, check_letters, members
from mazenav.types import Layout, LayoutError

WALL, FLOOR = "*", " "
UNITS_A_CELL = 100.0
THINGS = ascii_letters + digits
_LAYER = set(ascii_uppercase + ".")


def recognise(text: SourceText) -> bool:
    """Whether there are `*`, and the first line that is not blank holds nothing but walls, floor and capitals."""
    return set(text.lines[text.first()]) <= set(WALL + FLOOR + ascii_uppercase) and any(WALL in x for x in text.lines)


def parse(text: SourceText) -> Layout:
    """The layout of a text level.

    Raises:
        LayoutError: naming the line with an unknown character.
    """
    numbers = [index for index, line in enumerate(text.lines) if line]
    layer = variation_lines([text.lines[index] for index in numbers])
    numbers, layer_numbers = numbers[: len(numbers) - layer], numbers[len(numbers) - layer :]
    codes = _characters(text, numbers)
    walls = codes == ord(WALL)
    source: dict[str, object] = {"file": text.name, "format": "lab"}
    source |= {"starts": cells(codes == ord("P")), "goals": cells(codes == ord("G"))}
    letters = [chr(code) for code in np.unique(codes) if chr(code) not in WALL + FLOOR + "PG"]
    if letters:
        source["entities"] = {letter: cells(codes == ord(letter)) for letter in letters}
    if layer:
        columns = codes.shape[1]
        source["variations"] = [text.lines[index][:columns].ljust(columns, ".") for index in layer_numbers]
    return Layout(walls, Path(text.name).stem, source, cell_size=UNITS_A_CELL)


def _characters(text: SourceText, numbers: Sequence[int]) -> np.ndarray:
    """The level in the lines with these indices, padded with wall: uint32 `[R, C]`.

    Raises:
        LayoutError: naming the line with an unknown character; or for too many cells.
    """
    columns = max(len(text.lines[index]) for index in numbers)
    check_cells(text.name, len(numbers), columns)
    padded = SourceText(text.name, tuple(text.lines[index].ljust(columns, WALL) for index in numbers))
    codes = characters(padded, 0, len(numbers))
    known = members(codes, WALL + FLOOR + THINGS)
    if not known.all():
        row = int(np.argwhere(~known)[0][0])
        check_letters(
            text, numbers[row], known[row][None], "'*' (wall), ' ' (floor), a letter or a digit (things on the floor)"
        )
    return codes


def variation_lines(lines: Sequence[str]) -> int:
    """How many lines at the end are a variations layer: the second half, if it holds only capitals and dots."""
    half = len(lines) // 2
    is_layer = len(lines) % 2 == 0 and all(set(line) <= _LAYER for line in lines[half:])
    return half if is_layer and half > 0 else 0


def write(layouts: Sequence[Layout], path: Path) -> None:
    """Write one layout as a text level, with its things and its variations layer.

    Raises:
        LayoutError: if there are several, the layout's walls are thin, or it has none to tell the format by.
        MazenavError: if the file cannot be written.
    """
    layout = only_one(layouts, path, "a DeepMind Lab level")
    check_thick(layout, path, "a DeepMind Lab text level")
    if not layout.walls.any():
        raise LayoutError(f"{path}: a DeepMind Lab text level is told by its walls, and this layout has none")
    lines, layer = lines_of(layout), _layer_of(layout)
    if not layer and variation_lines(lines):
        layer = ["." * len(line) for line in lines]  # or the things in the last rows would be taken for a layer
    write_text_whole(path, "\n".join([*lines, *layer]) + "\n")


def lines_of(layout: Layout) -> list[str]:
    """The rows of the level; things are set where the cell is free."""
    codes = np.where(layout.walls, ord(WALL), ord(FLOOR)).astype(np.uint32)
    entities = layout.source.get("entities")
    things = dict(entities) if isinstance(entities, Mapping) else {}
    for letter, key in (("P", "starts"), ("G", "goals")):
        things[letter] = layout.source.get(key)
    for letter, places in things.items():
        if isinstance(letter, str) and len(letter) == 1 and letter in THINGS:
            for cell in marked_cells(places, layout):
                codes[cell] = ord(letter)
    return [row.tobytes().decode("utf-32-le") for row in codes]


def _layer_of(layout: Layout) -> list[str]:
    """The rows of the variations layer, none if the layout has none of its own shape."""
    layer = layout.source.get("variations")
    if not isinstance(layer, (list, tuple)) or len(layer) != layout.shape[0]:
        return []
    fits = all(isinstance(row, str) and len(row) == layout.shape[1] and set(row) <= _LAYER for row in layer)
    return [str(row) for row in layer] if fits else []
