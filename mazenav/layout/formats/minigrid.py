"""MiniGrid: the text of `pprint_grid`, two characters a cell, and encoded grids, uint8 `[W, H, 3]`.

In the text the first character is the thing (`W` wall, `G` goal, `V` lava, `D` `L` `_` doors, ...), the second its
colour; the agent is `>>`, `VV`, `<<` or `^^`. In arrays the first channel is the thing, x comes before y, and the agent
(10) stands in observations only. Walls, lava and cells never seen are walls of the layout; doors can be opened and
other things moved, so they are free. Source: minigrid/minigrid_env.py, core/grid.py and core/constants.py of
https://github.com/Farama-Foundation/Minigrid.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mazenav.files import replacing, write_text_whole
from mazenav.layout.formats import arrays
from mazenav.layout.formats.limits import check_thick, only_one
from mazenav.layout.formats.marks import goals_of, starts_of
from mazenav.layout.formats.source_file import SourceFile
from mazenav.layout.formats.source_text import SourceText, cells, characters
from mazenav.types import Layout, LayoutError

COLOURS = "RGBPY"
AGENTS = (">>", "VV", "<<", "^^")
UNSEEN, EMPTY, WALL, GOAL, LAVA, AGENT = 0, 1, 2, 8, 9, 10
GREY, GREEN = 5, 1
_ROW = re.compile(rf"(  |__|>>|VV|<<|\^\^|[WFDLKABGV][{COLOURS}])+")
_WALL_PAIR = re.compile(rf"W[{COLOURS}]")


def recognise(source: SourceFile) -> bool:
    """Whether all lines are pairs of MiniGrid's characters and there is a wall, or an array looks like its encoding."""
    if arrays.is_binary(source):
        return arrays.convention(source) == "minigrid"
    if not source.is_text:
        return False
    lines = [line for line in source.text.lines if line]
    return any(_WALL_PAIR.search(line) for line in lines) and all(_ROW.fullmatch(line) for line in lines)


def parse_all(source: SourceFile) -> list[Layout]:
    """All layouts of a file.

    Raises:
        LayoutError: naming the line, or the shape or value of an array, that is wrong.
    """
    if not arrays.is_binary(source):
        return [_of_text(source.text)]
    found = arrays.named_arrays(source)
    if len(found) > 1:
        found = {name: each for name, each in found.items() if arrays.kind_of(each, name) == "minigrid"} or found
    layouts: list[Layout] = []
    for name, array in found.items():
        shown = f"{source.name}, member {name[:80]!r}" if name else source.name
        called = f"{source.stem}-{name}" if len(found) > 1 else source.stem
        layouts += _of_array(array, source, shown, called)
    return layouts


def write(layouts: Sequence[Layout], path: Path) -> None:
    """Write one layout: the encoded array for `Grid.decode` where the suffix is `.npy`, text otherwise.

    The first start of its source becomes the agent (of the text only, since grids hold no agent), its goals become
    green goals.

    Raises:
        LayoutError: if there are several, or walls are thin.
        MazenavError: if the file cannot be written.
    """
    layout = only_one(layouts, path, "a MiniGrid grid")
    check_thick(layout, path, "a MiniGrid grid")
    goals = goals_of(layout)
    if path.suffix.lower() == ".npy":
        things = np.where(layout.walls, WALL, EMPTY).astype(np.uint8)
        colours = np.where(layout.walls, GREY, 0).astype(np.uint8)
        for cell in goals:
            things[cell], colours[cell] = GOAL, GREEN
        encoded = np.stack([things, colours, np.zeros_like(things)], axis=-1).transpose(1, 0, 2)
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.save(file, encoded, allow_pickle=False)
        return
    pairs = [["WG" if wall else "  " for wall in row] for row in layout.walls.tolist()]
    marks = [*((cell, "GG") for cell in goals), *((cell, AGENTS[0]) for cell in starts_of(layout)[:1])]
    for (row, column), pair in marks:
        pairs[row][column] = pair
    write_text_whole(path, "\n".join("".join(row) for row in pairs) + "\n")


def _of_text(text: SourceText) -> Layout:
    first = next(index for index, line in enumerate(text.lines) if line)
    codes = characters(text, first, len(text.lines) - first)
    if codes.shape[1] % 2:
        raise text.error(first, f"expected two characters a cell, found an odd number of them, {codes.shape[1]}")
    for index, line in enumerate(text.lines[first:], first):
        if _ROW.fullmatch(line) is None:
            at = next(k for k in range(0, len(line), 2) if _ROW.fullmatch(line[k : k + 2]) is None)
            raise text.error(index, f"found {line[at : at + 2]!r} at character {at + 1}, expected a thing of MiniGrid")
    things, colours = codes[:, ::2], codes[:, 1::2]
    is_agent = (things == colours) & np.isin(things, [ord(agent[0]) for agent in AGENTS])
    is_lava = (things == ord("V")) & ~is_agent
    is_goal = (things == ord("G")) & ~is_agent
    source = {"file": text.name, "format": "minigrid", "starts": cells(is_agent), "goals": cells(is_goal)}
    return Layout((things == ord("W")) | is_lava, Path(text.name).stem, source)


def _of_array(array: np.ndarray, source: SourceFile, shown: str, name: str) -> list[Layout]:
    """The layouts of encoded grids `[W, H, 3]` or `[N, W, H, 3]`."""
    if array.ndim not in (3, 4) or array.shape[-1] != 3 or array.dtype.kind not in "iu":
        raise LayoutError(f"{shown}: found {array.dtype} of shape {array.shape}, expected whole numbers [W, H, 3]")
    things = array[..., 0].reshape(-1, *array.shape[-3:-1]).swapaxes(1, 2)
    if things.min() < UNSEEN or things.max() > AGENT:
        found = things.min() if things.min() < UNSEEN else things.max()
        raise LayoutError(f"{shown}: found a thing of number {found}, expected 0 to {AGENT}")
    arrays.check_count(shown, len(things), things.shape[1] * things.shape[2])
    layouts = arrays.layouts_of(np.isin(things, [UNSEEN, WALL, LAVA]), source, "minigrid", name)
    return [
        Layout(each.walls, each.name, {**each.source, "starts": cells(kinds == AGENT), "goals": cells(kinds == GOAL)})
        for each, kinds in zip(layouts, things, strict=True)
    ]
