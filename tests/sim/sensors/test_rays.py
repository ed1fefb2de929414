from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mazenav.sim.batch import AgentBatch
from mazenav.sim.sensors import Scene, range_scan
from mazenav.sim.sensors.rays import scan
from mazenav.types import MazenavError
from tests.sim.sensors.reference import box_distance
from tests.sim.sensors.rooms import random_scene, solid_of, walls_of

KINDS = ("backtracker", "rooms", "clutter", "open")
SHAPES = ((1, 90.0), (3, 360.0), (7, 350.0), (16, 360.0), (64, 90.0), (65, 200.0), (200, 360.0))


def exact_bounds(scene: Scene, agent: int, angle: float) -> tuple[float, float]:
    """Least and greatest exact range at an angle and a hair to both sides of it, where rays graze corners."""
    cells = np.argwhere(scene.solid[agent]).astype(float) - 1
    eye = scene.states[agent, :2].astype(float)
    found = [
        box_distance(cells, cells + 1, eye, np.array([math.cos(turned), math.sin(turned)]))
        for turned in (angle - 2e-6, angle, angle + 2e-6)
    ]
    return min(found), max(found)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(KINDS), st.sampled_from(SHAPES))
def test_ranges_are_those_of_exact_boxes(seed: int, kind: str, shape: tuple[int, float]) -> None:
    n_rays, fov = shape
    scene = random_scene(seed, n=2, kind=kind)
    ranges = range_scan(scene, n_rays, fov)
    for agent in range(2):
        for ray in range(n_rays):
            angle = float(scene.states[agent, 2]) + ((ray + 0.5) / n_rays - 0.5) * math.radians(fov)
            low, high = exact_bounds(scene, agent, angle)
            assert low - 1e-4 * (1 + low) <= ranges[agent, ray] <= high + 1e-4 * (1 + high), (agent, ray)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(KINDS), st.integers(4, 90), st.integers(2, 16))
def test_shared_faces_give_what_searching_every_ray_gives(seed: int, kind: str, n_rays: int, stride: int) -> None:
    scene = random_scene(seed, n=4, side=13, kind=kind)
    angles = np.arange(n_rays) * min(3.0 / stride, 2 * math.pi / n_rays)  # a stride spans less than half a turn
    base = np.array([np.cos(angles), np.sin(angles)], np.float32)
    searched, shared = np.empty((2, 4, n_rays), np.float32)
    layers = np.arange(4)
    scan(scene.states, scene.solid, layers, base, 1, np.float32(1e9), searched)
    scan(scene.states, scene.solid, layers, base, stride, np.float32(1e9), shared)
    assert np.array_equal(searched, shared)


def test_reach_limits_ranges() -> None:
    scene = random_scene(5)
    full, short = range_scan(scene, 32), range_scan(scene, 32, reach=0.7)
    np.testing.assert_array_equal(short, np.minimum(full, np.float32(0.7)))
    assert (short == np.float32(0.7)).any() and (short < 0.7).any()


def test_rays_go_from_right_to_left() -> None:
    walls = walls_of("#####\n##  #\n#   #\n#   #\n#####")  # wall nearer at the upper left
    scene = Scene(np.array([[2.5, 2.5, math.pi / 2]], np.float32), solid_of(walls[None]))
    ranges = range_scan(scene, 2, 90.0)[0]
    assert ranges[0] == pytest.approx(1.5 / math.cos(math.radians(22.5)), rel=1e-5)
    assert ranges[1] < ranges[0]


def test_straight_rays_along_axes_and_grid_lines() -> None:
    walls = walls_of("######\n#    #\n#    #\n######")
    for yaw, x, y, expected in ((0.0, 1.0, 2.0, 4.0), (math.pi / 2, 3.0, 1.5, 1.5), (0.0, 2.25, 1.5, 2.75)):
        scene = Scene(np.array([[x, y, yaw]], np.float32), solid_of(walls[None]))
        assert range_scan(scene, 1, 1.0)[0, 0] == pytest.approx(expected, abs=1e-5)


def test_a_finer_grid_of_the_same_maze_gives_the_same_ranges() -> None:
    scene = random_scene(11, kind="rooms")
    fine = solid_of(np.zeros((len(scene.solid), 9 * 3, 9 * 3), bool))
    fine[:, 1:-1, 1:-1] = scene.solid[:, 1:-1, 1:-1].repeat(3, 1).repeat(3, 2)
    states = scene.states * np.array([3, 3, 1], np.float32)
    found = range_scan(Scene(states, fine, cells_per_unit=3.0), 40, reach=2.0)
    np.testing.assert_allclose(found, range_scan(scene, 40, reach=2.0), rtol=1e-4, atol=1e-5)


def test_a_batch_is_a_scene_and_agents_do_not_see_each_others_grids() -> None:
    scene = random_scene(3, n=6)
    together = range_scan(scene, 24)
    for agent in range(6):
        alone = Scene(scene.states[agent : agent + 1], scene.solid, np.array([agent]))
        assert np.array_equal(range_scan(alone, 24)[0], together[agent])
    batch = AgentBatch(2, 5, 5)
    walls = walls_of("#####\n#   #\n#   #\n#   #\n#####")
    starts = np.array([[1, 1], [3, 3]])
    batch.place(np.arange(2), [walls, walls], starts, starts[::-1], np.zeros(2), np.full(2, 9))
    out = np.empty((2, 4), np.float32)
    assert range_scan(batch, 4, out=out) is out
    np.testing.assert_allclose(out.min(axis=1), 0.5 * math.sqrt(2), rtol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"n_rays": 0}, "n_rays must be 1 to"),
        ({"n_rays": 10**9}, "n_rays must be 1 to"),
        ({"fov": 0.0}, "fov must lie above 0"),
        ({"fov": 361.0}, "not above 360 degrees, found 361"),
        ({"fov": math.nan}, "fov must lie"),
        ({"reach": 0.0}, "reach must be above 0"),
        ({"reach": math.nan}, "reach must be above 0"),
        ({"out": np.empty((4, 5))}, "out must be contiguous float32 of shape"),
    ],
)
def test_bad_arguments_are_told(arguments: dict, told: str) -> None:
    with pytest.raises(MazenavError, match=told):
        range_scan(random_scene(0), **arguments)
