"""Remembers the latest segments of many tasks."""

from __future__ import annotations

from typing import Generic

import numpy as np

from mazenav.replay.segment import Kind


class ReplayBuffer(Generic[Kind]):
    """A ring of segments of one kind, the oldest overwritten first."""

    def __init__(self, capacity: int, kind: type[Kind]) -> None:
        self.capacity, self.kind = capacity, kind
        self.added = 0
        self._store: Kind | None = None

    def __len__(self) -> int:
        return min(self.added, self.capacity)

    def add(self, segments: Kind) -> None:
        """Remember N segments, N at most the capacity."""
        if len(segments) > self.capacity:
            raise ValueError(f"the buffer holds {self.capacity} segments, {len(segments)} came at once")
        if self._store is None:
            empty = {
                name: np.zeros((self.capacity, *array.shape[1:]), array.dtype)
                for name, array in segments.arrays().items()
            }
            self._store = self.kind(**empty)
        places = (self.added + np.arange(len(segments))) % self.capacity
        for name, array in segments.arrays().items():
            getattr(self._store, name)[places] = array
        self.added += len(segments)

    def sample(self, n: int, rng: np.random.Generator) -> Kind:
        """`n` segments drawn with replacement.

        Raises:
            ValueError: if nothing was added yet.
        """
        if self._store is None:
            raise ValueError("nothing can be drawn from an empty replay buffer")
        return self._store.take(rng.integers(len(self), size=n))

    def state(self) -> dict[str, np.ndarray]:
        """All that `restore` needs to go on as if nothing had happened."""
        stored = {} if self._store is None else self._store.take(np.arange(len(self))).arrays()
        return {"added": np.array(self.added), **stored}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Take over what `state` gave."""
        self.added, self._store = 0, None
        arrays = {name: array for name, array in state.items() if name != "added"}
        if arrays:
            self.add(self.kind(**arrays))
        self.added = int(state["added"])
