"""The dense hypermodel: from what was read of a task all weights of the latent transition network."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from mazenav.model.dense.reader import Reading

LAST_GAIN = 0.05
"""Variance of a predicted change at the start, in units of the latent: small, so that an unrolled latent stays put."""
OWN_SHARE = 0.05
"""Share of a generated weight's first variance that comes from the task; the rest all tasks have in common.

What differs between tasks before anything is learnt is noise that has to be unlearnt: with a half of the variance the
predicted position was 0.28 cells off after five decisions and as long a training as gave 0.18 with a twentieth (the
model loss alone for 90 seconds, one run each).
"""


class TransitionShape(NamedTuple):
    """Sizes of the transition network: latents L, what is sensed G, hidden units H, numbers of a cell Q, side N."""

    latent: int
    sensed: int
    hidden: int
    rank: int
    side: int


class TransitionMlp(NamedTuple):
    """phi: the weights of B transition networks, by name; sizes as in `TransitionShape`.

    Attributes:
        linear_weight: `[B, G, L]`, straight from what is sensed to the outputs.
        cell_weight: `[B, N N, Q]`, from the bilinear features of a position, one for each cell of the map.
        here_weight: `[B, Q, H]`, behind it where the position is the body's.
        ahead_weight: `[B, Q, H]`, behind it where it is the one to which what is linear leads.
        first_weight: `[B, L + G, H]`.
        first_bias: `[B, H]`.
        middle_weight: `[B, H, H]`.
        middle_bias: `[B, H]`.
        last_weight: `[B, H, L]`.
        last_bias: `[B, L]`.
    """

    linear_weight: Tensor
    cell_weight: Tensor
    here_weight: Tensor
    ahead_weight: Tensor
    first_weight: Tensor
    first_bias: Tensor
    middle_weight: Tensor
    middle_bias: Tensor
    last_weight: Tensor
    last_bias: Tensor

    def take(self, tasks: Tensor) -> TransitionMlp:
        """The weights of the tasks with these indices int64 `[M]`."""
        return TransitionMlp(*(part.index_select(0, tasks) for part in self))


class DenseHypermodel(nn.Module):
    """h_psi's last layers: `Reading` -> `TransitionMlp`, one dense layer for each part of it.

    The first weights are drawn so that the *generated* weights have the variance that their network needs (hyperfan-in,
    Chang et al. 2020, Principled Weight Initialization for Hypernetworks): Var(w) = gain / fan-in = E Var(V) E[z^2] and
    what all tasks share, the layer's bias. `calibrate` measures E[z^2] on real contexts.

    The layer that generates the weights of cells reads the features of all cells, not the embedding, and begins as a
    convolution would: each cell's weights are the same function of that cell's features (dense layers initialised as
    convolutions, d'Ascoli et al. 2019, Finding the Needle in the Haystack with Convolutions). Nothing keeps it one.
    """

    def __init__(self, embedding: int, features: int, shape: TransitionShape) -> None:
        super().__init__()
        latent, sensed, hidden, rank, side = shape
        self.features, self.rank = features, rank
        self.shapes = {
            "linear_weight": (sensed, latent),
            "here_weight": (rank, hidden),
            "ahead_weight": (rank, hidden),
            "first_weight": (latent + sensed, hidden),
            "first_bias": (hidden,),
            "middle_weight": (hidden, hidden),
            "middle_bias": (hidden,),
            "last_weight": (hidden, latent),
            "last_bias": (latent,),
        }
        self.layers = nn.ModuleDict({name: nn.Linear(embedding, math.prod(s)) for name, s in self.shapes.items()})
        self.variances = {
            "linear_weight": LAST_GAIN / sensed,
            "here_weight": 1 / rank,
            "ahead_weight": 1 / rank,
            "first_weight": 1 / (latent + sensed),
            "middle_weight": 2 / hidden,
            "last_weight": LAST_GAIN / hidden,
        }
        self.cells = nn.Linear(features * side * side, side * side * rank)
        self.calibrate(Reading(torch.ones(1, embedding), torch.ones(1, features, side, side)))

    @torch.no_grad()
    def calibrate(self, reading: Reading) -> None:
        """Draw the first weights anew for readings such as these; biases of the target start at nothing."""
        power = float(reading.embedding.square().sum(dim=1).mean().clamp(min=1e-6))
        for name, layer in self.layers.items():
            assert isinstance(layer, nn.Linear)
            variance = self.variances.get(name, 0.0)
            nn.init.normal_(layer.weight, std=math.sqrt(OWN_SHARE * variance / power))
            nn.init.normal_(layer.bias, std=math.sqrt((1 - OWN_SHARE) * variance))
        power = float(reading.features.square().mean().clamp(min=1e-6))
        kernel = torch.randn(self.rank, self.features) / math.sqrt(self.features * power)
        # Rows are (cell, number), columns (feature, cell), as they are flattened.
        same = torch.eye(self.cells.in_features // self.features)
        weight = torch.einsum("ab,qf->aqfb", same, kernel).reshape(self.cells.weight.shape)
        self.cells.weight.copy_(weight)
        nn.init.zeros_(self.cells.bias)

    def forward(self, reading: Reading) -> TransitionMlp:
        """The weights for B tasks."""
        parts = {name: self.layers[name](reading.embedding).unflatten(1, s) for name, s in self.shapes.items()}
        cells = self.cells(reading.features.flatten(1))
        return TransitionMlp(**parts, cell_weight=cells.unflatten(1, (-1, self.rank)))
