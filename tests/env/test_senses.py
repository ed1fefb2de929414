"""What may be observed: each entry is what the sensor says, alone and in batches."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest

import mazenav.env
from mazenav.env.first_person import LabNav
from mazenav.env.senses import NAMES, LocalMap, RangeScan
from mazenav.env.single import PointNav
from mazenav.env.vector import PointNavVector
from mazenav.sim.body import FORWARD, LOOK_LEFT
from mazenav.sim.sensors import Camera, joint_state, local_map, range_scan, render_rgbd
from mazenav.types import Layout, MazenavError

HALL = Layout(np.zeros((5, 7), np.bool_), name="hall")
SMALL = Camera(width=16, height=12)
CORNER = {"layout": HALL, "start": (4, 0), "goal": (0, 6), "yaw": 0.0}


def test_every_entry_is_what_the_sensor_says() -> None:
    env = PointNav("clutter", (7, 9), observations=NAMES, camera=SMALL)
    env.reset(seed=4)
    for action in (FORWARD, LOOK_LEFT, FORWARD):
        seen = env.step(action)[0]
        assert seen in env.observation_space and set(seen) == set(NAMES)
        batch = env._batch
        rgb, depth = render_rgbd(batch, SMALL)
        expected = {
            "observation": batch.states,
            "achieved_goal": batch.states[:, :2],
            "desired_goal": batch.goals,
            "map": batch.walls,
            "joint": joint_state(batch.states).astype(np.float32),
            "scan": range_scan(batch, 32, 360.0, 100.0),
            "local_map": local_map(batch),
            "rgb": rgb,
            "depth": depth,
        }
        for name, values in expected.items():
            assert np.array_equal(seen[name], values[0]), name
            assert seen[name].dtype == env.observation_space[name].dtype, name


@pytest.mark.parametrize("observations", ["rgb", "observation", "scan", ("scan", "rgb", "depth"), ("map", "local_map")])
def test_vector_equals_singles_and_keeps_last_ones(observations: Any) -> None:
    arguments: dict[str, Any] = {"layouts": "open", "shape": (5, 5), "observations": observations, "camera": SMALL}
    native = PointNavVector(3, **arguments, autoreset_mode="SameStep")
    loop = gymnasium.make_vec(
        mazenav.env.POINT_NAV,
        num_envs=3,
        vectorization_mode="sync",
        vector_kwargs={"autoreset_mode": gymnasium.vector.AutoresetMode.SAME_STEP},
        **arguments,
    )
    assert native.single_observation_space == loop.single_observation_space
    rng, last = np.random.default_rng(0), 0
    assert equal(native.reset(seed=1)[0], loop.reset(seed=1)[0])
    for _ in range(150):
        actions = rng.integers(0, 4, 3)
        ours, theirs = native.step(actions), loop.step(actions)
        assert equal(ours[0], theirs[0]) and ours[0] in native.observation_space
        for row in np.flatnonzero(ours[2] | ours[3]):
            assert equal(ours[4]["final_obs"][row], theirs[4]["final_obs"][row])
            last += 1
    assert last > 5


def equal(first: Any, second: Any) -> bool:
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(np.array_equal(first[name], second[name]) for name in first)
    return isinstance(first, np.ndarray) and np.array_equal(first, second)


def test_senses_with_settings() -> None:
    env = PointNav(HALL, observations=[RangeScan(4, 360, 2.0), LocalMap(3, 1.0, rotated=False)])
    seen = env.reset(options=CORNER)[0]
    # Rays from right to left, in the middles of four quarters: two of them go into the corner behind.
    reach = np.sqrt(2) * 0.5
    assert seen["scan"].tolist() == pytest.approx([reach, reach, 2.0, reach], abs=1e-5)
    assert seen["local_map"].tolist() == [[1, 0, 0], [1, 0, 0], [1, 1, 1]]
    assert env.observation_space["scan"].high[0] == 2.0


def test_far_and_tilted_bodies_stay_in_the_space_of_the_joint_state() -> None:
    env = LabNav(HALL, observations="joint", actions="continuous")
    env.action_space.seed(0)
    env.reset(seed=0)
    for _ in range(200):
        seen, _, terminated, truncated, _ = env.step(env.action_space.sample())
        assert seen in env.observation_space
        if terminated or truncated:
            env.reset()


@pytest.mark.parametrize(
    "observations, message",
    [
        ("smell", "an observation is one of achieved_goal, .*found 'smell'"),
        (["rgb", "smell"], "found 'smell'"),
        ([], "at least one thing"),
        (["map", "map"], "none twice"),
        (["rgb", "rgb"], "none twice"),
        (["scan", RangeScan(3)], "none twice"),
        ([3], "found 3"),
        ([RangeScan(100_000)] * 1 + ["rgb"], "too large"),
    ],
)
def test_what_cannot_be_observed(observations: Any, message: str) -> None:
    many = {"num_envs": 20_000, "shape": (5, 5)} if "large" in message else {}
    with pytest.raises(MazenavError, match=message):
        if many:
            PointNavVector(**many, observations=observations)
        else:
            PointNav(observations=observations)


@pytest.mark.parametrize(
    "make",
    [
        lambda: RangeScan(0),
        lambda: RangeScan(8, 361),
        lambda: RangeScan(8, 360, 0),
        lambda: RangeScan(8, float("nan")),
        lambda: LocalMap(0),
        lambda: LocalMap(5, 0),
        lambda: LocalMap(5000),
    ],
)
def test_senses_out_of_range(make: Any) -> None:
    with pytest.raises(MazenavError, match=r"a range scan has|a local map has"):
        make()
