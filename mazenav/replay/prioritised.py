"""Prioritised replay: what surprised most is drawn most (Schaul et al. 2016; in Ape-X, Horgan et al. 2018)."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

import numpy as np

from mazenav.replay.buffer import ReplayBuffer
from mazenav.replay.segment import Kind, Segments

DrawnKind = TypeVar("DrawnKind", bound=Segments)


class Drawn(NamedTuple, Generic[DrawnKind]):
    """Segments drawn by priority.

    Attributes:
        places: int64 `[n]`, where they lie, for `update`.
        weights: float32 `[n]`, importance weights, the largest 1.
        segments: the segments.
    """

    places: np.ndarray
    weights: np.ndarray
    segments: DrawnKind


class SumTree:
    """Non-negative masses of a fixed number of places, drawn from in time that grows with its logarithm.

    Every inner node is the sum of the two below it and is computed anew from them, so that no error builds up.
    """

    def __init__(self, places: int) -> None:
        self._first = 1 << max(places - 1, 0).bit_length()
        self._nodes = np.zeros(2 * self._first)

    @property
    def total(self) -> float:
        """The sum of all masses."""
        return float(self._nodes[1])

    def get(self, places: np.ndarray) -> np.ndarray:
        """The masses, float64, at places int64 `[K]`."""
        return self._nodes[self._first + places]

    def put(self, places: np.ndarray, masses: np.ndarray) -> None:
        """Set the masses at places int64 `[K]`; of a place that is named twice the last counts."""
        nodes = self._first + places
        self._nodes[nodes] = masses
        while len(nodes) and nodes[0] > 1:
            nodes = np.unique(nodes >> 1)
            self._nodes[nodes] = self._nodes[2 * nodes] + self._nodes[2 * nodes + 1]

    def find(self, marks: np.ndarray) -> np.ndarray:
        """The places int64 `[K]` in whose stretch of [0, total) marks `[K]` fall; never one without mass."""
        nodes, rest = np.ones(len(marks), np.int64), marks.astype(np.float64)
        while nodes[0] < self._first:
            left = self._nodes[2 * nodes]
            goes_right = (rest >= left) & (self._nodes[2 * nodes + 1] > 0)
            rest = np.where(goes_right, rest - left, rest)
            nodes = 2 * nodes + goes_right
        return nodes - self._first


class PrioritisedReplay(ReplayBuffer[Kind]):
    """A ring of segments, each drawn with chance p^alpha / sum p^alpha.

    A segment is the unit, as in R2D2 (Kapturowski et al. 2019), since all of its decisions share one reading of the
    map. What is new has the highest priority that there was, so that everything is seen at least about once.

    Args:
        capacity: segments that are remembered.
        kind: of segments.
        exponent: alpha.
        correction: beta, importance weights are (N P)^-beta.
    """

    def __init__(self, capacity: int, kind: type[Kind], exponent: float, correction: float) -> None:
        super().__init__(capacity, kind)
        self._exponent, self._correction = exponent, correction
        self._tree = SumTree(capacity)
        self._highest = 1.0

    def add(self, segments: Kind) -> None:
        """Remember N segments, N at most the capacity."""
        places = (self.added + np.arange(len(segments))) % self.capacity
        super().add(segments)
        self._tree.put(places, np.full(len(places), self._highest**self._exponent))

    def draw(self, n: int, rng: np.random.Generator) -> Drawn[Kind]:
        """`n` segments, one from each n-th of the whole mass.

        Raises:
            ValueError: if nothing was added yet.
        """
        if self._store is None:
            raise ValueError("nothing can be drawn from an empty replay buffer")
        marks = (np.arange(n) + rng.random(n)) / n * self._tree.total
        places = self._tree.find(marks)
        chances = self._tree.get(places) / self._tree.total
        weights = (len(self) * chances) ** -self._correction
        return Drawn(places, (weights / weights.max()).astype(np.float32), self._store.take(places))

    def update(self, places: np.ndarray, priorities: np.ndarray) -> None:
        """Set the priorities, above nothing, of what was drawn from places int64 `[n]`."""
        self._highest = max(self._highest, float(priorities.max()))
        self._tree.put(places, priorities.astype(np.float64) ** self._exponent)

    def state(self) -> dict[str, np.ndarray]:
        """All that `restore` needs to go on as if nothing had happened."""
        masses = self._tree.get(np.arange(len(self)))
        return {**super().state(), "masses": masses, "highest": np.array(self._highest)}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Take over what `state` gave."""
        super().restore({name: array for name, array in state.items() if name not in ("masses", "highest")})
        self._highest = float(state["highest"])
        self._tree = SumTree(self.capacity)
        self._tree.put(np.arange(len(self)), state["masses"])
