"""f_phi, the latent transition network: all its weights predicted, or shared by all maps and told of the map."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mazenav.model.dense.hypermodel import DenseHypermodel, TransitionMlp
from mazenav.model.dense.representation import BODY

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


def apply_mlp(weights: TransitionMlp, inputs: Tensor) -> Tensor:
    """The outputs `[B, M, L]` of B networks for M inputs each, `[B, M, I]`."""
    linear = inputs[..., -weights.linear_weight.shape[1] :] @ weights.linear_weight
    state = F.relu(torch.baddbmm(weights.first_bias.unsqueeze(1), inputs, weights.first_weight))
    state = F.relu(torch.baddbmm(weights.middle_bias.unsqueeze(1), state, weights.middle_weight))
    return linear + torch.baddbmm(weights.last_bias.unsqueeze(1), state, weights.last_weight)


class PredictedTransition(nn.Module):
    """Latent and action through an MLP of which the hypermodel predicts every weight from the map."""

    def __init__(self, embedding: int, latent: int, hidden: int, n_actions: int) -> None:
        super().__init__()
        self.n_actions = n_actions
        given = width(n_actions)
        self.hypermodel = DenseHypermodel(embedding, latent + given, given, hidden, latent)

    def read(self, embedding: Tensor) -> TransitionMlp:
        """What is kept of B tasks: their transition networks."""
        return self.hypermodel(embedding)

    def forward(self, weights: TransitionMlp, latent: Tensor, action: Tensor) -> Tensor:
        """Next latents `[B, M, L]` of latents `[B, M, L]` and actions int64 `[B, M]`, M rows a task."""
        given = sensed(latent, action, self.n_actions)
        return latent + bounded(apply_mlp(weights, torch.cat([latent, given], dim=2)))


class ConcatenatedTransition(nn.Module):
    """The baseline without a hypermodel: one MLP for all maps; the map's embedding is one more input."""

    def __init__(self, embedding: int, latent: int, hidden: int, n_actions: int) -> None:
        super().__init__()
        self.n_actions = n_actions
        # A layer that acts on inputs side by side is the sum of layers on each: the embedding's part once a task.
        self.from_map = nn.Linear(embedding, hidden)
        self.from_body = nn.Linear(latent + width(n_actions), hidden, bias=False)
        self.linear = nn.Linear(width(n_actions), latent, bias=False)
        self.middle = nn.Linear(hidden, hidden)
        self.change = nn.Linear(hidden, latent)
        nn.init.normal_(self.from_map.weight, std=0.5)
        nn.init.normal_(self.change.weight, std=0.2 / hidden**0.5)
        nn.init.zeros_(self.change.bias)

    def read(self, embedding: Tensor) -> Tensor:
        """What is kept of B tasks: the embedding's part of the first layer, `[B, H]`."""
        return self.from_map(embedding)

    def forward(self, from_map: Tensor, latent: Tensor, action: Tensor) -> Tensor:
        """Next latents `[B, M, L]` of latents `[B, M, L]` and actions int64 `[B, M]`, M rows a task."""
        given = sensed(latent, action, self.n_actions)
        state = F.relu(self.from_body(torch.cat([latent, given], dim=2)) + from_map.unsqueeze(1))
        state = F.relu(self.middle(state))
        return latent + bounded(self.linear(given) + self.change(state))
