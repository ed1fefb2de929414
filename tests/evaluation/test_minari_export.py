"""Minari datasets: Minari loads them again, and they hold what the environment gives for the same decisions."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium
import minari
import numpy as np
import pytest

from mazenav.agent.baselines import RandomAgent
from mazenav.agent.follower import Follower
from mazenav.env import POINT_NAV
from mazenav.evaluation.collecting import Plan, collect
from mazenav.evaluation.minari_export import dataset_path, export_to_minari
from mazenav.evaluation.task_source import FreshTasks, GivenTasks
from mazenav.evaluation.trajectories import Trajectories, open_trajectories
from mazenav.layout.generate import generate
from mazenav.rng import stream
from mazenav.types import MazenavError

FRESH = FreshTasks("kruskal", (7, 9), 2, {"loop_ratio": 0.5})
PLAN = Plan(Follower(), {"name": "follower"}, FRESH, seed=2, episodes=12, shard_steps=400)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "minari"))
    return tmp_path / "minari"


@pytest.fixture
def found(tmp_path: Path) -> Trajectories:
    collect(tmp_path / "found", PLAN)
    assert len(open_trajectories(tmp_path / "found").index.shards) > 1
    return open_trajectories(tmp_path / "found")


def load(name: str) -> Any:
    return minari.load_dataset(name)


def test_minari_loads_what_was_driven(found: Trajectories) -> None:
    told: list[tuple[int, int]] = []
    export_to_minari(found, "mazenav/test/kruskal-v3", progress=lambda *counts: told.append(counts))
    dataset = load("mazenav/test/kruskal-v3")
    assert (dataset.total_episodes, dataset.total_steps) == (len(found), found.index.steps)
    assert told[-1] == (12, 12)
    metadata = list(dataset.storage.get_episode_metadata(range(12)))
    for data, episode, told_of in zip(dataset, found, metadata, strict=True):
        np.testing.assert_array_equal(data.observations["observation"], episode.states)
        np.testing.assert_array_equal(data.actions, episode.actions)
        assert (told_of["layout"], told_of["distance"]) == (episode.layout.name, episode.distance)
        assert data.terminations[-1] == episode.terminated != data.truncations[-1]
        assert dataset.observation_space.contains({name: array[0] for name, array in data.observations.items()})
        assert dataset.action_space.contains(data.actions[0])


@pytest.mark.parametrize("reward", ["step_cost", "sparse"])
def test_the_environment_gives_the_same_for_the_same_decisions(reward: str, found: Trajectories) -> None:
    export_to_minari(found, "again-v0", reward)
    dataset = load("again-v0")
    env = dataset.recover_environment(reward=reward)
    assert env.spec.kwargs["layouts"] == "kruskal"
    for episode, data, told in zip(found, dataset, dataset.storage.get_episode_metadata(range(12)), strict=True):
        options = {name: np.asarray(value).tolist() for name, value in told["options"].items()}
        observation, _ = env.reset(options={"layout": episode.layout, **options})
        seen, gains, ends = [observation], [], []
        for action in data.actions:
            observation, gain, terminated, truncated, info = env.step(action)
            seen.append(observation)
            gains.append(gain)
            ends.append((terminated, truncated))
        for name, array in data.observations.items():
            np.testing.assert_array_equal(array, np.stack([one[name] for one in seen]))
        np.testing.assert_array_equal(data.rewards, gains)
        np.testing.assert_array_equal(np.stack([data.terminations, data.truncations], 1), ends)
        assert data.infos["is_success"][-1] == info["is_success"]
        assert data.infos["decisions"][-1] == info["decisions"]
    env.close()


def test_layouts_of_several_sizes_are_padded_as_the_environment_pads_them(tmp_path: Path) -> None:
    layouts = [generate("rooms", shape, stream(1, *shape)) for shape in ((5, 9), (9, 5))]
    collect(tmp_path / "t", Plan(RandomAgent(), {}, GivenTasks(layouts, 0), episodes=4))
    export_to_minari(open_trajectories(tmp_path / "t"), "rooms-v0")
    dataset = load("rooms-v0")
    assert dataset.env_spec is None
    env = gymnasium.make(POINT_NAV, layouts=layouts)
    assert dataset.observation_space == env.observation_space
    for number, data in enumerate(dataset):
        observation, _ = env.reset(options={"layout": layouts[number % 2]})
        np.testing.assert_array_equal(data.observations["map"][-1], observation["map"])


def test_a_failure_leaves_no_half_of_a_dataset(found: Trajectories) -> None:
    (found.folder / found.index.shards[-1].file).unlink()
    with pytest.raises(MazenavError, match="is missing"):
        export_to_minari(found, "half-v0")
    assert not dataset_path("half-v0").exists()


def test_what_cannot_be_exported(found: Trajectories, monkeypatch: pytest.MonkeyPatch) -> None:
    export_to_minari(found, "mine-v0")
    with pytest.raises(MazenavError, match="there is a Minari dataset mine-v0 already"):
        export_to_minari(found, "mine-v0")
    for name in ("mine", "../mine-v0", "a b-v0", "/mine-v0", "mine-v", ""):
        with pytest.raises(MazenavError, match=r"is called like mazenav/backtracker-v0"):
            export_to_minari(found, name)
    with pytest.raises(MazenavError, match="must be one of step_cost, sparse, found 'shaped'"):
        export_to_minari(found, "other-v0", "shaped")
    with pytest.raises(MazenavError, match="holds no episodes"):
        export_to_minari(Trajectories(found.folder, replace(found.index, shards=())), "other-v0")
    monkeypatch.setitem(sys.modules, "minari", None)
    with pytest.raises(MazenavError, match=r"pip install 'mazenav\[minari\]'"):
        export_to_minari(found, "other-v0")
