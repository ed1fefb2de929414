from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from mazenav.env.lab import Lab, LabError
from mazenav.env.lab.level import arrange, load_level
from mazenav.layout.graph import distances
from tests.env.lab.levels import AHEAD, APPLES_ONLY, CORRIDOR, LATTICE, NOOP, RIGHT, ROOM, write_lattice

POSITION = ["DEBUG.POS.TRANS", "DEBUG.POS.ROT"]


def face(env: Lab, degrees: float) -> None:
    """Turn the agent, at most half a pixel's turn off."""
    yaw = env.observations()["DEBUG.POS.ROT"][1]
    pixels = round(((yaw - degrees + 180) % 360 - 180) / 0.1056)
    while pixels:
        part = int(np.clip(pixels, -512, 512))
        env.step(np.array([part, 0, 0, 0, 0, 0, 0], np.intc))
        pixels -= part


def test_apples_give_one_and_goals_ten_and_a_goal_restarts_the_map() -> None:
    env = Lab(CORRIDOR, POSITION)
    env.reset(seed=0)
    face(env, 0)
    rewards, places = [], []
    for _ in range(120):
        rewards.append(env.step(AHEAD))
        places.append(env.observations()["DEBUG.POS.TRANS"][0])
        if rewards[-1]:
            ((name, (kind, reward, place)),) = env.events()
            assert name == "PICKUP" and reward == [rewards[-1]]
            assert kind == ("goal" if rewards[-1] == 10 else "apple_reward")
            np.testing.assert_allclose(place, [750 if kind == "goal" else 350, 150])
        if rewards[-1] == 10:
            break
    taken = [index for index, reward in enumerate(rewards) if reward]
    assert [rewards[index] for index in taken] == [1, 10]
    assert 300 <= places[taken[0]] <= 306  # within 50 units, as BG_PlayerTouchesItem has it
    assert env.observations()["DEBUG.POS.TRANS"][0] == pytest.approx(150)
    face(env, 0)
    assert env.step(AHEAD, 50) == 1  # the apple is back
    assert env.step(NOOP, 300) == 0
    assert env.is_running()


def test_a_map_without_a_goal_restarts_with_its_last_apple() -> None:
    env = Lab(APPLES_ONLY, POSITION)
    env.reset(seed=0)
    face(env, 0)
    assert env.step(AHEAD, 45) == 1
    assert env.observations()["DEBUG.POS.TRANS"][0] > 300
    rewards = [env.step(AHEAD) for _ in range(60)]
    assert sum(rewards) == 1
    assert env.observations()["DEBUG.POS.TRANS"][0] < 300
    assert env.is_running()


def test_a_level_of_thin_walls_is_driven_in_lab_units(tmp_path: Path) -> None:
    write_lattice(tmp_path, "nav_maze_static_01")
    env = Lab("nav_maze_static_01", [*POSITION, "DEBUG.MAZE.LAYOUT"], {"levelDirectory": str(tmp_path)})
    env.reset(seed=0)
    assert env.observations()["DEBUG.MAZE.LAYOUT"] == LATTICE.replace("*     *", "*P   G*")
    np.testing.assert_allclose(env.observations()["DEBUG.POS.TRANS"][:2], [50, 50], atol=1e-3)
    face(env, 180)
    env.step(AHEAD, 60)
    assert env.observations()["DEBUG.POS.TRANS"][0] == pytest.approx(1 + 15 + 0.125, abs=0.02)
    face(env, 90)
    assert env.step(AHEAD, 60) == 1
    assert env.observations()["DEBUG.POS.TRANS"][1] == pytest.approx(200 - 16.125, abs=0.02)
    face(env, 0)
    env.step(AHEAD, 120)
    assert env.observations()["DEBUG.POS.TRANS"][0] == pytest.approx(200 - 16.125, abs=0.02)  # a wall of 2 units
    face(env, 270)
    env.step(AHEAD, 60)
    assert env.observations()["DEBUG.POS.TRANS"][1] == pytest.approx(116.125, abs=0.02)


def test_the_body_goes_through_free_space_as_fast_between_thin_walls_as_between_thick_ones(tmp_path: Path) -> None:
    (tmp_path / "nav_maze_hall.txt").write_text("*******\n*     *\n*     *\n*     *\n*******\n", encoding="utf-8")
    thin = Lab("nav_maze_hall", POSITION, {"level_directory": str(tmp_path)})
    thick = Lab(ROOM, POSITION)
    gaps = []
    for env in (thin, thick):
        env.reset(seed=1)
        face(env, 0)
        begin = env.observations()["DEBUG.POS.TRANS"]
        env.step(NOOP)
        env.step(AHEAD, 8)
        gaps.append(env.observations()["DEBUG.POS.TRANS"] - begin)
    np.testing.assert_allclose(gaps[0], gaps[1], atol=0.2)
    assert math.hypot(*gaps[0][:2]) > 20


def test_a_lattice_that_would_fill_the_memory_is_told(tmp_path: Path) -> None:
    side = 401
    rows = ["*" * side, "*" + " " * (side - 2) + "*"] + (["*" + " " * (side - 2) + "*"] * (side - 3)) + ["*" * side]
    (tmp_path / "nav_maze_huge.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    with pytest.raises(LabError, match="thin walls of 401 x 401 characters is too large"):
        Lab("nav_maze_huge", [], {"levelDirectory": str(tmp_path)})


def test_random_goals_are_drawn_as_the_engine_draws_them(tmp_path: Path) -> None:
    write_lattice(tmp_path, "nav_maze_random_goal_01")
    level = load_level("nav_maze_random_goal_01", tmp_path, None)
    assert level.is_drawn and level.seconds == 60
    goals = set()
    for seed in range(60):
        found = arrange(level, 0.4, np.random.default_rng(seed))
        (goal,) = found.goals
        goals.add(goal)
        to_go = distances(level.layout.walls, goal)
        farthest = max(to_go[cell] for cell in level.cells())
        assert len(found.apples) == int(0.4 * 5 + 0.5) and goal not in found.apples
        assert all(to_go[cell] > 0 for cell in found.spawns)
        assert farthest <= 8 or all(to_go[cell] > 8 for cell in found.spawns)
    assert goals == set(level.cells())


def test_levels_are_looked_up_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAZENAV_LAB_LEVELS", raising=False)
    with pytest.raises(
        LabError, match=r"levelDirectory.*MAZENAV_LAB_LEVELS to the folder that holds nav_maze_static_01\.txt"
    ):
        Lab("nav_maze_static_01", [])
    write_lattice(tmp_path, "nav_maze_static_02")
    monkeypatch.setenv("MAZENAV_LAB_LEVELS", str(tmp_path))
    assert load_level("nav_maze_static_02", None, None).seconds == 150
    with pytest.raises(LabError, match=r"there is no level 'nav_maze_static_01' in this folder"):
        Lab("nav_maze_static_01", [])
    path = tmp_path / "mine.txt"
    path.write_text(CORRIDOR, encoding="utf-8")
    assert load_level(str(path), None, 2.0).seconds == 2
    assert load_level("mine", tmp_path, None).name == "mine"


def test_the_top_down_view_shows_what_is_there() -> None:
    env = Lab(CORRIDOR, ["DEBUG.CAMERA_INTERLEAVED.TOP_DOWN", *POSITION], {"width": "90", "height": "40"})
    env.reset(seed=0)
    before = env.observations()["DEBUG.CAMERA_INTERLEAVED.TOP_DOWN"].astype(int)
    blue = (before[..., 2] > 180) & (before[..., 0] < 80)
    rows, columns = np.nonzero(blue)
    assert 10 < columns.mean() < 20 and 15 < rows.mean() < 25
    red = (before[..., 0] > 190) & (before[..., 1] < 80)
    assert red.any()
    face(env, 0)
    env.step(AHEAD, 45)
    after = env.observations()["DEBUG.CAMERA_INTERLEAVED.TOP_DOWN"].astype(int)
    assert not ((after[..., 0] > 190) & (after[..., 1] < 80)).any()  # the apple is gone
    env.step(RIGHT)


def test_real_levels(external: Path) -> None:
    folder = {"levelDirectory": str(external / "dmlab"), "width": "40", "height": "30"}
    static = Lab("nav_maze_static_01", ["RGB", *POSITION], folder)
    static.reset(seed=5)
    level = load_level("nav_maze_static_01", external / "dmlab", None)
    np.testing.assert_allclose(level.places(level.goals), [[4.5, 0.5]])
    assert len(level.spawns) == 43 and len(level.apples) == 5 and level.size == (10, 5)
    drawn = load_level("nav_maze_random_goal_01", external / "dmlab", None)
    assert drawn.is_drawn and len(drawn.cells()) == 50
    for seed in range(5):
        found = arrange(drawn, 0.1, np.random.default_rng(seed))
        to_go = distances(drawn.layout.walls, found.goals[0])
        assert len(found.apples) == 5 and min(to_go[cell] for cell in found.spawns) > 8
    env = Lab("nav_maze_random_goal_01", ["RGB", *POSITION], folder)
    rng = np.random.default_rng(0)
    for one in (static, env):
        one.reset(seed=3)
        while one.is_running():
            place = one.observations()["DEBUG.POS.TRANS"]
            assert 16 <= place[0] <= 984 and 16 <= place[1] <= 484
            one.step(np.array([rng.integers(-60, 61), 0, 0, 1, 0, 0, 0], np.intc), 30)
        assert one.num_steps() == 3600
