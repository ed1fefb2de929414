"""Curves of a training run: JSON lines for programs, TensorBoard for people."""

from __future__ import annotations

import json
import math
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from mazenav.files import write_text_whole
from mazenav.types import MazenavError

NAME = "metrics.jsonl"


class TrainingLog:
    """Writes one row an iteration; a resumed run drops what it had logged beyond its checkpoint."""

    def __init__(self, folder: Path, done: int) -> None:
        path = folder / NAME
        try:
            kept = path.read_text(encoding="utf-8").splitlines()[:done] if done else []
            write_text_whole(path, "".join(line + "\n" for line in kept))
            self._file = path.open("a", encoding="utf-8")
            self._curves = SummaryWriter(str(folder / "curves"), purge_step=done)
        except OSError as error:
            raise MazenavError(f"cannot write to {folder}: {error.strerror or error}") from error

    def write(self, row: dict[str, float]) -> None:
        """Log a row of numbers; `iteration` says which. Those that are not finite are left out.

        Raises:
            MazenavError: if the disk takes no more.
        """
        row = {name: round(value, 6) for name, value in row.items() if math.isfinite(value)}
        try:
            self._file.write(json.dumps(row) + "\n")
            self._file.flush()
            for name, value in row.items():
                if name != "iteration":
                    self._curves.add_scalar(name, value, int(row["iteration"]))
        except OSError as error:
            raise MazenavError(f"cannot write {self._file.name}: {error.strerror or error}") from error

    def close(self) -> None:
        """Close both files."""
        self._file.close()
        self._curves.close()
