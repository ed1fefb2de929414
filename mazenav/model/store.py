"""Trained networks on disk: a folder with `weights.safetensors` and `config.toml`, without pickle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save_file

from mazenav.config import ModelConfig, dump_toml, from_table, read_toml
from mazenav.config.dense import DenseModelConfig
from mazenav.config.modelfree import QModelConfig
from mazenav.config.vin import VinModelConfig
from mazenav.files import replacing, write_text_whole
from mazenav.model.dense.network import DenseNetwork
from mazenav.model.network import Network
from mazenav.model.qnetwork.network import QNetwork
from mazenav.model.vin.network import VinNetwork
from mazenav.types import MazenavError

FORMAT = 1
"""Version of the layout of the folder and of the meaning of the weights."""
WEIGHTS, CONFIG = "weights.safetensors", "config.toml"

AnyNetwork = Network | DenseNetwork | QNetwork | VinNetwork
"""Networks that are stored; each has its settings as `config`."""


class NetworkKind(NamedTuple):
    """One kind of network: its settings, and how it is made of them."""

    config: type
    network: Callable[[Any], AnyNetwork]


KINDS = {
    "spatial": NetworkKind(ModelConfig, Network),
    "dense": NetworkKind(DenseModelConfig, DenseNetwork),
    "q": NetworkKind(QModelConfig, QNetwork),
    "vin": NetworkKind(VinModelConfig, VinNetwork),
}
"""Every kind by its name in the config file; a file that names none holds the first."""


def save_network(
    folder: Path, network: AnyNetwork, tables: Mapping[str, object], precision: torch.dtype = torch.float32
) -> None:
    """Write weights and config; `tables` (how it was trained, how it plans) go along into the config file.

    Args:
        folder: where to; it is made.
        network: what to write; loading gives float32 again, whatever the precision.
        tables: what else to write into the config file.
        precision: of the weights in the file.

    Raises:
        MazenavError: if the folder cannot be written.
    """
    kind = next(name for name, kind in KINDS.items() if isinstance(network.config, kind.config))
    named = {} if kind == "spatial" else {"kind": kind}
    stored = {name: tensor.detach().cpu().to(precision).contiguous() for name, tensor in network.state_dict().items()}
    with replacing(folder / WEIGHTS) as temporary:
        try:
            save_file(stored, temporary, metadata={"format": str(FORMAT)})
        except SafetensorError as error:
            raise MazenavError(f"cannot write {folder / WEIGHTS}: {error}") from error
    write_text_whole(folder / CONFIG, dump_toml({"format": FORMAT, **named, "model": network.config, **tables}))


def load_network(folder: Path) -> tuple[AnyNetwork, dict[str, Any]]:
    """The network that `save_network` wrote, in evaluation mode on the CPU, and the tables of its config file.

    Raises:
        MazenavError: if the folder holds no trained network, one of another version or an unknown kind, or a damaged
            one.
    """
    config = folder / CONFIG
    if not folder.is_dir() or not config.is_file():
        raise MazenavError(f"{folder} holds no trained agent (a folder with {CONFIG} and {WEIGHTS} is expected)")
    settings = read_toml(config)
    if settings.get("format") != FORMAT:
        raise MazenavError(f"{config}: format {FORMAT} is expected, found {settings.get('format', 'none')}")
    kind = settings.get("kind", "spatial")
    if kind not in KINDS:
        raise MazenavError(f"{config}: kind is one of {', '.join(KINDS)}, found {kind!r}")
    network = KINDS[kind].network(from_table(KINDS[kind].config, settings.get("model"), f"{config}, table [model]"))
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
