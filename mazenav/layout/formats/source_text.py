"""A file's text with its name: what every parser reads, and the errors that name file and line."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from mazenav.types import LayoutError

MAX_CELLS = 16 * 2**20
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class SourceText:
    """The lines of a layout file, without line ends, byte order mark and lines of length zero at the end.

    Attributes:
        name: the file, as it is named in errors.
        lines: the lines; line i has the number i + 1.
    """

    name: str
    lines: tuple[str, ...]

    def error(self, line: int, message: str) -> LayoutError:
        """An error about the line with index `line`."""
        return LayoutError(f"{self.name}, line {line + 1}: {message}")

    def first(self) -> int:
        """The index of the first line that is not blank."""
        return next(index for index, line in enumerate(self.lines) if line.strip())

    def without_blank_end(self) -> SourceText:
        """The same without blank lines at the end, for formats where a line of spaces is no row."""
        lines = list(self.lines)
        while not lines[-1].strip():
            lines.pop()
        return SourceText(self.name, tuple(lines))


def text_of(content: bytes, name: str) -> SourceText:
    """The text in the bytes of a layout file.

    Raises:
        LayoutError: if it is empty or not text.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LayoutError(f"{name}: a layout file is text, found binary data at byte {error.start}") from error
    bad = _CONTROL.search(text)
    if bad is not None:
        raise LayoutError(f"{name}: a layout file is text, found the control character {bad[0]!r}")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while lines and not lines[-1]:
        lines.pop()
    if not any(line.strip() for line in lines):
        raise LayoutError(f"{name}: the layout file is empty")
    return SourceText(name, tuple(lines))


def check_cells(name: str, rows: int, columns: int) -> None:
    """Refuse layouts of more than 16 Mi cells before anything is allocated for them.

    Raises:
        LayoutError: if there are more.
    """
    if rows * columns > MAX_CELLS:
        raise LayoutError(f"{name}: {rows} x {columns} cells are more than a layout may have ({MAX_CELLS} cells)")


def characters(text: SourceText, first: int, count: int) -> np.ndarray:
    """The lines first .. first + count - 1, all equally long, as code points uint32 `[R, C]`.

    Raises:
        LayoutError: naming the first line whose length differs from that of line `first`; or for too many cells.
    """
    lines = text.lines[first : first + count]
    columns = len(lines[0])
    for index, line in enumerate(lines, first):
        if len(line) != columns:
            raise text.error(index, f"found {len(line)} characters, expected {columns} as in line {first + 1}")
    check_cells(text.name, count, columns)
    codes = np.frombuffer("".join(lines).encode("utf-32-le"), np.uint32)
    return codes.reshape(count, columns)


def members(codes: np.ndarray, letters: str) -> np.ndarray:
    """Which code points are among `letters`: bool of the same shape."""
    return np.isin(codes, np.frombuffer(letters.encode("utf-32-le"), np.uint32))


def check_letters(text: SourceText, first: int, known: np.ndarray, expected: str) -> None:
    """Refuse unknown characters; `known` bool `[R, C]` belongs to the lines from `first` on.

    Raises:
        LayoutError: naming line, position and character of the first one that is not known.
    """
    if known.all():
        return
    row, column = (int(k) for k in np.argwhere(~known)[0])
    letter = text.lines[first + row][column]
    raise text.error(first + row, f"found {letter!r} at character {column + 1}, expected {expected}")


def cells(mask: np.ndarray) -> list[list[int]]:
    """The cells where `mask` holds as lists [row, column], fit for `Layout.source`."""
    return [[int(row), int(column)] for row, column in np.argwhere(mask)]
