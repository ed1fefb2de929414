"""Tasks repeat, batches do not matter, and nobody but the oracle is shown a true layout."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from mazenav.agent.baselines import Oracle, RandomAgent
from mazenav.evaluation.protocol import Task, context_of, make_tasks, run_tasks
from mazenav.layout.generate import GENERATORS, generate
from mazenav.layout.graph import check_task
from mazenav.rng import stream
from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import BACK, FORWARD
from mazenav.topdown.occupancy import cells_to_world, occupancy
from mazenav.types import GOAL_RADIUS, Episode, Layout, LayoutError, MazenavError, TaskContext

SHAPES = ((5, 5), (13, 13), (9, 12), (7, 21))


@pytest.fixture(scope="module")
def layouts() -> list[Layout]:
    return [generate(kind, shape, stream(1, kind, *shape)) for shape in SHAPES for kind in GENERATORS]


@pytest.fixture(scope="module")
def tasks(layouts: list[Layout]) -> list[Task]:
    return make_tasks(layouts, 2, seed=2)


class Fixed:
    """Always the same action; it writes into all that it is given and keeps what it was told."""

    name = "fixed"

    def __init__(self, action: int) -> None:
        self.action = action
        self.told: list[object] = []
        self.contexts: list[TaskContext] = []

    def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
        self.told += [*contexts, *rngs]
        self.contexts += contexts

    def act(self, states: np.ndarray, active: np.ndarray) -> np.ndarray:
        actions = np.where(active, self.action, 99)
        states[:] = np.nan
        active[:] = False
        return actions


def same(one: Sequence[Episode], other: Sequence[Episode]) -> bool:
    return len(one) == len(other) and all(
        np.array_equal(a.states, b.states) and np.array_equal(a.actions, b.actions) and a.terminated == b.terminated
        for a, b in zip(one, other, strict=True)
    )


def test_tasks_are_those_of_the_protocol(layouts: list[Layout], tasks: list[Task]) -> None:
    assert [task.layout for task in tasks] == [layout for layout in layouts for _ in range(2)]
    for task in tasks:
        assert task.distance == check_task(task.layout, task.start, task.goal) >= 1
        assert task.limit == 20 + 12 * task.distance
        assert -np.pi <= task.yaw < np.pi
    assert len({task.yaw for task in tasks}) == len(tasks)


def test_tasks_repeat_and_do_not_depend_on_their_number(layouts: list[Layout], tasks: list[Task]) -> None:
    assert make_tasks(layouts, 2, seed=2) == tasks
    assert make_tasks(layouts[:3], 2, seed=2) == tasks[:6]
    assert make_tasks(layouts, 1, seed=2) == tasks[::2]
    assert make_tasks(layouts, 2, seed=3) != tasks


@pytest.mark.parametrize("agent", [Oracle, RandomAgent])
def test_results_do_not_depend_on_the_batch_size(agent: type[Oracle] | type[RandomAgent], tasks: list[Task]) -> None:
    whole = run_tasks(agent(), tasks, seed=4)
    for batch_size in (1, 7, 1000):
        assert same(run_tasks(agent(), tasks, seed=4, batch_size=batch_size).episodes, whole.episodes)


def test_the_seed_decides_the_draws_of_the_agent(tasks: list[Task]) -> None:
    first, again, other = (run_tasks(RandomAgent(), tasks, seed=seed).episodes for seed in (5, 5, 6))
    assert same(first, again)
    assert not same(first, other)


def test_episodes_come_in_the_order_of_their_tasks_and_can_be_driven_again(tasks: list[Task]) -> None:
    episodes = run_tasks(RandomAgent(), tasks, seed=7, batch_size=16).episodes
    assert len(episodes) == len(tasks)
    for task, episode in zip(tasks, episodes, strict=True):
        assert episode.layout is task.layout
        assert (episode.start, episode.goal, episode.distance) == (task.start, task.goal, task.distance)
        assert episode.states.shape == (len(episode) + 1, 6)
        batch = AgentBatch(1, *task.layout.shape)
        ends = np.array([task.start, task.goal])
        batch.place(
            np.array([0]),
            [task.layout.walls],
            ends[:1],
            ends[1:],
            np.array([task.yaw]),
            np.array([task.limit]),
        )
        assert np.array_equal(batch.states[0], episode.states[0])
        for action, state in zip(episode.actions, episode.states[1:], strict=True):
            batch.step(np.array([action]))
            assert np.array_equal(batch.states[0], state)


def test_the_time_limit_truncates_and_does_not_terminate(tasks: list[Task]) -> None:
    episodes = run_tasks(Fixed(BACK), tasks).episodes
    ended = {(episode.terminated, episode.truncated) for episode in episodes}
    assert ended == {(True, False), (False, True)}
    for episode in episodes:
        goal = cells_to_world(np.array(episode.goal), episode.layout.shape[0])
        away = np.linalg.norm(episode.states[:, :2] - goal, axis=1)
        if episode.truncated:
            assert len(episode) == episode.limit
            assert away.min() >= GOAL_RADIUS
        else:
            assert len(episode) <= episode.limit
            assert away[-1] < GOAL_RADIUS


def test_a_goal_reached_in_the_last_decision_counts() -> None:
    walls = np.ones((3, 8), np.bool_)
    walls[1, 1:-1] = False
    ahead = Task(Layout(walls), (1, 1), (1, 6), 0.0, 5, 100)
    needed = len(run_tasks(Fixed(FORWARD), [ahead]).episodes[0])
    for limit, reached in ((needed, True), (needed - 1, False)):
        episode = run_tasks(Fixed(FORWARD), [ahead._replace(limit=limit)]).episodes[0]
        assert (episode.terminated, episode.truncated, len(episode)) == (reached, not reached, limit)


@pytest.mark.parametrize("given_map", ["true", "blank", "shuffled"])
def test_an_agent_without_reveal_never_gets_a_layout(given_map: str, tasks: list[Task]) -> None:
    spy = Fixed(FORWARD)
    run_tasks(spy, tasks, given_map=given_map)
    assert len(spy.told) == 2 * len(tasks)
    for thing in spy.told:
        assert isinstance(thing, TaskContext | np.random.Generator)
        if isinstance(thing, TaskContext):
            assert set(vars(thing)) == {"map", "start", "goal"}
            assert not any(np.shares_memory(thing.map, task.layout.walls) for task in tasks)


def test_an_agent_cannot_change_the_simulator_through_what_it_is_given(tasks: list[Task]) -> None:
    for episode in run_tasks(Fixed(FORWARD), tasks).episodes:
        assert np.isfinite(episode.states).all()
        assert (episode.actions == FORWARD).all()


def test_only_the_oracle_is_shown_the_true_layouts_of_its_batch(tasks: list[Task]) -> None:
    shown: list[Layout] = []

    class Watched(Oracle):
        def reveal(self, layouts: Sequence[Layout]) -> None:
            shown.extend(layouts)
            super().reveal(layouts)

    run_tasks(Watched(), tasks, batch_size=9)
    assert sorted(map(hash, shown)) == sorted(hash(task.layout) for task in tasks)


def test_the_controls_are_other_maps_of_the_same_task() -> None:
    layout = generate("backtracker", (13, 13), stream(8, "maps"))
    task = make_tasks([layout], 1, seed=9)[0]
    true = context_of(task, "true", stream(10))
    blank = context_of(task, "blank", stream(10))
    shuffled = context_of(task, "shuffled", stream(10))
    for context in (true, blank, shuffled):
        assert (context.start, context.goal, context.map.shape) == (task.start, task.goal, layout.shape)
        assert context.map.dtype == np.float32
    assert np.array_equal(true.map, occupancy(layout))
    assert not blank.map[1:-1, 1:-1].any()
    assert not np.array_equal(shuffled.map, true.map)
    assert shuffled.map.sum() == true.map.sum()
    assert not np.array_equal(shuffled.map, context_of(task, "shuffled", stream(11)).map)


def test_the_given_maps_do_not_depend_on_the_batch_size(tasks: list[Task]) -> None:
    spies = [Fixed(FORWARD), Fixed(FORWARD)]
    for spy, batch_size in zip(spies, (5, 500), strict=True):
        run_tasks(spy, tasks, given_map="shuffled", seed=12, batch_size=batch_size)
    one, other = (
        sorted((context.start, context.goal, context.map.tobytes()) for context in spy.contexts) for spy in spies
    )
    assert one == other


def test_progress_counts_up_to_all(tasks: list[Task]) -> None:
    calls: list[tuple[int, int, int]] = []
    result = run_tasks(Oracle(), tasks, batch_size=13, progress=lambda *counts: calls.append(counts))
    done, total, solved = np.array(calls).T
    assert (np.diff(done) >= 0).all()
    assert (np.diff(solved) >= 0).all()
    assert (solved <= done).all()
    assert (total == len(tasks)).all()
    assert calls[-1] == (len(tasks), len(tasks), sum(episode.terminated for episode in result.episodes))


def test_times_are_recorded_for_every_call(tasks: list[Task]) -> None:
    result = run_tasks(Oracle(), tasks, batch_size=len(tasks))
    assert result.decision_ms.shape == (max(len(episode) for episode in result.episodes),)
    assert result.begin_ms.shape == (1,)
    assert (result.decision_ms > 0).all()
    assert run_tasks(RandomAgent(), tasks, batch_size=10).begin_ms.shape == (-(-len(tasks) // 10),)


def test_what_cannot_be_run(tasks: list[Task], layouts: list[Layout]) -> None:
    with pytest.raises(MazenavError, match="at least one layout"):
        make_tasks([], 1, seed=0)
    with pytest.raises(MazenavError, match="episode per layout, found 0"):
        make_tasks(layouts, 0, seed=0)
    with pytest.raises(LayoutError, match="no two connected free cells"):
        make_tasks([Layout(np.ones((4, 4), np.bool_))], 1, seed=0)
    with pytest.raises(MazenavError, match="at least one task"):
        run_tasks(RandomAgent(), [])
    with pytest.raises(MazenavError, match="at least one episode, found 0"):
        run_tasks(RandomAgent(), tasks, batch_size=0)
    with pytest.raises(MazenavError, match=r"true, blank, shuffled or KIND:STRENGTH .* found 'wrong'"):
        context_of(tasks[0], "wrong", stream(0))
