"""Segments of trajectories: a few decisions of many agents, each in a map of its own, all arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np


@dataclass
class Segments:
    """N segments of T decisions.

    Attributes:
        maps: float32 `[N, R, C]`, the map that the agent was given (padded with wall at the top and on the right).
        goals: int64 `[N, 2]`, goal cells in the padded map.
        states: float32 `[N, T + 1, 6]`.
        actions: int64 `[N, T]`.
        reached: bool `[N, T]`, the goal was reached in this decision.
        valid: bool `[N, T]`, the decision was taken (an agent waits for the segment's end once its episode is over).
    """

    maps: np.ndarray
    goals: np.ndarray
    states: np.ndarray
    actions: np.ndarray
    reached: np.ndarray
    valid: np.ndarray

    def __len__(self) -> int:
        return len(self.maps)

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays by name."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}

    def take(self, index: np.ndarray) -> Segments:
        """The segments with these indices, copied."""
        return Segments(**{name: array[index] for name, array in self.arrays().items()})


def concatenate(parts: list[Segments]) -> Segments:
    """Segments one behind the other; all must have the same T, R and C."""
    names = parts[0].arrays()
    return Segments(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
