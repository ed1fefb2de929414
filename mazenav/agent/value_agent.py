"""Baselines that learn values alone: they read a map once, then take actions that leave few decisions to go."""

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
DRAWN_AHEAD = 64
"""Decisions that noise is drawn for at a time in each episode; the same as one by one."""


class _Group(NamedTuple):
    """Episodes whose maps have the same shape: their indices int64 `[G]`, the rows of their maps, and their model."""

    members: np.ndarray
    rows: int
    model: QModel | VinModel


class ValueAgent:
    """Drives by the values of a Q-network (`mah`, `dqn`) or of a value iteration network (`vin`); it never searches.

    Maps of one shape are read together and none is padded, so that nothing depends on what else is in the batch.

    Args:
        network: says the decisions to go.
        name: what a person calls it.
        temperature: actions are drawn from a softmax over minus the decisions to go, divided by this; at 0 the best is
            taken. A little of it ends the limit cycles that greedy policies are caught in.
    """

    def __init__(self, network: QNetwork | VinNetwork, name: str = "values", temperature: float = 0.0) -> None:
        self.network, self.name, self.temperature = network, name, temperature
        self._groups: list[_Group] = []
        self._rngs: list[np.random.Generator] = []
        self._noise = np.empty((0, DRAWN_AHEAD, network.config.n_actions))
        self._taken = np.empty(0, np.int64)

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
        self._rngs = list(rngs)
        self._noise = np.zeros((len(contexts), DRAWN_AHEAD, self.network.config.n_actions))
        self._taken = np.full(len(contexts), DRAWN_AHEAD)
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
        """An action for every active episode; states float32 `[B, 6]` -> actions int64 `[B]`."""
        actions = np.zeros(len(states), np.int64)
        noise = self._draw(active)
        for members, rows, model in self._groups:
            chosen = np.flatnonzero(active[members])
            if len(chosen):
                latent = self.network.representation(torch.from_numpy(states[members[chosen]]), rows)
                to_go = model.decisions_to_go(latent, torch.from_numpy(chosen)).numpy()
                # The largest sum of a logit and Gumbel noise is a draw from their softmax.
                actions[members[chosen]] = (self.temperature * noise[members[chosen]] - to_go).argmax(axis=1)
        return actions

    def _draw(self, active: np.ndarray) -> np.ndarray:
        """Gumbel noise `[B, A]` from each active episode's own generator; nothing where the best action is taken."""
        if self.temperature == 0:
            return np.zeros((len(active), self.network.config.n_actions))
        for row in np.flatnonzero(active & (self._taken == DRAWN_AHEAD)):
            self._noise[row] = self._rngs[row].gumbel(size=self._noise.shape[1:])
            self._taken[row] = 0
        noise = self._noise[np.arange(len(active)), np.minimum(self._taken, DRAWN_AHEAD - 1)]
        self._taken += active
        return noise

    def read_fields(self) -> list[np.ndarray]:
        """Decisions to go from every cell `[R, C]` of each task's map, as the reader of the map sees them."""
        fields: dict[int, np.ndarray] = {}
        for members, _, model in self._groups:
            fields.update(zip(members.tolist(), model.fields().numpy(), strict=True))
        return [fields[index] for index in range(len(fields))]
