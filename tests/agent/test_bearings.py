from __future__ import annotations

import math

import numpy as np
import pytest

from mazenav.agent.bearings import Bearings
from mazenav.layout.generate import generate
from mazenav.sim.body import BACK, DMLAB, FORWARD, LOOK_LEFT
from tests.agent.test_contact import driven_at_random

RIGHT = 2 - DMLAB.half_width - DMLAB.clearance
"""x of a body that a wall to the right of column 1 holds, and of one held by a wall on the left, from there."""
LEFT = 1 + DMLAB.half_width + DMLAB.clearance
ROW = np.zeros(1, np.int64)


def told(x: float, y: float = 1.5, yaw: float = 0.0, vx: float = 0.0, vy: float = 0.0) -> np.ndarray:
    return np.array([[x, y, yaw, vx, vy, 0.0]], np.float32)


def driven_right(bearings: Bearings, x: float, action: int = FORWARD) -> set[int]:
    """A wall on the right stops a body, which is told that it is at x then; along y it still moves."""
    return bearings.note(ROW, told(1.5, vx=2.0), np.array([action]), told(x, vy=0.1))


def test_two_walls_that_agree_tell_how_far_off_a_place_is() -> None:
    bearings = Bearings(1)
    assert driven_right(bearings, RIGHT + 0.1) == set() and not bearings.offset.any()
    assert bearings.note(ROW, told(1.5, vx=-2), np.array([BACK]), told(LEFT + 0.1, vy=0.1)) == {0}
    np.testing.assert_allclose(bearings.offset, [[0.1, 0.0]], atol=1e-4)
    np.testing.assert_allclose(bearings.corrected(told(3.0))[0, :2], [2.9, 1.5], atol=1e-4)
    assert driven_right(bearings, RIGHT + 0.1) == set(), "nothing new"


def test_told_to_be_in_the_wall() -> None:
    bearings = Bearings(1)
    driven_right(bearings, RIGHT + 0.2)
    assert driven_right(bearings, RIGHT + 0.2) == {0}
    np.testing.assert_allclose(bearings.offset[0, 0], 0.2, atol=1e-4)


def test_places_that_are_off_by_another_amount_every_time_are_left_alone() -> None:
    bearings = Bearings(1)
    for off in (0.1, -0.05, 0.02, 0.02, 0.02):
        assert driven_right(bearings, RIGHT + off) == set()
    assert not bearings.offset.any()
    bearings = Bearings(1)
    driven_right(bearings, RIGHT + 0.1)
    assert driven_right(bearings, RIGHT + 0.1) == {0}
    assert driven_right(bearings, RIGHT + 0.05) == {0} and not bearings.offset.any(), "taken back"


@pytest.mark.parametrize("action", [LOOK_LEFT, FORWARD])
def test_what_is_no_stop_tells_nothing(action: int) -> None:
    bearings, up = Bearings(1), math.pi / 2
    for _ in range(3):
        turned = bearings.note(ROW, told(1.5, yaw=up), np.array([action]), told(RIGHT + 0.1, yaw=up, vy=1.0))
        assert turned == set() and not bearings.offset.any()


@pytest.mark.parametrize("kind", ["backtracker", "clutter"])
def test_exact_places_stay_as_they_are_to_the_bit(kind: str) -> None:
    for seed in range(4):
        layout, bearings = generate(kind, (9, 9), np.random.default_rng(seed)), Bearings(1)
        for before, action, after in driven_at_random(layout, seed, 300):
            assert bearings.note(ROW, before[None], np.array([action]), after[None]) == set()
            assert np.array_equal(bearings.corrected(after[None])[0], after)


def test_a_start_that_is_off_is_found_while_driving() -> None:
    off, found = np.array([0.12, -0.07], np.float32), 0
    for seed in range(6):
        layout, bearings = generate("backtracker", (9, 9), np.random.default_rng(seed)), Bearings(1)
        for states in driven_at_random(layout, seed, 300):
            before, action, after = states[0].copy(), states[1], states[2].copy()
            before[:2] += off
            after[:2] += off
            bearings.note(ROW, before[None], np.array([action]), after[None])
        found += bool(np.abs(bearings.offset[0] - off).max() < 2e-3)
    assert found >= 5
