"""A network small enough for tests, with nothing left at zero where zero would hide a fault."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from mazenav.config import ModelConfig
from mazenav.model.network import BoundModel, Network
from mazenav.planner.field import value_field

SMALL = ModelConfig(channels=8, depth=2, hidden=24, rank=8, prediction_hidden=24, prediction_depth=2)
DOUBTING = replace(SMALL, doubt_channels=8, doubt_dilations=(1, 2))


def small_network(seed: int = 0, config: ModelConfig = SMALL) -> Network:
    torch.manual_seed(seed)
    network = Network(config)
    torch.nn.init.normal_(network.prediction.residual.weight, std=0.3)
    torch.nn.init.normal_(network.hypermodel.own_cost.weight, std=0.3)
    return network


def random_maps(seed: int, batch: int, rows: int, columns: int) -> Tensor:
    return torch.from_numpy((np.random.default_rng(seed).random((batch, rows, columns)) < 0.3).astype(np.float32))


def bound(network: Network, maps: Tensor, goals: Tensor) -> BoundModel:
    weights = network.hypermodel(maps)
    return network.bind(weights, value_field(weights.move_costs, goals), goals)


def random_latents(seed: int, count: int, rows: int, columns: int) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    position = torch.rand(count, 2, generator=draw) * torch.tensor([rows, columns])
    angle = torch.rand(count, generator=draw) * 2 * torch.pi
    velocity = torch.randn(count, 2, generator=draw) * 0.3
    return torch.cat([position, angle.sin()[:, None], angle.cos()[:, None], velocity], dim=1)
