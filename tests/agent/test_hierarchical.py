"""Agents that are good at near goals alone reach far ones through subgoals; nobody is shown more than it may see."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from mazenav.agent.baselines import Oracle, RandomAgent
from mazenav.agent.classic import Classic
from mazenav.agent.corrector import Corrector
from mazenav.agent.dense_navigator import DenseNavigator
from mazenav.agent.follower import Follower
from mazenav.agent.hierarchical import FieldGuided, LandmarkGuided, SubgoalSource, hierarchical
from mazenav.agent.interface import Agent, ReadsFields, SeesTruth
from mazenav.agent.navigator import Navigator
from mazenav.agent.value_agent import ValueAgent
from mazenav.evaluation.protocol import Task, make_tasks, run_tasks
from mazenav.layout.generate import generate
from mazenav.layout.graph import distances
from mazenav.planner.settings import SearchConfig
from mazenav.rng import stream
from mazenav.sim.batch import time_limit
from mazenav.types import Cell, Layout, MazenavError, TaskContext
from tests.model.dense import small as small_dense
from tests.model.small import DOUBTING, small_network
from tests.model.test_qnetwork import small_q
from tests.model.test_vin import small_vin

SOURCES: tuple[SubgoalSource, ...] = ("field", "landmarks")


class Myopic:
    """Follows its map's shortest path to goals within `sight` cells, and stands still where the goal is farther.

    Its field is right where its map is. `log` holds the contexts of every begin, whichever copy began.
    """

    name = "myopic"

    def __init__(self, sight: int = 6) -> None:
        self.sight = sight
        self.log: list[list[TaskContext]] = []

    def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
        self.log.append(list(contexts))
        self.fields = []
        for context in contexts:
            steps = distances(context.map >= 0.5, context.goal)
            self.fields.append(np.where(steps < 0, np.inf, steps))
        pairs = zip(contexts, self.fields, strict=True)
        self.sees = np.array([field[context.start] <= self.sight for context, field in pairs])
        self.follower = Follower()
        self.follower.reveal([Layout(context.map >= 0.5) for context in contexts])
        self.follower.begin(contexts, rngs)

    def act(self, states: np.ndarray, active: np.ndarray) -> np.ndarray:
        return np.where(self.sees, self.follower.act(states, active & self.sees), 0)

    def read_fields(self) -> list[np.ndarray]:
        return self.fields


class MappedClassic(Classic):
    """The classic agent, with the distances on its map as a field."""

    def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
        super().begin(contexts, rngs)
        self.fields = []
        for context in contexts:
            steps = distances(context.map >= 0.5, context.goal)
            self.fields.append(np.where(steps < 0, np.inf, steps))

    def read_fields(self) -> list[np.ndarray]:
        return self.fields


def far_tasks(kinds: Sequence[str] = ("backtracker", "rooms", "clutter", "wide")) -> list[Task]:
    layouts = [generate(kind, (13, 15), stream(4, kind)) for kind in kinds]
    return [task for task in make_tasks(layouts, 8, seed=1) if task.distance > 6]


@pytest.mark.parametrize("source", SOURCES)
def test_far_goals_are_reached_by_an_agent_for_near_ones(source: SubgoalSource) -> None:
    tasks = far_tasks()
    assert len(tasks) > 15
    assert not any(episode.terminated for episode in run_tasks(Myopic(), tasks).episodes)
    inner = Myopic()
    assert all(episode.terminated for episode in run_tasks(hierarchical(inner, source), tasks).episodes)
    begun = [context for contexts in inner.log[source == "field" :] for context in contexts]
    steps = [int(distances(context.map >= 0.5, context.goal)[context.start]) for context in begun]
    assert min(steps) >= 1 and max(steps) <= 6 and np.mean(steps) > 3
    if source == "field":
        assert [context.goal for context in inner.log[0]] == [task.goal for task in sorted(tasks, key=_order(tasks))]


def _order(tasks: list[Task]) -> Callable[[Task], tuple[int, int]]:
    """The order in which `run_tasks` opens tasks of one size."""
    return lambda task: (task.distance, next(i for i, other in enumerate(tasks) if other is task))


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("reach", [1, 3, 8])
def test_the_reach_decides_how_often_it_begins_anew(source: SubgoalSource, reach: int) -> None:
    (task,) = far_tasks(["backtracker"])[:1]
    inner = Myopic(sight=10)
    (episode,) = run_tasks(hierarchical(inner, source, reach), [task]).episodes
    begun = inner.log[source == "field" :]
    assert episode.terminated and all(len(contexts) == 1 for contexts in begun)
    assert begun[-1][0].goal == task.goal and begun[0][0].start == task.start
    assert len(begun) <= -(-task.distance // (reach - (reach // 2 if source == "field" else 0)))
    # In one decision a body may come further than a cell.
    assert len(begun) >= task.distance // (reach + 2)


def test_near_goals_are_driven_to_as_without_subgoals() -> None:
    layouts = [generate(kind, (13, 13), stream(3, kind)) for kind in ("backtracker", "clutter")]
    tasks = make_tasks(layouts, 6, seed=2, farthest=5)
    flat = run_tasks(Myopic(), tasks).episodes
    for source in SOURCES:
        for one, other in zip(flat, run_tasks(hierarchical(Myopic(), source), tasks).episodes, strict=True):
            assert np.array_equal(one.states, other.states)


INNER: dict[str, Callable[[], Agent]] = {
    "spatial": lambda: Navigator(small_network(), search=SearchConfig(simulations=4, temperature=0.5)),
    "corrector": lambda: Corrector(small_network(0, DOUBTING), search=SearchConfig(simulations=0, temperature=0.5)),
    "dense": lambda: DenseNavigator(small_dense.small_network(), search=SearchConfig(simulations=4, temperature=0.5)),
    "mah": lambda: ValueAgent(small_q(0), temperature=2.0),
    "vin": lambda: ValueAgent(small_vin(0), temperature=2.0),
    "myopic": Myopic,
    "classic": MappedClassic,
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("inner", INNER)
def test_results_do_not_depend_on_the_batch_size(inner: str, source: SubgoalSource) -> None:
    shapes = [("backtracker", (9, 9)), ("clutter", (6, 9)), ("open", (7, 5))]
    layouts = [generate(kind, shape, stream(4, kind)) for kind, shape in shapes]
    tasks = [task._replace(limit=24) for task in make_tasks(layouts, 3, seed=1)]
    agent = hierarchical(INNER[inner](), source, reach=2)
    runs = [run_tasks(agent, tasks, batch_size=size).episodes for size in (1, 4, 9)]
    assert len({action for episode in runs[0] for action in episode.actions.tolist()}) > 1
    for episodes in runs[1:]:
        for one, other in zip(runs[0], episodes, strict=True):
            assert one.actions.tolist() == other.actions.tolist()
            np.testing.assert_allclose(one.states, other.states, atol=1e-4)


@pytest.mark.parametrize("inner", [Oracle, Follower])
def test_agents_that_see_the_truth_drive_by_landmarks(inner: type[Oracle] | type[Follower]) -> None:
    tasks = far_tasks()[:6]
    assert all(episode.terminated for episode in run_tasks(LandmarkGuided(inner()), tasks, batch_size=4).episodes)


def test_who_is_shown_the_truth_says_so() -> None:
    own, shown = FieldGuided(Myopic()), LandmarkGuided(Myopic())
    assert not isinstance(own, SeesTruth) and isinstance(own, ReadsFields)
    assert isinstance(shown, SeesTruth) and not isinstance(shown, ReadsFields)
    assert own.name == "myopic through subgoals of its own"
    assert shown.name == "myopic through landmarks of the true path"
    with pytest.raises(MazenavError, match="true layout of each of 1 episodes, found 0"):
        shown.begin([TaskContext(np.zeros((3, 3), np.float32), (0, 0), (2, 2))], [stream(0)])


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(MazenavError, match="random has none"):
        hierarchical(RandomAgent(), "field")
    for source in SOURCES:
        with pytest.raises(MazenavError, match="at least one cell apart, found 0"):
            hierarchical(Myopic(), source, 0)


def _drawn(text: str) -> tuple[np.ndarray, Cell, Cell]:
    lines = text.split()
    cells = {mark: (r, line.index(mark)) for mark in "SG" for r, line in enumerate(lines) if mark in line}
    return np.array([[letter == "#" for letter in line] for line in lines]), cells["S"], cells["G"]


def test_subgoals_that_are_walls_in_truth_do_not_hold_it_up() -> None:
    walls, start, goal = _drawn("""
        ###########
        #S.###...G#
        #.#####.###
        #.........#
        ###########
    """)
    shown = walls.copy()
    shown[1, 3:6] = False  # the map shows a straight way
    agent = FieldGuided(MappedClassic(), reach=3)

    class Misled:
        """Given another map than the true one."""

        name = "misled"

        def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
            agent.begin([TaskContext(shown.astype(np.float32), start, goal)], rngs)

        def act(self, states: np.ndarray, active: np.ndarray) -> np.ndarray:
            actions = agent.act(states, active)
            seen.append(agent.subgoals[0])
            return actions

    seen: list[Cell | None] = []
    task = Task(Layout(walls), start, goal, 0.0, int(distances(walls, goal)[start]), 100)
    (episode,) = run_tasks(Misled(), [task]).episodes
    assert seen[0] == (1, 4) and seen[-1] == goal and episode.terminated


def test_subgoals_that_are_not_reached_in_time_are_given_up() -> None:
    inner = Myopic()
    agent = FieldGuided(inner, reach=3)
    agent.begin([TaskContext(np.zeros((1, 12), np.float32), (0, 0), (0, 11))], [stream(0)])
    states, active, seen = np.full((1, 6), 0.5, np.float32), np.ones(1, np.bool_), []
    for _ in range(3 * time_limit(3)):
        agent.act(states, active)
        seen.append(agent.subgoals[0])
        states[0, 0] = 1.5  # here a wall holds it that no map shows
    changes = [i for i in range(1, len(seen)) if seen[i] != seen[i - 1]]
    assert [seen[0], *(seen[i] for i in changes)] == [(0, 3), (0, 4), (0, 11)]
    assert changes == [time_limit(3), 2 * time_limit(3)]
    assert [begun[0].start for begun in inner.log] == [(0, 0), (0, 0), (0, 1), (0, 1)]


def test_walls_of_the_map_are_no_subgoals_and_places_off_it_do_no_harm() -> None:
    class Blind(Myopic):
        """Its field knows no walls."""

        def read_fields(self) -> list[np.ndarray]:
            return [
                np.abs(np.indices(context.map.shape) - np.array(context.goal)[:, None, None]).sum(axis=0) * 1.0
                for context in self.log[-1]
            ]

    walls, start, goal = _drawn("""
        #######
        #S.#.G#
        #.....#
        #######
    """)
    agent = FieldGuided(Blind(), reach=3)
    agent.begin([TaskContext(walls.astype(np.float32), start, goal)], [stream(0)])
    assert np.isfinite(agent.read_fields()[0]).all()
    states = np.zeros((1, 6), np.float32)
    states[0, :2] = 1.5, 2.5
    agent.act(states, np.ones(1, np.bool_))
    subgoals = [agent.subgoals[0]]
    for place in ((2.5, 2.5), (-0.3, 9.0)):
        states[0, :2] = place
        agent.act(states, np.ones(1, np.bool_))
        subgoals.append(agent.subgoals[0])
    assert subgoals[0] is not None and not walls[subgoals[0]]
    assert subgoals[1:] == [goal, goal], "a dip before the wall leads nowhere; from there it is the goal"


def test_episodes_that_have_ended_are_left_alone() -> None:
    tasks = far_tasks()[:3]
    inner = Myopic()
    agent = FieldGuided(inner)
    contexts = [TaskContext(task.layout.walls.astype(np.float32), task.start, task.goal) for task in tasks]
    agent.begin(contexts, [stream(1, i) for i in range(3)])
    states = np.full((3, 6), np.nan, np.float32)
    states[1] = 0
    row, column = tasks[1].start
    states[1, :2] = column + 0.5, tasks[1].layout.shape[0] - row - 0.5
    agent.act(states, np.array([False, True, False]))
    assert [subgoal is None for subgoal in agent.subgoals] == [True, False, True]
    assert [len(begun) for begun in inner.log] == [3, 1]
    assert agent.act(states, np.zeros(3, np.bool_)).shape == (3,)
