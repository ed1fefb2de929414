"""Pictures: what is where, how far, and what it looks like."""

from __future__ import annotations

import math

import numpy as np
import pytest
from gymnasium.error import ResetNeeded

pytest.importorskip("pybullet", reason="there are no wheels of PyBullet for this Python")

from mazenav.env.bullet.camera import Camera
from mazenav.env.bullet.scenery import SEEN
from mazenav.env.bullet.single import BulletNav
from mazenav.sim.body import FORWARD, LOOK_LEFT
from mazenav.types import Layout, MazenavError

SKY, FLOOR, WALL, GOAL, BODY = range(5)
HALL = Layout(np.zeros((1, 8), np.bool_), name="hall")


def standing(yaw: float = 0.0, goal: tuple[int, int] = (0, 7), **arguments: str) -> BulletNav:
    env = BulletNav(HALL, **arguments)  # type: ignore[arg-type]  # only those that are text
    env.reset(options={"layout": HALL, "start": (0, 0), "goal": goal, "yaw": yaw})
    return env


@pytest.mark.parametrize("body", ["capsule", "husky"])
def test_depth_is_the_distance_in_cells(body: str) -> None:
    picture = standing(math.pi / 2, body=body).look(Camera(33, 33, field_of_view=40))
    assert picture.segmentation[16, 16] == WALL
    assert picture.depth[16, 16] == pytest.approx(0.5, abs=0.03)  # the wall half a cell to the north
    east = standing(0.0, body=body).look(Camera(33, 33, field_of_view=4))
    seen = east.segmentation == WALL
    assert seen.any() and east.depth[seen] == pytest.approx(7.5, abs=0.05)


def test_walls_hide_and_the_goal_shows() -> None:
    picture = standing(0.0).look(Camera(64, 64))
    assert SEEN == ("sky", "floor", "wall", "goal", "body")
    assert {SKY, FLOOR, WALL, GOAL} <= set(picture.segmentation.ravel().tolist())
    assert not (picture.segmentation == BODY).any()
    assert not (standing(math.pi).look(Camera(64, 64)).segmentation == GOAL).any()
    assert (picture.depth[picture.segmentation == SKY] == Camera().far).all()
    assert (picture.depth[picture.segmentation != SKY] < 10).all()
    assert standing(0.0).look(Camera(64, 64, far=3.0)).depth.max() == 3.0


def test_left_is_left() -> None:
    picture = standing(0.0).look(Camera(48, 48))
    rows = picture.depth[30]  # below the horizon: floor ahead, walls to both sides
    assert rows[0] < rows[24] and rows[-1] < rows[24]
    turned = standing(0.35).look(Camera(48, 48))  # to the left: the left wall is nearer
    assert turned.depth[24, 0] < turned.depth[24, -1]


@pytest.mark.parametrize("view", ["chase", "top"])
def test_the_body_is_seen_from_outside(view: str) -> None:
    picture = standing().look(Camera(120, 160, view))
    assert picture.rgb.shape == (120, 160, 3) and picture.rgb.dtype == np.uint8
    assert (picture.segmentation == BODY).any()
    assert (picture.segmentation == GOAL).any()


def test_the_top_view_is_the_map() -> None:
    walls = np.array([[False, True, True], [False, False, False]])
    layout = Layout(walls)
    env = BulletNav(layout)
    env.reset(options={"layout": layout, "start": (0, 0), "goal": (1, 2), "yaw": 0.0})
    picture = env.look(Camera(80, 120, "top", field_of_view=10)).segmentation
    # A cell and a half of wall shows round the map; the picture spans 3 rows or more.
    cell = 80 / 3
    for (row, column), wall in np.ndenumerate(walls):
        y, x = 40 + (row + 0.5 - 1) * cell, 60 + (column + 0.5 - 1.5) * cell
        patch = picture[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3]
        assert (patch == WALL).all() == bool(wall)


def test_pictures_follow_the_episode() -> None:
    env = BulletNav("backtracker", (7, 7), camera=Camera(16, 24), render_mode="rgb_array")
    first, _ = env.reset(seed=0)
    assert first in env.observation_space
    assert {"rgb", "depth", "segmentation"} <= set(first)
    turned, *_ = env.step(LOOK_LEFT)
    assert (turned["rgb"] != first["rgb"]).any()
    env.step(FORWARD)
    rendered = env.render()
    assert isinstance(rendered, np.ndarray) and rendered.shape == (480, 640, 3)
    bodies = env._batch.arenas[0].client.getNumBodies()  # type: ignore[attr-defined]  # counted in Bullet itself
    for seed in range(8):
        env.reset(seed=seed)
        env.render()
    assert env._batch.arenas[0].client.getNumBodies() < bodies + 30  # type: ignore[attr-defined]  # layouts differ


def test_looking_changes_nothing() -> None:
    plain, seen = standing(0.3), standing(0.3)
    for action in (FORWARD, LOOK_LEFT, FORWARD, FORWARD):
        seen.look(Camera(8, 8))
        assert np.array_equal(plain.step(action)[0]["observation"], seen.step(action)[0]["observation"])


def test_hardware_sees_what_software_sees() -> None:
    try:
        drawn = standing(0.4, renderer="egl").look(Camera(48, 64))
    except MazenavError as refused:
        assert "renderer egl needs PyBullet's EGL plugin" in str(refused)
        return
    usual = standing(0.4).look(Camera(48, 64))
    assert (drawn.segmentation == usual.segmentation).mean() > 0.95
    same = (drawn.segmentation == usual.segmentation) & (usual.segmentation == WALL)
    assert np.median(np.abs(drawn.depth - usual.depth)[same]) < 0.02
    assert np.abs(drawn.rgb.astype(int) - usual.rgb)[same].mean() < 25


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"height": 0}, "1 to 4096 pixels"),
        ({"width": 5000}, "1 to 4096 pixels"),
        ({"view": "side"}, "first_person, chase, top"),
        ({"field_of_view": 0.0}, "between 1 and 170"),
        ({"field_of_view": math.nan}, "between 1 and 170"),
        ({"far": 0.0}, "far must lie above 0"),
    ],
)
def test_bad_cameras(arguments: dict, message: str) -> None:
    with pytest.raises(MazenavError, match=message):
        Camera(**arguments)


def test_looking_too_early() -> None:
    with pytest.raises(ResetNeeded):
        BulletNav(HALL).look(Camera())
