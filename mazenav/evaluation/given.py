"""What the agent is given: the true map, a control, or a map made wrong; and how well it knows where it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mazenav.rng import stream
from mazenav.topdown.context import blank_map, make_context, shuffled_map
from mazenav.topdown.occupancy import occupancy
from mazenav.topdown.perturb import PERTURBATIONS, perturb
from mazenav.types import Cell, Layout, MazenavError, TaskContext

CONTROLS = ("blank", "shuffled")
"""Maps that tell nothing: empty, or with its cells in another order."""


class GivenMap(NamedTuple):
    """Which map an agent is given.

    Attributes:
        kind: "true", one of `CONTROLS` or one of `PERTURBATIONS`.
        strength: of a perturbation, in [0, 1].
    """

    kind: str
    strength: float = 0.0

    @property
    def drawn(self) -> bool:
        """Whether it depends on a generator."""
        return self.kind not in ("true", "blank")

    def context(self, layout: Layout, start: Cell, goal: Cell, rng: np.random.Generator) -> TaskContext:
        """What the agent is told of a task; start and goal are marked right, whatever else is wrong."""
        if self.kind == "true":
            return make_context(layout, start, goal)
        if self.kind == "blank":
            return make_context(layout, start, goal, blank_map(layout))
        if self.kind == "shuffled":
            return make_context(layout, start, goal, shuffled_map(layout, rng))
        wrong = perturb(occupancy(layout), self.kind, self.strength, rng, [start, goal])
        return make_context(layout, start, goal, wrong)


def parse_given_map(text: str) -> GivenMap:
    """A `GivenMap` by its name: `true`, `blank`, `shuffled` or KIND:STRENGTH, such as `mixed:0.2`.

    Raises:
        MazenavError: if it is none of these.
    """
    kind, colon, strength = text.partition(":")
    if not colon and kind in ("true", *CONTROLS):
        return GivenMap(kind)
    try:
        share = float(strength)
    except ValueError:
        share = np.nan
    if kind not in PERTURBATIONS or not 0 <= share <= 1:
        kinds = ", ".join(PERTURBATIONS)
        raise MazenavError(
            f"a given map (--map) is true, {', '.join(CONTROLS)} or KIND:STRENGTH with a strength from 0 to 1 and one"
            f" of the kinds {kinds}, found {text!r}"
        )
    return GivenMap(kind, share)


class PoseNoise(NamedTuple):
    """How wrongly an agent is told where it is; what it does is simulated from where it really is.

    Attributes:
        start: standard deviation in cells of an offset in x and y that stays for the whole episode.
        pose: standard deviation of the noise of every decision: cells in x and y, radians in yaw.
    """

    start: float = 0.0
    pose: float = 0.0

    def draw(self, limits: Sequence[int], numbers: Sequence[int], seed: int) -> np.ndarray | None:
        """Errors in x, y and yaw for every decision of B episodes, float32 `[B, D, 3]`; None if there are none.

        Args:
            limits: decisions that each episode may take.
            numbers: of the tasks, by which their draws are told apart.
            seed: of the run.
        """
        if not self.start and not self.pose:
            return None
        errors = np.zeros((len(limits), max(limits) + 1, 3), np.float32)
        for row, (limit, number) in enumerate(zip(limits, numbers, strict=True)):
            rng = stream(seed, "pose noise", number)
            errors[row, :, :2] = rng.normal(0, self.start, 2)
            errors[row, : limit + 1] += rng.normal(0, self.pose, (limit + 1, 3))
        return errors


EXACT = PoseNoise()
"""The agent is told exactly where it is."""
