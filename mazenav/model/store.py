"""A trained network on disk: a folder with `weights.safetensors` and `config.toml`, without pickle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save_file

from mazenav.config import ModelConfig, dump_toml, from_table, read_toml
from mazenav.files import replacing, write_text_whole
from mazenav.model.network import Network
from mazenav.types import MazenavError

FORMAT = 1
"""Version of the layout of the folder and of the meaning of the weights."""
WEIGHTS, CONFIG = "weights.safetensors", "config.toml"


def save_network(folder: Path, network: Network, tables: Mapping[str, object]) -> None:
    """Write weights and config; `tables` (how it was trained, how it plans) go along into the config file.

    Raises:
        MazenavError: if the folder cannot be written.
    """
    with replacing(folder / WEIGHTS) as temporary:
        try:
            save_file(
                {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()},
                temporary,
                metadata={"format": str(FORMAT)},
            )
        except SafetensorError as error:
            raise MazenavError(f"cannot write {folder / WEIGHTS}: {error}") from error
    write_text_whole(folder / CONFIG, dump_toml({"format": FORMAT, "model": network.config, **tables}))


def load_network(folder: Path) -> tuple[Network, dict[str, Any]]:
    """The network that `save_network` wrote, in evaluation mode on the CPU, and the tables of its config file.

    Raises:
        MazenavError: if the folder holds no trained network, one of another version, or a damaged one.
    """
    config = folder / CONFIG
    if not folder.is_dir() or not config.is_file():
        raise MazenavError(f"{folder} holds no trained agent (a folder with {CONFIG} and {WEIGHTS} is expected)")
    settings = read_toml(config)
    if settings.get("format") != FORMAT:
        raise MazenavError(f"{config}: format {FORMAT} is expected, found {settings.get('format', 'none')}")
    network = Network(from_table(ModelConfig, settings.get("model"), f"{config}, table [model]"))
    weights = folder / WEIGHTS
    try:
        # Read here, so that a file that is swapped or cut short meanwhile cannot take the process down with it.
        stored = load(weights.read_bytes())
    except OSError as error:
        raise MazenavError(f"cannot read {weights}: {error.strerror or error}") from error
    except SafetensorError as error:
        raise MazenavError(f"{weights} is not a whole safetensors file: {error}") from error
    check_tensors(weights, stored, network.state_dict())
    network.load_state_dict(stored)
    return network.eval(), settings


def check_tensors(path: Path, found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> None:
    """Raises MazenavError, naming the first tensor that is missing, unknown, of a wrong shape or not finite."""
    for name in sorted(set(found) | set(expected)):
        if name not in found or name not in expected:
            raise MazenavError(
                f"{path}: tensor {name} is {'missing' if name in expected else 'not one of this network'}"
            )
        if found[name].shape != expected[name].shape:
            shapes = f"{tuple(expected[name].shape)} is expected, found {tuple(found[name].shape)}"
            raise MazenavError(f"{path}: tensor {name} of shape {shapes}")
        if not torch.isfinite(found[name]).all():
            raise MazenavError(f"{path}: tensor {name} holds values that are not finite")
