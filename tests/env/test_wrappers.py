"""Gymnasium's checker, wrappers and worker processes are content with every environment and every setting."""

from __future__ import annotations

import importlib.util
import itertools
import pickle
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AsyncVectorEnv
from gymnasium.wrappers import RecordEpisodeStatistics, RecordVideo, TimeLimit
from gymnasium.wrappers.vector import RecordEpisodeStatistics as RecordManyStatistics

import mazenav.env
from mazenav.env.drawing import write
from mazenav.env.senses import NAMES
from mazenav.sim.body import FORWARD, LabBody
from mazenav.sim.sensors import Camera
from mazenav.types import Layout
from tests.env.conftest import Screen

HALL = Layout(np.zeros((1, 4), np.bool_), name="hall")
EASTWARD = {"layout": HALL, "start": (0, 0), "goal": (0, 3), "yaw": 0.0}
SMALL = Camera(width=32, height=32)
SETTINGS: list[dict[str, Any]] = [
    {"reward": reward, "actions": actions, "body": body}
    for reward, actions, body in itertools.product(
        ("step_cost", "sparse", "shaped"), ("discrete", "continuous"), ("dmlab", "dmlab-impala", "diffdrive")
    )
]
SETTINGS += [{"observations": name, "camera": SMALL} for name in (*NAMES, NAMES)]
SETTINGS += [{"layouts": "test-13"}, {"layouts": [HALL]}, {"layouts": lambda rng: HALL, "shape": (3, 5)}]


@pytest.mark.parametrize("number", range(len(SETTINGS)))
@pytest.mark.parametrize("name", [mazenav.env.POINT_NAV, mazenav.env.LAB_NAV])
def test_check_env_without_warnings(name: str, number: int) -> None:
    arguments = {"shape": (5, 7), **SETTINGS[number]} if "layouts" not in SETTINGS[number] else SETTINGS[number]
    env = gymnasium.make(name, **arguments)
    check_env(env.unwrapped, skip_render_check=True)  # warnings are errors here
    assert env.unwrapped.spec is not None and env.unwrapped.spec.id == name


@pytest.mark.parametrize("arguments", [{}, {"layouts": "prim", "parameters": {"thin_walls": True}, "shape": (5, 7)}])
def test_check_env_of_first_person_renders(arguments: dict[str, Any], screen: Screen) -> None:
    env = gymnasium.make(mazenav.env.LAB_NAV, render_mode="rgb_array", **arguments)
    check_env(env.unwrapped)
    assert screen.shown and not screen.windows


@pytest.mark.skipif(importlib.util.find_spec("pybullet") is None, reason="PyBullet has no wheel for this Python")
@pytest.mark.parametrize("arguments", [{}, {"actions": "continuous", "reward": "shaped", "body": "husky"}])
def test_check_env_of_bullet(arguments: dict[str, Any]) -> None:
    env = gymnasium.make(mazenav.env.BULLET_NAV, shape=(5, 5), **arguments)
    check_env(env.unwrapped, skip_render_check=True)
    assert env.unwrapped.spec is not None
    env.close()


class Clip:
    """Stands in for moviepy's: keeps what a video would be made of."""

    made: list[Clip] = []  # noqa: RUF012  # one list for all, to be read by the test

    def __init__(self, frames: list[np.ndarray], fps: int) -> None:
        self.frames, self.fps = frames, fps
        Clip.made.append(self)

    def write_videofile(self, path: str, **arguments: Any) -> None:
        Path(path).write_bytes(b"video")


@pytest.mark.parametrize("name", [mazenav.env.POINT_NAV, mazenav.env.LAB_NAV])
def test_record_video(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moviepy, clips = ModuleType("moviepy"), ModuleType("moviepy.video.io.ImageSequenceClip")
    clips.ImageSequenceClip = moviepy.ImageSequenceClip = Clip  # type: ignore[attr-defined]
    for module in (moviepy, ModuleType("moviepy.video"), ModuleType("moviepy.video.io"), clips):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    Clip.made.clear()
    env = RecordVideo(
        gymnasium.make(name, layouts=HALL, render_mode="rgb_array", body=LabBody(action_repeat=4)),
        str(tmp_path / "videos"),
        episode_trigger=lambda episode: True,
    )
    for _ in range(2):
        env.reset(options=EASTWARD)
        over = False
        while not over:
            _, _, terminated, truncated, _ = env.step(FORWARD)
            over = terminated or truncated
    env.close()
    assert len(list((tmp_path / "videos").glob("*.mp4"))) == len(Clip.made) == 2
    for clip in Clip.made:
        assert clip.fps == 15  # 60 frames a second, 4 a decision
        assert len({frame.shape for frame in clip.frames}) == 1
        assert len({frame.tobytes() for frame in clip.frames}) == len(clip.frames) > 5  # nothing stands still


def test_statistics_and_time_limits() -> None:
    env = RecordEpisodeStatistics(TimeLimit(gymnasium.make(mazenav.env.POINT_NAV, layouts=HALL), 3))
    env.reset(options=EASTWARD)
    results = [env.step(FORWARD) for _ in range(3)]
    assert [result[2:4] for result in results] == [(False, False)] * 2 + [(False, True)]
    assert results[-1][4]["episode"]["r"] == -3 and results[-1][4]["episode"]["l"] == 3
    registered = gymnasium.make(mazenav.env.POINT_NAV, layouts=HALL, max_episode_steps=2)
    registered.reset(options=EASTWARD)
    assert [registered.step(FORWARD)[3] for _ in range(2)] == [False, True]


@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
def test_statistics_of_many(mode: str) -> None:
    envs = RecordManyStatistics(
        gymnasium.make_vec(
            mazenav.env.POINT_NAV,
            num_envs=3,
            vectorization_mode="vector_entry_point",
            layouts="open",
            shape=(5, 5),
            body=LabBody(action_repeat=40),
            autoreset_mode=mode,
        )
    )
    envs.reset(seed=0)
    envs.action_space.seed(0)
    total, ended, lengths = np.zeros(3), 0, np.zeros(3)
    waiting = np.zeros(3, np.bool_)
    for _ in range(200):
        _, rewards, terminated, truncated, infos = envs.step(envs.action_space.sample())
        total, lengths = np.where(waiting, 0, total + rewards), np.where(waiting, 0, lengths + 1)
        over = terminated | truncated
        for row in np.flatnonzero(over):
            assert infos["episode"]["r"][row] == total[row] and infos["episode"]["l"][row] == lengths[row]
            ended += 1
        if mode == "NextStep":
            waiting = over
        else:
            total[over], lengths[over] = 0, 0
    assert ended > 20


def test_workers_render_and_take_options() -> None:
    arguments: dict[str, Any] = {"layouts": HALL, "observations": "rgb", "camera": SMALL, "render_mode": "ansi"}
    make = [lambda: gymnasium.make("mazenav.env:mazenav/LabNav-v0", **arguments)] * 2
    workers = AsyncVectorEnv(make, context="spawn")
    try:
        first, infos = workers.reset(seed=0, options=EASTWARD)
        assert first.shape == (2, 32, 32, 3) and infos["distance"].tolist() == [3, 3]
        assert workers.render() == (">  G", ">  G")
        second = workers.step(np.full(2, FORWARD))[0]
        assert (first != second).any()
    finally:
        workers.close()


@pytest.mark.parametrize("name", [mazenav.env.POINT_NAV, mazenav.env.LAB_NAV])
@pytest.mark.parametrize("reward", ["step_cost", "shaped"])
def test_pickled_in_the_middle_of_an_episode(name: str, reward: str) -> None:
    env = gymnasium.make(name, shape=(9, 9), layouts="rooms", reward=reward, actions="continuous")
    env.reset(seed=3)
    env.action_space.seed(3)
    actions = [env.action_space.sample() for _ in range(12)]
    for action in actions[:6]:
        env.step(action)
    copy = pickle.loads(pickle.dumps(env))
    for action in actions[6:]:
        ours, theirs = env.step(action), copy.step(action)
        assert ours[1:4] == theirs[1:4]
        assert all(np.array_equal(ours[0][key], theirs[0][key]) for key in ours[0])
    assert write(env.unwrapped._batch, 0) == write(copy.unwrapped._batch, 0)
    assert all(np.array_equal(env.reset()[0][key], copy.reset()[0][key]) for key in ours[0])
