"""Agents that learn nothing: the oracle, which knows the true layout and the physics, and the random one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mazenav.agent.beam import Drive, Guide, rollout, search
from mazenav.agent.route import route_field
from mazenav.layout.graph import distances
from mazenav.sim.batch import time_limit
from mazenav.sim.body import DMLAB, FRAME_SECONDS, Body
from mazenav.topdown.occupancy import cell_centre, cell_of, world_grid
from mazenav.types import GOAL_RADIUS, Cell, Layout, MazenavError, TaskContext

BEAM_WIDTH = 64
"""States that the oracle keeps after each decision; more give under one per cent fewer decisions."""


DRAWN_AHEAD = 64
"""Actions that the random agent draws at a time for each episode; the same as one by one."""
SAME_STATE = 1e-3
"""A state is where the plan says if no entry differs by more: cells, radians, cells/s."""


class RandomAgent:
    """Every action alike, drawn from each episode's own generator."""

    name = "random"

    def __init__(self, body: Body = DMLAB) -> None:
        self._n_actions = body.n_actions
        self._rngs: list[np.random.Generator] = []
        self._drawn = np.empty((0, DRAWN_AHEAD), np.int64)
        self._taken = np.empty(0, np.int64)

    def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
        """Keep the generators; the maps are not looked at."""
        self._rngs = list(rngs)
        self._drawn = np.empty((len(self._rngs), DRAWN_AHEAD), np.int64)
        self._taken = np.full(len(self._rngs), DRAWN_AHEAD)

    def act(self, states: np.ndarray, active: np.ndarray) -> np.ndarray:
        """One uniform draw for every episode that still runs."""
        for row in np.flatnonzero(active & (self._taken == DRAWN_AHEAD)):
            self._drawn[row] = self._rngs[row].integers(self._n_actions, size=DRAWN_AHEAD)
            self._taken[row] = 0
        actions = self._drawn[np.arange(len(self._drawn)), np.minimum(self._taken, DRAWN_AHEAD - 1)]
        self._taken += active
        return np.where(active, actions, 0)


class Oracle:
    """The ceiling: the shortest route on the true layout, driven in as few decisions as a search can find.

    The route is a field of decisions to go over places and headings (`route_field`). It guides a beam search through
    the exact simulator, once an episode; the plan is then carried out. Where the body is not where the plan says, as in
    a simulator with other physics, the oracle plans anew from there.

    Args:
        body: the body it drives.
        width: states kept after each decision of the search.
    """

    name = "oracle"

    def __init__(self, body: Body = DMLAB, width: int = BEAM_WIDTH) -> None:
        if width < 1:
            raise MazenavError(f"the oracle's beam must hold at least one state, found width {width}")
        self._width = width
        bound = body.top_speed if body.is_narrow else 0.0
        self._drive = Drive(body.commands(), body.constants(), body.action_repeat, FRAME_SECONDS, bound)
        self._cell_cost = 1 / (body.max_speed * body.action_repeat * FRAME_SECONDS)
        # A turn costs about half of the decisions that it takes, since the body coasts on meanwhile.
        self._turn_cost = 0.5 * math.radians(45) / (body.turn_rate * body.action_repeat)
        self._coast = body.coast
        self._layouts: list[Layout] = []
        self._goals: list[Cell] = []
        self._plans: list[_Plan | None] = []

    def reveal(self, layouts: Sequence[Layout]) -> None:
        """Take the true layouts of the episodes that `begin` opens next."""
        self._layouts = list(layouts)

    def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
        """Note the goals; the maps are not looked at, since they may be wrong.

        Raises:
            MazenavError: if `reveal` has not shown as many layouts.
        """
        if len(contexts) != len(self._layouts):
            raise MazenavError(
                f"the oracle needs the true layout of each of {len(contexts)} episodes, found {len(self._layouts)}"
            )
        self._goals = [context.goal for context in contexts]
        self._plans = [None] * len(contexts)

    def act(self, states: np.ndarray, active: np.ndarray) -> np.ndarray:
        """The next action of each episode's plan."""
        actions = np.zeros(len(states), np.int64)
        for row in np.flatnonzero(active):
            plan = self._plans[row]
            if plan is None or not plan.fits(states[row]):
                plan = self._plans[row] = self._plan(states[row], self._layouts[row], self._goals[row])
            actions[row] = plan.follow()
        return actions

    def _plan(self, state: np.ndarray, layout: Layout, goal: Cell) -> _Plan:
        rows = layout.shape[0]
        solid = np.pad(world_grid(layout.walls), 1, constant_values=1)
        x, y = cell_centre(goal, rows)
        field = route_field(solid, int(2 * x), int(2 * y), self._cell_cost, self._turn_cost)
        start = np.ascontiguousarray(state, np.float32)
        depth = time_limit(max(distances(layout.walls, goal)[cell_of(state[0], state[1], rows)], 0))
        guide = Guide(field, self._coast, self._cell_cost)
        aim = np.array([x, y], np.float32)
        actions = search(start, solid, aim, GOAL_RADIUS, self._drive, guide, self._width, depth)
        return _Plan(actions, rollout(start, solid, self._drive, actions))


class _Plan:
    """Actions int64 `[T]`, the states float32 `[T + 1, 6]` that they lead through, and how far they are carried out."""

    def __init__(self, actions: np.ndarray, states: np.ndarray) -> None:
        self._actions = actions
        self._states = states
        self._done = 0

    def fits(self, state: np.ndarray) -> bool:
        """Whether there is a next action, and the body is where it should be taken."""
        if self._done == len(self._actions):
            return False
        # The yaw rate says what was last asked of the body; it moves nothing.
        off = np.abs(state[:5] - self._states[self._done, :5])
        off[2] = min(off[2], 2 * math.pi - off[2])
        return bool(off.max() <= SAME_STATE)

    def follow(self) -> int:
        """The next action."""
        self._done += 1
        return int(self._actions[self._done - 1])
