"""Which cells explain a decision that did not end as predicted: hypotheses, each tried in the learned model."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mazenav.agent.beliefs import Beliefs
from mazenav.model.network import Network
from mazenav.model.representation import POSITION, VELOCITY
from mazenav.model.transition import FirstLayer
from mazenav.types import Cell

SPEED_SHARE = 0.1
"""Weight of an error in velocity (1 is top speed) against one in position (cells)."""
SPREAD = 0.06
"""Standard deviation of the error of predictions on the right map, in cells."""
PAIRED = 0.15
"""An error in cells that no single cell explains to less than this is put down to pairs of cells too."""
REACH = 6
"""Cells around the body that a prediction depends on."""
NEAR = 0.8
"""Cells around the way of a decision that may explain its outcome."""


class Evidence(NamedTuple):
    """A decision: of which episode, its latents `[L]` before and after, and what was done."""

    row: int
    before: Tensor
    action: int
    after: Tensor


def errors(predicted: np.ndarray, latent: np.ndarray) -> np.ndarray:
    """How far `[M]` predicted latents float32 `[M, L]` are from those that came, in cells."""
    squared = np.square(predicted - latent)
    return np.sqrt(squared[:, POSITION].sum(1) + SPEED_SHARE**2 * squared[:, VELOCITY].sum(1))


def weigh(network: Network, beliefs: Beliefs, evidence: Evidence) -> bool:
    """Let a decision speak for or against walls around it. Returns whether the map changes.

    Gaussian errors: a cell whose change brings the prediction from error e to e' gains (e^2 - e'^2) / 2 s^2 log-odds.
    """
    near = cells_near(beliefs, evidence)
    if not near:
        return False
    options: list[tuple[Cell, ...]] = [(), *((cell,) for cell in near)]
    off = _tried(network, beliefs, evidence, options)
    if off.min() > PAIRED and len(near) > 1:
        pairs = list(itertools.combinations(near, 2))
        paired = _tried(network, beliefs, evidence, pairs)
        best = int(paired.argmin())
        gains = dict.fromkeys(pairs[best], (off[0] ** 2 - paired[best] ** 2) / (2 * SPREAD**2))
    else:
        gains = {cell: (off[0] ** 2 - error**2) / (2 * SPREAD**2) for cell, error in zip(near, off[1:], strict=True)}
        top = max(gains, key=gains.__getitem__)
        # What explains the outcome best takes the credit: the others were not put to the test beside it.
        gains = {cell: gain for cell, gain in gains.items() if gain < 0 or cell == top}
    row, column = evidence.before[POSITION].tolist()
    changes = [beliefs.credit(evidence.row, cell, float(gain), (row, column)) for cell, gain in gains.items()]
    return any(changes)


def cells_near(beliefs: Beliefs, evidence: Evidence) -> list[Cell]:
    """Cells around the way of a decision that are not beyond doubt."""
    ends = torch.stack([evidence.before[POSITION], evidence.after[POSITION]]).numpy()
    low, high = np.floor(ends.min(0) - NEAR).astype(int), np.floor(ends.max(0) + NEAR).astype(int)
    rows, columns = beliefs.map.shape[1:]
    return [
        (r, c)
        for r in range(max(low[0], 0), min(high[0], rows - 1) + 1)
        for c in range(max(low[1], 0), min(high[1], columns - 1) + 1)
        if not (beliefs.fixed[evidence.row, r, c] or beliefs.proven[evidence.row, r, c])
    ]


def _tried(network: Network, beliefs: Beliefs, evidence: Evidence, options: Sequence[tuple[Cell, ...]]) -> np.ndarray:
    """Errors in cells, float64 `[M]`, of what the model predicts were each of M sets of cells the other way."""
    row, before, action, after = evidence
    centre = before[POSITION].floor().long()
    top, left = (int(value) - REACH for value in centre)
    padded = F.pad(torch.from_numpy(beliefs.assumed[row]), [REACH] * 4, value=1.0)
    side = 2 * REACH + 1
    patches = padded[top + REACH : top + REACH + side, left + REACH : left + REACH + side].repeat(len(options), 1, 1)
    for index, cells in enumerate(options):
        for r, c in cells:
            patches[index, r - top, c - left] = 1 - patches[index, r - top, c - left]
    latents = before.repeat(len(options), 1)
    latents[:, POSITION] += REACH - centre
    first_layer = FirstLayer(network.hypermodel.body_level(patches), network.vectors())
    number = len(options)
    predicted = network.transition(first_layer, latents, torch.full((number,), action), torch.arange(number))
    predicted[:, POSITION] -= REACH - centre
    return errors(predicted.numpy(), after[None].numpy()).astype(np.float64)
