"""Hierarchical navigation: an agent drives to a far goal through subgoals that lie as near as it is good at."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np

from mazenav.agent.interface import Agent, ReadsFields, SeesTruth
from mazenav.layout.graph import distances, shortest_path
from mazenav.planner.subgoal import is_passed, landmarks, next_landmark, next_subgoal
from mazenav.sim.batch import time_limit
from mazenav.topdown.occupancy import cell_of
from mazenav.types import Cell, Layout, MazenavError, TaskContext

REACH = 5
"""Cells between a body and its next subgoal: the paper's local navigation is to goals within five cells."""
WALL = 0.5
"""Occupancy from which a map shows a wall."""

SubgoalSource = Literal["field", "landmarks"]
"""What gives the subgoals."""


class _Group(NamedTuple):
    """Episodes whose subgoals changed at the same decision: their rows int64 `[G]`, and the agent that began them."""

    rows: np.ndarray
    agent: Agent


class Hierarchical(ABC):
    """Gives an agent task contexts whose goals are subgoals, the last of which is the goal.

    When a subgoal changes, the agent begins that episode anew, from the body's cell to the next subgoal. Each time a
    new copy of the agent does so, which shares its network, so that other episodes go on undisturbed and no result
    depends on the batch size. An agent that corrects its map as it drives does so anew after each subgoal. An episode
    that is not active has ended.

    Attributes:
        name: what a person calls it.
        subgoals: what each of the B episodes drives to now; None before its first decision.

    Args:
        agent: drives to the subgoals; its `begin` must replace all that it knows of earlier episodes.
        reach: how far away the next subgoal is, in cells along the way.

    Raises:
        MazenavError: if the reach is less than a cell.
    """

    name: str

    def __init__(self, agent: Agent, reach: int = REACH) -> None:
        if reach < 1:
            raise MazenavError(f"subgoals must be at least one cell apart, found {reach}")
        self._agent, self._reach = agent, reach
        self.subgoals: list[Cell | None] = []
        self._contexts: list[TaskContext] = []
        self._rngs: list[np.random.Generator] = []
        self._cells: list[Cell | None] = []
        self._spent = np.empty(0, np.int64)
        self._groups: dict[int, _Group] = {}
        self._group_of = np.empty(0, np.int64)
        self._opened = 0

    def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
        """Open B episodes; the first decision sets their first subgoals."""
        self._contexts, self._rngs = list(contexts), list(rngs)
        self.subgoals = [None] * len(contexts)
        self._cells = [None] * len(contexts)
        self._spent = np.zeros(len(contexts), np.int64)
        self._groups = {}
        self._group_of = np.full(len(contexts), -1)

    def act(self, states: np.ndarray, active: np.ndarray) -> np.ndarray:
        """Set the subgoals that are due, then take the actions of the agents that drive to them."""
        changed = [int(row) for row in np.flatnonzero(active) if self._advance(int(row), states[row])]
        if changed:
            self._begin_anew(changed)
        actions = np.zeros(len(states), np.int64)
        for number, group in list(self._groups.items()):
            driven = active[group.rows] & (self._group_of[group.rows] == number)
            if driven.any():
                actions[group.rows[driven]] = group.agent.act(states[group.rows], driven)[driven]
            else:
                del self._groups[number]
        return actions

    def _advance(self, row: int, state: np.ndarray) -> bool:
        """Set an episode's subgoal by where its body is. Returns whether it is another than before."""
        context, before = self._contexts[row], self.subgoals[row]
        rows, columns = context.map.shape
        place = cell_of(float(state[0]), float(state[1]), rows)
        # A body that is told wrongly where it is may think that it is off the map.
        cell = min(max(place[0], 0), rows - 1), min(max(place[1], 0), columns - 1)
        late = bool(self._spent[row] >= time_limit(self._reach))
        self._spent[row] += 1
        if before == context.goal or (cell == self._cells[row] and not late):
            return False
        self._cells[row] = cell
        self.subgoals[row] = self._next(row, cell, late)
        return self.subgoals[row] != before

    def _begin_anew(self, rows: list[int]) -> None:
        """Let a new copy of the agent begin some episodes from where their bodies are, to their subgoals."""
        contexts = []
        for row in rows:
            cell, subgoal = self._cells[row], self.subgoals[row]
            assert cell is not None and subgoal is not None
            contexts.append(replace(self._contexts[row], start=cell, goal=subgoal))
        agent = self._driver(rows)
        agent.begin(contexts, [self._rngs[row] for row in rows])
        self._opened += 1
        self._groups[self._opened] = _Group(np.array(rows), agent)
        self._group_of[rows] = self._opened
        self._spent[rows] = 1

    @abstractmethod
    def _next(self, row: int, cell: Cell, late: bool) -> Cell:
        """The subgoal of an episode whose body is in a cell; the same as before, if that is still ahead.

        It is late if more decisions went by than the protocol would allow for a task of this length.
        """

    def _driver(self, rows: list[int]) -> Agent:
        """A copy of the agent that is ready to begin some of the episodes."""
        return copy.copy(self._agent)


class FieldGuided(Hierarchical):
    """Subgoals down the field that the agent itself predicts for the goal, from the map that it is given.

    The next is set when the last is half as far away as it was, before the body slows down to stop there. The map's
    walls are not entered: an agent may predict anything there.

    Raises:
        MazenavError: if the agent predicts no field, or the reach is less than a cell.
    """

    def __init__(self, agent: Agent, reach: int = REACH) -> None:
        super().__init__(agent, reach)
        if not isinstance(agent, ReadsFields):
            raise MazenavError(f"subgoals from an agent's own field need an agent with one, and {agent.name} has none")
        self.name = f"{agent.name} through subgoals of its own"
        self._fields: list[np.ndarray] = []
        self._lower: list[np.ndarray] = []

    def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
        """Read the maps of B tasks with their goals, for the fields."""
        super().begin(contexts, rngs)
        guide = copy.copy(self._agent)
        guide.begin(contexts, rngs)
        assert isinstance(guide, ReadsFields)
        self._fields = list(guide.read_fields())
        self._lower = []
        for context, field in zip(contexts, self._fields, strict=True):
            lower = np.where(context.map >= WALL, np.inf, field)
            lower[context.goal] = -np.inf
            self._lower.append(lower)

    def read_fields(self) -> Sequence[np.ndarray]:
        """The fields that the subgoals come from, see `ReadsFields`."""
        return self._fields

    def _next(self, row: int, cell: Cell, late: bool) -> Cell:
        field, goal, before = self._lower[row], self._contexts[row].goal, self.subgoals[row]
        if before is not None and not late and not is_passed(field, cell, before, self._reach // 2):
            return before
        # A subgoal that was never reached may be a wall in truth, or one that the agent circles around.
        subgoal = next_subgoal(field, cell, goal, self._reach)
        return goal if subgoal == before else subgoal


class LandmarkGuided(Hierarchical):
    """Subgoals on a shortest path through the true layout, as the paper gives them to its agent.

    It is shown the truth as the oracle is: a comparison, not a zero-shot agent.
    """

    def __init__(self, agent: Agent, reach: int = REACH) -> None:
        super().__init__(agent, reach)
        self.name = f"{agent.name} through landmarks of the true path"
        self._layouts: list[Layout] = []
        self._landmarks: list[list[Cell]] = []
        self._current: list[int] = []

    def reveal(self, layouts: Sequence[Layout]) -> None:
        """Take the true layouts of the episodes that `begin` opens next."""
        self._layouts = list(layouts)

    def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
        """Place the landmarks of B tasks.

        Raises:
            MazenavError: if `reveal` has not shown as many layouts.
        """
        if len(contexts) != len(self._layouts):
            raise MazenavError(
                f"landmarks need the true layout of each of {len(contexts)} episodes, found {len(self._layouts)}"
            )
        super().begin(contexts, rngs)
        self._landmarks = [
            landmarks(shortest_path(layout.walls, context.start, context.goal), self._reach)
            for layout, context in zip(self._layouts, contexts, strict=True)
        ]
        self._current = [0] * len(contexts)

    def _next(self, row: int, cell: Cell, late: bool) -> Cell:
        steps, ahead = distances(self._layouts[row].walls, cell), self._landmarks[row]
        self._current[row] = next_landmark([int(steps[landmark]) for landmark in ahead], self._current[row])
        return ahead[self._current[row]]

    def _driver(self, rows: list[int]) -> Agent:
        agent = super()._driver(rows)
        if isinstance(agent, SeesTruth):
            agent.reveal([self._layouts[row] for row in rows])
        return agent


def hierarchical(agent: Agent, source: SubgoalSource, reach: int = REACH) -> Hierarchical:
    """An agent that is driven through subgoals.

    Args:
        agent: drives to each of them.
        source: `field`, the agent's own; or `landmarks` of the true path, for comparison.
        reach: cells from a subgoal to the next.

    Raises:
        MazenavError: if the agent has no field to give subgoals, or the reach is less than a cell.
    """
    return FieldGuided(agent, reach) if source == "field" else LandmarkGuided(agent, reach)
