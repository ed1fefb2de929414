"""The native vector environment equals Gymnasium's loop over single ones, in every autoreset mode."""

from __future__ import annotations

import pickle
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv
from gymnasium.wrappers.vector import FlattenObservation, RecordEpisodeStatistics

import mazenav.env
from mazenav.env.single import PointNav
from mazenav.env.vector import PointNavVector
from mazenav.sim.body import BACK, FORWARD, LOOK_LEFT, LabBody
from mazenav.types import Layout, MazenavError

HALL = Layout(np.zeros((1, 4), np.bool_), name="hall")
EASTWARD = {"layout": HALL, "start": (0, 0), "goal": (0, 3), "yaw": 0.0}
QUICK = LabBody(action_repeat=40)
"""Long decisions, so that random episodes end soon, at the goal as well as by the time limit."""


def same(first: Any, second: Any) -> bool:
    """Whether two nests of tuples, dicts and arrays hold the same, with the same types."""
    if isinstance(first, tuple):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    if isinstance(first, np.ndarray) and first.dtype == object:
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, np.ndarray):
        return first.dtype == second.dtype and np.array_equal(first, second)
    return type(first) is type(second) and first == second


def mixed(rng: np.random.Generator) -> Layout:
    """Layouts of several sizes, so that padding is at work."""
    return Layout(
        np.zeros((int(rng.integers(1, 5)), int(rng.integers(2, 7))), np.bool_), name=f"hall-{rng.integers(99)}"
    )


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
@pytest.mark.parametrize("reward", ["step_cost", "sparse"])
@pytest.mark.parametrize("seed", [11, [5, 5, 900, 31, 2]])
def test_equals_singles(mode: AutoresetMode, reward: str, seed: Any) -> None:
    arguments: dict[str, Any] = {"layouts": mixed, "shape": (4, 6), "reward": reward, "body": QUICK}
    native = PointNavVector(5, **arguments, autoreset_mode=mode)
    loop = SyncVectorEnv([lambda: PointNav(**arguments)] * 5, autoreset_mode=mode)
    assert native.observation_space == loop.observation_space
    assert native.action_space == loop.action_space
    assert native.single_observation_space == loop.single_observation_space
    assert native.metadata == {**loop.metadata, "render_modes": ["rgb_array", "ansi"]}  # no window for many
    assert same(native.reset(seed=seed), loop.reset(seed=seed))
    assert native.np_random_seed == loop.np_random_seed
    rng, goals, limits = np.random.default_rng(0), 0, 0
    for _ in range(400):
        actions = rng.integers(0, 4, 5)
        ours, theirs = native.step(actions), loop.step(actions)
        assert same(ours, theirs)
        assert ours[0] in native.observation_space
        goals, limits = goals + ours[2].sum(), limits + ours[3].sum()
    assert goals > 20
    assert limits > 2
    assert same(native.reset(), loop.reset())
    assert same(native.reset(seed=8, options={"yaw": 1.0}), loop.reset(seed=8, options={"yaw": 1.0}))


def test_equals_singles_without_autoreset() -> None:
    native = PointNavVector(4, mixed, (4, 6), body=QUICK, autoreset_mode="Disabled")
    loop = SyncVectorEnv([lambda: PointNav(mixed, (4, 6), body=QUICK)] * 4, autoreset_mode=AutoresetMode.DISABLED)
    assert same(native.reset(seed=3), loop.reset(seed=3))
    rng, resets = np.random.default_rng(1), 0
    for _ in range(300):
        actions = rng.integers(0, 4, 4)
        ours = native.step(actions)
        assert same(ours, loop.step(actions))
        ended = ours[2] | ours[3]
        if ended.any():
            resets += 1
            with pytest.raises(ResetNeeded, match=r"rows \[.*\] have ended"):
                native.step(actions)
            assert same(native.reset(options={"reset_mask": ended}), loop.reset(options={"reset_mask": ended.copy()}))
    assert resets > 20


def test_made_by_gymnasium() -> None:
    native = gymnasium.make_vec(mazenav.env.POINT_NAV, num_envs=3, vectorization_mode="vector_entry_point")
    assert isinstance(native, PointNavVector)
    assert native.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    loop = gymnasium.make_vec(mazenav.env.POINT_NAV, num_envs=3, vectorization_mode="sync")
    assert same(native.reset(seed=0), loop.reset(seed=0))
    actions = np.array([FORWARD, LOOK_LEFT, BACK])
    assert same(native.step(actions), loop.step(actions))


def test_async() -> None:
    arguments: dict[str, Any] = {"layouts": "clutter", "shape": (7, 7)}
    native = PointNavVector(2, **arguments)
    workers = AsyncVectorEnv([lambda: PointNav(**arguments)] * 2, context="spawn")
    try:
        assert same(native.reset(seed=4), workers.reset(seed=4))
        for action in (FORWARD, LOOK_LEFT, FORWARD):
            assert same(native.step(np.full(2, action)), workers.step(np.full(2, action)))
    finally:
        workers.close()


def test_same_step_hands_out_the_last_observation() -> None:
    native = PointNavVector(2, "open", (6, 6), autoreset_mode="SameStep")
    native.reset(seed=0, options=EASTWARD)
    terminated = np.zeros(2, np.bool_)
    while not terminated.all():
        observation, _, terminated, _, infos = native.step(np.full(2, FORWARD))
    assert infos["_final_obs"].all()
    for row in range(2):
        last = infos["final_obs"][row]
        assert last in native.single_observation_space
        assert last["desired_goal"].tolist() == [3.5, 0.5]
        assert infos["final_info"]["layout"][row] == "hall"
        assert infos["layout"][row].startswith("open")
        assert not np.array_equal(last["achieved_goal"], observation["achieved_goal"][row])
    assert infos["final_info"]["is_success"].all()
    assert not infos["is_success"].any()


def test_results_are_the_callers() -> None:
    native = PointNavVector(3, "open", (6, 6), autoreset_mode="SameStep")
    before, infos = native.reset(seed=0)
    kept = pickle.loads(pickle.dumps((before, infos)))
    results = native.step(np.full(3, FORWARD))
    assert same((before, infos), kept)
    kept = pickle.loads(pickle.dumps(results))
    for value in [*before.values(), *(infos[key] for key in infos)]:
        value[...] = 0
    twin = PointNavVector(3, "open", (6, 6), autoreset_mode="SameStep")
    twin.reset(seed=0)
    assert same(twin.step(np.full(3, FORWARD)), kept)
    native.step(np.full(3, FORWARD))
    assert same(results, kept)


def test_batch_size_does_not_matter() -> None:
    small, large = PointNavVector(2, "wide", (9, 9)), PointNavVector(6, "wide", (9, 9))
    first, second = small.reset(seed=3)[0], large.reset(seed=[3, 4, 90, 91, 92, 93])[0]
    rng = np.random.default_rng(0)
    for _ in range(300):
        assert all(np.array_equal(first[key], second[key][:2]) for key in first)
        actions = rng.integers(0, 4, 6)
        first, second = small.step(actions[:2])[0], large.step(actions)[0]


def test_pickled_and_wrapped() -> None:
    native = PointNavVector(3, "backtracker", (7, 7))
    native.reset(seed=1)
    native.step(np.full(3, FORWARD))
    copy = pickle.loads(pickle.dumps(native))
    assert same(native.step(np.full(3, FORWARD)), copy.step(np.full(3, FORWARD)))
    assert same(native.reset(), copy.reset())
    wrapped = RecordEpisodeStatistics(FlattenObservation(PointNavVector(2, HALL)))
    observation, _ = wrapped.reset(options=EASTWARD)
    assert observation.shape == (2, 6 + 2 + 2 + 4)
    ended = np.zeros(2, np.bool_)
    decisions = 0
    while not ended.all():
        _, _, ended, _, infos = wrapped.step(np.full(2, FORWARD))
        decisions += 1
    assert infos["episode"]["r"].tolist() == [-(decisions - 1)] * 2


def test_renders_every_row() -> None:
    native = PointNavVector(2, HALL, render_mode="ansi")
    native.reset(options=EASTWARD)
    assert native.render() == (">  G", ">  G")
    native = PointNavVector(2, HALL, render_mode="rgb_array")
    native.reset(options=EASTWARD)
    native.step(np.array([FORWARD, LOOK_LEFT]))
    frames = native.render()
    assert frames is not None
    assert frames[0].dtype == np.uint8 and frames[0].shape == frames[1].shape
    assert (frames[0] != frames[1]).any()


@pytest.mark.parametrize(
    "actions",
    [3, [0, 1, 2, 3], [[0, 1, 2]], [0.0, 1.0, 2.0], [0, 1, np.nan], [0, 1, 4], [-1, 0, 0], ["a", "b", "c"], None],
)
def test_bad_actions(actions: Any) -> None:
    native = PointNavVector(3, HALL)
    native.reset(options=EASTWARD)
    with pytest.raises(MazenavError, match="whole number"):
        native.step(actions)
    assert np.array_equal(native.step(np.full(3, FORWARD))[0]["desired_goal"], [[3.5, 0.5]] * 3)


def test_steps_out_of_turn() -> None:
    native = PointNavVector(2, HALL, render_mode="ansi")
    with pytest.raises(ResetNeeded, match="before step"):
        native.step(np.zeros(2, np.int64))
    with pytest.raises(ResetNeeded, match="before render"):
        native.render()


@pytest.mark.parametrize(
    "mask",
    [np.ones(3, np.bool_), np.ones(2), [True, False], np.zeros(2, np.bool_)],
    ids=["long", "float", "list", "none"],
)
def test_bad_masks(mask: Any) -> None:
    with pytest.raises(MazenavError, match="reset_mask must be"):
        PointNavVector(2, HALL).reset(options={"reset_mask": mask})


def test_bad_options_leave_the_episodes_alone() -> None:
    native, twin = PointNavVector(2, HALL), PointNavVector(2, HALL)
    for env in (native, twin):
        env.reset(options=EASTWARD)
    with pytest.raises(MazenavError, match="outside"):
        native.reset(options={"layout": HALL, "start": (0, 0), "goal": (7, 0)})
    with pytest.raises(MazenavError, match="2 seeds are expected, found 3"):
        native.reset(seed=[1, 2, 3])
    with pytest.raises(MazenavError, match=r"a seed is a whole number, or 2 of them, found 1\.5"):
        native.reset(seed=1.5)  # type: ignore[arg-type]  # on purpose
    with pytest.raises(MazenavError, match="options of reset are a dict"):
        native.reset(options=[1])  # type: ignore[arg-type]  # on purpose
    assert same(native.step(np.full(2, FORWARD)), twin.step(np.full(2, FORWARD)))


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"num_envs": 0}, "at least one agent"),
        ({"num_envs": 2.5}, "at least one agent"),
        ({"num_envs": True}, "at least one agent"),
        ({"num_envs": 10**9}, "are too many"),
        ({"num_envs": 2, "autoreset_mode": "never"}, "'NextStep', 'SameStep', 'Disabled'"),
        ({"num_envs": 2, "reward": "none"}, "step_cost, sparse"),
        ({"num_envs": 2, "render_mode": "human"}, "rgb_array, ansi"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(MazenavError, match=message):
        PointNavVector(**arguments)
