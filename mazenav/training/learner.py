"""Turns segments into better weights."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from mazenav.config import TrainConfig
from mazenav.model.doubt import DoubtReader
from mazenav.model.network import Network
from mazenav.parallel import ranks, sum_gradients, summed
from mazenav.replay.buffer import ReplayBuffer
from mazenav.replay.relabel import relabel
from mazenav.replay.segment import Segments, concatenate
from mazenav.training.adam import moments, restore_moments
from mazenav.training.doubt import mending_loss
from mazenav.training.loss import draw_moments, losses

WARM_UP = 100
"""Gradient steps until the learning rate reaches its peak."""


class Learner:
    """Adam on the losses of fresh segments and of older ones with hindsight goals."""

    def __init__(self, network: Network, config: TrainConfig, rng: np.random.Generator) -> None:
        self.network, self.config, self.rng = network, config, rng
        self.replay = ReplayBuffer(config.replay_capacity, Segments)
        dynamics = [network.hypermodel.body_reader, network.transition]
        values = [part for part in (*network.hypermodel.children(), network.prediction) if part not in dynamics]
        readers: list[nn.Module] = [] if network.doubt is None else [network.doubt]
        groups = [(values, config.learning_rate), (dynamics, config.dynamics_learning_rate)]
        groups += [(readers, config.doubt_learning_rate)] if readers else []
        self.clipped = (network.hypermodel, network.transition, network.prediction, *readers)
        self.optimizer = torch.optim.Adam(
            [{"params": [p for part in parts for p in part.parameters()], "peak": peak} for parts, peak in groups],
            eps=1e-5,
        )
        # The reader of wrong maps shares no weights with the rest: on a second core it learns at the same time.
        # Processes that share a run must sum what they compute in one order.
        self._beside = ThreadPoolExecutor(1, "reader of wrong maps") if ranks() == 1 else None
        self.steps = 0

    def progress(self) -> float:
        """Share of the run's gradient steps that were taken."""
        total = self.config.iterations * math.ceil(self.config.agents / self.config.minibatch)
        return min(self.steps / total, 1.0)

    def schedule(self) -> float:
        """Share of the peak learning rate: warm-up, then a cosine down to nothing at the end of the run."""
        warm = min((self.steps + 1) / WARM_UP, 1.0)
        return warm * 0.5 * (1 + math.cos(math.pi * self.progress()))

    def learn(self, fresh: Segments) -> dict[str, float]:
        """One pass over the fresh segments in minibatches; returns the mean of each loss."""
        self.replay.add(fresh)
        order = self.rng.permutation(len(fresh))
        seen = []
        for low in range(0, len(order), self.config.minibatch):
            parts = [fresh.take(order[low : low + self.config.minibatch])]
            if self.config.replayed:
                parts.append(relabel(self.replay.sample(self.config.replayed, self.rng), self.rng))
            seen.append(self.step(concatenate(parts)))
        return {name: float(np.mean([loss[name] for loss in seen])) for name in seen[0]}

    def step(self, segments: Segments) -> dict[str, float]:
        """One gradient step; returns the losses."""
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * self.schedule()
        config = self.config.loss
        if self.progress() < 1 - config.search_share:
            config = replace(config, search_weight=0.0)
        self.optimizer.zero_grad(set_to_none=True)
        moments = draw_moments(segments, config, self.rng)
        reader, mending = self.network.doubt, None
        if reader is not None and self._beside is not None:
            mending = self._beside.submit(self._mend, reader)
        loss = losses(self.network, segments, config, moments)._asdict()
        loss["total"].backward()
        if reader is not None:
            loss["doubt"] = self._mend(reader) if mending is None else mending.result()
            loss["total"] = loss["total"] + loss["doubt"]
        sum_gradients(parameter for group in self.optimizer.param_groups for parameter in group["params"])
        for part in self.clipped:
            torch.nn.utils.clip_grad_norm_(part.parameters(), self.config.clip_norm)
        self.optimizer.step()
        self.steps += 1
        return {name: value.item() for name, value in zip(loss, summed(list(loss.values())), strict=True)}

    def _mend(self, reader: DoubtReader) -> torch.Tensor:
        """The loss of the reader of wrong maps, with its gradient."""
        doubted = self.replay.sample(self.config.doubted, self.rng)
        loss = mending_loss(reader, doubted, self.rng)
        loss.backward()
        return loss.detach()

    def state(self) -> dict[str, np.ndarray]:
        """Arrays of replay buffer and optimizer; the network's weights and the generator are not among them."""
        arrays = {f"replay.{name}": array for name, array in self.replay.state().items()}
        arrays["steps"] = np.array(self.steps)
        arrays.update({f"adam.{name}": array for name, array in moments(self.optimizer).items()})
        return arrays

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Take over what `state` gave."""
        self.steps = int(state["steps"])
        self.replay.restore({name[7:]: array for name, array in state.items() if name.startswith("replay.")})
        restore_moments(self.optimizer, {k[5:]: array for k, array in state.items() if k.startswith("adam.")})
