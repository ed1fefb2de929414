"""Discrete and continuous actions: the same motion where both can say it, and one sentence where neither can."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mazenav.env.actions import actions_of
from mazenav.env.single import PointNav
from mazenav.env.vector import PointNavVector
from mazenav.sim.body import BACK, DMLAB, FORWARD, LOOK_LEFT, LOOK_RIGHT
from mazenav.sim.diffdrive import DIFFDRIVE
from mazenav.sim.presets import BODIES, body_of
from mazenav.types import Layout, MazenavError

HALL = Layout(np.zeros((6, 6), np.bool_), name="hall")
MIDDLE = {"layout": HALL, "start": (3, 2), "goal": (0, 5), "yaw": 0.3}
SHARES = {FORWARD: [1, 0, 0], BACK: [-1, 0, 0], LOOK_LEFT: [0, 0, 1], LOOK_RIGHT: [0, 0, -1]}
"""The discrete actions of the `dmlab` body as continuous ones: ahead, to the left, turn to the left."""
ROLLING = {FORWARD: [1, 0], BACK: [-1, 0], LOOK_LEFT: [0, 1], LOOK_RIGHT: [0, -1]}
"""Those of `diffdrive`: forward speed, yaw rate."""


@settings(max_examples=20)
@given(choices=st.lists(st.integers(0, 3), min_size=5, max_size=40), body=st.sampled_from(["dmlab", "diffdrive"]))
def test_full_shares_are_the_discrete_actions(choices: list[int], body: str) -> None:
    shares = SHARES if body == "dmlab" else ROLLING
    discrete, continuous = PointNav(HALL, body=body), PointNav(HALL, body=body, actions="continuous")
    discrete.reset(options=MIDDLE)
    continuous.reset(options=MIDDLE)
    for choice in choices:
        first = discrete.step(choice)
        second = continuous.step(np.array(shares[choice], np.float32))
        assert np.array_equal(first[0]["observation"], second[0]["observation"])
        assert first[1:] == second[1:]
        if first[2] or first[3]:
            break


@pytest.mark.parametrize("body", sorted(BODIES))
@pytest.mark.parametrize("kind", ["discrete", "continuous"])
def test_observations_stay_in_the_space(body: str, kind: str) -> None:
    env = PointNav("clutter", (7, 7), body=body, actions=kind)
    env.action_space.seed(0)
    env.reset(seed=0)
    hits = 0
    for _ in range(300):
        observation, _, terminated, truncated, info = env.step(env.action_space.sample())
        assert observation in env.observation_space
        hits += info["collided"]
        if terminated or truncated:
            env.reset()
    assert 0 < hits < 300


def test_half_a_push_is_slower_and_sideways_goes_sideways() -> None:
    env = PointNav(HALL, actions="continuous")
    speeds = []
    for share in (1.0, 0.5):
        env.reset(options={**MIDDLE, "yaw": 0.0})
        speeds.append(env.step([share, 0.0, 0.0])[0]["observation"][3])
    assert 0.1 < speeds[1] < 0.8 * speeds[0]
    env.reset(options={**MIDDLE, "yaw": 0.0})
    state = env.step(np.array([0.0, 1.0, 0.0]))[0]["observation"]
    assert state[4] > 1 and state[3] == pytest.approx(0, abs=1e-6)
    assert env.action_space.shape == (3,)
    assert PointNav(HALL, actions="continuous", body="diffdrive").action_space.shape == (2,)


def test_continuous_vector_equals_singles() -> None:
    native = PointNavVector(3, "rooms", (9, 9), actions="continuous", body="diffdrive")
    singles = [PointNav("rooms", (9, 9), actions="continuous", body="diffdrive") for _ in range(3)]
    seen = native.reset(seed=5)[0]["observation"]
    for row, env in enumerate(singles):
        assert np.array_equal(env.reset(seed=5 + row)[0]["observation"], seen[row])
    native.action_space.seed(1)
    for _ in range(20):
        actions = native.action_space.sample()
        seen = native.step(actions)[0]["observation"]
        for row, env in enumerate(singles):
            assert np.array_equal(env.step(actions[row])[0]["observation"], seen[row])


@pytest.mark.parametrize("action", [-1, 4, 1.0, "left", None, [1], np.nan, np.array([1, 2]), [[1], [1, 2]], 2**70])
def test_no_discrete_action(action: Any) -> None:
    env = PointNav(HALL)
    env.reset(options=MIDDLE)
    with pytest.raises(MazenavError, match="an action is a whole number from 0 to 3, found"):
        env.step(action)
    assert env.step(FORWARD)[4]["decisions"] == 1  # nothing has moved before


@pytest.mark.parametrize(
    "action, message",
    [
        ([0, 0], r"shape \(3,\), found int64 of shape \(2,\)"),
        (1, r"shape \(3,\), found int64 of shape \(\)"),
        ([[0, 0, 0]], r"found int64 of shape \(1, 3\)"),
        (["a", "b", "c"], "numbers from -1 to 1 of shape"),
        ([[1], [1, 2]], "numbers from -1 to 1 of shape"),
        (None, "numbers from -1 to 1 of shape"),
        (np.array([True, False, True]), "numbers from -1 to 1 of shape"),
        ([0, np.nan, 0], "lies from -1 to 1, found nan"),
        ([0, 0, np.inf], "lies from -1 to 1, found inf"),
        ([0, 1.01, 0], "lies from -1 to 1, found 1.01"),
        ([0, 1e300, 0], "lies from -1 to 1, found 1e\\+300"),
        (np.array([0, 0, np.iinfo(np.int64).min]), "lies from -1 to 1, found -9"),
    ],
)
def test_no_continuous_action(action: Any, message: str) -> None:
    env = PointNav(HALL, actions="continuous")
    env.reset(options=MIDDLE)
    with pytest.raises(MazenavError, match=message):
        env.step(action)
    assert env.step([1, 0, 0])[4]["decisions"] == 1


@pytest.mark.parametrize("actions", [np.zeros(3), np.zeros((2, 2)), np.full((2, 3), np.nan), np.full((2, 3), -1.1)])
def test_no_continuous_actions_of_many(actions: np.ndarray) -> None:
    native = PointNavVector(2, HALL, actions="continuous")
    native.reset(seed=0)
    with pytest.raises(MazenavError, match="from -1 to 1"):
        native.step(actions)


def test_rounding_is_forgiven() -> None:
    env = PointNav(HALL, actions="continuous")
    env.reset(options=MIDDLE)
    assert env.step(np.array([np.nextafter(np.float32(1), np.float32(2)), 0, 0], np.float32))[4]["decisions"] == 1


def test_bodies_and_kinds_by_name() -> None:
    assert body_of("dmlab") is DMLAB and body_of(DIFFDRIVE) is DIFFDRIVE
    with pytest.raises(MazenavError, match="body must be one of dmlab"):
        PointNav(HALL, body="ant")
    with pytest.raises(MazenavError, match="body must be one of dmlab"):
        PointNav(HALL, body=None)  # type: ignore[arg-type]  # on purpose
    with pytest.raises(MazenavError, match="actions must be one of discrete, continuous, found 'hybrid'"):
        actions_of("hybrid", DMLAB)
