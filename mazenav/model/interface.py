"""What a planner may know of a model: functions over latents, never a network."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from torch import Tensor


class ModelStep(NamedTuple):
    """One step of the learned model, for M rows.

    Attributes:
        latent: `[M, L]`, the next latent.
        reward: `[M]`, minus the decisions that the step costs.
        discount: `[M]`, one minus the probability that the goal was reached in this step.
    """

    latent: Tensor
    reward: Tensor
    discount: Tensor


class Prediction(NamedTuple):
    """What the prediction network says of M latents.

    Attributes:
        value: `[M]`, minus the expected decisions to the goal.
        logits: `[M, A]`, unnormalised log-probabilities of the policy.
    """

    value: Tensor
    logits: Tensor


class LatentModel(Protocol):
    """A model bound to B tasks; every row says by its index `context` which of them it belongs to."""

    n_actions: int

    def step(self, latent: Tensor, action: Tensor, context: Tensor) -> ModelStep:
        """Advance latents `[M, L]` by actions int64 `[M]`."""

    def predict(self, latent: Tensor, context: Tensor) -> Prediction:
        """Value and policy of latents `[M, L]`."""
