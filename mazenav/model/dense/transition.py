"""f_phi, the latent transition network: all its weights predicted, or shared by all maps and told of the map."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mazenav.config.dense import DenseModelConfig
from mazenav.model.dense.hypermodel import DenseHypermodel, TransitionMlp, TransitionShape
from mazenav.model.dense.reader import Reading
from mazenav.model.dense.representation import BODY, CELLS_IN_ONE
from mazenav.model.representation import POSITION

MOST_CHANGE = 4.0
"""Bound of a predicted change, so that an unrolled latent cannot run away while nothing is learnt yet."""


def bounded(change: Tensor) -> Tensor:
    """The change, squashed smoothly into its bound."""
    return MOST_CHANGE * torch.tanh(change / MOST_CHANGE)


def sensed(latent: Tensor, action: Tensor, n_actions: int) -> Tensor:
    """What each action makes of heading and velocity: latents `[B, M, L]`, actions int64 `[B, M]` -> `[B, M, G]`.

    Which way a decision leads is the product of action and heading; given as such it need not be learnt.
    """
    body = torch.cat([latent[..., 2:BODY], torch.ones_like(latent[..., :1])], dim=2)
    return (F.one_hot(action, n_actions).to(latent.dtype).unsqueeze(3) * body.unsqueeze(2)).flatten(2)


def width(n_actions: int) -> int:
    """G: numbers that `sensed` gives."""
    return n_actions * (BODY - 2 + 1)


def cell_features(position: Tensor, side: int) -> Tensor:
    """Bilinear features `[B, M, N N]` of positions `[B, M, 2]` in cells, one for each cell of the map."""
    centres = torch.arange(side, device=position.device) + 0.5
    along = F.relu(1 - (position.unsqueeze(3) - centres).abs())
    return (along[:, :, 0].unsqueeze(3) * along[:, :, 1].unsqueeze(2)).flatten(2)


def apply_mlp(weights: TransitionMlp, inputs: Tensor, position: Tensor) -> Tensor:
    """The outputs `[B, M, L]` of B networks for M inputs each, `[B, M, L + G]`, at positions `[B, M, 2]` in cells.

    What is linear in what is sensed also says where the body would come to if nothing stood in its way; what it runs
    into lies there.
    """
    side = math.isqrt(weights.cell_weight.shape[1])
    linear = inputs[..., -weights.linear_weight.shape[1] :] @ weights.linear_weight
    ahead = position + torch.tanh(linear[..., POSITION] * CELLS_IN_ONE)
    state = torch.baddbmm(weights.first_bias.unsqueeze(1), inputs, weights.first_weight)
    for where, behind in ((position, weights.here_weight), (ahead, weights.ahead_weight)):
        state = torch.baddbmm(state, cell_features(where, side) @ weights.cell_weight, behind)
    state = F.relu(state)
    state = state + F.relu(torch.baddbmm(weights.middle_bias.unsqueeze(1), state, weights.middle_weight))
    return linear + torch.baddbmm(weights.last_bias.unsqueeze(1), state, weights.last_weight)


class PredictedTransition(nn.Module):
    """Latent and action through an MLP of which the hypermodel predicts every weight from the map."""

    def __init__(self, config: DenseModelConfig) -> None:
        super().__init__()
        self.n_actions, self.middle = config.n_actions, config.side / 2
        shape = TransitionShape(config.latent, width(config.n_actions), config.hidden, config.rank, config.side)
        self.hypermodel = DenseHypermodel(config.embedding, config.pooled + 1, shape)

    def read(self, reading: Reading) -> TransitionMlp:
        """What is kept of B tasks: their transition networks."""
        return self.hypermodel(reading)

    def forward(self, weights: TransitionMlp, latent: Tensor, action: Tensor) -> Tensor:
        """Next latents `[B, M, L]` of latents `[B, M, L]` and actions int64 `[B, M]`, M rows a task."""
        given = sensed(latent, action, self.n_actions)
        position = latent[..., POSITION] * CELLS_IN_ONE + self.middle
        return latent + bounded(apply_mlp(weights, torch.cat([latent, given], dim=2), position))


class ConcatenatedTransition(nn.Module):
    """The baseline without a hypermodel: one MLP for all maps; the map's embedding is one more input.

    It is given the same features of the position, with weights that all maps share.
    """

    def __init__(self, config: DenseModelConfig) -> None:
        super().__init__()
        self.n_actions, self.side = config.n_actions, config.side
        latent, hidden, given = config.latent, config.concatenated_hidden, width(config.n_actions)
        # A layer that acts on inputs side by side is the sum of layers on each: the embedding's part once a task.
        self.from_map = nn.Linear(config.embedding, hidden)
        self.from_body = nn.Linear(latent + given, hidden, bias=False)
        self.from_cell = nn.Linear(config.side**2, hidden, bias=False)
        self.linear = nn.Linear(given, latent, bias=False)
        self.middle = nn.Linear(hidden, hidden)
        self.change = nn.Linear(hidden, latent)
        nn.init.normal_(self.from_map.weight, std=0.5)
        nn.init.normal_(self.from_cell.weight, std=0.5)
        nn.init.normal_(self.change.weight, std=0.2 / hidden**0.5)
        nn.init.zeros_(self.change.bias)

    def read(self, reading: Reading) -> Tensor:
        """What is kept of B tasks: the embedding's part of the first layer, `[B, H]`."""
        return self.from_map(reading.embedding)

    def forward(self, from_map: Tensor, latent: Tensor, action: Tensor) -> Tensor:
        """Next latents `[B, M, L]` of latents `[B, M, L]` and actions int64 `[B, M]`, M rows a task."""
        given = sensed(latent, action, self.n_actions)
        cell = cell_features(latent[..., POSITION] * CELLS_IN_ONE + self.side / 2, self.side)
        state = self.from_body(torch.cat([latent, given], dim=2)) + self.from_cell(cell) + from_map.unsqueeze(1)
        state = F.relu(state)
        state = state + F.relu(self.middle(state))
        return latent + bounded(self.linear(given) + self.change(state))
