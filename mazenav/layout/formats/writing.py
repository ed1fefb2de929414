"""Layouts into files, which are whole or not there at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mazenav.layout.formats import collection, text
from mazenav.types import Layout, LayoutError


def write_text(layout: Layout, path: str | Path) -> None:
    """Write one layout as plain text.

    Raises:
        LayoutError: if the file cannot be written.
    """
    write_whole(Path(path), "\n".join(text.lines_of(layout)) + "\n")


def write_layouts(layouts: Sequence[Layout], path: str | Path) -> None:
    """Write layouts as a collection, many in one file; see `mazenav.layout.formats.collection`.

    Raises:
        LayoutError: if there is none to write, or the file cannot be written.
    """
    if not layouts:
        raise LayoutError(f"{path}: no layouts to write")
    write_whole(Path(path), "\n".join(collection.lines_of_all(layouts)) + "\n")


def write_whole(path: Path, content: str) -> None:
    """Write text as UTF-8 to a temporary file in the same folder, then rename it to `path`.

    Raises:
        LayoutError: if that fails; whatever `path` held before is still there.
    """
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(content)
        # mkstemp makes private files; a written layout gets the permissions of any new file.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise LayoutError(f"{path}: the file cannot be written: {error.strerror or error}") from error
