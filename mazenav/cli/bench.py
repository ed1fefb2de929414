"""`mazenav bench`: speed beside peers and a C reference, in one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from tyro.conf import Positional, arg

from mazenav.cli.progress import bar

if TYPE_CHECKING:
    from mazenav.bench.table import Row

EXAMPLE = "mazenav bench layouts --out layouts.md"
PIPE_WIDTH = 160
"""Columns of tables that go into a file or a pipe."""


@dataclass(frozen=True)
class Options:
    """Measure mazenav beside its peers (those that are installed) and a C reference (where there is a compiler)."""

    subject: Positional[Literal["layouts", "sim", "search"]]
    """What is measured."""
    out: Annotated[Path | None, arg(metavar="FILE.md", help_behavior_hint="(default: none)")] = None
    """File that the table goes to as Markdown, besides the screen."""


def run(options: Options) -> None:
    """Measure, print the table and write it where asked."""
    from mazenav.bench.table import machine, markdown
    from mazenav.files import write_text_whole

    subject = import_module(f"mazenav.bench.{options.subject}")
    with bar(f"bench {options.subject}", "measurements") as progress:
        rows = subject.measure(progress)
    print(f"Measured on {machine()}.")
    show(rows)
    if options.out is not None:
        write_text_whole(options.out, markdown(f"mazenav bench {options.subject}", rows))
        print(f"table written to {options.out}")


def show(rows: Sequence[Row]) -> None:
    """Print the rows, each of the others on a line of its own."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from mazenav.bench.table import figure

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("work", overflow="fold")
    table.add_column("mazenav", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("others (how many times faster mazenav is)", overflow="fold")
    table.add_column("floor")
    for row in rows:
        others = [f"{name} {figure(value)} (x {row.ratio(name):.2f})" for name, value in row.others.items()]
        others += [f"{name}: {why}" for name, why in row.missing.items()]
        cells = (row.work.replace("`", ""), figure(row.ours), row.unit, "\n".join(others), row.judged)
        table.add_row(*map(escape, cells))
    console.print(table)
