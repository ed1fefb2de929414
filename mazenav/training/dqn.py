"""A training run of the model-free baselines: many actors, prioritised replay, n-step double Q, hindsight goals.

In the manner of Ape-X DQN (Horgan et al. 2018, Distributed Prioritized Experience Replay) with multi-goal hindsight
(Andrychowicz et al. 2017, Hindsight Experience Replay), as the baselines MAH and DQN of MMN (arXiv 2412.12024) are. The
actors are rows of one batch instead of processes: each has its own share of random actions, and their experience meets
in one prioritised replay, but nobody waits for anybody's weights.
"""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mazenav.config.modelfree import QTrainConfig
from mazenav.files import write_text_whole
from mazenav.layout.split import content_hash
from mazenav.model.qnetwork.network import QNetwork
from mazenav.model.rescaling import rescale, unscale
from mazenav.model.store import save_network
from mazenav.parallel import all_rows, average, own_rows, summed
from mazenav.replay.prioritised import PrioritisedReplay
from mazenav.replay.relabel import relabel, relabel_elsewhere
from mazenav.replay.segment import Segments, concatenate
from mazenav.rng import stream
from mazenav.training.baseline_card import write_baseline_card
from mazenav.training.collect import ToGo
from mazenav.training.curriculum import GrowingCollector, draw_task_within
from mazenav.training.descent import Descent
from mazenav.training.returns import n_step_targets, seen_decisions
from mazenav.training.tasks import DrawnTask, draw_layout, held_out
from mazenav.training.value_run import SHIPPED_POLICY, ValueRun, seeded
from mazenav.types import Layout

LEAST_PRIORITY = 1e-2
"""What a segment's priority never falls below, so that everything is drawn now and then."""
LAYOUT = "layout.txt"
"""File in the folder of an agent of a single layout that holds it."""


def spread_epsilons(agents: int, epsilon: float, spread: float) -> np.ndarray:
    """Each actor's share of uniform actions `[N]`, epsilon ** (1 + spread i / (N - 1)) (Ape-X, section 4)."""
    return epsilon ** (1 + spread * np.arange(agents) / max(agents - 1, 1))


def only_layout(config: QTrainConfig) -> Layout:
    """The layout of a run of a single task; the seed decides, and it is none of the test layouts."""
    rng, excluded = stream(config.seed, "layout"), held_out()
    while True:
        layout = draw_layout(config.sizes, rng)
        if content_hash(layout) not in excluded:
            return layout


class Actors(GrowingCollector):
    """Actors whose goals move away as they are reached, in fresh layouts or all in a single one."""

    def __init__(self, config: QTrainConfig, rng: np.random.Generator, layout: Layout | None) -> None:
        super().__init__(config.agents, config.sizes, rng, held_out(), config.nearest, config.promotion)
        self.layout = layout

    def draw(self) -> DrawnTask:
        """A fresh task, its goal no farther than the farthest."""
        if self.layout is None:
            return super().draw()
        while True:
            task = draw_task_within(self.layout, self.farthest, self.rng)
            if task is not None:
                return task


class QRun(ValueRun):
    """A training run between two iterations."""

    network: QNetwork
    learner: QLearner

    def __init__(self, config: QTrainConfig, device: str) -> None:
        rngs = {"collect": stream(config.seed, "collect"), "learn": stream(config.seed, "learn")}
        network = seeded(config.seed, lambda: QNetwork(config.model)).to(device)
        network.reader.half_precision = config.autocast
        self.layout = None if config.model.reads_map else only_layout(config)
        self.actors = Actors(config, rngs["collect"], self.layout)
        super().__init__(network, self.actors, QLearner(network, config, rngs["learn"]), rngs)
        self.config = config
        self.epsilons = spread_epsilons(config.agents, config.epsilon, config.spread)

    def iterate(self) -> dict[str, float]:
        """Collect a segment with every actor and learn; returns the numbers to log."""
        return {**super().iterate(), "farthest": self.actors.farthest}

    def collect(self, to_go: ToGo) -> Segments:
        """A segment of every actor: an action that is good, or with the actor's own chance any.

        A little temperature, which Ape-X has not, ends the limit cycles that greedy actors are caught in here.
        """
        rng, temperature = self.rngs["collect"], self.config.temperature

        def choose(states: np.ndarray) -> np.ndarray:
            values = to_go(states)
            anyhow = rng.random(len(values)) < self.epsilons
            good = (temperature * rng.gumbel(size=values.shape) - values).argmax(axis=1)
            return np.where(anyhow, rng.integers(values.shape[1], size=len(values)), good)

        return self.collector.drive(self.config.segment, choose)

    def save(self, out: Path) -> None:
        """The trained agent: weights, config, a card that says how it was made, and its layout if it has only one."""
        save_network(out, self.network, {"policy": SHIPPED_POLICY, "made": self.made(self.config.seed)})
        write_baseline_card(out, "mah" if self.layout is None else "dqn", self.config, self)
        if self.layout is not None:
            write_text_whole(out / LAYOUT, f"{self.layout}\n")


class QLearner:
    """n-step double Q-learning from prioritised replay.

    Every segment is remembered under the goal that its actor was after, under goals that the actor came to later in it
    (n-step hindsight), and now and then under any goal of its map, which bootstrapping alone connects it with.
    """

    def __init__(self, network: QNetwork, config: QTrainConfig, rng: np.random.Generator) -> None:
        self.network, self.config, self.rng = network, config, rng
        self.target = copy.deepcopy(network)
        self.target.reader.half_precision = network.reader.half_precision
        memory = config.replay
        self.replay = PrioritisedReplay(memory.capacity, Segments, memory.exponent, memory.correction)
        total = config.iterations * config.steps
        self.descent = Descent([network], config.learning_rate, config.clip_norm, total)

    def learn(self, fresh: Segments) -> dict[str, float]:
        """Remember what is fresh, then take gradient steps; returns the numbers to log."""
        self.remember(fresh)
        seen = np.array([self.step() for _ in range(self.config.steps)])
        return {"value": float(seen[:, 0].mean()), "to_go": float(seen[:, 1].mean())}

    def remember(self, fresh: Segments) -> None:
        """Put segments into the replay, each under several goals; without those that have nothing to learn from."""
        memory = self.config.replay
        parts = [fresh, *(relabel(fresh, self.rng) for _ in range(memory.hindsight))]
        chosen = np.flatnonzero(self.rng.random(len(fresh)) < memory.elsewhere)
        parts.append(relabel_elsewhere(fresh.take(chosen), self.rng))
        everything = concatenate(parts)
        self.replay.add(everything.take(np.flatnonzero(everything.valid.any(axis=1))))

    def step(self) -> tuple[float, float]:
        """One gradient step; returns the loss and the mean of the values learnt from, in decisions."""
        memory = self.config.replay
        drawn = self.replay.draw(self.config.minibatch, self.rng)
        own = own_rows(self.config.minibatch)
        taken, targets, valid = q_errors(self.network, self.target, drawn.segments.take(own), self.config)
        counted = valid.sum(dim=1).clamp(min=1)
        error = F.smooth_l1_loss(taken, targets, reduction="none") * valid
        weights = torch.from_numpy(drawn.weights[own]).to(error.device)
        # A segment's weight is the weight of each of its decisions.
        loss = average((error.sum(dim=1) * weights).sum(), (counted * weights).sum())
        self.descent.step(loss)
        gap = (taken - targets).detach().abs() * valid
        peak, mean = gap.amax(dim=1), gap.sum(dim=1) / counted
        priorities = memory.peak_share * peak + (1 - memory.peak_share) * mean + LEAST_PRIORITY
        self.replay.update(drawn.places, all_rows(priorities.cpu().numpy(), self.config.minibatch))
        if self.descent.steps % self.config.target_period == 0:
            self.target.load_state_dict(self.network.state_dict())
        value, to_go = summed([loss, average((unscale(targets) * valid).sum(), valid.sum())])
        return float(value), float(to_go)

    def state(self) -> dict[str, np.ndarray]:
        """Arrays of target network, replay and optimizer, not the network's weights, nor the generator."""
        target = {f"target.{name}": tensor.cpu().numpy() for name, tensor in self.target.state_dict().items()}
        replay = {f"replay.{name}": array for name, array in self.replay.state().items()}
        return {**target, **replay, **{f"descent.{name}": array for name, array in self.descent.state().items()}}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Take over what `state` gave."""
        target = {name[7:]: torch.from_numpy(array) for name, array in state.items() if name.startswith("target.")}
        self.target.load_state_dict(target)
        self.replay.restore({name[7:]: array for name, array in state.items() if name.startswith("replay.")})
        self.descent.restore({name[8:]: array for name, array in state.items() if name.startswith("descent.")})


def q_errors(
    network: QNetwork, target: QNetwork, segments: Segments, config: QTrainConfig
) -> tuple[Tensor, Tensor, Tensor]:
    """Rescaled values of the actions taken `[N, T]`, their targets `[N, T]`, and which of them count, bool `[N, T]`.

    Double Q-learning (van Hasselt et al. 2016): the network says which action is best n decisions on, the target
    network what it is worth.
    """
    device = next(network.parameters()).device
    n, steps = segments.actions.shape
    maps, goals = torch.from_numpy(segments.maps).to(device), torch.from_numpy(segments.goals).to(device)
    states = torch.from_numpy(segments.states).to(device).reshape(-1, 6)
    latent = network.representation(states, maps.shape[1])
    context = torch.arange(n, device=device).repeat_interleave(steps + 1)
    values = network.bind(maps, goals).scaled(latent, context)
    actions = torch.from_numpy(segments.actions).to(device)
    taken = values.reshape(n, steps + 1, -1)[:, :-1].gather(2, actions.unsqueeze(2)).squeeze(2)
    with torch.no_grad():
        theirs = target.bind(maps, goals).scaled(latent, context)
        ahead = unscale(theirs.gather(1, values.argmin(dim=1, keepdim=True))).reshape(n, steps + 1)
        best = unscale(values.amin(dim=1)).reshape(n, steps + 1)[:, :-1]
        greedy = unscale(taken) <= best + config.greedy_margin
        reached, valid = torch.from_numpy(segments.reached).to(device), torch.from_numpy(segments.valid).to(device)
        targets = n_step_targets(ahead, reached, valid, greedy, config.n_step, config.discount)
        targets = rescale(torch.minimum(targets, seen_decisions(reached, valid, config.discount)))
    return taken, targets, valid
