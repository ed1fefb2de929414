"""Small exact models to plan in; everything about them can be looked up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mazenav.model.interface import ModelStep, Prediction


@dataclass
class TableModel:
    """T deterministic worlds of S states, one a task; a latent is `[state]`.

    Attributes:
        successor: int `[T, S, A]`.
        reward: `[T, S, A]`.
        discount: `[T, S, A]`.
        value: `[T, S]`, what is predicted, true or not.
        logits: `[T, S, A]`.
        calls: rows of every call of `step`, in order.
    """

    successor: np.ndarray
    reward: np.ndarray
    discount: np.ndarray
    value: np.ndarray
    logits: np.ndarray

    def __post_init__(self) -> None:
        self.n_actions = self.logits.shape[-1]
        self.calls: list[int] = []

    def step(self, latent: Tensor, action: Tensor, context: Tensor) -> ModelStep:
        index = self._index(latent, context, action)
        self.calls.append(len(latent))
        following = torch.from_numpy(self.successor[index]).to(latent.dtype)[:, None]
        return ModelStep(following, torch.from_numpy(self.reward[index]), torch.from_numpy(self.discount[index]))

    def predict(self, latent: Tensor, context: Tensor) -> Prediction:
        index = self._index(latent, context)
        return Prediction(torch.from_numpy(self.value[index]), torch.from_numpy(self.logits[index]))

    def task(self, number: int) -> TableModel:
        """One of the worlds alone."""
        only = slice(number, number + 1)
        tables = (self.successor, self.reward, self.discount, self.value, self.logits)
        return TableModel(*(table[only] for table in tables))

    def _index(self, latent: Tensor, context: Tensor, *more: Tensor) -> tuple[np.ndarray, ...]:
        assert context.dtype == torch.int64 and context.shape == latent.shape[:1]
        return tuple(tensor.numpy() for tensor in (context, latent[:, 0].long(), *more))


def random_worlds(seed: int, tasks: int = 1, states: int = 6, n_actions: int = 4) -> TableModel:
    """Random successors, rewards, discounts (some 0), values and logits, none of them exact."""
    rng = np.random.default_rng(seed)
    shape = (tasks, states, n_actions)
    goes_on = rng.random(shape) < 0.9
    return TableModel(
        successor=rng.integers(0, states, shape),
        reward=-rng.random(shape) * 2,
        discount=np.where(goes_on, 0.8 + 0.2 * rng.random(shape), 0.0),
        value=-rng.random((tasks, states)) * 40,
        logits=rng.normal(size=shape),
    )


def best_values(model: TableModel) -> np.ndarray:
    """The true values `[T, S]` of the best policy, by value iteration."""
    value = np.zeros_like(model.value)
    tasks = np.arange(len(value))[:, None, None]
    for _ in range(3000):
        value = (model.reward + model.discount * value[tasks, model.successor]).max(axis=2)
    return value


def best_q_values(model: TableModel) -> np.ndarray:
    """The true Q values `[T, S, A]` of the best policy."""
    tasks = np.arange(len(model.value))[:, None, None]
    return model.reward + model.discount * best_values(model)[tasks, model.successor]


def exact_worlds(seed: int, tasks: int, states: int = 8, n_actions: int = 4) -> TableModel:
    """Random worlds with a goal; the predicted values are the true ones, the policy knows nothing."""
    rng = np.random.default_rng(seed)
    shape = (tasks, states, n_actions)
    successor = rng.integers(0, states, shape)
    successor[:, 1:, 0] = np.arange(states - 1)  # the goal, state 0, can be reached from everywhere
    reward = np.where(np.arange(n_actions) == 0, -1.0, -1.0 - rng.random(shape))
    discount = np.where(successor == 0, 0.0, 1.0)
    model = TableModel(successor, reward, discount, np.zeros((tasks, states)), np.zeros(shape))
    model.value = best_values(model)
    return model


def corridor(length: int, guess: float = -50.0) -> TableModel:
    """A corridor of `length` cells with the goal behind its right end; actions left, right, stay. The value is a guess.

    From cell c the best is to go right for `length - c` decisions.
    """
    cells = np.arange(length)
    successor = np.stack([np.maximum(cells - 1, 0), np.minimum(cells + 1, length - 1), cells], axis=1)[None]
    discount = np.ones((1, length, 3))
    discount[0, -1, 1] = 0.0
    return TableModel(
        successor, np.full((1, length, 3), -1.0), discount, np.full((1, length), guess), np.zeros((1, length, 3))
    )


def roots(*states: int) -> Tensor:
    """Latents `[B, 1]`."""
    return torch.tensor(states, dtype=torch.float32)[:, None]
