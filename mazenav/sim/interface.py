"""What simulates agents: the compiled batch, or another physics with the same surface."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from mazenav.sim.batch import Outcome
from mazenav.sim.body import Body


class World(Protocol):
    """N agents side by side, each in a layout of its own: `sim.batch.AgentBatch`, `env.bullet.batch.BulletBatch`.

    Attributes:
        body: whose actions and speeds they have.
        states: float32 `[N, 6]`, x, y, yaw, vx, vy, yaw rate; cells, radians, seconds.
        goals: float32 `[N, 2]`, world position of each goal.
        elapsed: int64 `[N]`, decisions since the agent was placed.
        walls: bool `[N, R, C]`, each agent's layout, padded with walls at the top and on the right.
        collided: bool `[N]`, whether the agent ran into a wall in the last decision.
    """

    body: Body
    walls: np.ndarray

    @property
    def states(self) -> np.ndarray:
        """See above."""

    @property
    def goals(self) -> np.ndarray:
        """See above."""

    @property
    def elapsed(self) -> np.ndarray:
        """See above."""

    @property
    def collided(self) -> np.ndarray:
        """See above."""

    def __len__(self) -> int: ...

    def place(
        self,
        index: np.ndarray,
        walls: Sequence[np.ndarray] | np.ndarray,
        starts: np.ndarray,
        goals: np.ndarray,
        yaws: np.ndarray,
        limits: np.ndarray,
    ) -> None:
        """Put agents `index` `[K]` at rest at the centres of their start cells; see `AgentBatch.place`."""

    def step(self, actions: np.ndarray, active: np.ndarray | None = None) -> Outcome:
        """One decision, int64 `[N]`, for every agent or for those `active` bool `[N]`."""

    def step_commands(self, commands: np.ndarray, active: np.ndarray | None = None) -> Outcome:
        """The same by commands `[N, 3]`, which the body gives a meaning."""


MakeWorld = Callable[[int, int, int, Body], World]
"""Makes a world from a number of agents, rows, columns and a body."""
