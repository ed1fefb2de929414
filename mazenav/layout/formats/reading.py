"""Layouts from files of any format: what a file holds is told from its content, never from its name."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from mazenav.layout.formats.registry import FORMATS, RESAMPLED, format_by_name, format_of
from mazenav.layout.formats.source_file import SourceFile, load_file
from mazenav.types import Layout, LayoutError

__all__ = ["FORMATS", "format_of", "parse_file", "parse_layouts", "read_layout", "read_layouts"]


def read_layout(path: str | Path, format: str | None = None, *, cell_size: float | None = None) -> Layout:
    """The one layout in a file.

    Args:
        path: the file.
        format: a key of `FORMATS`; by default it is told from the content.
        cell_size: the size in metres that cells shall get, of a robot's map (`ros`), which is far finer than a maze.

    Raises:
        LayoutError: naming file and line, if the file cannot be read as that; or if it holds several layouts.
    """
    layouts = parse_file(replace(load_file(path), cell_size=cell_size), format)
    if len(layouts) > 1:
        raise LayoutError(f"{path}: the file holds {len(layouts)} layouts, expected one")
    return layouts[0]


def read_layouts(path: str | Path, format: str | None = None, *, cell_size: float | None = None) -> list[Layout]:
    """All layouts in a file, or in the files of a folder in the order of their names.

    Of a folder, hidden files, folders and files whose content is that of no format are passed over; a file that begins
    like a layout and goes wrong, an empty `.txt` or `.map`, or a symbolic link out of the folder is an error.

    Raises:
        LayoutError: naming file and line; or if the folder holds no layout.
    """
    path = Path(path)
    if not path.is_dir():
        return parse_file(replace(load_file(path), cell_size=cell_size), format)
    try:
        files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
    except OSError as error:
        raise LayoutError(f"{path}: the folder cannot be read: {error.strerror or error}") from error
    layouts: list[Layout] = []
    for file in files:
        source = _loaded(file)
        if source is not None and (format is not None or format_of(source) is not None):
            layouts += parse_file(replace(source, cell_size=cell_size), format)
        elif source is not None and file.suffix.lower() in (".txt", ".map"):
            _ = source.text  # raises where the file is empty or binary, which none of these may be
    if not layouts:
        raise LayoutError(
            f"{path}: none of the {len(files)} files in this folder is a layout in a format that can be read"
        )
    return layouts


def _loaded(file: Path) -> SourceFile | None:
    """A file of a folder; None where it cannot be read and does not look like a layout either."""
    try:
        return load_file(file)
    except LayoutError:
        if file.is_symlink() or file.suffix.lower() in (".txt", ".map"):
            raise
        return None


def parse_layouts(content: bytes, name: str, format: str | None = None) -> list[Layout]:
    """All layouts in the content of a file; `name` stands for the file in errors and sources.

    Raises:
        LayoutError: as `read_layouts`; also if the content names another file, since there is no folder to look in.
    """
    return parse_file(SourceFile(name, content), format)


def parse_file(source: SourceFile, format: str | None = None) -> list[Layout]:
    """All layouts of a file that has been loaded.

    Raises:
        LayoutError: as `read_layouts`.
    """
    name = format_of(source) if format is None else format
    if name is None:
        text = source.text
        line = text.first()
        found = text.lines[line].strip()[:40]
        raise text.error(
            line, f"found {found!r}, which begins no layout format that can be read ({', '.join(FORMATS)})"
        )
    if source.cell_size is not None:
        if name not in RESAMPLED:
            raise LayoutError(
                f"{source.name}: cells of a wanted size are made of {', '.join(RESAMPLED)} only, not of {name}"
            )
        if not 0 < source.cell_size < math.inf:
            raise LayoutError(f"the size of a cell must be above 0, found {source.cell_size}")
    layouts = format_by_name(name).parse(source)
    for layout in layouts:
        if layout.walls.all():
            rows, columns = layout.shape
            raise LayoutError(
                f"{source.name}: layout {layout.name[:80]!r} has no free cell, all {rows} x {columns} are walls"
            )
    return layouts
