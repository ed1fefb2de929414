"""Segments of undirected driving that remember where their episodes began."""

from __future__ import annotations

import numpy as np

from mazenav.replay.segment import TaskSegments
from tests.replay.driving import collector, restless


def wandering(seed: int, agents: int = 16, steps: int = 12, sizes: tuple[int, int] = (5, 9)) -> TaskSegments:
    source = collector(seed, agents, sizes)
    source.renew()
    starts = source.starts.copy()
    return TaskSegments(**source.collect(steps, restless, 1.0, 0.0).arrays(), starts=starts)


def whole(segments: TaskSegments) -> np.ndarray:
    """Which segments were driven to their ends without reaching a goal, bool `[N]`."""
    return segments.valid.all(axis=1) & ~segments.reached.any(axis=1)
