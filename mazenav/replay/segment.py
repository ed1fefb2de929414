"""Segments of trajectories: a few decisions of many agents, each in a map of its own, all arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from mazenav.sim.borders import Pushes

Kind = TypeVar("Kind", bound="Segments")


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

    def pushes(self) -> Pushes:
        """What was driven, for the borders that it proves open or blocked."""
        return Pushes(self.states, self.actions, self.valid, self.reached)

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays by name."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}

    def take(self: Kind, index: np.ndarray | slice) -> Kind:
        """The segments with these indices, copied unless they are a slice."""
        return replace(self, **{name: array[index] for name, array in self.arrays().items()})


def concatenate(parts: list[Kind]) -> Kind:
    """Segments one behind the other; all must have the same T, R and C."""
    names = parts[0].arrays()
    return replace(parts[0], **{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


@dataclass
class TaskSegments(Segments):
    """Segments of agents whose task context names the start of their episode too, as MMN's c = (m, g) does.

    Attributes:
        starts: int64 `[N, 2]`, start cells of the episodes in the padded map.
    """

    starts: np.ndarray
