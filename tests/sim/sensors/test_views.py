from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mazenav.sim.batch import AgentBatch
from mazenav.sim.sensors import APPLE, GOAL, Camera, Scene, render_depth, render_rgb, render_rgbd
from mazenav.sim.sensors.textures import LEVEL_STARTS, SIZE, STYLES, TEXELS, atlas, region_styles
from mazenav.types import MazenavError
from tests.sim.sensors.reference import depth_along, pixel_ray
from tests.sim.sensors.rooms import GOLDEN, drawn_pictures, drawn_scene, random_scene, solid_of, walls_of

SMALL = Camera(9, 7, fov=80.0)


@settings(max_examples=16, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(("backtracker", "clutter", "open")), st.booleans())
def test_depth_is_that_of_exact_boxes_floor_and_ellipsoids(seed: int, kind: str, level: bool) -> None:
    scene = random_scene(seed, n=2, kind=kind)
    scene = replace(scene, pitches=None) if level else scene
    found = render_depth(scene, SMALL)
    assert scene.things is not None
    for agent in range(2):
        x, y, yaw = scene.states[agent, :3].astype(float)
        eye, pitch = np.array([x, y, SMALL.eye_height]), 0.0 if scene.pitches is None else float(scene.pitches[agent])
        for row, column in np.ndindex(SMALL.height, SMALL.width):
            near = [
                depth_along(SMALL, scene.solid[agent], scene.things[agent], eye, ray)
                for dr, dc in ((0, 0), (1e-3, 0), (-1e-3, 0), (0, 1e-3), (0, -1e-3))
                for ray in (pixel_ray(SMALL, yaw, pitch, row + dr, column + dc),)
            ]
            low, high = min(near), max(near)
            assert low - 1e-3 * low <= found[agent, row, column] <= high + 1e-3 * high, (agent, row, column)


def test_depth_of_a_wall_ahead_is_even_and_ranges_are_not() -> None:
    walls = walls_of("#####\n#   #\n#   #\n#   #\n#####")
    scene = Scene(np.array([[2.5, 2.5, 0.0]], np.float32), solid_of(walls[None]))
    camera = Camera(32, 8, fov=60.0)
    depth = render_depth(scene, camera)[0]
    np.testing.assert_allclose(depth, 1.5, rtol=1e-5)
    ranges = depth * camera.ray_lengths()
    assert ranges[4, 0] == pytest.approx(1.5 / math.cos(math.radians(30)), rel=0.02)


def test_golden_pictures() -> None:
    """Texels at a border may round otherwise on another machine; nothing else may change unseen."""
    golden, now = cv2.imread(str(GOLDEN))[..., ::-1].astype(int), drawn_pictures().astype(int)
    gap = np.abs(golden - now).max(axis=-1)
    assert golden.shape == now.shape
    assert (gap > 3).mean() < 0.002
    assert gap.mean() < 0.05


def test_pictures_do_not_depend_on_the_batch() -> None:
    scene = random_scene(4, n=5)
    together, depths = render_rgbd(scene, SMALL)
    assert scene.things is not None and scene.pitches is not None
    for agent in reversed(range(5)):
        one = slice(agent, agent + 1)
        alone = Scene(scene.states[one], scene.solid, np.array([agent]), scene.things[one], scene.pitches[one])
        picture, depth = render_rgbd(alone, SMALL)
        assert np.array_equal(picture[0], together[agent]) and np.array_equal(depth[0], depths[agent])
    out = np.empty_like(together)
    assert render_rgb(scene, SMALL, out) is out and np.array_equal(out, together)


def test_a_finer_grid_of_the_same_maze_looks_the_same() -> None:
    scene = random_scene(8, n=3, kind="rooms")
    assert scene.things is not None
    fine = solid_of(np.zeros((3, 36, 36), bool))
    fine[:, 1:-1, 1:-1] = scene.solid[:, 1:-1, 1:-1].repeat(4, 1).repeat(4, 2)
    larger = np.array([4, 4, 1], np.float32)
    finer = Scene(scene.states * larger, fine, None, scene.things * larger, scene.pitches, cells_per_unit=4.0)
    camera = Camera(48, 36)
    coarse_depth, fine_depth = render_depth(scene, camera), render_depth(finer, camera)
    assert (np.abs(coarse_depth - fine_depth) > 1e-3 * coarse_depth).mean() < 0.005
    even = np.zeros((1, *fine.shape[1:]), np.uint8)
    pictures = render_rgb(replace(finer, styles=even), camera).astype(int)
    assert np.abs(pictures - render_rgb(replace(scene, styles=even[:, :11, :11]), camera)).mean() < 1.5


def test_things_are_seen_before_walls_and_hidden_behind_them() -> None:
    walls = walls_of("#######\n#     #\n#######\n#     #\n#######")
    state = np.array([[1.5, 3.5, 0.0]], np.float32)
    bare = Scene(state, solid_of(walls[None]))
    camera = Camera(64, 64)
    empty = render_rgb(bare, camera)
    for x, y, seen in ((4.5, 3.5, True), (4.5, 1.5, False), (0.5, 3.5, False), (1.5, 3.5, False)):
        there = replace(bare, things=np.array([[[x, y, GOAL]]], np.float32))
        changed = (render_rgb(there, camera) != empty).any() if (x, y) != (1.5, 3.5) else False
        assert changed == seen, (x, y)
    gone = replace(bare, things=np.array([[[4.5, 3.5, -1]]], np.float32))
    assert np.array_equal(render_rgb(gone, camera), empty)


def test_the_nearer_thing_is_seen_whatever_the_order() -> None:
    scene = drawn_scene()
    assert scene.things is not None
    turned = replace(scene, things=scene.things[:, ::-1].copy())
    first, second = render_rgb(scene, Camera(96, 72)).astype(int), render_rgb(turned, Camera(96, 72)).astype(int)
    assert (np.abs(first - second) > 2).mean() < 1e-3  # two shadows on one spot round in their order


def test_goal_and_apple_have_their_colours() -> None:
    walls = walls_of("#######\n#     #\n#     #\n#     #\n#######")
    scene = Scene(np.array([[1.5, 2.5, 0.0]], np.float32), solid_of(walls[None]))
    for kind, row, channel in ((GOAL, 36, 2), (APPLE, 37, 1)):
        seen = render_rgb(replace(scene, things=np.array([[[3.5, 2.5, kind]]], np.float32)), Camera(64, 64))[0]
        red, other = int(seen[row, 32, 0]), int(seen[row, 32, channel])
        assert red > 120 and other < 0.6 * red, seen[row, 32]


def test_looking_up_shows_the_sky_and_looking_down_the_floor() -> None:
    scene = random_scene(2, n=1, kind="open")
    up, down = (
        render_depth(replace(scene, pitches=np.array([p], np.float32), things=None), SMALL) for p in (1.4, -1.4)
    )
    assert (up == SMALL.far).all()
    assert (down < 1.2).all()


def test_batches_show_their_goals() -> None:
    walls = walls_of("######\n#    #\n######")
    batch = AgentBatch(2, 3, 6)
    starts, goals = np.array([[1, 1], [1, 1]]), np.array([[1, 4], [1, 1]])
    batch.place(np.arange(2), [walls, walls], starts, goals, np.zeros(2), np.full(2, 9))
    batch.goals[1] = 100.0
    with_goal, without = render_rgb(batch, Camera(32, 32))
    assert with_goal.shape == (32, 32, 3) and (with_goal != without).any()


def test_textures_come_with_their_averages() -> None:
    packed = atlas().reshape(2 * STYLES + 1, TEXELS)
    channels = np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=-1).astype(float)
    for texture in channels:
        assert texture[: SIZE * SIZE].std() > 3
        np.testing.assert_allclose(texture[LEVEL_STARTS[-1]], texture[: SIZE * SIZE].mean(axis=0), atol=1)
    styles = region_styles(60, 40, 5)
    blocks = styles[::5, ::5]
    assert set(np.unique(styles)) == set(range(STYLES))
    assert (blocks[1:] != blocks[:-1]).all() and (blocks[:, 1:] != blocks[:, :-1]).all()


@pytest.mark.parametrize(
    ("attributes", "told"),
    [
        ({"width": 0}, "width must be 1 to 4096 pixels, found 0"),
        ({"height": 10**9}, "height must be 1 to 4096"),
        ({"fov": 180.0}, "fov must be 1 to 170 degrees, found 180"),
        ({"fov": math.nan}, "fov must be"),
        ({"eye_height": 1.0}, "0 < eye_height < wall_height"),
        ({"far": 0.0}, "far must lie above 0"),
    ],
)
def test_bad_cameras_are_told(attributes: dict, told: str) -> None:
    with pytest.raises(MazenavError, match=told):
        Camera(**attributes)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"states": np.zeros(3, np.float32)}, "states need the shape"),
        ({"solid": np.zeros((2, 4, 4))}, "solid must be contiguous uint8"),
        ({"layers": np.zeros(3, np.int64)}, "layers need one index"),
        ({"layers": np.array([0, 9])}, "layers must lie from 0 to 1, found 0 .. 9"),
        ({"things": np.zeros((2, 3))}, "things need the shape"),
        ({"things": np.full((2, 1, 3), 7.0)}, "kinds from -1 to 1"),
        ({"things": np.full((2, 1, 3), np.inf)}, "things need finite places"),
        ({"pitches": np.zeros(3)}, "pitches need one angle"),
        ({"pitches": np.array([0.0, 2.0])}, "pitches must lie between"),
        ({"pitches": np.array([0.0, np.nan])}, "pitches must lie between"),
        ({"styles": np.zeros((2, 2), np.uint8)}, "styles need the shape"),
        ({"styles": np.full((1, 11, 11), 8, np.uint8)}, "styles must be uint8 from 0 to 7"),
        ({"cells_per_unit": 0.0}, "cells_per_unit must lie"),
        ({"states": np.array([[0, 0, 0], [1, np.nan, 0]], np.float32)}, "agent 1 must stand inside of its grid"),
        ({"states": np.array([[9, 0, 0], [1, 1, 0]], np.float32)}, "agent 0 must stand inside of its grid"),
        ({"states": np.array([[1, 1, np.inf], [1, 1, 0]], np.float32)}, "agent 0 must stand"),
    ],
)
def test_bad_scenes_are_told(changes: dict, told: str) -> None:
    with pytest.raises(MazenavError, match=told):
        render_rgb(replace(random_scene(0, n=2), **changes), SMALL)
