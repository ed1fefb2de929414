"""Baselines that learn values alone: they read a map once, then take whatever action leaves fewest decisions to go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from mazenav.model.qnetwork.network import QModel, QNetwork
from mazenav.model.vin.network import VinModel, VinNetwork
from mazenav.types import TaskContext

CELLS_AT_ONCE = 200_000
"""Map cells that are read in one go."""


class _Group(NamedTuple):
    """Episodes whose maps have the same shape: their indices int64 `[G]`, the rows of their maps, and their model."""

    members: np.ndarray
    rows: int
    model: QModel | VinModel


class GreedyAgent:
    """Drives by the values of a Q-network (`mah`, `dqn`) or of a value iteration network (`vin`); it never searches.

    Maps of one shape are read together and none is padded, so that nothing depends on what else is in the batch.

    Attributes:
        name: what a person calls it.
    """

    def __init__(self, network: QNetwork | VinNetwork, name: str = "greedy") -> None:
        self.network, self.name = network, name
        self._groups: list[_Group] = []

    @torch.no_grad()
    def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
        """Read the maps of B tasks.

        Raises:
            MazenavError: if the network learnt one layout by heart, and a map is of another shape.
        """
        if isinstance(self.network, QNetwork):
            for context in contexts:
                self.network.check_shape(*context.map.shape)
        shapes: dict[tuple[int, ...], list[int]] = {}
        for index, context in enumerate(contexts):
            shapes.setdefault(context.map.shape, []).append(index)
        self._groups = []
        for (rows, columns), indices in shapes.items():
            share = max(1, CELLS_AT_ONCE // (rows * columns))
            for low in range(0, len(indices), share):
                members = indices[low : low + share]
                maps = torch.from_numpy(np.stack([contexts[index].map for index in members]))
                goals = torch.tensor([contexts[index].goal for index in members])
                self._groups.append(_Group(np.array(members), rows, self.network.bind(maps, goals)))

    @torch.no_grad()
    def act(self, states: np.ndarray, active: np.ndarray) -> np.ndarray:
        """The best action of every active episode; states float32 `[B, 6]` -> actions int64 `[B]`."""
        actions = np.zeros(len(states), np.int64)
        for members, rows, model in self._groups:
            chosen = np.flatnonzero(active[members])
            if len(chosen):
                latent = self.network.representation(torch.from_numpy(states[members[chosen]]), rows)
                to_go = model.decisions_to_go(latent, torch.from_numpy(chosen))
                actions[members[chosen]] = to_go.argmin(dim=1).numpy()
        return actions

    def read_fields(self) -> list[np.ndarray]:
        """Decisions to go from every cell `[R, C]` of each task's map, as the reader of the map sees them."""
        fields: dict[int, np.ndarray] = {}
        for members, _, model in self._groups:
            fields.update(zip(members.tolist(), model.fields().numpy(), strict=True))
        return [fields[index] for index in range(len(fields))]
