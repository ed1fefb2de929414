"""Collections: a run that stops anywhere goes on to the same bytes; what is collected are the protocol's episodes."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mazenav.agent.baselines import RandomAgent
from mazenav.agent.follower import Follower
from mazenav.evaluation.collecting import Plan, collect
from mazenav.evaluation.protocol import make_tasks, run_tasks
from mazenav.evaluation.task_source import FreshTasks, GivenTasks, ListedTasks
from mazenav.evaluation.trajectories import INDEX, open_trajectories
from mazenav.layout.generate import generate
from mazenav.rng import stream
from mazenav.types import MazenavError, TaskContext

PLAN = Plan(
    RandomAgent(), {"name": "random"}, FreshTasks("backtracker", (7, 9), 1), seed=1, steps=4000, shard_steps=900
)


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


class Tired(RandomAgent):
    """Stops the run, as Ctrl-C does, after so many decisions."""

    def __init__(self, decisions: int) -> None:
        super().__init__()
        self.left = decisions

    def act(self, states: np.ndarray, active: np.ndarray) -> np.ndarray:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().act(states, active)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole")
    collect(folder, PLAN)
    assert len(os.listdir(folder)) > 4
    return content(folder)


@pytest.mark.parametrize("decisions", [0, 1, 150, 300, 500])
def test_a_run_that_stops_goes_on_to_the_same_bytes(decisions: int, whole: dict[str, bytes], tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        collect(tmp_path, replace(PLAN, agent=Tired(decisions)))
    assert not json.loads((tmp_path / INDEX).read_text())["complete"]
    with contextlib.suppress(KeyboardInterrupt):
        collect(tmp_path, replace(PLAN, agent=Tired(decisions)), resume=True)
    index = collect(tmp_path, PLAN, resume=True)
    assert index.complete
    assert content(tmp_path) == whole
    assert collect(tmp_path, replace(PLAN, agent=Tired(0)), resume=True) == index


@pytest.mark.parametrize("batch_size", [1, 7, 5000])
def test_the_batch_size_decides_nothing(batch_size: int, whole: dict[str, bytes], tmp_path: Path) -> None:
    collect(tmp_path, replace(PLAN, batch_size=batch_size))
    assert content(tmp_path) == whole


def test_damaged_and_missing_shards_are_made_again(whole: dict[str, bytes], tmp_path: Path) -> None:
    collect(tmp_path, PLAN)
    (tmp_path / "shard-00003.npz").unlink()
    (tmp_path / "shard-00001.npz").write_bytes(whole["shard-00001.npz"][:-1] + b"x")
    (tmp_path / ".shard-00002.17.part.npz").write_bytes(b"left by a run that was killed")
    with pytest.raises(MazenavError, match=r"shard-00001\.npz is damaged"):
        list(open_trajectories(tmp_path))
    collect(tmp_path, PLAN, resume=True)
    assert content(tmp_path) == whole


def test_the_episodes_are_those_of_the_protocol(tmp_path: Path) -> None:
    layouts = [generate("rooms", (9, 9), stream(2, i)) for i in range(5)]
    plan = Plan(Follower(), {}, GivenTasks(layouts, 3), seed=3, episodes=5, given_map="shuffled")
    index = collect(tmp_path, plan)
    expected = run_tasks(Follower(), make_tasks(layouts, 1, 3), given_map="shuffled", seed=3).episodes
    assert (index.episodes, index.steps) == (5, sum(map(len, expected)))
    assert index.reached == sum(episode.terminated for episode in expected)
    for one, two in zip(open_trajectories(tmp_path), expected, strict=True):
        assert (one.layout, one.start, one.goal, one.terminated) == (two.layout, two.start, two.goal, two.terminated)
        np.testing.assert_array_equal(one.states, two.states)
        np.testing.assert_array_equal(one.actions, two.actions)


def test_a_longer_run_begins_as_a_shorter_one(tmp_path: Path) -> None:
    short, long = (collect(tmp_path / name, replace(PLAN, steps=None, episodes=n)) for name, n in (("a", 9), ("b", 30)))
    assert (short.episodes, long.episodes) == (9, 30)
    ours = list(open_trajectories(tmp_path / "b"))[:9]
    for one, two in zip(open_trajectories(tmp_path / "a"), ours, strict=True):
        np.testing.assert_array_equal(one.states, two.states)


def test_shards_hold_as_many_steps_as_they_may_and_the_last_episode_completes_the_steps(
    whole: dict[str, bytes],
) -> None:
    shards = json.loads(whole[INDEX])["shards"]
    assert sum(shard["steps"] for shard in shards) >= 4000
    assert all(shard["steps"] <= 900 or shard["episodes"] == 1 for shard in shards)
    assert sum(shard["steps"] for shard in shards[:-1]) < 4000


def test_all_of_a_list_is_driven_when_no_end_is_given(tmp_path: Path) -> None:
    tasks = make_tasks([generate("open", (5, 5), stream(4))], 6, 0)
    assert collect(tmp_path, Plan(RandomAgent(), {}, ListedTasks(tasks), shard_steps=100)).episodes == 6


def test_progress_counts_steps_and_episodes_over_all_shards(tmp_path: Path) -> None:
    calls: list[Sequence[int]] = []
    index = collect(tmp_path, replace(PLAN, steps=None, episodes=20), progress=lambda *told: calls.append(told))
    steps, episodes = np.array(calls).T[:2]
    assert (np.diff(steps) > 0).all()
    assert (np.diff(episodes) >= 0).all()
    assert calls[-1] == (index.steps, index.episodes, index.reached)
    assert len(index.shards) > 1


class Watched(Follower):
    """Counts the contexts that it was given."""

    contexts = 0

    def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
        self.contexts += len(contexts)
        super().begin(contexts, rngs)


def test_few_steps_of_an_agent_that_is_quick_cost_no_full_shard(tmp_path: Path) -> None:
    agent = Watched()
    index = collect(tmp_path, replace(PLAN, agent=agent, steps=100, shard_steps=1_000_000))
    assert 100 <= index.steps < 300
    assert agent.contexts < 50


def test_another_run_is_refused(tmp_path: Path) -> None:
    small = replace(PLAN, steps=None, episodes=2)
    collect(tmp_path, small)
    with pytest.raises(MazenavError, match="go on with --resume"):
        collect(tmp_path, small)
    for other, told in (
        (replace(small, seed=2), "its seed is 1, this one's is 2"),
        (replace(small, episodes=3), "its episodes is 2"),
        (replace(small, agent_description={"name": "oracle"}), "its agent is"),
        (replace(small, source=FreshTasks("prim", (7, 9), 1)), "its tasks is"),
        (replace(small, compressed=True), "its compressed is False"),
    ):
        with pytest.raises(MazenavError, match=f"holds another run: {told}"):
            collect(tmp_path, other, resume=True)
    (tmp_path / INDEX).unlink()
    with pytest.raises(MazenavError, match=r"shards without an index\.json"):
        collect(tmp_path, small, resume=True)
