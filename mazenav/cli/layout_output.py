"""Layouts to wherever a command line sends them: standard output, one file, or a folder with a file for each."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mazenav.cli.render import file_names
from mazenav.types import Layout, MazenavError

STANDARD_OUTPUT = "-"


def put_layouts(layouts: Sequence[Layout], out: str, format: str | None) -> None:
    """Write layouts, and say so unless they go to standard output.

    Args:
        layouts: at least one.
        out: a file (a name with a suffix), a folder, or - for standard output.
        format: a layout format. Unless given the suffix of a file tells it, files in a folder are collections, and
            standard output gets plain text where that says all.

    Raises:
        MazenavError: if the format cannot hold them, or they cannot be written.
    """
    from mazenav.layout.formats.writing import write_layouts

    if out == STANDARD_OUTPUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(as_bytes(layouts, format))
        sys.stdout.buffer.flush()
        return
    path = Path(out)
    if path.suffix and not path.is_dir():
        write_layouts(layouts, path, format)
    else:
        name_of_format = format or "collection"
        suffix = suffix_of(name_of_format)
        for layout, name in zip(layouts, file_names(layouts), strict=True):
            write_layouts([layout], path / f"{name}{suffix}", name_of_format)
    print(f"{len(layouts)} {'layout' if len(layouts) == 1 else 'layouts'} written to {path}")


def as_bytes(layouts: Sequence[Layout], format: str | None) -> bytes:
    """Layouts as they would stand in a file: plain text for one, a collection for several or for thin walls.

    Raises:
        MazenavError: if the format needs more than one file.
    """
    from mazenav.layout.formats.writing import write_layouts

    is_plain = len(layouts) == 1 and not layouts[0].thin_walls
    name = format or ("text" if is_plain else "collection")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"layouts{suffix_of(name)}"
        write_layouts(layouts, path, name)
        if len(list(Path(folder).iterdir())) > 1:
            raise MazenavError(f"the format {name} needs several files, which standard output cannot hold; use --out")
        return path.read_bytes()


def suffix_of(format: str) -> str:
    """The suffix that files of a format get."""
    from mazenav.layout.formats.registry import format_by_name

    return next(iter(format_by_name(format).suffixes), ".txt")
