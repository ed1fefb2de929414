"""Worlds of tables with a compiled form."""

from __future__ import annotations

import numpy as np
from numba import carray

from mazenav.model.interface import Kernel
from mazenav.model.native.function import native
from tests.planner.worlds import TableModel


def _evaluate(weights, tasks, sizes, rows, latent, action, context, following, outcome, scratch):  # Numba's
    """As `Kernel` says: sizes are tasks, states and actions; tasks hold the tables one after the other."""
    states, n_actions = sizes[1], sizes[2]
    edges = sizes[0] * states * n_actions
    tables = carray(tasks, 4 * edges + sizes[0] * states)
    successor, reward, discount, logits = (
        tables[:edges],
        tables[edges : 2 * edges],
        tables[2 * edges : 3 * edges],
        tables[3 * edges : 4 * edges],
    )
    said = carray(outcome, (rows, 3 + n_actions))
    for row in range(rows):
        following[row] = latent[row]
        if action[row] >= 0:
            edge = (context[row] * states + np.int64(latent[row])) * n_actions + action[row]
            following[row] = successor[edge]
            said[row, 0], said[row, 1] = reward[edge], discount[edge]
        place = context[row] * states + np.int64(following[row])
        said[row, 2] = tables[4 * edges + place]
        for index in range(n_actions):
            said[row, 3 + index] = logits[place * n_actions + index]


class CompiledTable(TableModel):
    """A world in single precision, both ways."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.reward, self.discount, self.value, self.logits = (
            table.astype(np.float32) for table in (self.reward, self.discount, self.value, self.logits)
        )

    def kernel(self) -> Kernel:
        tables = (self.successor, self.reward, self.discount, self.logits, self.value)
        packed = np.concatenate([table.astype(np.float32).ravel() for table in tables])
        sizes = np.array(self.logits.shape, np.int64)
        return Kernel(native(_evaluate).address, 1, len(self.value), np.zeros(1, np.float32), packed, sizes, 0)


def tables_of(model: TableModel) -> tuple[np.ndarray, ...]:
    """The fields of a world, to make another kind of it."""
    return model.successor, model.reward, model.discount, model.value, model.logits
