"""Reads map and goal as an image and leaves a few numbers in every cell."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class CellReader(nn.Module):
    """A gated recurrent convolution over the cells: images `[B, I, R, C]` -> `[B, P, R, C]`.

    Each round mixes a cell's state with its neighbours' and with what the image says there,
    x <- x + sigmoid(g) (tanh(u) - x), with the same weights in every round, so that depth costs no parameters and
    states stay bounded. Nothing in it is a value or a transition: what the rounds compute is learnt by Q-learning
    alone. A cell sees as many cells around it as there are rounds.
    """

    def __init__(self, inputs: int, channels: int, rounds: int, outputs: int) -> None:
        super().__init__()
        self.rounds = rounds
        self.half_precision = False
        self.enter = nn.Conv2d(inputs, channels, 3)
        self.inject = nn.Conv2d(channels, 2 * channels, 1)
        self.mix = nn.Conv2d(channels, 2 * channels, 3, padding=1, bias=False)
        self.leave = nn.Conv2d(channels, outputs, 1)
        with torch.no_grad():
            self.inject.bias[:channels] -= 1.0  # type: ignore[index]  # a bias there is; gates begin mostly shut

    def forward(self, images: Tensor) -> Tensor:
        """What is left in every cell."""
        with torch.autocast(images.device.type, torch.bfloat16, enabled=self.half_precision):
            return self.leave(self.converse(images)).float()

    def converse(self, images: Tensor) -> Tensor:
        """The rounds, in whichever precision is set."""
        entered = F.relu(self.enter(F.pad(images, [1, 1, 1, 1])))
        injected = self.inject(entered)
        state = torch.tanh(entered)
        for _ in range(self.rounds):
            gate, update = (self.mix(state) + injected).chunk(2, dim=1)
            state = state + gate.sigmoid() * (update.tanh() - state)
        return state
