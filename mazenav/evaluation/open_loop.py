"""How far the transition network's rollouts drift from real trajectories when nothing corrects them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import torch

from mazenav.agent.dense_navigator import DenseNavigator
from mazenav.agent.navigator import Navigator
from mazenav.evaluation.protocol import context_of, make_tasks
from mazenav.rng import stream
from mazenav.sim.batch import AgentBatch
from mazenav.types import Layout

Actions = Literal["policy", "uniform", "held"]

WARM_UP = 5
"""Decisions driven before a rollout begins, so that bodies are in motion."""
FAR_AWAY = 10**6
"""A time limit and a goal that play no part."""


class Rollouts(NamedTuple):
    """Real and predicted trajectories side by side.

    Attributes:
        real: float32 `[N, K + 1, 2]`, (row, column) in the padded maps, from where the rollout began.
        predicted: float32 `[N, K + 1, 2]`, the same in the learned model.
    """

    real: np.ndarray
    predicted: np.ndarray

    @property
    def error(self) -> np.ndarray:
        """Distance in cells, float32 `[N, K + 1]`."""
        return np.linalg.norm(self.predicted - self.real, axis=-1)


def open_loop(
    navigator: Navigator | DenseNavigator,
    layouts: Sequence[Layout],
    decisions: int,
    seed: int,
    actions: Actions = "policy",
) -> Rollouts:
    """Drive one agent in each layout and predict the same actions open-loop.

    Args:
        navigator: whose model, and whose policy may choose the actions.
        layouts: unseen ones, N.
        decisions: K, length of the rollouts.
        seed: draws tasks and actions; goals do not end an episode here, so every rollout is K decisions long.
        actions: who chooses: the policy; nobody (uniform draws); or nobody, half of the draws held from the decision
            before, so that bodies run on and into walls.
    """
    tasks = make_tasks(layouts, 1, seed)
    navigator.begin(
        [context_of(task, "true", stream(seed, "map", i)) for i, task in enumerate(tasks)],
        [stream(seed, "open loop", i) for i in range(len(tasks))],
    )
    rng = stream(seed, "open loop")
    rows, columns = (max(task.layout.shape[axis] for task in tasks) for axis in (0, 1))
    bodies = AgentBatch(len(tasks), rows, columns)
    index = np.arange(len(tasks))
    bodies.place(
        index,
        [task.layout.walls for task in tasks],
        np.array([task.start for task in tasks]),
        np.array([task.goal for task in tasks]),
        np.array([task.yaw for task in tasks]),
        np.full(len(tasks), FAR_AWAY),
    )
    bodies.goals[:] = -FAR_AWAY
    chosen_before = np.zeros(len(tasks), np.int64)
    real, predicted = [], []
    latent = torch.zeros(0)
    for decision in range(WARM_UP + decisions + 1):
        actual = navigator.network.representation(torch.from_numpy(bodies.states.copy()), navigator.rows)
        if decision == WARM_UP:
            latent = actual
        if decision >= WARM_UP:
            real.append(navigator.positions(actual))
            predicted.append(navigator.positions(latent))
        drawn = rng.integers(bodies.body.n_actions, size=len(tasks))
        chosen = drawn
        if actions == "held":
            chosen = np.where(rng.random(len(tasks)) < 0.5, chosen_before, drawn)
        elif actions == "policy":
            chosen = navigator.act(bodies.states, np.ones(len(tasks), np.bool_))
        chosen_before = chosen
        bodies.step(chosen)
        if decision >= WARM_UP:
            with torch.no_grad():
                latent = navigator.model.step(latent, torch.from_numpy(chosen), torch.from_numpy(index)).latent
    return Rollouts(np.stack(real, axis=1), np.stack(predicted, axis=1))
