"""What an agent is: it is given task contexts, then asked for one action a decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from mazenav.types import Layout, TaskContext


class Agent(Protocol):
    """Drives a batch of episodes, each in a maze of its own that it knows by its task context only."""

    name: str

    def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
        """Read the maps of B new episodes.

        Args:
            contexts: B task contexts; maps may differ in shape.
            rngs: B generators, one an episode. Drawing only from an episode's own keeps results independent of
                the batch size.
        """

    def act(self, states: np.ndarray, active: np.ndarray) -> np.ndarray:
        """Choose the next action of every episode.

        Args:
            states: float32 `[B, 6]`, x, y, yaw, vx, vy, yaw rate in the world coordinates of each episode's map.
            active: bool `[B]`, which episodes still run.

        Returns:
            int64 `[B]` action indices; rows that are not active may hold any action.
        """


@runtime_checkable
class SeesTruth(Protocol):
    """An agent that is shown the true layouts; learned agents never are."""

    def reveal(self, layouts: Sequence[Layout]) -> None:
        """Show the true layouts of the B episodes that the next `begin` opens."""


@runtime_checkable
class ReadsFields(Protocol):
    """An agent that can show what it made of its maps; baselines read none."""

    def read_fields(self) -> Sequence[np.ndarray]:
        """Predicted decisions to go from every cell, float `[R, C]` for each of the B episodes that `begin` opened."""
