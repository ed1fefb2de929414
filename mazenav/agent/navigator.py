"""The learned agent: it reads a map once, predicts its transition network, and plans with it to the goal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from mazenav.model.hypermodel import MOVES, TransitionWeights
from mazenav.model.network import Network
from mazenav.model.representation import POSITION
from mazenav.planner.field import value_field
from mazenav.planner.result import PlanResult
from mazenav.planner.search import plan
from mazenav.planner.settings import SearchConfig
from mazenav.topdown.occupancy import pad_cell, pad_maps
from mazenav.types import TaskContext

CELLS_AT_ONCE = 500_000
"""Map cells that the hypermodel reads in one go."""


class Navigator:
    """Zero-shot navigation: TaskContext -> TransitionWeights -> field; then state -> latent -> plan, each decision.

    Attributes:
        name: what a person calls it.
        search: how it plans; `simulations=0` is the greedy policy.
        last: what the planner found in the latest decision, over the episodes that were active.
    """

    def __init__(self, network: Network, name: str = "navigator", search: SearchConfig | None = None) -> None:
        self.network, self.name = network, name
        self.search = SearchConfig(simulations=0) if search is None else search
        self.last: PlanResult | None = None

    @torch.no_grad()
    def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
        """Read the maps of B tasks and plan the cell-level field on what they predict."""
        maps = pad_maps([context.map for context in contexts])
        self.rows = maps.shape[1]
        self.shapes = [context.map.shape for context in contexts]
        goals = [pad_cell(context.goal, context.map.shape[0], self.rows) for context in contexts]
        self.goal = torch.tensor(goals, dtype=torch.int64)
        self.weights = close_padding(self.read(torch.from_numpy(maps)), self.shapes)
        self.field = value_field(self.weights.move_costs, self.goal)
        self.model = self.network.bind(self.weights, self.field, self.goal)
        self.rngs = list(rngs)

    @torch.no_grad()
    def act(self, states: np.ndarray, active: np.ndarray) -> np.ndarray:
        """Plan one decision for every active episode; states float32 `[B, 6]` -> actions int64 `[B]`."""
        chosen = np.flatnonzero(active)
        actions = np.zeros(len(states), np.int64)
        actions[chosen] = self.plan(chosen, self.network.representation(torch.from_numpy(states[chosen]), self.rows))
        return actions

    def plan(self, rows: np.ndarray, latent: Tensor) -> np.ndarray:
        """Actions int64 `[M]` of the episodes in these rows, int64 `[M]`, from their latents `[M, L]`."""
        rngs = [self.rngs[index] for index in rows]
        self.last = plan(self.model, latent, self.search, rngs, context=torch.from_numpy(rows))
        return self.last.action

    def read(self, maps: Tensor) -> TransitionWeights:
        """Predict the weights for maps `[B, R, C]`, so many at a time as memory allows."""
        share = max(1, CELLS_AT_ONCE // (maps.shape[1] * maps.shape[2]))
        parts = [self.network.hypermodel(part) for part in maps.split(share)]
        return TransitionWeights(*(torch.cat(fields) for fields in zip(*parts, strict=True)))

    def positions(self, latent: Tensor) -> np.ndarray:
        """Where latents `[M, L]` hold the body to be: (row, column) in the padded maps, float32 `[M, 2]`."""
        return latent[:, POSITION].numpy()

    def read_fields(self) -> list[np.ndarray]:
        """Predicted decisions to go from every cell `[R, C]` of each task's own map."""
        fields = zip(self.field.numpy(), self.shapes, strict=True)
        return [field[self.rows - rows :, :columns] for field, (rows, columns) in fields]


def close_padding(weights: TransitionWeights, shapes: Sequence[tuple[int, ...]]) -> TransitionWeights:
    """The weights of padded maps with no way into their padding, as at the edge of a map that is not padded.

    Whatever else a cell is given depends on the cells around it alone, so what is planned for a task does not depend on
    its batch, unless a search imagines the body to be outside its map.

    Args:
        weights: for B maps, padded at the top and on the right.
        shapes: rows and columns of each map before padding.
    """
    rows, columns = weights.move_costs.shape[2:]
    inside = torch.zeros(len(shapes), rows + 2, columns + 2, dtype=torch.bool)
    for index, (height, width) in enumerate(shapes):
        inside[index, 1 + rows - height : 1 + rows, 1 : 1 + width] = True
    here = inside[:, 1:-1, 1:-1]
    stays = [here & inside[:, 1 + row : 1 + row + rows, 1 + column : 1 + column + columns] for row, column in MOVES]
    return weights._replace(
        move_costs=weights.move_costs.masked_fill(~torch.stack(stays, dim=1), torch.inf),
        right=weights.right.masked_fill(~(here[:, :, 1:] & here[:, :, :-1]), -torch.inf),
        down=weights.down.masked_fill(~(here[:, 1:] & here[:, :-1]), -torch.inf),
    )
