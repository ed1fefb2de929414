"""The whole network of the paper's agent; bound to tasks it is a `LatentModel`.

With the paper's symbols (Zhao & Wong, arXiv 2412.12024): a task context c = (m, g), map m `[N, N]` and goal grids g
`[2, N, N]`, is read once, phi = h_psi(c), and phi is all that the latent transition network z' = f_phi(z, a) is made
of. The representation z = e(s) is shared by all tasks; reward, value and policy are r(z, z', c), v(z, c) and p(z, c).

Towards the planner a value is minus the decisions to go and every decision costs one, as other models have it.
Inside, the value network counts decisions discounted, as the paper's reward at the goal is, so that what cannot be
reached is bounded; and says them rescaled, as MuZero does (Pohlen et al. 2018), so that near and far goals weigh alike.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from mazenav.config.dense import DenseModelConfig
from mazenav.model.dense.hypermodel import TransitionMlp
from mazenav.model.dense.prediction import DensePrediction, Plans
from mazenav.model.dense.reader import TaskReader, task_grids
from mazenav.model.dense.representation import DenseRepresentation
from mazenav.model.dense.transition import ConcatenatedTransition, PredictedTransition
from mazenav.model.interface import ModelStep, Prediction
from mazenav.model.rescaling import unscale


class TaskWeights(NamedTuple):
    """All that the network keeps of B task contexts.

    Attributes:
        transition: the predicted transition networks, or without a hypermodel what the shared one is told, `[B, H]`.
        plans: what the prediction networks are told.
    """

    transition: TransitionMlp | Tensor
    plans: Plans

    def __len__(self) -> int:
        return len(self.plans.goals)

    def take(self, tasks: Tensor) -> TaskWeights:
        """What was kept of the tasks with these indices int64 `[M]`."""
        told = self.transition
        chosen = told.index_select(0, tasks) if isinstance(told, Tensor) else told.take(tasks)
        return TaskWeights(chosen, self.plans.take(tasks))


class DenseNetwork(nn.Module):
    """Map-conditioned Multi-task Navigator (arXiv 2412.12024), or its baseline without a hypermodel."""

    def __init__(self, config: DenseModelConfig) -> None:
        super().__init__()
        self.config = config
        self.representation = DenseRepresentation(config.side, config.latent, config.speed_scale)
        self.reader = TaskReader(config.side, config.channels, config.depth, config.pooled, config.embedding)
        kind = PredictedTransition if config.conditioning == "weights" else ConcatenatedTransition
        self.transition: PredictedTransition | ConcatenatedTransition = kind(config)
        self.prediction = DensePrediction(config)

    def read(self, maps: Tensor, starts: Tensor, goals: Tensor) -> TaskWeights:
        """Read B task contexts: maps `[B, R, C]`, start and goal cells int64 `[B, 2]`."""
        grids = task_grids(maps, starts, goals, self.config.side)
        return TaskWeights(self.transition.read(self.reader(grids)), self.prediction.read(grids))

    @torch.no_grad()
    def calibrate(self, maps: Tensor, starts: Tensor, goals: Tensor) -> None:
        """Initialise reader and hypermodel for contexts such as these."""
        grids = task_grids(maps, starts, goals, self.config.side)
        self.reader.calibrate(grids)
        if isinstance(self.transition, PredictedTransition):
            self.transition.hypermodel.calibrate(self.reader(grids))

    def discounted(self, decisions: Tensor) -> Tensor:
        """What is learnt in place of decisions to go: their sum, each discounted by those before it."""
        return (1 - self.config.discount**decisions) / (1 - self.config.discount)

    def decisions(self, scaled: Tensor) -> Tensor:
        """Decisions to go, at most the farthest, that the value network's numbers stand for: `discounted`, rescaled."""
        left = 1 - (1 - self.config.discount) * unscale(scaled)
        return left.clamp(min=self.config.discount**self.config.farthest).log() / math.log(self.config.discount)


class DenseModel:
    """The network's functions over latents of B tasks (a `LatentModel`)."""

    def __init__(self, network: DenseNetwork, weights: TaskWeights) -> None:
        self.network, self.weights = network, weights
        self.n_actions = network.config.n_actions
        self._even: dict[int, Tensor] = {}

    def predict(self, latent: Tensor, context: Tensor) -> Prediction:
        """Value (minus the decisions to go) and policy logits."""
        decisions = self.decisions_to_go(latent, context)
        return Prediction(-decisions.amin(dim=1), -decisions / self.network.config.temperature)

    def decisions_to_go(self, latent: Tensor, context: Tensor) -> Tensor:
        """Decisions to the goal by each action, `[M, A]`."""
        weights, rows = self._of(context)
        scaled = self.network.prediction(weights.plans, latent.view(len(weights), rows, -1))
        return self.network.decisions(scaled.flatten(0, 1))

    def step(self, latent: Tensor, action: Tensor, context: Tensor) -> ModelStep:
        """One decision in the learned model."""
        weights, rows = self._of(context)
        latent, action = latent.view(len(weights), rows, -1), action.view(len(weights), rows)
        following = self.network.transition(weights.transition, latent, action)
        reached = self.network.prediction.arrived(weights.plans, latent, following).sigmoid().flatten()
        return ModelStep(following.flatten(0, 1), -torch.ones_like(reached), 1 - reached)

    def _of(self, context: Tensor) -> tuple[TaskWeights, int]:
        """The weights for rows of these tasks, and how many rows in turn share each."""
        tasks, count = len(self.weights), len(context)
        if count and count % tasks == 0:
            # As many rows a task, task after task: the weights need not be copied for each.
            if count not in self._even:
                self._even[count] = torch.arange(tasks, device=context.device).repeat_interleave(count // tasks)
            if torch.equal(self._even[count], context):
                return self.weights, count // tasks
        return self.weights.take(context), 1
