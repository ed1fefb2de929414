"""`mazenav/PointNav-v0`, one environment."""

from __future__ import annotations

import math
import pickle
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env
from gymnasium.wrappers import FlattenObservation, RecordEpisodeStatistics, TimeLimit
from hypothesis import given, settings
from hypothesis import strategies as st

import mazenav.env
from mazenav.env.single import PointNav
from mazenav.layout.graph import check_task
from mazenav.sim.batch import time_limit
from mazenav.sim.body import BACK, DMLAB, FORWARD, LOOK_LEFT, LabBody
from mazenav.topdown.occupancy import cell_centre, cell_of
from mazenav.types import GOAL_RADIUS, Layout, MazenavError
from tests.env.conftest import Screen

HALL = Layout(np.zeros((1, 6), np.bool_), name="hall")
EASTWARD = {"layout": HALL, "start": (0, 0), "goal": (0, 5), "yaw": 0.0}


def make(**arguments: Any) -> gymnasium.Env:
    return gymnasium.make(mazenav.env.POINT_NAV, **arguments)


def fresh_info(distance: int, name: str) -> dict[str, Any]:
    return {"distance": distance, "decisions": 0, "is_success": False, "collided": False, "layout": name}


def same(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> bool:
    return first.keys() == second.keys() and all(np.array_equal(first[key], second[key]) for key in first)


@pytest.mark.parametrize("reward", ["step_cost", "sparse", "shaped"])
@pytest.mark.parametrize("render_mode", [None, "rgb_array", "ansi"])
def test_check_env_without_warnings(reward: str, render_mode: str | None, screen: Screen) -> None:
    env = make(shape=(7, 9), reward=reward, render_mode=render_mode)
    check_env(env.unwrapped)  # warnings are errors here
    assert screen.shown and not screen.windows  # mode human was among those that it tried


def test_module_prefix_registers() -> None:
    env = gymnasium.make("mazenav.env:mazenav/PointNav-v0")
    assert isinstance(env.unwrapped, PointNav)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), kind=st.sampled_from(["backtracker", "clutter", "rooms", "wide", "open"]))
def test_every_observation_lies_in_the_space(seed: int, kind: str) -> None:
    env = PointNav(kind, (9, 12))
    env.action_space.seed(seed)
    observation, info = env.reset(seed=seed)
    assert observation in env.observation_space
    assert info["distance"] >= 1
    for _ in range(60):
        observation, reward, terminated, truncated, info = env.step(env.action_space.sample())
        assert observation in env.observation_space
        assert -math.pi <= observation["observation"][2] < np.float32(math.pi)
        assert reward == env.compute_reward(observation["achieved_goal"], observation["desired_goal"], info)
        assert terminated == env.compute_terminated(observation["achieved_goal"], observation["desired_goal"])
        assert info["is_success"] == terminated
        if terminated or truncated:
            observation, info = env.reset()


def test_a_new_layout_every_episode_and_never_a_start_in_the_goal() -> None:
    env, seen, goals = PointNav("backtracker", (13, 13)), set(), set()
    env.reset(seed=0)
    for _ in range(200):
        observation, info = env.reset()
        seen.add(observation["map"].tobytes())
        goals.add(tuple(observation["desired_goal"]))
        placement = env.placement
        assert placement is not None
        assert info == fresh_info(placement.distance, placement.layout.name)
        assert check_task(placement.layout, placement.start, placement.goal) == info["distance"]
        assert tuple(observation["desired_goal"]) == cell_centre(placement.goal, 13)
        assert np.hypot(*(observation["achieved_goal"] - observation["desired_goal"])) > 2 * GOAL_RADIUS
        assert np.array_equal(observation["map"], placement.layout.walls)
        assert not observation["observation"][3:].any()
    assert len(seen) == 200
    assert len(goals) > 10


def test_map_and_state_agree_on_where_the_walls_are() -> None:
    env = PointNav("clutter", (8, 11))
    observation, _ = env.reset(seed=1)
    for _ in range(300):
        observation, _, terminated, truncated, _ = env.step(env.action_space.sample())
        row, column = cell_of(*observation["achieved_goal"], 8)
        assert observation["map"][row, column] == 0
        if terminated or truncated:
            env.reset()


def test_options_set_the_episode_for_once() -> None:
    env = PointNav(shape=(7, 9))
    walls = np.zeros((5, 6), np.bool_)
    layout = Layout(walls, name="plain")
    options = {"layout": layout, "start": (4, 0), "goal": (0, 5), "yaw": 3 * math.pi / 2}
    observation, info = env.reset(seed=0, options=options)
    assert observation["observation"].tolist() == pytest.approx([0.5, 0.5, -math.pi / 2, 0, 0, 0], abs=1e-6)
    assert observation["desired_goal"].tolist() == [5.5, 4.5]
    assert info == fresh_info(9, "plain")
    assert observation["map"][:2].all() and observation["map"][:, 6:].all()
    assert not observation["map"][2:, :6].any()
    _, info = env.reset()
    assert info["layout"] != "plain"


@pytest.mark.parametrize("what", ["start", "goal"])
def test_one_end_given_the_other_drawn(what: str) -> None:
    env = PointNav("clutter", (9, 9))
    cells = set()
    for seed in range(30):
        env.reset(seed=seed)
        assert env.placement is not None
        layout, cell = env.placement.layout, env.placement.start
        env.reset(options={"layout": layout, what: np.array(cell)})
        placement = env.placement
        assert getattr(placement, what) == cell
        assert check_task(layout, placement.start, placement.goal) == placement.distance
        cells.add(placement.goal if what == "start" else placement.start)
    assert len(cells) > 5


@pytest.mark.parametrize("reward, miss, hit", [("step_cost", -1, 0), ("sparse", 0, 1)])
def test_driving_there_terminates_with_its_reward(reward: str, miss: float, hit: float) -> None:
    env = PointNav(HALL, reward=reward)
    env.reset(options=EASTWARD)
    rewards, terminated = [], False
    while not terminated:
        observation, value, terminated, truncated, info = env.step(FORWARD)
        rewards.append(value)
        assert not truncated
        assert info["is_success"] == terminated
    assert rewards == [miss] * (len(rewards) - 1) + [hit]
    assert 9 < len(rewards) < 13  # 4.6 cells at half a cell a decision, and the way to top speed
    assert 5.5 - GOAL_RADIUS < observation["achieved_goal"][0] < 5.5


def test_time_limit_truncates() -> None:
    env = PointNav(HALL)
    _, info = env.reset(options=EASTWARD)
    limit = time_limit(info["distance"])
    assert limit == 80
    for decision in range(1, limit + 1):
        _, reward, terminated, truncated, info = env.step(LOOK_LEFT)
        assert (terminated, truncated, reward, info["is_success"]) == (False, decision == limit, -1, False)


def test_seeds_make_episodes_again() -> None:
    first, second = PointNav("rooms", (11, 11)), PointNav("rooms", (11, 11))
    for env in (first, second):
        env.reset(seed=42)
    for _ in range(3):
        assert same(first.reset()[0], second.reset()[0])
    assert not same(first.reset(seed=1)[0], second.reset(seed=2)[0])


def test_layouts_from_a_list_a_set_and_a_function() -> None:
    small, large = Layout(np.zeros((5, 5), np.bool_), name="small"), Layout(np.zeros((6, 4), np.bool_), name="large")
    env = PointNav([small, large])
    assert env.observation_space["map"].shape == (6, 5)
    env.reset(seed=0)
    assert {env.reset()[1]["layout"] for _ in range(30)} == {"small", "large"}

    def grow(rng: np.random.Generator) -> Layout:
        return Layout(np.zeros((int(rng.integers(2, 7)), 3), np.bool_))

    env = PointNav(grow, shape=(6, 3))
    heights = {int((~(env.reset(seed=seed)[0]["map"].astype(bool))).any(axis=1).sum()) for seed in range(60)}
    assert heights == {2, 3, 4, 5, 6}


def test_body_and_parameters_are_the_users() -> None:
    env = PointNav("backtracker", (9, 9), {"loop_ratio": 0.5}, body=LabBody(action_repeat=4, look_pixels=20))
    env.reset(seed=0, options={"yaw": 0.0})
    observation, *_ = env.step(LOOK_LEFT)
    assert math.degrees(observation["observation"][2]) == pytest.approx(4 * 20 * 0.1056, abs=1e-3)
    assert env.placement is not None
    assert env.placement.layout.source["loop_ratio"] == 0.5


def test_hindsight_in_batches() -> None:
    env = PointNav(reward="sparse")
    rng = np.random.default_rng(0)
    achieved, desired = rng.uniform(0, 3, (4, 50, 2)), rng.uniform(0, 3, (4, 50, 2))
    rewards = env.compute_reward(achieved, desired, [{}] * 200)
    assert rewards.shape == (4, 50)
    assert np.array_equal(rewards, (np.linalg.norm(achieved - desired, axis=-1) < GOAL_RADIUS).astype(float))
    assert 0 < rewards.mean() < 1
    assert env.compute_reward(achieved[0, 0], achieved[0, 0]) == 1.0
    assert env.compute_reward(achieved[0], desired[0, 0]).shape == (50,)
    with pytest.raises(MazenavError, match="positions"):
        env.compute_reward(np.zeros(3), np.zeros(3))


def test_observations_are_the_callers() -> None:
    env = PointNav(HALL)
    before, _ = env.reset(options=EASTWARD)
    kept = {key: value.copy() for key, value in before.items()}
    after, *_ = env.step(FORWARD)
    assert same(before, kept)
    for value in after.values():
        value[...] = 0
    following, *_ = env.step(BACK)
    assert following["achieved_goal"][0] > 0.5
    assert following["desired_goal"].tolist() == [5.5, 0.5]


def test_pictures_and_text() -> None:
    env = PointNav([HALL, Layout(np.zeros((3, 3), np.bool_))], render_mode="rgb_array")
    env.reset(options=EASTWARD)
    first = env.render()
    for _ in range(3):
        env.step(FORWARD)
    second = env.render()
    assert isinstance(first, np.ndarray) and isinstance(second, np.ndarray)
    assert first.dtype == np.uint8 and first.shape == second.shape and first.shape[2] == 3
    assert (first != second).any()
    env.reset(options={"layout": Layout(np.zeros((3, 3), np.bool_))})
    other = env.render()
    assert isinstance(other, np.ndarray) and other.shape == first.shape
    text = PointNav(HALL, render_mode="ansi")
    text.reset(options=EASTWARD)
    assert text.render() == ">    G"
    for _ in range(6):
        text.step(FORWARD)
    text.step(LOOK_LEFT)
    text.step(LOOK_LEFT)
    assert text.render() == "   ^ G"


def test_wrappers() -> None:
    flat = FlattenObservation(make(shape=(5, 7)))
    assert flat.reset(seed=0)[0].shape == (6 + 2 + 2 + 35,)
    env = RecordEpisodeStatistics(TimeLimit(make(layouts=HALL), 3))
    env.reset(options=EASTWARD)
    for decision in range(1, 4):
        *_, terminated, truncated, info = env.step(LOOK_LEFT)
        assert (terminated, truncated) == (False, decision == 3)
    assert info["episode"]["r"] == -3
    assert info["episode"]["l"] == 3


def test_pickled_environments_go_on_alike() -> None:
    env = make(layouts="wide", shape=(11, 11))
    env.reset(seed=7)
    env.step(FORWARD)
    copy = pickle.loads(pickle.dumps(env))
    for action in (FORWARD, LOOK_LEFT, FORWARD):
        assert same(env.step(action)[0], copy.step(action)[0])
    assert same(env.reset()[0], copy.reset()[0])


@pytest.mark.parametrize("action", [-1, 4, 1.0, None, "forward", np.array([1]), np.float32(2), math.nan])
def test_bad_actions(action: Any) -> None:
    env = PointNav(HALL)
    env.reset(options=EASTWARD)
    with pytest.raises(MazenavError, match="from 0 to 3"):
        env.step(action)


@pytest.mark.parametrize("action", [2, np.int64(2), np.int32(2), np.array(2)])
def test_whole_numbers_of_any_kind_are_actions(action: Any) -> None:
    env = PointNav(HALL)
    env.reset(options=EASTWARD)
    assert env.step(action)[0]["observation"][3] > 0


def test_steps_out_of_turn() -> None:
    env = PointNav(HALL, render_mode="ansi")
    with pytest.raises(ResetNeeded, match="call reset before step"):
        env.step(FORWARD)
    with pytest.raises(ResetNeeded, match="call reset before render"):
        env.render()
    env.reset(options=EASTWARD)
    while not env.step(FORWARD)[2]:
        pass
    with pytest.raises(ResetNeeded, match="call reset before step"):
        env.step(FORWARD)
    env.reset()
    env.step(FORWARD)


WALLED = Layout(np.array([[False, True, False, False]]), name="walled")


@pytest.mark.parametrize(
    "options, message",
    [
        ({"layout": WALLED, "start": (0, 1), "goal": (0, 2)}, "start .* wall"),
        ({"layout": WALLED, "start": (0, 0), "goal": (0, 1)}, "goal .* wall"),
        ({"layout": WALLED, "start": (0, 0), "goal": (0, 2)}, "no path"),
        ({"layout": WALLED, "start": (0, 2), "goal": (0, 2)}, "same cell"),
        ({"layout": WALLED, "start": (0, 2), "goal": (3, 3)}, "outside"),
        ({"layout": WALLED, "start": (0, 0)}, "no other cell can be reached"),
        ({"layout": WALLED, "goal": (0, 1)}, "not a free cell"),
        ({"layout": WALLED, "goal": (0, -2)}, "not a free cell"),
        ({"layout": WALLED, "start": (0.0, 2.0)}, "whole numbers"),
        ({"layout": WALLED, "start": 3}, "whole numbers"),
        ({"layout": WALLED, "yaw": math.nan}, "finite"),
        ({"layout": WALLED, "yaw": "north"}, "finite"),
        ({"layout": Layout(np.ones((2, 2), np.bool_))}, "no two connected free cells"),
        ({"layout": Layout(np.zeros((9, 9), np.bool_))}, "more than the 5 x 6"),
        ({"layout": np.zeros((3, 3))}, "Layout is expected"),
        ({"begin": (0, 0)}, "options layout, start, goal, yaw, found begin"),
        ({"start": ([1], 2)}, "whole numbers"),
        ({"goal": (10**30, 0)}, "whole numbers"),
        ({"yaw": 10**400}, "finite"),
        ([1], "options of reset are a dict"),
    ],
)
def test_impossible_options(options: dict[str, Any], message: str) -> None:
    env = PointNav(HALL, shape=(5, 6))
    env.reset(options=EASTWARD)
    with pytest.raises(MazenavError, match=message):
        env.reset(options=options)
    assert env.step(FORWARD)[0]["desired_goal"].tolist() == [5.5, 0.5]


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"layouts": "labyrinth"}, "neither a generator"),
        ({"layouts": []}, "at least one layout"),
        ({"layouts": [HALL, "hall"]}, "must be a mazenav Layout"),
        ({"layouts": 7}, "layouts must be"),
        ({"layouts": lambda rng: HALL}, "needs shape"),
        ({"layouts": HALL, "shape": (1, 3)}, "more than the 1 x 3"),
        ({"layouts": HALL, "parameters": {"loop_ratio": 0.1}}, "belong to a generator"),
        ({"parameters": {"loops": 0.1}}, "no parameter 'loops'"),
        ({"shape": (4, 4)}, "5 to 10001"),
        ({"shape": 13}, "two positive whole numbers"),
        ({"shape": (13, 0)}, "two positive whole numbers"),
        ({"reward": "dense"}, "step_cost, sparse, shaped"),
        ({"render_mode": "depth_array"}, "rgb_array, ansi, human"),
        ({"shape": ""}, "two positive whole numbers"),
        ({"shape": (True, 13)}, "two positive whole numbers"),
        ({"shape": (10**9, 10**9)}, "5 to 10001"),
        ({"layouts": lambda rng: HALL, "shape": (10**9, 10**9)}, "are too many"),
        ({"layouts": ""}, "neither a generator"),
        ({"layouts": "x" * 5000}, "neither a generator"),
        ({"parameters": "loops"}, "a dict of names and numbers"),
        ({"parameters": {"loop_ratio": "many"}}, "a dict of names and numbers"),
        ({"parameters": {"loop_ratio": math.nan}}, "between 0 and 1"),
        ({"observations": None}, "a name or a list"),
        ({"camera": (64, 64)}, "must be a mazenav Camera"),
        ({"body": LabBody(half_width=0.5)}, "does not fit into corridors 1 cells wide"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(MazenavError, match=message):
        PointNav(**arguments)


def test_a_function_that_returns_no_layout() -> None:
    env = PointNav(lambda rng: np.zeros((3, 3)), shape=(5, 5))  # type: ignore[arg-type,return-value]  # on purpose
    with pytest.raises(MazenavError, match="Layout is expected, found ndarray"):
        env.reset(seed=0)


def test_fast_turns_and_long_decisions_stay_in_the_space() -> None:
    env = PointNav("open", (9, 9), body=LabBody(action_repeat=3, look_pixels=512, friction=1.0))
    env.reset(seed=0)
    rng = np.random.default_rng(0)
    for _ in range(2000):
        observation, _, terminated, truncated, _ = env.step(int(rng.integers(4)))
        assert observation in env.observation_space
        if terminated or truncated:
            env.reset()
    assert DMLAB.max_speed < env.observation_space["observation"].high[3] < 10 * DMLAB.max_speed
