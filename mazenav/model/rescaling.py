"""The invertible rescaling of values that Ape-X's successors learn in (Pohlen et al. 2018, proposition A.2)."""

from __future__ import annotations

from torch import Tensor

EPSILON = 0.01
"""Weight of the linear part, which keeps the inverse Lipschitz."""


def rescale(decisions: Tensor) -> Tensor:
    """h(x) = sqrt(x + 1) - 1 + epsilon x for x >= 0: near and far goals ask for errors of like size."""
    return (decisions + 1).sqrt() - 1 + EPSILON * decisions


def unscale(scaled: Tensor) -> Tensor:
    """The inverse of `rescale`; below nothing it is nothing."""
    scaled = scaled.clamp(min=0)
    root = (1 + 4 * EPSILON * (scaled + 1 + EPSILON)).sqrt()
    return (((root - 1) / (2 * EPSILON)).square() - 1).clamp(min=0)
