"""The robot on two wheels: its limits, and what a unicycle can and cannot do."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import FRAME_SECONDS
from mazenav.sim.diffdrive import DIFFDRIVE, DiffDrive, WheelAction
from mazenav.types import MazenavError
from tests.sim.test_kernels import empty_room

SLOW = DiffDrive(action_repeat=1, max_speed=1.6, acceleration=4.0, max_turn=2.0, turn_acceleration=10.0, track=0.0)


def course(body: DiffDrive, command: tuple[float, float], decisions: int) -> tuple[AgentBatch, np.ndarray]:
    """An agent in an empty room under one command, and its states `[T + 1, 6]`."""
    batch = empty_room(body)
    states = [batch.states[0].copy()]
    for _ in range(decisions):
        batch.step_commands(np.array([[command[0], 0, command[1]]]))
        states.append(batch.states[0].copy())
    return batch, np.array(states, np.float64)


def test_speed_and_yaw_rate_grow_at_their_limits() -> None:
    _, states = course(SLOW, (1.6, 0.0), 40)
    assert np.diff(states[:, 3]).max() == pytest.approx(4.0 * FRAME_SECONDS, rel=1e-4)
    assert states[-1, 3] == pytest.approx(1.6, rel=1e-6)
    assert np.argmax(states[:, 3] > 1.599) == 25
    _, states = course(SLOW, (0.0, -2.0), 40)
    assert np.diff(states[:, 5]).min() == pytest.approx(-10.0 * FRAME_SECONDS, rel=1e-4)
    assert states[-1, 5] == -2.0
    assert np.ptp(states[:, :2]) == pytest.approx(1.0)  # it turns on the spot: x and y stay 20.5 and 19.5


def test_a_constant_command_drives_a_circle() -> None:
    _, states = course(SLOW, (1.0, 2.0), 500)
    later = states[100:493]  # two rounds of pi / 0.016 frames
    centre = later[:, :2].mean(axis=0)
    radii = np.hypot(*(later[:, :2] - centre).T)
    assert radii.mean() == pytest.approx(1.0 / 2.0, rel=0.02)
    assert np.ptp(radii) < 0.05
    heading = np.arctan2(later[:, 4], later[:, 3])
    assert np.abs(np.exp(1j * heading) - np.exp(1j * later[:, 2])).max() < 1e-5


def test_the_outer_wheel_sets_the_limit() -> None:
    body = DiffDrive.from_wheels(radius=0.1, track=0.4, max_rate=20, max_rate_change=200, half_width=0.2)
    assert (body.max_speed, body.max_turn) == (pytest.approx(2.0), pytest.approx(10.0))
    assert (body.acceleration, body.turn_acceleration) == (pytest.approx(20.0), pytest.approx(100.0))
    _, states = course(body, (2.0, 10.0), 10)
    assert np.hypot(*states[-1, 3:5]) == pytest.approx(1.0, rel=1e-3)
    assert states[-1, 5] == pytest.approx(5.0, rel=1e-3)


def test_it_coasts_no_further_than_it_brakes() -> None:
    batch, _ = course(SLOW, (1.6, 0.0), 60)
    start, frames = float(batch.states[0, 0]), 0
    while batch.states[0, 3] > 0:
        batch.step_commands(np.zeros((1, 3)))
        frames += 1
    assert frames == 25
    assert batch.states[0, 0] - start == pytest.approx(1.6 * 1.6 / (2 * 4.0), rel=0.05)


def test_it_slides_along_a_wall_and_knows_it() -> None:
    batch = empty_room(DIFFDRIVE)
    batch.states[0, :3] = 39.0, 20.0, math.radians(50)
    for _ in range(5):
        batch.step_commands(np.array([[2.0, 0, 0]]))
    assert batch.states[0, 0] == pytest.approx(40 - DIFFDRIVE.half_width - DIFFDRIVE.clearance, abs=1e-5)
    assert batch.states[0, 3] == 0
    assert batch.states[0, 4] > 0.5
    assert batch.collided[0]
    batch.step_commands(np.zeros((1, 3)))
    batch.step_commands(np.array([[-2.0, 0, 0]]))
    batch.step_commands(np.array([[-2.0, 0, 0]]))
    assert not batch.collided[0]


def test_bad_numbers() -> None:
    with pytest.raises(MazenavError, match="max_turn"):
        DiffDrive(max_turn=0)
    with pytest.raises(MazenavError, match="track"):
        DiffDrive(track=-1)
    with pytest.raises(MazenavError, match="WheelAction"):
        DiffDrive(actions=("forward",))  # type: ignore[arg-type]  # what is tested
    with pytest.raises(MazenavError, match="from -1 to 1"):
        WheelAction("too fast", speed=2)
    with pytest.raises(MazenavError, match="track"):
        DiffDrive.from_wheels(0.1, 0.0, 10, 10, 0.2)
    with pytest.raises(MazenavError, match="number 1 of a command"):
        empty_room(DIFFDRIVE).step_commands(np.array([[0, 0.5, 0]]))
