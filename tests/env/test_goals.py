"""Rewards and ends as functions of positions, goals and infos: what hindsight code asks for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mazenav.env.first_person import LabNav
from mazenav.env.goals import rewards, shaped_rewards
from mazenav.env.single import PointNav
from mazenav.env.vector import PointNavVector
from mazenav.sim.batch import time_limit
from mazenav.sim.body import FORWARD, LabBody
from mazenav.topdown.occupancy import cell_centre
from mazenav.types import GOAL_RADIUS, Layout, MazenavError

HALL = Layout(np.zeros((1, 6), np.bool_), name="hall")
EASTWARD = {"layout": HALL, "start": (0, 0), "goal": (0, 5), "yaw": 0.0}
THIN = {"layouts": "backtracker", "shape": (9, 9), "parameters": {"thin_walls": True}, "observations": "observation"}


def drive(env: PointNav, decisions: int, seed: int) -> list[dict[str, Any]]:
    """Random decisions of one episode: where they ended, reward, ends and info of each."""
    env.action_space.seed(seed)
    env.reset(seed=seed)
    taken = []
    for _ in range(decisions):
        _, reward, terminated, truncated, info = env.step(env.action_space.sample())
        here, goal = env.unwrapped._batch.states[0, :2].copy(), env.unwrapped._batch.goals[0].copy()
        taken.append({"here": here, "goal": goal, "reward": reward, "ends": (terminated, truncated), "info": info})
        if terminated or truncated:
            break
    return taken


@settings(max_examples=20)
@given(seed=st.integers(0, 2**31), thin=st.booleans(), kind=st.sampled_from(["clutter", "rooms", "backtracker"]))
def test_computed_again_they_are_those_of_the_step(seed: int, thin: bool, kind: str) -> None:
    env = LabNav(reward="shaped", **THIN) if thin else PointNav(kind, (7, 8), reward="shaped")
    taken = drive(env, 60, seed)
    achieved, desired = (np.array([decision[key] for decision in taken]) for key in ("here", "goal"))
    infos = [decision["info"] for decision in taken]
    assert env.compute_reward(achieved, desired, infos) == pytest.approx([decision["reward"] for decision in taken])
    ends = np.array([decision["ends"] for decision in taken])
    assert np.array_equal(env.compute_terminated(achieved, desired, infos), ends[:, 0])
    assert np.array_equal(env.compute_truncated(achieved, desired, infos), ends[:, 1])
    for decision in taken[:5]:
        one = decision["here"], decision["goal"], decision["info"]
        assert env.compute_reward(*one) == pytest.approx(decision["reward"])
        assert (env.compute_terminated(*one), env.compute_truncated(*one)) == decision["ends"]


@settings(max_examples=15)
@given(seed=st.integers(0, 2**31))
def test_gains_add_up_to_the_way(seed: int) -> None:
    env = PointNav("rooms", (8, 8), reward="shaped", body=LabBody(action_repeat=40))
    taken = drive(env, 10**6, seed)
    gained = sum(decision["reward"] for decision in taken)
    way = taken[0]["info"]["distance"]
    if taken[-1]["ends"][0]:
        assert gained == pytest.approx(way - (len(taken) - 1))
    else:
        assert gained < way - len(taken) - GOAL_RADIUS + 1e-6


@settings(max_examples=15)
@given(seed=st.integers(0, 2**31))
def test_other_goals_give_the_rewards_that_driving_to_them_would(seed: int) -> None:
    """Relabelled with any goal, each decision earns what an episode with that very goal pays for it."""
    env = PointNav("clutter", (7, 7), reward="shaped")
    taken = drive(env, 15, seed)
    placement = env.placement
    assert placement is not None
    free = np.argwhere(~placement.layout.walls)
    row, column = free[seed % len(free)].tolist()
    if (row, column) == placement.start:
        return
    twin = PointNav(placement.layout, reward="shaped")
    try:
        twin.reset(options={"start": placement.start, "goal": (row, column), "yaw": placement.yaw})
    except MazenavError:
        return  # no way there
    env.action_space.seed(seed)
    goal = np.array(cell_centre((row, column), 7))
    for decision in taken:
        _, reward, terminated, _, _ = twin.step(env.action_space.sample())
        if terminated or decision["ends"][0]:
            break  # an end at one of the goals stops the body there, and the other drives on
        assert env.compute_reward(decision["here"], goal, decision["info"]) == pytest.approx(reward)


def test_infos_of_a_vector_environment_will_do() -> None:
    native = PointNavVector(4, "clutter", (7, 7), reward="shaped")
    native.reset(seed=0)
    for _ in range(20):
        seen, given_rewards, terminated, truncated, infos = native.step(np.full(4, FORWARD))
        if (terminated | truncated).any():
            break
        again = native.compute_reward(seen["achieved_goal"], seen["desired_goal"], infos)
        assert again == pytest.approx(given_rewards)
        assert np.array_equal(native.compute_truncated(seen["achieved_goal"], seen["desired_goal"], infos), truncated)


def test_plain_rewards_need_no_infos() -> None:
    reached = np.array([[True, False], [False, True]])
    assert rewards("sparse", reached).tolist() == [[1, 0], [0, 1]]
    assert rewards("step_cost", reached).tolist() == [[0, -1], [-1, 0]]
    assert shaped_rewards(reached, np.full((2, 2), 3.0), np.full((2, 2), 2.5)).tolist() == [[3, -0.5], [-0.5, 3]]


def test_the_time_limit_is_that_of_the_infos() -> None:
    env = PointNav(HALL)
    _, info = env.reset(options=EASTWARD)
    far, limit = np.full((3, 2), 50.0), time_limit(info["distance"])
    infos = [{"decisions": decisions, "distance": info["distance"]} for decisions in (1, limit - 1, limit)]
    assert env.compute_truncated(far, np.zeros(2), infos).tolist() == [False, False, True]
    assert env.compute_truncated(far[0], far[0], infos[2]) is False


@pytest.mark.parametrize("info", [None, [], {}, [{}], "infos", [{"map": 1}], 3])
def test_without_infos_shaped_rewards_say_what_is_missing(info: Any) -> None:
    env = PointNav(HALL, reward="shaped")
    with pytest.raises(MazenavError, match=r"needs the infos of the 1 decisions, each with 'before'.*copy_info_dict"):
        env.compute_reward(np.zeros(2), np.zeros(2), info)
    with pytest.raises(MazenavError, match="needs the infos of the 1 decisions, each with 'decisions'"):
        env.compute_truncated(np.zeros(2), np.zeros(2), info)


def test_too_few_infos() -> None:
    env = PointNav(HALL, reward="shaped")
    _, info = env.reset(options=EASTWARD)
    with pytest.raises(MazenavError, match="infos of 3 decisions are expected, found 2"):
        env.compute_reward(np.zeros((3, 2)), np.zeros((3, 2)), [info, info])


@pytest.mark.parametrize("shapes", [((3,), (3,)), ((), ()), ((2, 3), (2, 2)), ((3, 2), (4, 2))])
def test_no_positions(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    env = PointNav(HALL)
    for ask in (env.compute_reward, env.compute_terminated, env.compute_truncated):
        with pytest.raises(MazenavError, match="positions"):
            ask(np.zeros(shapes[0]), np.zeros(shapes[1]), None)
