"""`mazenav generate`: new layouts of a kind, as text."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

from mazenav.types import Layout, MazenavError

EXAMPLE = "mazenav generate backtracker --shape 13 13 --count 10 --loop-ratio 0.2 --out mazes"
OWN = "(default: the generator's own)"


@dataclass(frozen=True)
class Options:
    """Make new layouts of a kind: backtracker, rooms, clutter, wide or open."""

    kind: Annotated[Positional[str], arg(metavar="KIND")]
    """Which generator makes them."""
    shape: Annotated[tuple[int, int], arg(metavar="ROWS COLUMNS")] = (13, 13)
    """Rows and columns, 5 to 201 each."""
    count: int = 1
    """How many."""
    seed: int = 0
    """The same seed makes the same layouts."""
    out: Annotated[str, arg(metavar="DIR|FILE.txt|-")] = "-"
    """A folder for one text file a layout, a .txt file for all of them, or - for the screen."""
    loop_ratio: Annotated[float | None, arg(metavar="FLOAT", help_behavior_hint=OWN)] = None
    """backtracker, wide: share of dead ends that are opened into loops."""
    density: Annotated[float | None, arg(metavar="FLOAT", help_behavior_hint=OWN)] = None
    """clutter: share of cells that obstacles fill."""
    corridor: Annotated[int | None, arg(metavar="INT", help_behavior_hint=OWN)] = None
    """wide: cells across a corridor, 2 or more."""
    smallest: Annotated[int | None, arg(metavar="INT", help_behavior_hint=OWN)] = None
    """rooms: shortest side of a room in cells."""
    largest: Annotated[int | None, arg(metavar="INT", help_behavior_hint=OWN)] = None
    """rooms, clutter: longest side of a room or an obstacle in cells."""
    extra: Annotated[float | None, arg(metavar="FLOAT", help_behavior_hint=OWN)] = None
    """rooms: chance of a room to be joined to a second one."""


def run(options: Options) -> None:
    """Make the layouts and write or print them."""
    from mazenav.layout.generate import generate_batch
    from mazenav.rng import stream

    if options.count < 1:
        raise MazenavError(f"--count must be at least 1, found {options.count}")
    if options.seed < 0:
        raise MazenavError(f"--seed must not be negative, found {options.seed}")
    names = ("loop_ratio", "density", "corridor", "smallest", "largest", "extra")
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    layouts = generate_batch(options.kind, options.shape, options.count, stream(options.seed, "generate"), **given)
    if options.out == "-":
        _print(layouts)
    else:
        _write(layouts, Path(options.out))


def _print(layouts: list[Layout]) -> None:
    """One layout as plain text, several as a collection, both of which can be read again."""
    from mazenav.layout.formats import collection, text

    lines = text.lines_of(layouts[0]) if len(layouts) == 1 else collection.lines_of_all(layouts)
    sys.stdout.write("\n".join(lines) + "\n")


def _write(layouts: list[Layout], out: Path) -> None:
    """One file for all, or a folder with a file for each."""
    from mazenav.layout.formats.writing import write_layouts, write_text

    if out.suffix == ".txt":
        write_layouts(layouts, out)
    else:
        for layout in layouts:
            write_text(layout, out / f"{layout.name}.txt")
    print(f"{len(layouts)} {'layout' if len(layouts) == 1 else 'layouts'} written to {out}")
