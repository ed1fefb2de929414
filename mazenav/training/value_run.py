"""What the runs of the learned baselines have in common: agents that act on decisions to go, and a learner of them."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import torch

from mazenav.config.policy import PolicyConfig
from mazenav.model.qnetwork.network import QNetwork
from mazenav.model.vin.network import VinNetwork
from mazenav.parallel import all_rows, own_rows
from mazenav.replay.segment import Segments
from mazenav.training.checkpoint import Checkpoint
from mazenav.training.collect import Collector, ToGo

SHIPPED_POLICY = PolicyConfig(temperature=0.25)
"""How a trained agent acts."""

Net = TypeVar("Net", bound=torch.nn.Module)


class ValueLearner(Protocol):
    """Turns segments into better weights."""

    def learn(self, fresh: Segments) -> dict[str, float]:
        """Learn from fresh segments, and from what is remembered; returns the numbers to log."""

    def state(self) -> dict[str, np.ndarray]:
        """All arrays that `restore` needs, but for the network's weights and the generator."""

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Take over what `state` gave."""


def seeded(seed: int, make: Callable[[], Net]) -> Net:
    """What `make` makes, its first weights drawn from the seed alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make()


class ValueRun(ABC):
    """A training run between two iterations (`training.run.Run`).

    Attributes:
        network: says the decisions to go.
        collector: the agents and their tasks.
        learner: betters the network.
        rngs: every generator that the run draws from.
        done: iterations done.
        seconds: wall time that they took, stops not counted.
    """

    def __init__(
        self,
        network: QNetwork | VinNetwork,
        collector: Collector,
        learner: ValueLearner,
        rngs: dict[str, np.random.Generator],
    ) -> None:
        self.network, self.collector, self.learner, self.rngs = network, collector, learner, rngs
        self.done = 0
        self.seconds = 0.0

    @abstractmethod
    def collect(self, to_go: ToGo) -> Segments:
        """A segment of every agent, acting on what `to_go` says."""

    @abstractmethod
    def save(self, out: Path) -> None:
        """Write the trained agent into its folder: weights, config and card."""

    def iterate(self) -> dict[str, float]:
        """Collect a segment with every agent and learn; returns the numbers to log."""
        began = time.perf_counter()
        self.collector.renew()
        with torch.no_grad():
            fresh = self.collect(self._to_go())
        row = self.learner.learn(fresh)
        self.done += 1
        self.seconds += time.perf_counter() - began
        return {"iteration": self.done, "success": self.collector.success(), "seconds": self.seconds, **row}

    def _to_go(self) -> ToGo:
        """The present network in the agents' present tasks, which are read once."""
        device = next(self.network.parameters()).device
        agents = len(self.collector.goals)
        own = own_rows(agents)
        maps, goals = torch.from_numpy(self.collector.maps()[own]), torch.from_numpy(self.collector.goals[own])
        model = self.network.bind(maps.to(device), goals.to(device))
        everyone = torch.arange(len(goals), device=device)
        rows = maps.shape[1]

        def to_go(states: np.ndarray) -> np.ndarray:
            latent = self.network.representation(torch.from_numpy(states[own]).to(device), rows)
            return all_rows(model.decisions_to_go(latent, everyone).cpu().numpy(), agents)

        return to_go

    def checkpoint(self) -> Checkpoint:
        """Everything that the next iteration depends on."""
        arrays = {f"network.{name}": tensor.cpu().numpy() for name, tensor in self.network.state_dict().items()}
        arrays.update({f"collector.{name}": array for name, array in self.collector.state().items()})
        arrays.update({f"learner.{name}": array for name, array in self.learner.state().items()})
        states = {name: rng.bit_generator.state for name, rng in self.rngs.items()}
        return Checkpoint(arrays, {"done": self.done, "seconds": self.seconds, "rngs": states})

    def restore(self, checkpoint: Checkpoint) -> None:
        """Take over a checkpoint of a run with the same settings."""

        def part(prefix: str) -> dict[str, np.ndarray]:
            return {k[len(prefix) + 1 :]: v for k, v in checkpoint.arrays.items() if k.startswith(prefix + ".")}

        self.network.load_state_dict({name: torch.from_numpy(array) for name, array in part("network").items()})
        self.collector.restore(part("collector"))
        self.learner.restore(part("learner"))
        for name, state in checkpoint.facts["rngs"].items():
            self.rngs[name].bit_generator.state = state
        self.done, self.seconds = int(checkpoint.facts["done"]), float(checkpoint.facts["seconds"])

    def made(self, seed: int) -> dict[str, Any]:
        """How the agent was made, for its config file."""
        return {"seconds": round(self.seconds), "iterations": self.done, "seed": seed}
