"""Segments of real driving under a policy that mostly drives ahead, for the tests of what learns from them."""

from __future__ import annotations

import numpy as np

from mazenav.replay.segment import Segments, concatenate
from mazenav.rng import stream
from mazenav.training.collect import Collector

RESTLESS = -np.log([0.2, 0.2, 0.5, 0.1])
"""Decisions to go whose softmax is the policy: look left, look right, forward, back."""


def restless(states: np.ndarray) -> np.ndarray:
    return np.tile(RESTLESS, (len(states), 1))


def collector(seed: int, agents: int = 64, sizes: tuple[int, int] = (5, 9)) -> Collector:
    return Collector(agents, sizes, stream(seed, "driving"))


def driven(seed: int, agents: int = 64, steps: int = 32, rounds: int = 1, sizes: tuple[int, int] = (5, 9)) -> Segments:
    """`agents` x `rounds` segments; later rounds go on where episodes were not over."""
    source = collector(seed, agents, sizes)
    parts = []
    for _ in range(rounds):
        source.renew()
        parts.append(source.collect(steps, restless, 1.0, 0.0))
    return concatenate(parts)
