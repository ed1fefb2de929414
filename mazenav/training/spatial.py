"""A training run of the spatial hypermodel: on-policy collection, lambda-returns, the auxiliary model loss."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mazenav.config import TrainConfig
from mazenav.model.network import Network
from mazenav.model.store import save_network
from mazenav.parallel import all_rows, own_rows
from mazenav.planner.field import value_field
from mazenav.planner.settings import SearchConfig
from mazenav.rng import stream
from mazenav.training.card import write_card
from mazenav.training.checkpoint import Checkpoint
from mazenav.training.collect import Collector
from mazenav.training.learner import Learner
from mazenav.training.tasks import held_out, training_set

SHIPPED_SEARCH = SearchConfig(simulations=100, value_clip=30.0, value_epsilon=1.0, temperature=0.1)
"""How a trained agent plans unless it is told otherwise."""


def new_network(config: TrainConfig) -> Network:
    """A network whose first weights follow from the seed alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        network = Network(config.model)
    for encoder in (network.hypermodel.border_encoder, network.hypermodel.cost_encoder):
        encoder.half_precision = config.autocast
    if network.doubt is not None:
        network.doubt.half_precision = config.autocast
    return network


class SpatialRun:
    """A training run between two iterations: network, learner, collector and their generators."""

    def __init__(self, config: TrainConfig, device: str) -> None:
        self.config = config
        self.network = new_network(config).to(device)
        self.rngs = {"collect": stream(config.seed, "collect"), "learn": stream(config.seed, "learn")}
        layouts = training_set(config.layouts, config.sizes[1]) if config.layouts else []
        self.collector = Collector(config.agents, config.sizes, self.rngs["collect"], held_out(), layouts)
        self.learner = Learner(self.network, config, self.rngs["learn"])
        self.done = 0
        self.seconds = 0.0

    def iterate(self) -> dict[str, float]:
        """Collect a segment with every agent and learn from it; returns the numbers to log."""
        began = time.perf_counter()
        self.collector.renew()
        config, rows, own = self.config, self.config.sizes[1], own_rows(self.config.agents)
        device = next(self.network.parameters()).device
        with torch.no_grad():
            goals = torch.from_numpy(self.collector.goals[own]).to(device)
            weights = self.network.hypermodel.cell_level(torch.from_numpy(self.collector.maps()[own]).to(device))
            model = self.network.bind(weights, value_field(weights.move_costs, goals), goals)
            everyone = torch.arange(len(goals), device=device)

            def to_go(states: np.ndarray) -> np.ndarray:
                latent = self.network.representation(torch.from_numpy(states[own]).to(device), rows)
                return all_rows(model.decisions_to_go(latent, everyone).cpu().numpy(), config.agents)

            fresh = self.collector.collect(config.segment, to_go, config.explore_temperature, config.explore_uniform)
        row = self.learner.learn(fresh)
        self.done += 1
        self.seconds += time.perf_counter() - began
        return {"iteration": self.done, "success": self.collector.success(), "seconds": self.seconds, **row}

    def checkpoint(self) -> Checkpoint:
        """Everything that the next iteration depends on."""
        arrays = {f"network.{name}": tensor.cpu().numpy() for name, tensor in self.network.state_dict().items()}
        arrays.update({f"collector.{name}": array for name, array in self.collector.state().items()})
        arrays.update({f"learner.{name}": array for name, array in self.learner.state().items()})
        states = {name: rng.bit_generator.state for name, rng in self.rngs.items()}
        return Checkpoint(arrays, {"done": self.done, "seconds": self.seconds, "rngs": states})

    def restore(self, checkpoint: Checkpoint) -> None:
        """Take over a checkpoint of a run with the same settings."""
        weights = checkpoint.part("network")
        self.network.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
        self.collector.restore(checkpoint.part("collector"))
        self.learner.restore(checkpoint.part("learner"))
        for name, state in checkpoint.facts["rngs"].items():
            self.rngs[name].bit_generator.state = state
        self.done, self.seconds = int(checkpoint.facts["done"]), float(checkpoint.facts["seconds"])

    def success(self) -> float:
        """Share of the latest episodes that reached their goal, exploring."""
        return self.collector.success()

    def save(self, out: Path) -> None:
        """The trained agent: weights, config and a card that says how it was made."""
        made: dict[str, Any] = {"seconds": round(self.seconds), "iterations": self.done, "seed": self.config.seed}
        save_network(out, self.network, {"search": SHIPPED_SEARCH, "made": made})
        write_card(out, self.config, self.seconds, self.success())
