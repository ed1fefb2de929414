"""`mazenav bench`: speed beside peers and a C reference, in one run."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, arg

from mazenav.cli.progress import bar

EXAMPLE = "mazenav bench layouts --out layouts.md"


@dataclass(frozen=True)
class Options:
    """Measure mazenav beside its peers (those that are installed) and a C reference (where there is a compiler)."""

    subject: Positional[Literal["layouts", "sim", "search"]]
    """What is measured."""
    out: Annotated[Path | None, arg(metavar="FILE.md", help_behavior_hint="(default: none)")] = None
    """File that the table goes to as Markdown, besides the screen."""


def run(options: Options) -> None:
    """Measure, print the table and write it where asked."""
    from rich.console import Console
    from rich.markdown import Markdown

    from mazenav.bench.table import markdown
    from mazenav.files import write_text_whole

    subject = import_module(f"mazenav.bench.{options.subject}")
    with bar(f"bench {options.subject}", "measurements") as progress:
        rows = subject.measure(progress)
    table = markdown(f"mazenav bench {options.subject}", rows)
    Console().print(Markdown(table))
    if options.out is not None:
        write_text_whole(options.out, table)
        print(f"table written to {options.out}")
