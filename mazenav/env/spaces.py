"""How senses become observations: a dict of arrays, or the array alone where only one thing is observed by its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

from mazenav.env.senses import EVERYONE, LocalMap, RangeScan, Sense, Which, senses_of
from mazenav.sim.interface import World
from mazenav.sim.sensors import Camera
from mazenav.types import MazenavError

Observation = Any
"""A dict of arrays by name, or a single array."""
Observations = str | Sequence[str | RangeScan | LocalMap]
"""What environments take as `observations`: names, or a single one for its array alone."""
MOST_PIXELS = 1 << 30
"""Numbers that the observations of all agents may have at most."""


class Observer:
    """Makes the observations of agents.

    Attributes:
        space: of one agent's.
    """

    def __init__(self, observations: Observations, camera: Camera, world: World) -> None:
        """Choose what is observed.

        Args:
            observations: names of `senses.NAMES`, or senses with settings; a string instead of a list gives its array
                without a dict around it.
            camera: of `rgb` and `depth`.
            world: whose agents observe.

        Raises:
            MazenavError: if there is no such observation, or they would be too large.
        """
        self._alone = isinstance(observations, str)
        self._senses: list[Sense] = senses_of([observations] if isinstance(observations, str) else observations, camera)
        entries: dict[str, spaces.Space[Any]] = {
            name: space for sense in self._senses for name, space in sense.spaces(world).items()
        }
        numbers = sum(int(np.prod(space.shape or ())) for space in entries.values())
        if numbers * len(world) > MOST_PIXELS:
            raise MazenavError(f"{len(world)} observations of {numbers} numbers each are too large")
        self.space: spaces.Space[Any] = next(iter(entries.values())) if self._alone else spaces.Dict(entries)

    def observe(self, world: World, which: Which = EVERYONE) -> Observation:
        """What the agents see, in arrays of their own; with a leading axis unless `which` is a number."""
        seen: dict[str, np.ndarray] = {}
        for sense in self._senses:
            seen |= sense.read(world, which)
        return next(iter(seen.values())) if self._alone else seen
