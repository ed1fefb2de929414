"""`mazenav/BulletNav-v0`, one environment and several."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AsyncVectorEnv, AutoresetMode
from gymnasium.wrappers import RecordEpisodeStatistics

pytest.importorskip("pybullet", reason="there are no wheels of PyBullet for this Python")

import mazenav.env
from mazenav.env.bullet import batch
from mazenav.env.bullet.camera import Camera
from mazenav.env.bullet.single import BulletNav
from mazenav.env.single import PointNav
from mazenav.env.vector import PointNavVector
from mazenav.sim.batch import time_limit
from mazenav.sim.body import BACK, FORWARD, LOOK_LEFT
from mazenav.sim.diffdrive import DIFFDRIVE
from mazenav.types import GOAL_RADIUS, Layout, MazenavError

HALL = Layout(np.zeros((1, 6), np.bool_), name="hall")
EASTWARD = {"layout": HALL, "start": (0, 0), "goal": (0, 5), "yaw": 0.0}


def make(**arguments: Any) -> gymnasium.Env:
    return gymnasium.make(mazenav.env.BULLET_NAV, **arguments)


def same(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> bool:
    return first.keys() == second.keys() and all(np.array_equal(first[key], second[key]) for key in first)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"reward": "sparse", "render_mode": "rgb_array"},
        {"render_mode": "ansi", "camera": Camera(24, 32)},
        {"reward": "shaped", "actions": "continuous", "observations": ["map", "observation"]},
        {"body": "husky"},
    ],
)
def test_check_env_without_warnings(arguments: dict[str, Any]) -> None:
    env = make(shape=(7, 9), **arguments)
    check_env(env.unwrapped, skip_render_check=True)  # it would open a window; warnings are errors here
    env.close()


def test_begins_as_point_nav_does() -> None:
    bullet, point = BulletNav("rooms", (9, 11)), PointNav("rooms", (9, 11))
    assert bullet.observation_space == point.observation_space
    assert bullet.action_space == point.action_space
    for seed in (5, None, None):
        (observation, info), (expected, told) = bullet.reset(seed=seed), point.reset(seed=seed)
        assert same(observation, expected)
        assert info["distance"] == told["distance"] and info["layout"] == told["layout"]


@pytest.mark.parametrize("physics, actions", [("dmlab", "continuous"), ("dmlab-impala", "discrete")])
def test_drives_as_point_nav_does(physics: str, actions: str) -> None:
    hall = Layout(np.zeros((9, 30), np.bool_))
    chosen: dict[str, Any] = {"actions": actions, "observations": ["observation", "map"], "reward": "shaped"}
    bullet, point = BulletNav(hall, physics=physics, **chosen), PointNav(hall, body=physics, **chosen)
    assert bullet.observation_space == point.observation_space and bullet.action_space == point.action_space
    begin = {"start": (4, 14), "goal": (0, 29), "yaw": 0.2}
    for env in (bullet, point):
        env.reset(seed=0, options=begin)
        env.action_space.seed(3)
    for _ in range(40):
        action = bullet.action_space.sample()
        (seen, reward, *ends, info), (expected, wanted, *others, told) = bullet.step(action), point.step(action)
        assert seen.keys() == expected.keys() and info.keys() == told.keys()
        assert np.allclose(seen["observation"], expected["observation"], atol=0.01)
        assert reward == pytest.approx(wanted, abs=0.02) and ends == others


@pytest.mark.parametrize("reward, miss, hit", [("step_cost", -1, 0), ("sparse", 0, 1)])
def test_driving_there_terminates_with_its_reward(reward: str, miss: float, hit: float) -> None:
    env = BulletNav(HALL, reward=reward)
    env.reset(options=EASTWARD)
    rewards, terminated = [], False
    while not terminated:
        observation, value, terminated, truncated, info = env.step(FORWARD)
        rewards.append(value)
        assert not truncated
        assert info["is_success"] == terminated
    assert rewards == [miss] * (len(rewards) - 1) + [hit]
    assert 9 < len(rewards) < 13
    assert 5.5 - GOAL_RADIUS < observation["achieved_goal"][0] < 5.5
    with pytest.raises(ResetNeeded):
        env.step(FORWARD)


def test_time_limit_truncates() -> None:
    env = BulletNav(HALL)
    _, info = env.reset(options=EASTWARD)
    limit = time_limit(info["distance"])
    for decision in range(1, limit + 1):
        *_, terminated, truncated, _ = env.step(LOOK_LEFT)
        assert (terminated, truncated) == (False, decision == limit)


@pytest.mark.parametrize("body", ["capsule", "husky"])
def test_observations_lie_in_the_space(body: str) -> None:
    env = BulletNav("clutter", (7, 7), body=body)
    env.action_space.seed(0)
    env.reset(seed=0)
    for _ in range(200 if body == "capsule" else 25):
        observation, _, terminated, truncated, _ = env.step(env.action_space.sample())
        assert observation in env.observation_space
        if terminated or truncated:
            assert env.reset()[0] in env.observation_space


def test_several_in_one_process_do_not_meet() -> None:
    def driven(envs: list[BulletNav]) -> list[list[list[float]]]:
        rng = np.random.default_rng(0)
        ways: list[list[list[float]]] = [[] for _ in envs]
        for index, env in enumerate(envs):
            env.reset(seed=index)
        for _ in range(15):
            for way, env in zip(ways, envs, strict=True):
                way.append(env.step(int(rng.integers(4)))[0]["observation"].tolist())
        return ways

    envs = [BulletNav("open", (9, 9)) for _ in range(3)]
    before = driven(envs)
    envs[1].close()
    envs[1].close()  # once more does nothing
    envs[1] = BulletNav("open", (9, 9))
    assert driven(envs) == before


@pytest.mark.parametrize("body", ["capsule", "husky"])
def test_pickled_environments_go_on(body: str) -> None:
    env = BulletNav("open", (9, 9), body=body)
    env.reset(seed=7, options={"start": (4, 4), "goal": (1, 1), "yaw": 2.0})
    env.step(FORWARD)
    copy = pickle.loads(pickle.dumps(env))
    for action in (FORWARD, LOOK_LEFT, FORWARD):
        first, second = env.step(action)[0], copy.step(action)[0]
        # How fast the wheels turn is not in the state, so that the robot's copy takes a frame to be where it was.
        near = 1e-5 if body == "capsule" else 0.1
        assert np.allclose(first["achieved_goal"], second["achieved_goal"], atol=near)
    assert same(env.reset()[0], copy.reset()[0])


def test_async_vector_env() -> None:
    def begin() -> gymnasium.Env:
        return RecordEpisodeStatistics(BulletNav("backtracker", (7, 7)))

    envs = AsyncVectorEnv([begin, begin], context="spawn" if sys.platform == "win32" else None)
    try:
        observation, _ = envs.reset(seed=3)
        single, _ = BulletNav("backtracker", (7, 7)).reset(seed=3)
        assert np.array_equal(observation["map"][0], single["map"])
        for _ in range(5):
            observation, *_ = envs.step(np.array([FORWARD, LOOK_LEFT]))
        assert observation in envs.observation_space
    finally:
        envs.close()


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_vector_rows_are_single_environments(mode: AutoresetMode) -> None:
    arguments: dict[str, Any] = {"layouts": "open", "shape": (5, 5)}
    envs = gymnasium.make_vec(mazenav.env.BULLET_NAV, 2, "vector_entry_point", autoreset_mode=mode, **arguments)
    assert isinstance(envs.unwrapped, PointNavVector)
    singles = [BulletNav(**arguments) for _ in range(2)]
    observation, _ = envs.reset(seed=4)
    expected = [env.reset(seed=4 + row)[0] for row, env in enumerate(singles)]
    rng = np.random.default_rng(0)
    for _ in range(12):
        for row, wanted in enumerate(expected):
            assert same({key: value[row] for key, value in observation.items()}, wanted)
        actions = rng.integers(4, size=2)
        results = [env.step(int(action)) for env, action in zip(singles, actions, strict=True)]
        observation, rewards, terminations, truncations, _ = envs.step(actions)
        assert rewards.tolist() == [result[1] for result in results]
        if (terminations | truncations).any():
            break  # what follows is the mode's, which the tests of PointNav see to
        expected = [result[0] for result in results]
    envs.close()


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"body": "tank"}, "capsule, husky, found 'tank'"),
        ({"render_mode": "film"}, "rgb_array, ansi, human or None, found 'film'"),
        ({"reward": "money"}, "reward must be"),
        ({"renderer": "vulkan"}, "tiny, egl, window, found 'vulkan'"),
        ({"layouts": "labyrinth"}, "neither a generator"),
        ({"actions": "swift"}, "discrete, continuous, found 'swift'"),
        ({"observations": ["map", "rgb"]}, "give BulletNav a camera"),
        ({"observations": "map", "camera": Camera()}, "name 'map' in a list"),
        ({"body": "husky", "cell_metres": 0.9}, "1.25 to 20.0 metres long for the husky, found 0.9"),
        ({"cell_metres": 2.0}, "cell_metres is for the husky"),
        ({"physics": DIFFDRIVE}, "LabBody, found DiffDrive"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(MazenavError, match=message):
        BulletNav(**arguments)


def test_no_display_for_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(MazenavError, match="needs a display, but DISPLAY is not set"):
        BulletNav(render_mode="human")


def test_scans_and_local_maps_are_those_of_point_nav() -> None:
    seen = ["scan", "local_map", "observation"]
    bullet, point = BulletNav("rooms", (9, 11), observations=seen), PointNav("rooms", (9, 11), observations=seen)
    for seed in range(3):
        assert same(bullet.reset(seed=seed)[0], point.reset(seed=seed)[0])


@pytest.mark.parametrize("body", ["capsule", "husky"])
def test_running_into_a_wall_is_told(body: str) -> None:
    env = BulletNav(HALL, body=body)
    _, info = env.reset(options={**EASTWARD, "start": (0, 1)})
    told = [info["collided"], *(env.step(BACK)[-1]["collided"] for _ in range(8))]
    assert not any(told[:2]) and told[-1]


def test_a_client_used_up_is_replaced_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    def driven() -> list[np.ndarray]:
        env, seen = BulletNav("backtracker", (7, 7), camera=Camera(8, 8)), []
        for seed in range(5):
            env.reset(seed=seed)
            observation, *_ = env.step(FORWARD)
            seen += [observation["observation"], observation["rgb"]]
        return seen

    usual = driven()
    monkeypatch.setattr(batch, "MOST_LAYOUTS", 2)
    assert all(np.array_equal(first, second) for first, second in zip(usual, driven(), strict=True))


def test_nothing_is_printed_and_nothing_else_loads_pybullet() -> None:
    program = (
        "import sys, mazenav.env; from mazenav.env.single import PointNav; PointNav().reset(seed=0);"
        "import mazenav.env.bullet.single as single; assert 'pybullet' not in sys.modules;"
        "[single.BulletNav(shape=(5, 5), body=body).reset(seed=0) for body in ('capsule', 'husky')];"
        "assert 'pybullet' in sys.modules"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
