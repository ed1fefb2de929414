"""Any agent, with a share of its decisions left to chance: wider data than it would drive by itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mazenav.agent.baselines import RandomAgent
from mazenav.agent.interface import Agent, SeesTruth
from mazenav.sim.body import DMLAB, Body
from mazenav.types import Layout, MazenavError, TaskContext


class Noisy:
    """Takes each decision of an agent with chance 1 - share, else an action drawn uniformly.

    Every episode draws from a generator of its own, so that results do not depend on the batch size.

    Args:
        agent: whose decisions they are.
        share: chance of a drawn action, 0 to 1.
        body: the body it drives.
    """

    def __init__(self, agent: Agent, share: float, body: Body = DMLAB) -> None:
        if not 0 <= share <= 1:
            raise MazenavError(f"the share of random actions must lie between 0 and 1, found {share}")
        self.name = f"{agent.name} with {share:g} random actions"
        self._agent, self._share = agent, share
        self._drawn = RandomAgent(body)
        self._coins: list[np.random.Generator] = []

    def reveal(self, layouts: Sequence[Layout]) -> None:
        """Show the layouts to an agent that may see them."""
        if isinstance(self._agent, SeesTruth):
            self._agent.reveal(layouts)

    def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
        """Begin the agent's episodes; the generators of each are drawn from the one that is given."""
        spawned = [rng.spawn(2) for rng in rngs]
        self._coins = [pair[0] for pair in spawned]
        self._drawn.begin(contexts, [pair[1] for pair in spawned])
        self._agent.begin(contexts, rngs)

    def act(self, states: np.ndarray, active: np.ndarray) -> np.ndarray:
        """The agent's actions, some of them replaced."""
        chosen = self._agent.act(states, active)
        anyhow = np.zeros(len(states), np.bool_)
        for row in np.flatnonzero(active):
            anyhow[row] = self._coins[row].random() < self._share
        return np.where(anyhow, self._drawn.act(states, anyhow), chosen)
