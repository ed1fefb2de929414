"""What an engineer would use instead of a learned agent: plan on the given map, drive, and mend the map on the way.

It knows the body's physics, plans on the map as given, and follows the plan. Where the body does not come to where the
physics say it should, the one cell (or the two) whose correction explains that exactly is corrected, and it plans anew.
Where the map leaves no way, walls may be passed at a high price: the route that needs the fewest is tried. Where walls
say that the start it was told is off, it starts anew from the right one (`bearings`).
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Sequence

import numpy as np
from numba import njit

from mazenav.agent.beam import Drive, Guide, rollout, search
from mazenav.agent.bearings import Bearings
from mazenav.agent.route import route_field
from mazenav.sim.body import DMLAB, FRAME_SECONDS, Body
from mazenav.topdown.occupancy import cell_centre, world_grid
from mazenav.types import GOAL_RADIUS, TaskContext

BEAM_WIDTH = 32
"""States that the search for a drive keeps after each decision."""
HORIZON = 40
"""Decisions that are searched ahead at most; the route field judges what lies beyond."""
WALL_PRICE, TRUSTED_PRICE, PROVEN_PRICE = 60.0, 1e5, 1e7
"""Cells of detour that are preferred to a wall that the map shows but nothing has proven, on a map that was found wrong
somewhere and on one that was not; and the same for a wall that was run into, and for the border."""
AS_PREDICTED, MOST_NOISE = 2e-3, 0.25
"""A body is where the physics put it if nothing differs by more: cells, radians, cells/s. What nothing explains is put
down to noise, and so much may then always differ, up to the second number."""


@njit(cache=True)
def cheapest_way(price: np.ndarray, start_x: int, start_y: int, goal_x: int, goal_y: int) -> np.ndarray:
    """Cells int64 `[K, 2]` of the cheapest 4-connected way over prices float64 `[X, Y]` of entering cells."""
    width, height = price.shape
    cost = np.full((width, height), np.inf)
    parent = np.full((width, height), -1, np.int64)
    cost[start_x, start_y] = 0.0
    queue = [(0.0, start_x, start_y)]
    while len(queue) > 0:
        total, x, y = heapq.heappop(queue)
        if x == goal_x and y == goal_y:
            break
        if total > cost[x, y]:
            continue
        for way in range(4):
            next_x = x + (1 if way == 0 else (-1 if way == 1 else 0))
            next_y = y + (1 if way == 2 else (-1 if way == 3 else 0))
            if 0 <= next_x < width and 0 <= next_y < height:
                new = total + price[next_x, next_y]
                if new < cost[next_x, next_y]:
                    cost[next_x, next_y] = new
                    parent[next_x, next_y] = x * height + y
                    heapq.heappush(queue, (new, next_x, next_y))
    cells = [(goal_x, goal_y)]
    place = parent[goal_x, goal_y]
    while place >= 0:
        cells.append((place // height, place % height))
        place = parent[place // height, place % height]
    found = np.empty((len(cells), 2), np.int64)
    for index in range(len(cells)):
        found[index, 0], found[index, 1] = cells[len(cells) - 1 - index]
    return found


class Classic:
    """Shortest way on the given map, driven with known physics; wrong cells are found by running into them."""

    name = "classic"

    def __init__(self, body: Body = DMLAB, width: int = BEAM_WIDTH) -> None:
        self._body, self._width = body, width
        self._episodes: list[_Drive] = []
        self._bearings = Bearings(0)
        self._last: tuple[np.ndarray, np.ndarray] | None = None

    def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
        """Take the maps at their word."""
        self._episodes = [
            _Drive(context, rng, self._body, self._width) for context, rng in zip(contexts, rngs, strict=True)
        ]
        self._bearings, self._last = Bearings(len(contexts)), None

    def act(self, states: np.ndarray, active: np.ndarray) -> np.ndarray:
        """The next action of each episode."""
        rows, actions = np.flatnonzero(active), np.zeros(len(states), np.int64)
        if self._last is not None and self._body == DMLAB:
            told, taken = self._last
            for row in self._bearings.note(rows, told[rows], taken[rows], states[rows]):
                self._episodes[row].restart()
        mended = self._bearings.corrected(np.asarray(states, np.float32))
        for row in map(int, rows):
            actions[row] = self._episodes[row].act(mended[row])
        self._last = states.copy(), actions.copy()
        return actions


class _Drive:
    """One episode: what is believed of its map, and the plan that is being carried out."""

    def __init__(self, context: TaskContext, rng: np.random.Generator, body: Body, width: int) -> None:
        self._body, self._rng, self._width = body, rng, width
        bound = body.top_speed if body.is_narrow else 0.0
        self._drive = Drive(body.commands(), body.constants(), body.action_repeat, FRAME_SECONDS, bound)
        self._cell_cost = 1 / (body.max_speed * body.action_repeat * FRAME_SECONDS)
        self._turn_cost = 0.5 * math.radians(45) / (body.turn_rate * body.action_repeat)
        goal = cell_centre(context.goal, context.map.shape[0])
        self._goal = np.array(goal, np.float32)
        self._goal_cell = int(goal[0]), int(goal[1])
        self._map = world_grid(context.map >= 0.5).astype(np.bool_)
        self._map[self._goal_cell] = False
        self.restart()

    def restart(self) -> None:
        """Take the map at its word, whatever was found out: the body was not where it was told to be."""
        self.walls, self.proven = self._map.copy(), np.zeros_like(self._map)
        self._assumed = self.walls
        self._wrong, self._noise = False, AS_PREDICTED
        self._plan = np.zeros(0, np.int64)
        self._last: tuple[np.ndarray, int] | None = None

    def act(self, state: np.ndarray) -> int:
        """Mend the map by what the last decision showed, plan anew where that is needed, and go on."""
        if self._last is not None:
            off = self._off(self._solid(self._assumed), state)
            if off > self._noise:
                self._plan = self._plan[:0]
                if not self._explain(state):
                    # What nothing explains may be noise, or what was explained wrongly before: a push at random shows
                    # more of it.
                    self._noise = min(max(self._noise, 1.2 * off), MOST_NOISE)
                    self._plan = self._rng.integers(self._body.n_actions, size=1)
        self._free(state)
        if not len(self._plan):
            self._plan = self._search(state)
        action, self._plan = int(self._plan[0]), self._plan[1:]
        self._last = state, action
        return action

    def _solid(self, walls: np.ndarray) -> np.ndarray:
        return np.pad(walls.astype(np.uint8), 1, constant_values=1)

    def _off(self, solid: np.ndarray, state: np.ndarray) -> float:
        """How far `state` is from where the last action leads in a world with these walls."""
        assert self._last is not None
        predicted = rollout(self._last[0], solid, self._drive, np.array([self._last[1]]))[1]
        off = np.abs(predicted[:5] - state[:5])
        off[2] = min(off[2], 2 * math.pi - off[2])
        return float(off.max())

    def _explain(self, state: np.ndarray) -> bool:
        """Correct the fewest of the cells near the last way, at most two, that explain where the body came to.

        Returns:
            Whether there are any.
        """
        assert self._last is not None
        near = self._near(self._last[0], state)
        for count in (1, 2):
            for cells in sorted(itertools.combinations(near, count), key=self._surprise):
                walls = self._assumed.copy()
                for cell in cells:
                    walls[cell] = not walls[cell]
                if self._off(self._solid(walls), state) <= self._noise:
                    for cell in cells:
                        self._wrong |= bool(self.walls[cell] != walls[cell])
                        self.walls[cell] = self.proven[cell] = walls[cell]
                    return True
        return False

    def _surprise(self, cells: Sequence[tuple[int, int]]) -> int:
        """How many of some cells the map showed as they were assumed to be; opened walls are no surprise."""
        return sum(not self.walls[cell] or self._assumed[cell] for cell in cells)

    def _near(self, before: np.ndarray, after: np.ndarray) -> list[tuple[int, int]]:
        """Cells within reach of the last decision, nearest to its end first, without the border and the goal."""
        low = np.floor(np.minimum(before[:2], after[:2]) - 0.8).astype(int)
        high = np.floor(np.maximum(before[:2], after[:2]) + 0.8).astype(int)
        width, height = self.walls.shape
        cells = [
            (x, y)
            for x in range(max(low[0], 1), min(high[0], width - 2) + 1)
            for y in range(max(low[1], 1), min(high[1], height - 2) + 1)
            if (x, y) != self._goal_cell
        ]
        return sorted(cells, key=lambda cell: abs(cell[0] + 0.5 - after[0]) + abs(cell[1] + 0.5 - after[1]))

    def _free(self, state: np.ndarray) -> None:
        """Whatever the body overlaps is free, whatever was thought of it."""
        half = self._body.half_width
        low, high = np.floor(state[:2] - half).astype(int), np.floor(state[:2] + half).astype(int)
        for cell in itertools.product(range(low[0], high[0] + 1), range(low[1], high[1] + 1)):
            self._wrong |= bool(self.walls[cell])
            self.walls[cell] = self.proven[cell] = False

    def _search(self, state: np.ndarray) -> np.ndarray:
        """Actions along the cheapest way, int64 `[T]`."""
        column, row = int(state[0]), int(state[1])
        price = np.where(self.walls, WALL_PRICE if self._wrong else TRUSTED_PRICE, 1.0)
        price[self.proven] = PROVEN_PRICE
        border = np.ones_like(self.walls)
        border[1:-1, 1:-1] = False
        price[self.walls & border] = PROVEN_PRICE
        way = cheapest_way(price, column, row, *self._goal_cell)
        if self.proven[tuple(way.T)].any():  # no way around what is proven: some of it was explained wrongly
            self.proven[:] = False
        self._assumed = self.walls.copy()
        self._assumed[tuple(way.T)] = False
        solid = self._solid(self._assumed)
        field = route_field(
            solid, 2 * self._goal_cell[0] + 1, 2 * self._goal_cell[1] + 1, self._cell_cost, self._turn_cost
        )
        guide = Guide(field, self._body.coast, self._cell_cost)
        return search(state, solid, self._goal, GOAL_RADIUS, self._drive, guide, self._width, HORIZON)
