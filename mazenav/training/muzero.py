"""A training run of the paper's agent: MuZero over many layouts, with a dense hypermodel or without one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mazenav.config.dense import DenseTrainConfig
from mazenav.model.dense.network import DenseModel, DenseNetwork
from mazenav.model.store import save_network
from mazenav.parallel import all_rows, own_rows
from mazenav.planner.search import RootNoise, draw_noise, search
from mazenav.planner.settings import SearchConfig
from mazenav.replay.segment import TaskSegments
from mazenav.rng import stream
from mazenav.topdown.occupancy import pad_cell, pad_maps
from mazenav.training.card import write_dense_card
from mazenav.training.checkpoint import Checkpoint
from mazenav.training.curriculum import GrowingCollector
from mazenav.training.muzero_learner import MuZeroLearner
from mazenav.training.tasks import draw_task, held_out

SHIPPED_SEARCH = SearchConfig(simulations=50, value_scale=0.05, value_clip=30.0, value_epsilon=5.0, temperature=0.1)
"""How a trained agent plans unless it is told otherwise: what it imagines weighs less than its policy.

One imagined value is noisy, the policy has learnt from many. Success and SPL on 240 development layouts, all that was
tried on the trained agent: the policy alone 0.942 and 0.831, 16 simulations 0.962 and 0.888, 50 as here 0.967 and
0.897; `value_epsilon` 1 with 16 simulations at `value_scale` 0.1 0.929 and 0.861, with 50 at 0.02 0.967 and 0.885.
"""
CALIBRATION = 128
"""Task contexts on which the generated weights are given the variance that their network needs."""


def new_network(config: DenseTrainConfig) -> DenseNetwork:
    """A network whose first weights follow from the seed alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        network = DenseNetwork(config.model)
        rng, side, excluded = stream(config.seed, "calibrate"), config.model.side, held_out()
        tasks = [draw_task(config.sizes, rng, excluded) for _ in range(CALIBRATION)]
        maps = pad_maps([np.ones((side, side), np.float32), *(task.layout.walls.astype(np.float32) for task in tasks)])
        starts, goals = (
            torch.tensor([pad_cell(cell, task.layout.shape[0], side) for task, cell in zip(tasks, cells, strict=True)])
            for cells in ([task.start for task in tasks], [task.goal for task in tasks])
        )
        network.calibrate(torch.from_numpy(maps[1:]), starts, goals)
    return network


class MuZeroRun:
    """A training run between two iterations: network, learner, collector and their generators."""

    def __init__(self, config: DenseTrainConfig, device: str) -> None:
        self.config = config
        self.network = new_network(config).to(device)
        self.rngs = {"collect": stream(config.seed, "collect"), "learn": stream(config.seed, "learn")}
        self.collector = GrowingCollector(
            config.agents, config.sizes, self.rngs["collect"], held_out(), config.nearest, config.promotion
        )
        self.learner = MuZeroLearner(self.network, config, self.rngs["learn"])
        self.planner = SearchConfig(
            simulations=config.simulations, gumbel_scale=1.0, value_scale=0.02, value_epsilon=1.0, value_clip=30.0
        )
        self.done = 0
        self.seconds = 0.0

    def iterate(self) -> dict[str, float]:
        """Collect a segment with every agent, which searches before each decision, and learn from it."""
        began = time.perf_counter()
        self.collector.renew()
        fresh = self.collect()
        collected = time.perf_counter()
        row = self.learner.learn(fresh)
        self.done += 1
        ended = time.perf_counter()
        self.seconds += ended - began
        return {
            "iteration": self.done,
            "success": self.collector.success(),
            "farthest": self.collector.farthest,
            "seconds": self.seconds,
            "collecting": (collected - began) / (ended - began),
            **row,
        }

    @torch.no_grad()
    def collect(self) -> TaskSegments:
        """A segment of every agent; each acts on the search's improved policy, some decisions being drawn uniformly."""
        device, rng = next(self.network.parameters()).device, self.rngs["collect"]
        agents, own = self.config.agents, own_rows(self.config.agents)
        arrays = (self.collector.maps(), self.collector.starts, self.collector.goals)
        weights = self.network.read(*(torch.from_numpy(array[own]).to(device) for array in arrays))
        model, rows = DenseModel(self.network, weights), self.config.model.side

        def choose(states: np.ndarray) -> np.ndarray:
            latent = self.network.representation(torch.from_numpy(states[own]).to(device), rows)
            noise = RootNoise(*(drawn[own] for drawn in draw_noise(self.planner, agents, model.n_actions, rng)))
            action = all_rows(search(model, latent, self.planner, noise=noise).action, agents)
            return self.collector.stray(action, model.n_actions, self.config.explore_uniform)

        starts = self.collector.starts.copy()
        return TaskSegments(**self.collector.drive(self.config.segment, choose).arrays(), starts=starts)

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

    def save(self, out: Path) -> None:
        """The trained agent: weights, in half the bytes, config and a card that says how it was made."""
        made: dict[str, Any] = {"seconds": round(self.seconds), "iterations": self.done, "seed": self.config.seed}
        save_network(out, self.network, {"search": SHIPPED_SEARCH, "made": made}, torch.float16)
        write_dense_card(out, self.config, self.seconds, self.collector.success(), self.collector.farthest)
