"""Files appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from mazenav.types import MazenavError


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A temporary name beside `path` to write to, renamed to `path` when the block ends well, else removed.

    The folder is made if there is none. The temporary name keeps the suffix, since video writers go by it.

    Raises:
        MazenavError: if the folder cannot be made or the file cannot be written.
    """
    target = Path(path)
    temporary = target.with_name(f".{target.stem}.{os.getpid()}.part{target.suffix}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        # Some writers make private files; what appears gets the permissions of any new file.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, target)
    except OSError as error:
        raise MazenavError(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_text_whole(path: str | Path, content: str) -> None:
    """Write text as UTF-8, whole or not at all.

    Raises:
        MazenavError: if that fails; whatever `path` held before is still there.
    """
    with replacing(path) as temporary:
        temporary.write_text(content, encoding="utf-8", newline="\n")


def write_bytes_whole(path: str | Path, content: bytes) -> None:
    """Write bytes, whole or not at all.

    Raises:
        MazenavError: if that fails; whatever `path` held before is still there.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(content)
