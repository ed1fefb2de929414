"""The compiled bodies against the independent reference, and against the engine's own figures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import BACK, DMLAB, FORWARD, FRAME_SECONDS, LOOK_LEFT, LOOK_RIGHT, Body, LabBody, Precision
from mazenav.sim.diffdrive import DiffDrive
from mazenav.sim.kernels import short_sine_cosine
from mazenav.types import GOAL_RADIUS
from tests.sim.arena import NO_LIMIT, random_commands, scatter
from tests.sim.reference import decide

FRAME_BY_FRAME = LabBody(action_repeat=1)
LAB_UNIT = 0.01
"""One lab unit in cells."""


def empty_room(body: LabBody, size: int = 40) -> AgentBatch:
    """One agent in the middle of a room without walls, looking along +x, its goal far off."""
    batch = AgentBatch(1, size, size, body)
    middle = np.array([[size // 2, size // 2]])
    batch.place(np.array([0]), [np.zeros((size, size), np.bool_)], middle, np.array([[0, 0]]), np.zeros(1), [NO_LIMIT])
    return batch


def wrap(angle: np.ndarray) -> np.ndarray:
    return (angle + math.pi) % (2 * math.pi) - math.pi


def bodies(repeat: int, half_width: float) -> list[Body]:
    """One of each kind."""
    return [
        LabBody(action_repeat=repeat, half_width=half_width),
        DiffDrive(action_repeat=repeat, half_width=half_width, track=half_width),
    ]


def compare(batch: AgentBatch, commands: np.ndarray, tolerance: float) -> tuple[int, int]:
    """Step by `commands` and hold every agent against the reference; how many were compared, and how many tied."""
    before, ties = batch.states.copy(), 0
    outcome = batch.step_commands(commands)
    for agent, command in enumerate(commands):
        expected = decide(before[agent], command, batch.walls[agent], batch.goals[agent], GOAL_RADIUS, batch.body)
        if expected.margin < tolerance:  # the kernel may fall to the other side of a wall's edge or of the goal's rim
            ties += 1
            continue
        difference = batch.states[agent] - expected.state
        difference[2] = wrap(difference[2])
        assert np.abs(difference[:3]).max() < tolerance
        assert np.abs(difference[3:]).max() < 10 * tolerance
        assert outcome.reached[agent] == expected.reached
        assert batch.collided[agent] == expected.collided
    return len(commands) - ties, ties


@pytest.mark.parametrize("precision", [np.float32, np.float64])
@pytest.mark.parametrize("repeat", [1, 10, 37])
@pytest.mark.parametrize("half_width", [0.15, 0.32])
def test_equals_reference_over_random_decisions(repeat: int, half_width: float, precision: Precision) -> None:
    for body in bodies(repeat, half_width):
        rng = np.random.default_rng(repeat)
        batch = scatter(rng, 40, 9, 11, body, precision=precision)
        tolerance = 2e-5 if precision is np.float32 else 1e-10
        counts = []
        for turn in range(max(6, 100 // repeat)):
            table = body.commands(precision)
            commands = table[rng.integers(0, 4, 40)] if turn % 2 else random_commands(rng, body, 40)
            counts.append(compare(batch, commands.astype(precision), tolerance))
        compared, ties = np.sum(counts, axis=0)
        assert compared > 200
        assert ties < 0.05 * compared


def test_top_speed_and_the_way_there() -> None:
    batch = empty_room(FRAME_BY_FRAME)
    steps = []
    for _ in range(60):
        before = batch.states[0, 0]
        batch.step(np.array([FORWARD]))
        steps.append((batch.states[0, 0] - before) / LAB_UNIT)
    assert steps[-1] == pytest.approx(5.12, abs=0.01)
    assert max(steps) == pytest.approx(5.12, abs=0.01)
    frames = next(i for i, step in enumerate(steps, start=1) if step > 5.1)
    assert 9 <= frames <= 11
    assert steps[0] == pytest.approx(3.2 * 0.16 * 0.016 / LAB_UNIT, abs=1e-3)


def test_way_to_a_stop() -> None:
    batch = empty_room(FRAME_BY_FRAME)
    for _ in range(60):
        batch.step(np.array([FORWARD]))
    start, frames = float(batch.states[0, 0]), 0
    while batch.states[0, 3] > 0:
        batch.step(np.array([LOOK_LEFT]))
        frames += 1
    assert frames in (21, 22, 23)
    assert (batch.states[0, 0] - start) / LAB_UNIT == pytest.approx(40.7, abs=0.1)


def test_turning_has_no_inertia() -> None:
    batch = empty_room(FRAME_BY_FRAME)
    batch.step(np.array([LOOK_LEFT]))
    assert math.degrees(batch.states[0, 2]) == pytest.approx(3.168, abs=1e-4)
    assert batch.states[0, 5] == pytest.approx(math.radians(3.168) / FRAME_SECONDS, rel=1e-5)
    batch.step(np.array([FORWARD]))
    assert math.degrees(batch.states[0, 2]) == pytest.approx(3.168, abs=1e-4)
    assert batch.states[0, 5] == 0
    for _ in range(2):
        batch.step(np.array([LOOK_RIGHT]))
    assert math.degrees(batch.states[0, 2]) == pytest.approx(-3.168, abs=1e-4)


def test_yaw_stays_wrapped() -> None:
    batch = empty_room(LabBody(look_pixels=512))
    seen = []
    for _ in range(200):
        batch.step(np.array([LOOK_LEFT]))
        seen.append(float(batch.states[0, 2]))
    assert min(seen) >= -math.pi - 1e-6
    assert max(seen) <= math.pi + 1e-6
    expected = wrap(np.arange(1, 201) * 10 * math.radians(512 * 0.1056))
    assert np.abs(wrap(np.array(seen) - expected)).max() < 1e-2


def test_back_mirrors_forward() -> None:
    ahead, back = empty_room(DMLAB), empty_room(DMLAB)
    for _ in range(5):
        ahead.step(np.array([FORWARD]))
        back.step(np.array([BACK]))
    middle = 20.5
    assert ahead.states[0, 0] - middle == pytest.approx(middle - back.states[0, 0], abs=1e-5)
    assert ahead.states[0, 3] == pytest.approx(-back.states[0, 3], abs=1e-5)


def test_stands_off_a_wall_and_slides_along_it() -> None:
    batch = empty_room(DMLAB)
    batch.states[0, :3] = 39.0, 20.0, math.radians(60)
    for _ in range(6):
        batch.step(np.array([FORWARD]))
    x, y, _, vx, vy, _ = batch.states[0]
    assert x == pytest.approx(40 - DMLAB.half_width - DMLAB.clearance, abs=1e-5)
    assert vx == 0
    # The engine's acceleration tops up the speed along the wish, so the slide runs until v . wish is at its limit.
    assert vy > DMLAB.max_speed * math.sin(math.radians(60)) * 0.99
    assert y > 22


def test_goal_counts_at_any_frame_and_stops_the_body() -> None:
    batch = empty_room(LabBody(action_repeat=200))
    batch.goals[0] = 24.5, 19.5
    batch.states[0, 1] = batch.goals[0, 1]
    outcome = batch.step(np.array([FORWARD]))
    assert outcome.reached[0]
    assert not outcome.timed_out[0]
    gap = batch.goals[0, 0] - batch.states[0, 0]
    assert GOAL_RADIUS - 5.2 * LAB_UNIT < gap < GOAL_RADIUS


def test_own_sine_and_cosine() -> None:
    angles = np.random.default_rng(0).uniform(-30, 30, 20_000).astype(np.float32)
    angles[:3] = 0, -0.0, np.float32(math.pi)
    own = np.array([short_sine_cosine(angle) for angle in angles])
    exact = np.stack([np.sin(angles.astype(np.float64)), np.cos(angles.astype(np.float64))], axis=1)
    assert np.abs(own - exact).max() < 6.1e-8  # 0.51 units in the last place of numbers next to 1
    assert np.array_equal(own[:2], [[0, 1], [0, 1]])


def test_less_than_full_deflection_is_slower() -> None:
    batch = empty_room(DMLAB)
    for _ in range(10):
        batch.step_commands(np.array([[0.25, -0.5, 0.0]]))
    assert np.hypot(*batch.states[0, 3:5]) == pytest.approx(0.5 * DMLAB.max_speed, rel=1e-3)
    assert math.atan2(batch.states[0, 4], batch.states[0, 3]) == pytest.approx(math.atan2(-0.5, 0.25), abs=1e-4)
