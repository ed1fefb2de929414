"""Gradient steps by Adam: warm-up, a cosine down to nothing, gradients clipped."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from mazenav.training.adam import moments, restore_moments

WARM_UP = 100
"""Gradient steps until the learning rate reaches its peak."""


class Descent:
    """Adam on the weights of a few modules.

    Args:
        parts: the modules; the gradient of each is clipped on its own.
        peak: of the learning rate; or of each module's, in their order.
        clip_norm: that no gradient's norm exceeds.
        total: steps at whose end the learning rate is nothing.
    """

    def __init__(self, parts: Sequence[nn.Module], peak: float | Sequence[float], clip_norm: float, total: int) -> None:
        self._parts, self._clip_norm, self._total = list(parts), clip_norm, total
        peaks = [peak] * len(self._parts) if isinstance(peak, float) else peak
        groups = [{"params": list(part.parameters()), "peak": p} for part, p in zip(self._parts, peaks, strict=True)]
        self._optimizer = torch.optim.Adam(groups, eps=1e-5)
        self.steps = 0

    def share(self) -> float:
        """Of the peak learning rate, now."""
        warm = min((self.steps + 1) / WARM_UP, 1.0)
        return warm * 0.5 * (1 + math.cos(math.pi * min(self.steps / self._total, 1.0)))

    def step(self, loss: Tensor) -> None:
        """One step down the gradient of a loss."""
        for group in self._optimizer.param_groups:
            group["lr"] = group["peak"] * self.share()
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        for part in self._parts:
            nn.utils.clip_grad_norm_(part.parameters(), self._clip_norm)
        self._optimizer.step()
        self.steps += 1

    def state(self) -> dict[str, np.ndarray]:
        """Arrays for a checkpoint; the weights themselves are not among them."""
        named = {f"adam.{name}": array for name, array in moments(self._optimizer).items()}
        return {"steps": np.array(self.steps), **named}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Take over what `state` gave."""
        self.steps = int(state["steps"])
        restore_moments(self._optimizer, {k[5:]: array for k, array in state.items() if k.startswith("adam.")})
