"""Dense networks small enough for tests."""

from __future__ import annotations

import torch
from torch import Tensor

from mazenav.config.dense import DenseModelConfig
from mazenav.model.dense.network import DenseModel, DenseNetwork

SMALL = DenseModelConfig(
    side=9, channels=8, depth=2, pooled=4, embedding=32, latent=16, hidden=12, concatenated_hidden=12,
    prediction_hidden=16, rank=3, plan_channels=8, plan_rounds=6, plans=4, half_precision=False,
)  # fmt: skip
CONDITIONINGS = ("weights", "concatenated")


def small_network(conditioning: str = "weights", seed: int = 0) -> DenseNetwork:
    """Nothing is left near zero where zero would hide a fault."""
    torch.manual_seed(seed)
    network = DenseNetwork(DenseModelConfig(**{**vars(SMALL), "conditioning": conditioning}))
    for head in (network.prediction.value, network.prediction.advantage, network.prediction.reward):
        torch.nn.init.normal_(head.weight, std=0.5)
    network.calibrate(*contexts(seed, 16))
    return network.eval()


def contexts(seed: int, batch: int, rows: int = 9, columns: int = 9) -> tuple[Tensor, Tensor, Tensor]:
    """Maps `[B, R, C]`, starts and goals."""
    draw = torch.Generator().manual_seed(seed)
    maps = (torch.rand(batch, rows, columns, generator=draw) < 0.3).float()
    cells = [torch.randint(0, min(rows, columns), (batch, 2), generator=draw) for _ in range(2)]
    return maps, cells[0], cells[1]


def states(seed: int, count: int, side: int = 9) -> Tensor:
    """World states `[M, 6]` anywhere in the map."""
    draw = torch.Generator().manual_seed(seed)
    found = torch.randn(count, 6, generator=draw)
    found[:, :2] = torch.rand(count, 2, generator=draw) * side
    return found


def bound(network: DenseNetwork, seed: int, batch: int) -> DenseModel:
    with torch.no_grad():
        return DenseModel(network, network.read(*contexts(seed, batch)))
