"""A layout file as it lies on disk: its bytes, the text in them, and the files beside it that it may name."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from mazenav.layout.formats.source_text import SourceText, text_of
from mazenav.types import LayoutError

MAX_BYTES = 64 * 2**20
MAX_NAME = 400


@dataclass(frozen=True)
class SourceFile:
    """The content of a layout file, read once.

    Attributes:
        name: the file, as it is named in errors and sources.
        content: its bytes.
        folder: where it lies, and where files that it names are looked for; None if the content came without a file.
        cell_size: the size that cells shall get, in metres, where a format is finer than mazes; None lets it choose.
    """

    name: str
    content: bytes = field(repr=False)
    folder: Path | None = None
    cell_size: float | None = None

    @cached_property
    def _text(self) -> SourceText | LayoutError:
        try:
            return text_of(self.content, self.name)
        except LayoutError as error:
            return error

    @property
    def is_text(self) -> bool:
        """Whether the content is text, and more than blank lines."""
        return isinstance(self._text, SourceText)

    @property
    def text(self) -> SourceText:
        """The lines of the content.

        Raises:
            LayoutError: if it is empty or not text.
        """
        if isinstance(self._text, LayoutError):
            raise self._text
        return self._text

    @property
    def stem(self) -> str:
        """The file's name without folder and suffix: what a layout is called by default."""
        return Path(self.name).stem

    def sibling(self, name: str) -> SourceFile:
        """A file that this one names, relative to this one's folder.

        Raises:
            LayoutError: if there is no folder, the name leads out of it, be it by a symbolic link, or the file cannot
                be read.
        """
        if self.folder is None:
            raise LayoutError(f"{self.name}: it names the file {name[:80]!r}, but its own folder is not known")
        return load_file(self.sibling_path(name))

    def sibling_path(self, name: str) -> Path:
        """The path of a file that this one names, whether or not there is such a file.

        Raises:
            LayoutError: if there is no folder, or the name leads out of it.
        """
        shown = name[:80]
        if self.folder is None:
            raise LayoutError(f"{self.name}: it names the file {shown!r}, but its own folder is not known")
        try:
            path = self.folder / name
            outside = not path.resolve().is_relative_to(self.folder.resolve())
        except (OSError, ValueError, RuntimeError) as error:
            raise LayoutError(f"{self.name}: it names {shown!r}, which cannot be the name of a file") from error
        if not name or outside:
            raise LayoutError(f"{self.name}: it names {shown!r}, which leads out of the folder it lies in")
        return path


def load_file(path: str | Path) -> SourceFile:
    """Read a layout file.

    A file that is reached by a symbolic link must lie in the link's own folder, so that a folder of layouts from
    somewhere else cannot show what lies outside it.

    Raises:
        LayoutError: if it cannot be read, is larger than 64 MiB or a link that leaves its folder.
    """
    path = Path(path)
    shown = printable(str(path))
    try:
        if path.is_dir():
            raise LayoutError(f"{shown}: this is a folder, expected a layout file")
        if path.exists() and not path.is_file():
            raise LayoutError(f"{shown}: this is not a regular file")
        size = path.stat().st_size
        if path.is_symlink() and not path.resolve().is_relative_to(path.parent.resolve()):
            raise LayoutError(f"{shown}: this is a symbolic link out of its folder; name the file that it leads to")
        if size > MAX_BYTES:
            raise LayoutError(f"{shown}: {size} bytes are more than a layout file may have ({MAX_BYTES})")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)  # some files, such as those of /proc, do not tell their size
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, LayoutError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise LayoutError(f"{shown}: the layout file cannot be read: {reason}") from error
    if len(content) > MAX_BYTES:
        raise LayoutError(f"{shown}: more than {MAX_BYTES} bytes, which a layout file may have at most")
    return SourceFile(shown, content, path.parent)


def printable(name: str) -> str:
    """A name fit for one line of a message, whatever a file system allows in it; line ends, for example, are escaped.

    Very long names lose their beginning, so that the file itself can still be told.
    """
    escaped = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in name)
    return escaped if len(escaped) <= MAX_NAME else f"...{escaped[-MAX_NAME:]}"
