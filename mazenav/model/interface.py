"""What a planner may know of a model: functions over latents, never a network."""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
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


@runtime_checkable
class WithField(Protocol):
    """A `LatentModel` that has planned a cell-level field for its tasks."""

    def field_leaves(self) -> LatentModel:
        """The same model, but for values, which are read off the field alone; the same object at every call."""


class Kernel(NamedTuple):
    """A model's compiled form: step and prediction in one native function, which a search calls without Python.

    The function is `void evaluate(const float *weights, const float *tasks, const int64_t *sizes, int64_t rows, const
    float *latent, const int64_t *action, const int64_t *context, float *following, double *outcome, float *scratch)`:
    it advances `rows` latents `[rows, L]` by their actions to `following` and writes to `outcome` `[rows, 3 + A]` the
    reward, the discount, and value and logits of `following`. Where the actions are -1 (all of them, then) it stays
    where it is and leaves reward and discount open. A row's answer does not depend on the other rows.

    Attributes:
        address: of the function, in this process.
        latent: L.
        contexts: how many tasks there are; contexts are below that.
        weights: float32 `[P]`, what all tasks share.
        tasks: float32 `[T]`, what tells them apart.
        sizes: int64 `[K]`, whatever the function must know to find its way in both.
        scratch: float32 places of working memory that it needs a row.
    """

    address: int
    latent: int
    contexts: int
    weights: np.ndarray
    tasks: np.ndarray
    sizes: np.ndarray
    scratch: int


@runtime_checkable
class Compiled(Protocol):
    """A `LatentModel` that may have a compiled form, which says the same to float tolerance."""

    def kernel(self) -> Kernel | None:
        """The compiled form; None where there is none (on another device, say)."""
