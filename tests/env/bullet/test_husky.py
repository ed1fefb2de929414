"""The four-wheeled robot follows what the `dmlab` formulas ask for, as well as wheels can."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("pybullet", reason="there are no wheels of PyBullet for this Python")

from mazenav.env.bullet.batch import BulletBatch
from mazenav.layout.generate import generate
from mazenav.sim.body import BACK, DMLAB, FORWARD, LOOK_LEFT, LOOK_RIGHT
from tests.env.bullet.driving import pair, placed

ROOM = np.zeros((15, 15), np.bool_)


def drive(walls: np.ndarray, start: tuple[int, int], yaw: float, actions: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """The states `[6]` of kernel and husky after some actions."""
    kernel, husky = pair(walls, [start], [yaw], robot="husky")
    for action in actions:
        kernel.step(np.array([action]))
        husky.step(np.array([action]))
    return kernel.states[0], husky.states[0]


@pytest.mark.parametrize("yaw", [0.0, 0.7, -2.4])
@pytest.mark.parametrize("action", [FORWARD, BACK])
def test_speed_and_way_ahead_are_the_kernels(yaw: float, action: int) -> None:
    kernel, husky = drive(ROOM, (7, 7), yaw, [action] * 5)
    assert np.abs(kernel[:2] - husky[:2]).max() < 0.05
    assert np.abs(kernel[3:5] - husky[3:5]).max() < 0.15
    assert abs(kernel[2] - husky[2]) < 0.05


@pytest.mark.parametrize("action", [LOOK_LEFT, LOOK_RIGHT])
def test_turns_by_as_much_as_the_kernel_and_hardly_moves(action: int) -> None:
    kernel, husky = drive(ROOM, (7, 7), 0.2, [action] * 4)
    turned = (kernel[2] - husky[2] + math.pi) % (2 * math.pi) - math.pi
    assert abs(turned) < 0.25
    assert np.abs(husky[:2] - 7.5).max() < 0.1


def test_stands_still_until_it_is_driven() -> None:
    _, husky = drive(ROOM, (7, 7), 1.0, [LOOK_LEFT, LOOK_RIGHT, LOOK_LEFT, LOOK_RIGHT])
    assert np.abs(husky[:2] - 7.5).max() < 0.1
    assert abs(husky[2] - 1.0) < 0.25


def test_the_same_episode_again_whatever_was_before() -> None:
    rng = np.random.default_rng(4)
    walls = [generate("backtracker", (5, 5), rng).walls for _ in range(2)]
    actions = rng.integers(0, 4, 25)
    used = BulletBatch(1, 5, 5, robot="husky")
    ends = []
    for grid in (walls[0], walls[0], walls[1], walls[0]):
        placed(used, grid, [(1, 1)], [0.5])
        for action in actions:
            used.step(np.array([action]))
        ends.append(used.states[0].copy())
    assert np.array_equal(ends[0], ends[1]) and np.array_equal(ends[0], ends[3])
    assert not np.array_equal(ends[0], ends[2])


@pytest.mark.parametrize("degrees", [35, 50])
def test_a_wall_turns_it_along_itself(degrees: float) -> None:
    _, husky = drive(np.zeros((3, 20), np.bool_), (1, 1), math.radians(degrees), [FORWARD] * 20)
    assert husky[0] > 6  # it has not jammed
    assert 0 < husky[1] < 3


def test_drives_round_a_corner_of_a_corridor() -> None:
    walls = np.ones((5, 5), np.bool_)
    walls[3, 1:4] = walls[1:4, 3] = False
    actions = [FORWARD] * 5 + [LOOK_LEFT] * 3 + [FORWARD] * 6
    _, husky = drive(walls, (3, 1), 0.0, actions)
    assert husky[1] > 3.0 and 3.0 < husky[0] < 4.0


@pytest.mark.parametrize("cell_metres", [1.5, 4.0])
def test_speeds_are_told_in_cells_whatever_their_size(cell_metres: float) -> None:
    husky = placed(BulletBatch(1, 15, 15, robot="husky", cell_metres=cell_metres), ROOM, [(7, 7)], [0.0])
    assert husky.arenas[0].robot.metres_per_cell == cell_metres
    for _ in range(4):
        husky.step(np.array([FORWARD]))
    assert husky.states[0, 3] == pytest.approx(DMLAB.max_speed, abs=0.15)


def test_the_same_again() -> None:
    first, second = (drive(ROOM, (7, 7), 0.3, [FORWARD, LOOK_LEFT, FORWARD, BACK])[1] for _ in range(2))
    assert np.array_equal(first, second)
