from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mazenav.sim.sensors import Scene, joint_state, local_map
from mazenav.types import MazenavError
from tests.sim.sensors.rooms import random_scene, solid_of, walls_of

LETTERS = """
#####
#   #
# # #
## ##
#####
"""


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 3))
def test_quarter_turns_of_the_body_turn_the_map_back(seed: int, quarter: int) -> None:
    rng = np.random.default_rng(seed)
    walls = rng.random((7, 8)) < 0.4
    row, column = int(rng.integers(7)), int(rng.integers(8))
    state = np.array([[column + 0.5, 7 - row - 0.5, math.pi / 2 * (quarter + 1)]], np.float32)
    scene = Scene(state, solid_of(walls[None]))
    around = np.pad(walls, 3, constant_values=True)[row : row + 7, column : column + 7]
    assert np.array_equal(local_map(scene, 7, rotated=False)[0], around)
    assert np.array_equal(local_map(scene, 7)[0], np.rot90(around, -quarter))


def test_finer_pixels_and_finer_grids_show_the_same_maze() -> None:
    walls = walls_of(LETTERS)
    scene = Scene(np.array([[2.5, 3.5, 0.3]], np.float32), solid_of(walls[None]))
    coarse = local_map(scene, 3, rotated=False)[0]
    assert np.array_equal(local_map(scene, 15, 0.2, rotated=False)[0], coarse.repeat(5, 0).repeat(5, 1))
    fine = Scene(scene.states * [2, 2, 1], solid_of(walls.repeat(2, 0).repeat(2, 1)[None]), cells_per_unit=2.0)
    assert np.array_equal(local_map(fine, 31, 0.17), local_map(scene, 31, 0.17))


def test_far_away_is_wall() -> None:
    assert local_map(random_scene(1, n=1), 5, 100.0)[0].sum() >= 24


@pytest.mark.parametrize("arguments", [{"side": 0}, {"side": 10**6}, {"cells_per_pixel": 0.0}])
def test_bad_crops_are_told(arguments: dict) -> None:
    with pytest.raises(MazenavError, match="must"):
        local_map(random_scene(1), **arguments)


def test_joint_state_is_in_lab_units_and_the_bodys_frame() -> None:
    states = np.array([[1.5, 2.5, math.pi / 2, 0.0, 3.2, 1.0], [0.5, 0.5, math.pi, 1.0, 0.0, 0.0]])
    numbers = joint_state(states, np.array([0.1, 0.0]), np.array([0.5, 0.0]))
    expected = [150, 250, 24.125, math.degrees(-0.1), 90, 0, 320, 0, 0, math.degrees(-0.5), math.degrees(1), 0]
    np.testing.assert_allclose(numbers[0], expected, atol=1e-9)
    np.testing.assert_allclose(numbers[1, 3:9], [0, -180, 0, -100, 0, 0], atol=1e-9)
    fine = joint_state(states * [5, 5, 1, 5, 5, 1] + [0.5, 0.5, 0, 0, 0, 0], cells_per_unit=5.0, origin=0.5)
    np.testing.assert_allclose(fine[:, [0, 1, 6]], numbers[:, [0, 1, 6]], atol=1e-9)
