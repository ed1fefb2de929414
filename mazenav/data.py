"""Where the data that travels with the package lies."""

from __future__ import annotations

from pathlib import Path

from mazenav.types import MazenavError

_PACKAGE = Path(__file__).resolve().parent


def data_folder(kind: str) -> Path:
    """The folder of shipped data of a kind, `"layouts"` or `"models"`.

    An installed package carries it inside itself; a source checkout has it beside the package.

    Raises:
        MazenavError: if there is no such folder.
    """
    for folder in (_PACKAGE / "_data" / kind, _PACKAGE.parent / kind):
        if folder.is_dir():
            return folder
    raise MazenavError(f"this installation of mazenav has no folder of {kind} (looked in {_PACKAGE} and beside it)")
