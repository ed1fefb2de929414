"""The dense hypermodel: from a task's embedding all weights of the latent transition network."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

LAST_GAIN = 0.05
"""Variance of a predicted change at the start, in units of the latent: small, so that an unrolled latent stays put."""


class TransitionMlp(NamedTuple):
    """phi: the weights of B transition networks, inputs I, hidden units H, outputs L, by name.

    Attributes:
        linear_weight: `[B, G, L]`, straight from the last G inputs to the outputs.
        first_weight: `[B, I, H]`.
        first_bias: `[B, H]`.
        middle_weight: `[B, H, H]`.
        middle_bias: `[B, H]`.
        last_weight: `[B, H, L]`.
        last_bias: `[B, L]`.
    """

    linear_weight: Tensor
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
    """h_psi's last layer: embedding `[B, E]` -> `TransitionMlp`, one dense layer for each part of it.

    The first weights are drawn so that the *generated* weights have the variance that their network needs (hyperfan-in,
    Chang et al. 2020, Principled Weight Initialization for Hypernetworks): Var(w) = gain / fan-in = E Var(V) E[z^2].
    Half of a generated weight's variance comes from a part that all tasks share (the layer's bias), half from the
    embedding. `calibrate` measures E[z^2] on real contexts.
    """

    def __init__(self, embedding: int, inputs: int, linear: int, hidden: int, outputs: int) -> None:
        super().__init__()
        self.shapes = {
            "linear_weight": (linear, outputs),
            "first_weight": (inputs, hidden),
            "first_bias": (hidden,),
            "middle_weight": (hidden, hidden),
            "middle_bias": (hidden,),
            "last_weight": (hidden, outputs),
            "last_bias": (outputs,),
        }
        self.layers = nn.ModuleDict({name: nn.Linear(embedding, math.prod(s)) for name, s in self.shapes.items()})
        self.variances = {
            "linear_weight": LAST_GAIN / linear,
            "first_weight": 1 / inputs,
            "middle_weight": 2 / hidden,
            "last_weight": LAST_GAIN / hidden,
        }
        self.calibrate(torch.ones(1, embedding))

    @torch.no_grad()
    def calibrate(self, embedding: Tensor) -> None:
        """Draw the first weights anew for embeddings of this mean square; biases of the target start at nothing."""
        power = float(embedding.square().sum(dim=1).mean().clamp(min=1e-6))
        for name, layer in self.layers.items():
            assert isinstance(layer, nn.Linear)
            variance = self.variances.get(name, 0.0) / 2
            nn.init.normal_(layer.weight, std=math.sqrt(variance / power))
            nn.init.normal_(layer.bias, std=math.sqrt(variance))

    def forward(self, embedding: Tensor) -> TransitionMlp:
        """The weights for B embeddings."""
        return TransitionMlp(
            **{name: self.layers[name](embedding).unflatten(1, shape) for name, shape in self.shapes.items()}
        )
