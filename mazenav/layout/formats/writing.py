"""Layouts into files, which are whole or not there at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mazenav.layout.formats import text
from mazenav.layout.formats.registry import FORMATS, format_by_name, format_for
from mazenav.types import Layout, LayoutError


def write_text(layout: Layout, path: str | Path) -> None:
    """Write one layout as plain text.

    Raises:
        MazenavError: if the file cannot be written.
    """
    text.write([layout], Path(path))


def write_layouts(layouts: Sequence[Layout], path: str | Path, format: str | None = None) -> None:
    """Write layouts to one file.

    Args:
        layouts: at least one.
        path: the file.
        format: a key of `FORMATS`; by default the suffix of `path` decides: `.txt` is a collection, `.map` a MovingAI
            map, and so on.

    Raises:
        LayoutError: if there is none to write, the suffix tells no format, or the format cannot hold the layouts.
        MazenavError: if the file cannot be written.
    """
    if not layouts:
        raise LayoutError(f"{path}: no layouts to write")
    name = format_for(path) if format is None else format
    write = format_by_name(name).write
    if write is None:
        written = ", ".join(name for name, each in FORMATS.items() if each.write is not None)
        raise LayoutError(f"{path}: layouts in the format {name} are read but not written; written are {written}")
    write(layouts, Path(path))
