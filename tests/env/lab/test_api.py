from __future__ import annotations

import numpy as np
import pytest

from mazenav.env.lab import Lab, LabError, LabStatusError, LabTypeError, NotOfferedError
from mazenav.types import LayoutError, MazenavError
from tests.env.lab.levels import AHEAD, CORRIDOR, NOOP, ROOM, VARIED, SpringyAgent

SMALL = {"width": "24", "height": "16"}
ALL = [spec["name"] for spec in Lab(CORRIDOR, []).observation_spec()]


def test_a_random_agent_of_deepmind_lab_runs_unchanged() -> None:
    """The loop of random_agent.py: step by step, reset where the environment stopped."""
    env = Lab(CORRIDOR, ["RGB_INTERLEAVED"], config={"fps": "60", "width": "20", "height": "12"})
    env.reset()
    agent = SpringyAgent(env.action_spec(), 0)
    reward, stops = 0.0, 0
    for _ in range(4000):
        if not env.is_running():
            stops += 1
            env.reset()
            agent.reset()
        picture = env.observations()["RGB_INTERLEAVED"]
        assert picture.shape == (12, 20, 3) and picture.dtype == np.uint8
        reward = env.step(agent.step(reward, picture), num_steps=1)
    assert stops == 1 and env.num_steps() == 400
    assert agent.rewards >= 0


def test_specs_are_those_of_the_engine() -> None:
    env = Lab(CORRIDOR, [], {})
    assert [entry["name"] for entry in env.action_spec()] == [
        "LOOK_LEFT_RIGHT_PIXELS_PER_FRAME",
        "LOOK_DOWN_UP_PIXELS_PER_FRAME",
        "STRAFE_LEFT_RIGHT",
        "MOVE_BACK_FORWARD",
        "FIRE",
        "JUMP",
        "CROUCH",
    ]
    assert [(entry["min"], entry["max"]) for entry in env.action_spec()] == [(-512, 512)] * 2 + [(-1, 1)] * 2 + [
        (0, 1)
    ] * 3
    assert all(type(entry["min"]) is int for entry in env.action_spec())
    specs = {entry["name"]: (entry["dtype"], entry["shape"]) for entry in env.observation_spec()}
    assert specs["RGB_INTERLEAVED"] == specs["RGB_INTERLACED"] == (np.uint8, (240, 320, 3))
    assert specs["RGBD"] == (np.uint8, (4, 240, 320))
    assert specs["VEL.ROT"] == (np.float64, (3,))
    assert specs["DEBUG.MAZE.LAYOUT"] == (str, ())
    assert env.fps() == 60 and env.environment_name() == "deepmind_lab"


@pytest.mark.parametrize("config", [SMALL, {**SMALL, "maxAltCameraWidth": "40", "maxAltCameraHeight": "30"}])
def test_observations_are_what_the_spec_says(config: dict[str, str]) -> None:
    env = Lab(VARIED, ALL, config)
    env.reset(seed=2)
    env.step(AHEAD, 3)
    seen = env.observations()
    assert list(seen) == ALL
    for entry in env.observation_spec():
        value = seen[entry["name"]]
        if entry["dtype"] is str:
            assert isinstance(value, str)
        else:
            assert value.dtype == entry["dtype"] and value.shape == entry["shape"], entry
    assert np.array_equal(seen["RGB"].transpose(1, 2, 0), seen["RGB_INTERLEAVED"])
    assert np.array_equal(seen["BGR_INTERLEAVED"][..., ::-1], seen["RGB_INTERLEAVED"])
    assert np.array_equal(seen["RGBD"].transpose(1, 2, 0), seen["RGBD_INTERLEAVED"])
    assert np.array_equal(seen["BGRD_INTERLEAVED"][..., [2, 1, 0, 3]], seen["RGBD_INTERLEAVED"])
    assert np.array_equal(seen["RGBD"][:3], seen["RGB"]) and seen["RGBD"][3].std() > 0
    assert seen["DEBUG.MAZE.LAYOUT"] + "\n" + seen["DEBUG.MAZE.VARIATION"] == VARIED
    assert seen["FRAMES_REMAINING_AT_60"] == [3597] and seen["MAP_FRAME_NUMBER"] == [3]
    reticle = (seen["DEBUG.CAMERA.PLAYER_VIEW"] != seen["DEBUG.CAMERA.PLAYER_VIEW_NO_RETICLE"]).any(axis=0)
    assert 0 < reticle.sum() <= 9


def test_numbers_are_in_lab_units() -> None:
    """The checks of the engine's dmlab_module_test: rest, ahead, back, turning, and nothing left of it after."""
    env = Lab(ROOM, ["VEL.TRANS", "VEL.ROT", "DEBUG.POS.TRANS", "DEBUG.POS.ROT"])
    env.reset(seed=4)
    begin = env.observations()
    np.testing.assert_allclose(begin["DEBUG.POS.TRANS"], [350, 250, 24.125], atol=1e-4)
    yaw = float(begin["DEBUG.POS.ROT"][1])
    for sign in (1, -1):
        env.step(np.array(sign * AHEAD, np.intc), 12)
        seen = env.observations()
        np.testing.assert_allclose(seen["VEL.TRANS"], [sign * 320, 0, 0], atol=0.01)
        np.testing.assert_array_equal(seen["VEL.ROT"], np.zeros(3))
        env.step(NOOP, 60)
        np.testing.assert_array_equal(env.observations()["VEL.TRANS"], np.zeros(3))
    for look, (pitch, turn) in {
        (10, 0): (0, -1.056),
        (-10, 0): (0, 1.056),
        (0, 10): (-1.056, 0),
        (0, -10): (1.056, 0),
    }.items():
        before = env.observations()["DEBUG.POS.ROT"]
        env.step(np.array([*look, 0, 0, 0, 0, 0], np.intc), 5)
        seen = env.observations()
        gap = seen["DEBUG.POS.ROT"] - before
        np.testing.assert_allclose([gap[0], (gap[1] + 180) % 360 - 180], [5 * pitch, 5 * turn], atol=1e-3)
        np.testing.assert_allclose(seen["VEL.ROT"], [pitch / 0.016, turn / 0.016, 0], atol=1e-3)
    env.step(np.array([0, 512, 0, 0, 0, 0, 0], np.intc), 100)
    assert env.observations()["DEBUG.POS.ROT"][0] == pytest.approx(-87.890625)
    assert -180 <= yaw < 180


def test_strafing_goes_to_the_right() -> None:
    env = Lab(ROOM, ["VEL.TRANS"])
    env.reset(seed=0)
    env.step(np.array([0, 0, 1, 0, 0, 0, 0], np.intc), 12)
    assert env.observations()["VEL.TRANS"][1] == pytest.approx(-320, abs=0.01)


def test_the_same_seed_gives_the_same_episode() -> None:
    def drive(config: dict[str, str], seed: int) -> list[np.ndarray]:
        env = Lab(ROOM, ["RGB", "DEBUG.POS.TRANS"], {**SMALL, **config})
        env.reset(seed=seed)
        agent = SpringyAgent(env.action_spec(), 3)
        found = []
        for _ in range(40):
            seen = env.observations()
            env.step(agent.step(0.0, seen["RGB"]), 4)
            found += [seen["RGB"].ravel(), seen["DEBUG.POS.TRANS"]]
        return found

    one, two = drive({}, 7), drive({}, 7)
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    for other in (drive({}, 8), drive({"mixerSeed": "1"}, 7)):
        assert not all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_episodes_end_on_time_and_calls_need_their_status() -> None:
    env = Lab(CORRIDOR, ["INSTR"], {"episodeLengthSeconds": "0.5"})
    assert not env.is_running()
    for call in (lambda: env.step(NOOP), env.observations, env.events):
        with pytest.raises(RuntimeError, match=r"wrong status.*not reset yet"):
            call()
    assert env.reset(episode=42, seed=7) is True
    assert env.step(NOOP, num_steps=29) == 0.0 and env.is_running() and env.num_steps() == 29
    env.step(NOOP, num_steps=50)
    assert not env.is_running() and env.num_steps() == 30 and env.events() == []
    with pytest.raises(LabStatusError, match="wrong status to advance: it is at the end"):
        env.step(NOOP)
    with pytest.raises(LabStatusError, match=r"wrong status for call to observations\(\)"):
        env.observations()
    env.reset()
    assert env.is_running() and env.num_steps() == 0
    assert env.close() is True and env.close() is False
    for call in (env.reset, env.observations, lambda: env.step(NOOP)):
        with pytest.raises(LabStatusError, match="closed"):
            call()


@pytest.mark.parametrize(
    ("arguments", "kind", "told"),
    [
        (("no such file.txt", []), LayoutError, "no such file.txt"),
        (("", []), LabError, "found an empty string"),
        ((3, []), TypeError, "level must be str, not int"),
        (("***\n***\n", []), LayoutError, "no free cell"),
        (("***\n* *\n***\n", []), LabError, "needs two free cells"),
        (("****\n* ?*\n****\n", []), LayoutError, "line 2"),
        ((CORRIDOR, None), TypeError, "must be list, not NoneType"),
        ((CORRIDOR, [3]), TypeError, "must hold str"),
        ((CORRIDOR, ["SMELL"]), ValueError, "Unknown observation 'SMELL'"),
        ((CORRIDOR, ["DEBUG.FLAGS.RED"]), NotOfferedError, "'DEBUG.FLAGS.RED' is not offered"),
        ((CORRIDOR, ["TEAM.SCORE"]), NotOfferedError, "'TEAM.SCORE' is not offered"),
        ((CORRIDOR, [], ["wrong"]), TypeError, "must be dict, not list"),
        ((CORRIDOR, [], {"width": None}), TypeError, "str by str"),
        ((CORRIDOR, [], {"width": "0"}), LabError, "'width' must be a number from 1 to 4096, found '0'"),
        ((CORRIDOR, [], {"width": "12.5"}), LabError, "'width' must be a whole number"),
        ((CORRIDOR, [], {"height": "tall"}), LabError, "'height' must be a number"),
        ((CORRIDOR, [], {"height": "nan"}), LabError, "'height' must be a number"),
        ((CORRIDOR, [], {"fps": "30"}), NotOfferedError, "fps 30 is not offered"),
        ((CORRIDOR, [], {"botCount": "2"}), NotOfferedError, "'botCount' is not offered"),
        ((CORRIDOR, [], {"episodeLengthSeconds": "0"}), LabError, "episodeLengthSeconds"),
        ((CORRIDOR, [], {}, "vulkan"), LabError, 'must be "hardware" or "software", found \'vulkan\''),
    ],
)
def test_bad_arguments_are_told(arguments: tuple, kind: type[Exception], told: str) -> None:
    with pytest.raises(kind, match=told) as caught:
        Lab(*arguments)
    assert isinstance(caught.value, MazenavError) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("action", "frames", "told"),
    [
        (np.zeros(6, np.intc), 1, "must have shape"),
        (np.zeros(7), 1, "must have dtype np.intc, found float64"),
        (np.array([513, 0, 0, 0, 0, 0, 0], np.intc), 1, "LOOK_LEFT_RIGHT_PIXELS_PER_FRAME must lie from -512 to 512"),
        (np.array([0, 0, 0, 0, -1, 0, 0], np.intc), 1, "FIRE must lie from 0 to 1, found -1"),
        (NOOP, -1, "'num_steps' must be 0 to"),
        (NOOP, 1.5, "'num_steps' must be int, was 'float'"),
        ("left", 1, "must have shape"),
    ],
)
def test_bad_steps_are_told_and_nothing_moves(action: np.ndarray, frames: int, told: str) -> None:
    env = Lab(CORRIDOR, ["DEBUG.POS.TRANS"])
    env.reset(seed=1)
    with pytest.raises(LabError, match=told):
        env.step(action, frames)
    assert env.num_steps() == 0


def test_what_is_not_offered_says_so_by_name() -> None:
    env = Lab(CORRIDOR, [])
    for call in (env.properties, lambda: env.read_property("speed"), lambda: env.write_property("speed", "9")):
        with pytest.raises(NotOfferedError, match=r"propert(y|ies)\(.*is not offered by mazenav"):
            call()
    for arguments in ({"seed": "invalid"}, {"episode": 1.5}, {"seed": 1.0}):
        with pytest.raises(LabTypeError, match="must be int"):
            env.reset(**arguments)
    with pytest.raises(ValueError, match="'seed' must be int or None, was 'str'"):
        env.reset(seed="invalid")  # the engine's words
