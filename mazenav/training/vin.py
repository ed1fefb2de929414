"""A training run of the value iteration network: on-policy collection, lambda-returns, hindsight goals."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mazenav.config.vin import VinTrainConfig
from mazenav.model.store import save_network
from mazenav.model.vin.network import VinNetwork
from mazenav.parallel import average, own_rows, summed
from mazenav.replay.buffer import ReplayBuffer
from mazenav.replay.relabel import relabel
from mazenav.replay.segment import Segments, concatenate
from mazenav.rng import stream
from mazenav.training.baseline_card import write_baseline_card
from mazenav.training.collect import Collector, ToGo
from mazenav.training.descent import Descent
from mazenav.training.returns import lambda_targets
from mazenav.training.tasks import held_out
from mazenav.training.value_run import SHIPPED_POLICY, ValueRun, seeded


class VinRun(ValueRun):
    """A training run between two iterations.

    Tamar et al. 2016 train by imitation or by policy gradients. Here the values are regressed on lambda-returns of the
    agent's own experience, as the spatial agent's are, so that the two differ in how they plan and in nothing else.
    """

    network: VinNetwork
    learner: VinLearner

    def __init__(self, config: VinTrainConfig, device: str) -> None:
        rngs = {"collect": stream(config.seed, "collect"), "learn": stream(config.seed, "learn")}
        network = seeded(config.seed, lambda: VinNetwork(config.model)).to(device)
        collector = Collector(config.agents, config.sizes, rngs["collect"], held_out())
        super().__init__(network, collector, VinLearner(network, config, rngs["learn"]), rngs)
        self.config = config

    def collect(self, to_go: ToGo) -> Segments:
        """A segment of every agent, its actions drawn from a softmax over minus the decisions to go."""
        config = self.config
        return self.collector.collect(config.segment, to_go, config.explore_temperature, config.explore_uniform)

    def save(self, out: Path) -> None:
        """The trained agent: weights, config and a card that says how it was made."""
        save_network(out, self.network, {"policy": SHIPPED_POLICY, "made": self.made(self.config.seed)})
        write_baseline_card(out, "vin", self.config, self)


class VinLearner:
    """Adam on the errors of fresh segments and of older ones with hindsight goals."""

    def __init__(self, network: VinNetwork, config: VinTrainConfig, rng: np.random.Generator) -> None:
        self.network, self.config, self.rng = network, config, rng
        self.replay = ReplayBuffer(config.replay_capacity, Segments)
        total = config.iterations * math.ceil(config.agents / config.minibatch)
        self.descent = Descent([network.planner, network.prediction], config.learning_rate, config.clip_norm, total)

    def learn(self, fresh: Segments) -> dict[str, float]:
        """One pass over the fresh segments in minibatches; returns the mean loss."""
        self.replay.add(fresh)
        order = self.rng.permutation(len(fresh))
        seen = []
        for low in range(0, len(order), self.config.minibatch):
            parts = [fresh.take(order[low : low + self.config.minibatch])]
            if self.config.replayed:
                parts.append(relabel(self.replay.sample(self.config.replayed, self.rng), self.rng))
            loss = vin_loss(self.network, concatenate(parts), self.config)
            self.descent.step(loss)
            seen.append(float(summed([loss])[0]))
        return {"value": float(np.mean(seen))}

    def state(self) -> dict[str, np.ndarray]:
        """Arrays of replay buffer and optimizer; the network's weights and the generator are not among them."""
        replay = {f"replay.{name}": array for name, array in self.replay.state().items()}
        return {**replay, **{f"descent.{name}": array for name, array in self.descent.state().items()}}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Take over what `state` gave."""
        self.replay.restore({name[7:]: array for name, array in state.items() if name.startswith("replay.")})
        self.descent.restore({name[8:]: array for name, array in state.items() if name.startswith("descent.")})


def vin_loss(network: VinNetwork, segments: Segments, config: VinTrainConfig) -> Tensor:
    """Huber loss of the decisions to go of the actions taken against their lambda-returns, this process's share."""
    device = next(network.parameters()).device
    segments = segments.take(own_rows(len(segments)))
    model = network.bind(torch.from_numpy(segments.maps).to(device), torch.from_numpy(segments.goals).to(device))
    n, steps = segments.actions.shape
    states = torch.from_numpy(segments.states).to(device).reshape(-1, 6)
    latent = network.representation(states, segments.maps.shape[1])
    actions = torch.from_numpy(segments.actions).to(device)
    reached, valid = torch.from_numpy(segments.reached).to(device), torch.from_numpy(segments.valid).to(device)
    field, residual = model.parts(latent, torch.arange(n, device=device).repeat_interleave(steps + 1))
    field, residual = field.reshape(n, steps + 1), residual.reshape(n, steps + 1, -1)
    targets = lambda_targets(
        residual.detach(),
        field.detach(),
        actions,
        reached,
        valid,
        config.trace,
        config.greedy_margin,
        config.residual_discount,
    )
    taken = residual[:, :-1].gather(2, actions.unsqueeze(2)).squeeze(2) + field[:, :-1]
    error = F.smooth_l1_loss(taken, targets + field[:, :-1].detach(), reduction="none")
    return average((error * valid).sum(), valid.sum())
