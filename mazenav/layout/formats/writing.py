"""Layouts into files, which are whole or not there at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mazenav.files import write_text_whole
from mazenav.layout.formats import collection, text
from mazenav.types import Layout, LayoutError


def write_text(layout: Layout, path: str | Path) -> None:
    """Write one layout as plain text.

    Raises:
        MazenavError: if the file cannot be written.
    """
    write_text_whole(path, "\n".join(text.lines_of(layout)) + "\n")


def write_layouts(layouts: Sequence[Layout], path: str | Path) -> None:
    """Write layouts as a collection, many in one file; see `mazenav.layout.formats.collection`.

    Raises:
        LayoutError: if there is none to write.
        MazenavError: if the file cannot be written.
    """
    if not layouts:
        raise LayoutError(f"{path}: no layouts to write")
    write_text_whole(path, "\n".join(collection.lines_of_all(layouts)) + "\n")
