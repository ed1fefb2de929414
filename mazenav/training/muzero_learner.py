"""Turns segments into better weights of the dense network."""

from __future__ import annotations

import math

import numpy as np
from torch import nn

from mazenav.config.dense import DenseTrainConfig
from mazenav.model.dense.network import DenseNetwork
from mazenav.model.dense.transition import PredictedTransition
from mazenav.parallel import summed
from mazenav.planner.settings import SearchConfig
from mazenav.replay.buffer import ReplayBuffer
from mazenav.replay.relabel import relabel, relabel_elsewhere
from mazenav.replay.segment import TaskSegments, concatenate
from mazenav.training.descent import Descent
from mazenav.training.muzero_loss import MuZeroLosses, muzero_losses


class MuZeroLearner:
    """Adam on the losses of fresh segments and of older ones, of many layouts, with n-step hindsight goals."""

    def __init__(self, network: DenseNetwork, config: DenseTrainConfig, rng: np.random.Generator) -> None:
        self.network, self.config, self.rng = network, config, rng
        self.replay = ReplayBuffer(config.replay_capacity, TaskSegments)
        self.planner = SearchConfig(simulations=config.label_simulations, value_epsilon=1.0, value_clip=30.0)
        total = config.iterations * math.ceil(config.agents / config.minibatch)
        parts: list[nn.Module] = [network.reader, network.representation, network.prediction]
        peaks = [config.reader_learning_rate, config.learning_rate, config.learning_rate]
        if isinstance(network.transition, PredictedTransition):
            hypermodel = network.transition.hypermodel
            parts += [hypermodel.layers, hypermodel.cells]
            peaks += [config.dynamics_learning_rate, config.cells_learning_rate]
        else:
            parts.append(network.transition)
            peaks.append(config.dynamics_learning_rate)
        self.descent = Descent(parts, peaks, config.clip_norm, total)

    def learn(self, fresh: TaskSegments) -> dict[str, float]:
        """One pass over the fresh segments in minibatches; returns the mean of each loss."""
        self.replay.add(fresh)
        order = self.rng.permutation(len(fresh))
        seen = []
        for low in range(0, len(order), self.config.minibatch):
            parts = [fresh.take(order[low : low + self.config.minibatch])]
            if self.config.replayed:
                parts += self.remembered()
            seen.append(self.step(concatenate(parts)))
        return {name: float(np.mean([getattr(loss, name).item() for loss in seen])) for name in MuZeroLosses._fields}

    def remembered(self) -> list[TaskSegments]:
        """Older segments, some under goals that their agents came to, some under any."""
        sampled, far = (
            self.replay.sample(self.config.replayed, self.rng),
            round(self.config.elsewhere * self.config.replayed),
        )
        return [
            relabel_elsewhere(sampled.take(slice(far)), self.rng),
            relabel(sampled.take(slice(far, None)), self.rng),
        ]

    def step(self, segments: TaskSegments) -> MuZeroLosses:
        """One gradient step."""
        loss = muzero_losses(self.network, segments, self.planner, self.config.loss, self.rng)
        self.descent.step(loss.total)
        return MuZeroLosses(*summed(loss))

    def state(self) -> dict[str, np.ndarray]:
        """Arrays of replay buffer and optimizer; the network's weights and the generator are not among them."""
        replay = {f"replay.{name}": array for name, array in self.replay.state().items()}
        return {**replay, **{f"descent.{name}": array for name, array in self.descent.state().items()}}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Take over what `state` gave."""
        self.replay.restore({name[7:]: array for name, array in state.items() if name.startswith("replay.")})
        self.descent.restore({name[8:]: array for name, array in state.items() if name.startswith("descent.")})
