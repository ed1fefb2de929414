"""`mazenav inspect`: what layouts look like, what can be counted in them, and where they come from."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from tyro.conf import Positional, arg

from mazenav.cli.choices import choose_layouts
from mazenav.cli.progress import bar
from mazenav.types import Cell, Layout, MazenavError

if TYPE_CHECKING:
    from rich.console import Console

EXAMPLE = "mazenav inspect test-13 --max-layouts 50"
MOST_GROUPS = 10
"""Groups of duplicates that are listed."""
PIPE_WIDTH = 160
"""Columns of tables that go into a file or a pipe."""
MOST_SAID = 60
"""Characters that are shown of an entry of a source, such as the terrain that a map of letters was read from."""
BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Options:
    """Show a layout, its statistics and where it comes from; of several layouts how the statistics are spread."""

    layouts: Annotated[Positional[tuple[str, ...]], arg(metavar="LAYOUTS...", help_behavior_hint="(required)")] = ()
    """Shipped sets (test-13, -25, -51, -101, -labmaze, train-20), files, folders, or - for standard input."""
    name: Annotated[str | None, arg(metavar="NAME", help_behavior_hint="(default: all)")] = None
    """Only the layout of this name."""
    start: Annotated[tuple[int, int] | None, arg(metavar="ROW COLUMN", help_behavior_hint="(default: none)")] = None
    """With --goal: how hard this task is."""
    goal: Annotated[tuple[int, int] | None, arg(metavar="ROW COLUMN", help_behavior_hint="(default: none)")] = None
    """With --start: how hard this task is."""
    each: bool = False
    """A row for every layout."""
    json: bool = False
    """Everything as JSON, for other programs."""
    max_layouts: Annotated[int | None, arg(metavar="INT", help_behavior_hint="(default: all)")] = None
    """Of each set, file or folder only the first so many."""
    format: Annotated[str | None, arg(metavar="NAME", help_behavior_hint="(default: told from the content)")] = None
    """Layout format of files and folders."""


@dataclass(frozen=True)
class Findings:
    """What was found out about layouts.

    Attributes:
        layouts: the layouts.
        table: name of a measure -> float64 `[N]`.
        hashes: content hash of each.
        first_of: for each the number of the first one with the same content, up to symmetry; its own unless it repeats.
    """

    layouts: Sequence[Layout]
    table: Mapping[str, np.ndarray]
    hashes: Sequence[str]
    first_of: Sequence[int]


def run(options: Options) -> None:
    """Look, count, and print."""
    from rich.console import Console

    layouts = choose_layouts(options.layouts, options.max_layouts, options.format)
    if options.name is not None:
        layouts = [layout for layout in layouts if layout.name == options.name]
        if not layouts:
            raise MazenavError(f"none of the layouts is called {options.name!r}")
    if (options.start is None) != (options.goal is None):
        raise MazenavError("--start and --goal go together")
    if options.start is not None and len(layouts) > 1:
        raise MazenavError(f"--start and --goal need one layout, found {len(layouts)}; --name picks one")
    task = None
    if options.start is not None and options.goal is not None:
        from mazenav.layout.difficulty import task_difficulty

        task = task_difficulty(layouts[0], options.start, options.goal)._asdict()
    found = find_out(layouts)
    if options.json:
        json.dump(as_json(found, task), sys.stdout, indent=2)
        sys.stdout.write("\n")
        return
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    if len(layouts) == 1:
        show_one(console, found, task, (options.start, options.goal))
    else:
        show_many(console, found, options.each)


def find_out(layouts: Sequence[Layout]) -> Findings:
    """Measure and compare layouts, with a progress bar."""
    from mazenav.layout.difficulty import difficulties
    from mazenav.layout.split import content_hashes

    with bar("measuring", "layouts") as show:
        table = difficulties(layouts, lambda done, total: show(done, total, ""))
    hashes = content_hashes(layouts)
    first: dict[str, int] = {}
    return Findings(layouts, table, hashes, [first.setdefault(each, index) for index, each in enumerate(hashes)])


def as_json(found: Findings, task: Mapping[str, float] | None) -> dict[str, Any]:
    """Everything, as JSON takes it."""
    from mazenav.layout.difficulty import FRACTIONS

    entries = []
    for index, layout in enumerate(found.layouts):
        first = found.first_of[index]
        measures = {
            name: float(column[index]) if name in FRACTIONS else int(column[index])
            for name, column in found.table.items()
        }
        entry: dict[str, Any] = {
            "name": layout.name,
            "hash": found.hashes[index],
            "repeats": None if first == index else found.layouts[first].name,
            "thin_walls": layout.thin_walls,
            "cell_size": layout.cell_size,
            "source": plain(layout.source),
            **measures,
        }
        entries.append(entry)
    return {"layouts": entries} if task is None else {"layouts": entries, "task": dict(task)}


def plain(value: object) -> Any:
    """A source as JSON takes it: what it does not know becomes text."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, np.generic):
        return value.item()
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def show_one(
    console: Console,
    found: Findings,
    task: Mapping[str, float] | None,
    ends: tuple[Cell | None, Cell | None],
) -> None:
    """The picture, the measures and the source of one layout."""
    from rich.markup import escape
    from rich.table import Table

    from mazenav.layout.selection import show_number

    layout = found.layouts[0]
    walls = "thin walls" if layout.thin_walls else "thick walls"
    size = f", a cell is {layout.cell_size:g} wide" if layout.cell_size != 1.0 else ""
    console.print(
        f"[bold]{escape(layout.name or 'layout')}[/bold]  {layout.shape[0]} x {layout.shape[1]} cells, {walls}{size}"
    )
    print_picture(layout, ends)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_column(style="dim")
    meanings = meanings_of_measures()
    for name, column in found.table.items():
        table.add_row(name, show_number(name, float(column[0])), meanings[name])
    console.print(table)
    if task is not None:
        words = ", ".join(f"{name} {value:g}" for name, value in task.items())
        console.print(f"\n[bold]task[/bold]  {words}")
    words = ", ".join(f"{key} {short(value)}" for key, value in layout.source.items())
    console.print(f"\n[bold]source[/bold]  {escape(words) or 'unknown'}")
    console.print(f"[bold]hash[/bold]    {found.hashes[0]}")


def short(value: object) -> str:
    """What a source says under a key on one line; `--json` has all of it."""
    text = " ".join(str(value).split())
    return text if len(text) <= MOST_SAID else f"{text[:MOST_SAID]}... ({len(str(value)):,} characters)"


def show_many(console: Console, found: Findings, each: bool) -> None:
    """How the measures of several layouts are spread, their kinds, and which repeat others."""
    from rich.markup import escape
    from rich.table import Table

    from mazenav.layout.selection import kind_of, show_number

    count = len(found.layouts)
    shapes = Counter(f"{layout.shape[0]} x {layout.shape[1]}" for layout in found.layouts)
    kinds = Counter(kind_of(layout) for layout in found.layouts)
    different = len(set(found.hashes))
    if each:
        console.print(rows_of_all(found))
    console.print(f"[bold]{count:,} layouts[/bold], {different:,} different up to rotation and reflection")
    for title, counts in (("sizes", shapes), ("kinds", kinds)):
        kinds_of = [f"{number:,} {name}" for name, number in counts.most_common(8)]
        console.print(f"[bold]{title}[/bold]  {escape(', '.join([*kinds_of, '...'] if len(counts) > 8 else kinds_of))}")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("", style="bold")
    for head in ("least", "quarter", "median", "mean", "quarter", "most"):
        table.add_column(head, justify="right")
    table.add_column("")
    same = {name: values[0] for name, values in found.table.items() if values.min() == values.max()}
    for name, values in found.table.items():
        if name in same:
            continue
        low, first, middle, third, high = np.quantile(values, [0, 0.25, 0.5, 0.75, 1])
        cells = [show_number(name, float(value)) for value in (low, first, middle)]
        mean = f"{values.mean():,.3f}" if abs(values.mean()) < 10 else f"{values.mean():,.1f}"
        cells += [mean, *(show_number(name, float(value)) for value in (third, high))]
        table.add_row(name, *cells, histogram(values))
    words = ", ".join(f"{name} {show_number(name, float(value))}" for name, value in same.items())
    console.print(f"[bold]the same in all[/bold]  {words or 'nothing'}")
    console.print(table)
    show_repeats(console, found)


def rows_of_all(found: Findings) -> Any:
    """A table with a row for every layout, those that repeat another marked."""
    from rich.markup import escape
    from rich.table import Table

    from mazenav.layout.selection import show_number

    shown = ("free_share", "dead_ends", "decision_points", "loops", "islands", "turns", "diameter", "mean_distance")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("name", style="bold", overflow="fold")
    table.add_column("size")
    for name in shown:
        table.add_column(name.replace("_", "\n"), justify="right")
    table.add_column("repeats", style="red")
    for index, layout in enumerate(found.layouts):
        first = found.first_of[index]
        numbers = (show_number(name, float(found.table[name][index])) for name in shown)
        repeats = "" if first == index else found.layouts[first].name or f"number {first + 1}"
        table.add_row(escape(layout.name), f"{layout.shape[0]}x{layout.shape[1]}", *numbers, escape(repeats))
    return table


def show_repeats(console: Console, found: Findings) -> None:
    """The groups of layouts that are images of each other, the first few."""
    groups: dict[int, list[int]] = {}
    for index, first in enumerate(found.first_of):
        groups.setdefault(first, []).append(index)
    repeated = [group for group in groups.values() if len(group) > 1]
    if not repeated:
        console.print("no layout occurs twice")
        return
    console.print(f"[bold red]{sum(map(len, repeated)) - len(repeated):,} repeats[/bold red], up to symmetry:")
    for group in repeated[:MOST_GROUPS]:
        names = [found.layouts[index].name or f"number {index + 1}" for index in group]
        console.print("  " + " = ".join([*names[:6], "..."] if len(names) > 6 else names), markup=False)
    if len(repeated) > MOST_GROUPS:
        console.print(f"  and {len(repeated) - MOST_GROUPS:,} groups more")


def histogram(values: np.ndarray, bins: int = 12) -> str:
    """How numbers are spread between the least and the most, as a row of small bars; nothing where all are one."""
    if len(values) == 0 or values.min() == values.max():
        return ""
    counts, _ = np.histogram(values, bins)
    return "".join(" " if count == 0 else BARS[int((count * (len(BARS) - 1)) // counts.max())] for count in counts)


def print_picture(layout: Layout, ends: tuple[Cell | None, Cell | None] = (None, None)) -> None:
    """Print the layout as blocks two columns wide, one where that does not fit, or say that it is too wide."""
    room = shutil.get_terminal_size((100, 40)).columns
    rows, columns = layout.shape
    width = 2 if 2 * columns <= room else 1
    if columns > room or rows > 400:
        print(f"({columns} columns are too many to print here; mazenav render draws them)")
        return
    block = "█" if (sys.stdout.encoding or "").lower().startswith("utf") else "#"
    grid = [[block * width if wall else " " * width for wall in row] for row in layout.walls]
    for cell, letter in zip(ends, "SG", strict=True):
        if cell is not None:
            grid[cell[0]][cell[1]] = letter + " " * (width - 1)
    print("\n".join("".join(row).rstrip() for row in grid))


def meanings_of_measures() -> dict[str, str]:
    """What each measure means, in a few words."""
    return {
        "rows": "",
        "columns": "",
        "free_cells": "cells that are not wall",
        "free_share": "of all cells",
        "pieces": "connected components",
        "dead_ends": "cells with one exit",
        "decision_points": "cells with three or four exits",
        "branching": "ways on at a decision point, on average",
        "corridors": "unbroken runs of cells with two exits",
        "corridor_length": "cells in such a run, on average",
        "turns": "cells where a corridor bends",
        "loops": "independent cycles, open squares among them",
        "islands": "loops that lead around walls",
        "diameter": "longest shortest path, in steps",
        "mean_distance": "shortest path between two cells, on average",
        "exact": "1, or 0 where the two before are estimated",
    }
