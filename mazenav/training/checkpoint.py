"""Checkpoints of a training run: one safetensors file with every array, and the rest as JSON in its header."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from mazenav.config import dump_toml
from mazenav.config.presets import RunConfig
from mazenav.files import replacing
from mazenav.types import MazenavError

FORMAT = "1"
"""Version of what the file holds."""
NAME = "checkpoint.safetensors"


class Checkpoint(NamedTuple):
    """Everything that a run needs to go on: arrays by dotted name, and small facts."""

    arrays: dict[str, np.ndarray]
    facts: dict[str, Any]

    def part(self, prefix: str) -> dict[str, np.ndarray]:
        """The arrays whose names begin with `prefix` and a dot, by what follows."""
        return {k[len(prefix) + 1 :]: array for k, array in self.arrays.items() if k.startswith(prefix + ".")}


def fingerprint(config: RunConfig) -> str:
    """Tells runs of different settings apart."""
    return hashlib.blake2b(dump_toml({"train": config}).encode(), digest_size=8).hexdigest()


def save_checkpoint(folder: Path, config: RunConfig, checkpoint: Checkpoint) -> None:
    """Write the checkpoint, whole or not at all.

    Raises:
        MazenavError: if it cannot be written; the one before is still there then.
    """
    header = {"format": FORMAT, "config": fingerprint(config), "facts": json.dumps(checkpoint.facts)}
    arrays = {name: np.array(array, order="C") for name, array in checkpoint.arrays.items()}
    with replacing(folder / NAME) as temporary:
        try:
            save_file(arrays, temporary, metadata=header)
        except SafetensorError as error:
            raise MazenavError(f"cannot write {folder / NAME}: {error}") from error


def load_checkpoint(folder: Path, config: RunConfig) -> Checkpoint:
    """The checkpoint in a folder.

    Raises:
        MazenavError: if there is none, it is damaged, of another version, or belongs to a run with other settings.
    """
    path = folder / NAME
    if not path.is_file():
        raise MazenavError(f"{folder} holds no checkpoint to resume from ({NAME} is expected)")
    try:
        with safe_open(path, framework="np") as file:
            header = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a dict
    except OSError as error:
        raise MazenavError(f"cannot read {path}: {error.strerror or error}") from error
    except SafetensorError as error:
        raise MazenavError(f"{path} is not a whole safetensors file: {error}") from error
    if header.get("format") != FORMAT:
        raise MazenavError(f"{path}: checkpoint format {FORMAT} is expected, found {header.get('format', 'none')}")
    if header.get("config") != fingerprint(config):
        raise MazenavError(f"{path} belongs to a run with other settings; give the same, or another folder")
    return Checkpoint(arrays, json.loads(header["facts"]))
