"""Layouts from files of any format: what a file holds is told from its content, never from its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from mazenav.layout.formats import collection, lab, micromouse, movingai, text
from mazenav.layout.formats.source_text import SourceText, load_text, text_of
from mazenav.types import Layout, LayoutError


class Format(NamedTuple):
    """How to tell a format from the others, and how to read it."""

    recognise: Callable[[SourceText], bool]
    parse: Callable[[SourceText], list[Layout]]


FORMATS: dict[str, Format] = {
    "collection": Format(collection.recognise, collection.parse_all),
    "movingai": Format(movingai.recognise, lambda source: [movingai.parse(source)]),
    "micromouse": Format(micromouse.recognise, lambda source: [micromouse.parse(source)]),
    "text": Format(text.recognise, lambda source: [text.parse(source)]),
    "lab": Format(lab.recognise, lambda source: [lab.parse(source)]),
}
"""Every format by its name, in the order in which they are tried."""


def read_layout(path: str | Path, format: str | None = None) -> Layout:
    """The one layout in a file.

    Args:
        path: the file.
        format: a key of `FORMATS`; by default it is told from the content.

    Raises:
        LayoutError: naming file and line, if the file cannot be read as that; or if it holds several layouts.
    """
    layouts = _parse(load_text(Path(path)), format)
    if len(layouts) > 1:
        raise LayoutError(f"{path}: the file holds {len(layouts)} layouts, expected one")
    return layouts[0]


def read_layouts(path: str | Path, format: str | None = None) -> list[Layout]:
    """All layouts in a file, or in the files of a folder in the order of their names.

    Of a folder, hidden files, folders and files whose content is that of no format are passed over; a file that begins
    like a layout and goes wrong, or an empty `.txt` or `.map`, is an error.

    Raises:
        LayoutError: naming file and line; or if the folder holds no layout.
    """
    path = Path(path)
    if not path.is_dir():
        return _parse(load_text(path), format)
    try:
        files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
    except OSError as error:
        raise LayoutError(f"{path}: the folder cannot be read: {error.strerror or error}") from error
    layouts: list[Layout] = []
    for file in files:
        try:
            source = load_text(file)
        except LayoutError:
            if file.suffix.lower() in (".txt", ".map"):
                raise
            continue
        if format is not None or format_of(source) is not None:
            layouts += _parse(source, format)
    if not layouts:
        raise LayoutError(
            f"{path}: none of the {len(files)} files in this folder is a layout in a format that can be read"
        )
    return layouts


def parse_layouts(content: bytes, name: str, format: str | None = None) -> list[Layout]:
    """All layouts in the content of a file; `name` stands for the file in errors and sources.

    Raises:
        LayoutError: as `read_layouts`.
    """
    return _parse(text_of(content, name), format)


def format_of(source: SourceText) -> str | None:
    """The name of the format that a text is recognised as, or None."""
    return next((name for name, format in FORMATS.items() if format.recognise(source)), None)


def _parse(source: SourceText, format: str | None) -> list[Layout]:
    name = format_of(source) if format is None else format
    if name is None:
        line = source.first()
        found = source.lines[line].strip()[:40]
        raise source.error(
            line, f"found {found!r}, which begins no layout format that can be read ({', '.join(FORMATS)})"
        )
    if name not in FORMATS:
        raise LayoutError(f"no layout format is called {name!r}; there are {', '.join(FORMATS)}")
    layouts = FORMATS[name].parse(source)
    for layout in layouts:
        if layout.walls.all():
            rows, columns = layout.shape
            raise LayoutError(f"{source.name}: layout {layout.name} has no free cell, all {rows} x {columns} are walls")
    return layouts
