"""The paper's agent at decision time: the dense hypermodel reads a task once, then tree search in its latent model."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from mazenav.model.dense.network import DenseModel, DenseNetwork
from mazenav.planner.result import PlanResult
from mazenav.planner.search import plan
from mazenav.planner.settings import SearchConfig
from mazenav.topdown.occupancy import cells_to_world, pad_cell, pad_maps
from mazenav.types import MazenavError, TaskContext

WINDS = np.arange(4) * math.pi / 2
"""Headings for which `read_fields` asks, radians."""


class DenseNavigator:
    """Zero-shot navigation: TaskContext -> all weights of f; then state -> latent -> plan, each decision.

    It reads maps of up to N x N cells, the size that its network was made for, as the paper's does (arXiv 2412.12024).

    Attributes:
        name: what a person calls it.
        search: how it plans; `simulations=0` is the greedy policy.
        last: what the planner found in the latest decision, over the episodes that were active.
    """

    def __init__(self, network: DenseNetwork, name: str = "dense", search: SearchConfig | None = None) -> None:
        self.network, self.name = network, name
        self.search = SearchConfig(simulations=0) if search is None else search
        self.last: PlanResult | None = None
        self.rows = network.config.side

    @torch.no_grad()
    def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
        """Read B task contexts.

        Raises:
            MazenavError: if a map is larger than the network's.
        """
        side = self.network.config.side
        for context in contexts:
            if max(context.map.shape) > side:
                raise MazenavError(
                    f"agent {self.name} reads maps of at most {side} x {side} cells, found"
                    f" {context.map.shape[0]} x {context.map.shape[1]}"
                )
        # The first map, dropped again, makes all of them N x N.
        maps = torch.from_numpy(pad_maps([np.ones((side, side), np.float32), *(c.map for c in contexts)])[1:])
        self.shapes = [context.map.shape for context in contexts]
        starts, goals = (
            torch.tensor([pad_cell(cell, height, side) for cell, (height, _) in zip(cells, self.shapes, strict=True)])
            for cells in ([context.start for context in contexts], [context.goal for context in contexts])
        )
        self.weights = self.network.read(maps, starts, goals)
        self.model = DenseModel(self.network, self.weights)
        self.rngs = list(rngs)

    @torch.no_grad()
    def act(self, states: np.ndarray, active: np.ndarray) -> np.ndarray:
        """Plan one decision for every active episode; states float32 `[B, 6]` -> actions int64 `[B]`."""
        chosen = np.flatnonzero(active)
        latent = self.network.representation(torch.from_numpy(states[chosen]), self.rows)
        # Once for all simulations, which then find their weights in place.
        model = self.model if active.all() else DenseModel(self.network, self.weights.take(torch.from_numpy(chosen)))
        self.last = plan(model, latent, self.search, [self.rngs[index] for index in chosen])
        actions = np.zeros(len(states), np.int64)
        actions[chosen] = self.last.action
        return actions

    def positions(self, latent: Tensor) -> np.ndarray:
        """Where latents `[M, L]` hold the body to be: (row, column) in the padded maps, float32 `[M, 2]`."""
        return self.network.representation.positions(latent).detach().numpy()

    @torch.no_grad()
    def read_fields(self) -> list[np.ndarray]:
        """Predicted decisions to go of a body at rest in every cell's middle, facing the wind that suits it best."""
        side = self.rows
        cells = cells_to_world(np.indices((side, side)).reshape(2, -1).T, side)
        states = np.zeros((len(cells), len(WINDS), 6), np.float32)
        states[..., :2], states[..., 2] = cells[:, None], WINDS
        latent = self.network.representation(torch.from_numpy(states.reshape(-1, 6)), side)
        fields = []
        for task, (rows, columns) in enumerate(self.shapes):
            weights = self.weights.take(torch.tensor([task]))
            model = DenseModel(self.network, weights)
            value = model.predict(latent, torch.zeros(len(latent), dtype=torch.int64)).value
            field = -value.view(side, side, len(WINDS)).amax(dim=2).numpy()
            fields.append(field[side - rows :, :columns])
        return fields
