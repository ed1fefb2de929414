"""Bodies: their actions, their ranges, and what becomes of them in a finer grid."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import BACK, DMLAB, FORWARD, IMPALA_ACTIONS, LOOK_LEFT, LOOK_RIGHT, Body, LabAction, LabBody
from mazenav.sim.diffdrive import DIFFDRIVE
from mazenav.sim.presets import BODIES
from mazenav.types import GOAL_RADIUS, MazenavError
from tests.sim.arena import NO_LIMIT, blow_up, overlaps_wall, random_walls


def test_the_four_actions() -> None:
    turn = math.radians(30 * 0.1056)
    expected = np.zeros((4, 3), np.float32)
    expected[LOOK_LEFT, 2], expected[LOOK_RIGHT, 2] = turn, -turn
    expected[FORWARD, 0], expected[BACK, 0] = 1, -1
    assert np.array_equal(DMLAB.commands(), expected)
    assert DMLAB.action_names == ("look left", "look right", "forward", "back")


def test_impalas_nine() -> None:
    body = BODIES["dmlab-impala"]
    assert body.n_actions == 9
    assert body.action_repeat == 4
    turn = math.radians(20 * 0.1056)
    by_name = dict(zip(body.action_names, body.commands().tolist(), strict=True))
    assert by_name["strafe left"] == [0, 1, 0]
    assert by_name["forward, look right"] == pytest.approx([1, 0, -turn])
    assert by_name["fire"] == [0, 0, 0]
    assert len(IMPALA_ACTIONS) == len(by_name)


def test_every_preset_drives() -> None:
    for body in BODIES.values():
        batch = AgentBatch(body.n_actions, 9, 9, body)
        n = np.arange(len(batch))
        cells = np.full((len(batch), 2), 4)
        batch.place(n, [np.zeros((9, 9), np.bool_)] * len(batch), cells, cells + 4, n * 0.0, n + NO_LIMIT)
        batch.step(n)
        assert (batch.states[:, 2:] != 0).any(axis=1).sum() >= body.n_actions - 1
        assert (np.abs(body.commands()) <= body.command_bound).all()
        assert np.hypot(*batch.states[:, 3:5].T).max() <= body.top_speed


@pytest.mark.parametrize("body", [DMLAB, DIFFDRIVE], ids=["dmlab", "diffdrive"])
@pytest.mark.parametrize("times", [2, 4, 10, 11])
def test_a_finer_grid_is_the_same_world(body: Body, times: int) -> None:
    """Bit for bit where cutting cells rounds nothing, and to rounding else; the body is then wider than cells."""
    rng = np.random.default_rng(times)
    n = 40
    coarse, fine = (
        AgentBatch(n, 7, 7, body),
        AgentBatch(n, 7 * times, 7 * times, body.rescaled(times), goal_radius=GOAL_RADIUS * times),
    )
    walls = [random_walls(rng, 7, 7, 0.4) for _ in range(n)]
    starts = np.array([np.argwhere(~grid)[0] for grid in walls])
    yaws, index, limits = rng.uniform(-3, 3, n), np.arange(n), np.full(n, NO_LIMIT)
    coarse.place(index, walls, starts, starts[::-1], yaws, limits)
    middle = (times - 1) / 2
    fine_walls = [blow_up(grid, times) for grid in walls]
    fine.place(index, fine_walls, starts * times + middle, starts[::-1] * times + middle, yaws, limits)
    assert np.allclose(fine.states[:, :2], coarse.states[:, :2] * times)
    exact, close = times in (2, 4), 0
    for _ in range(25):
        actions = rng.integers(0, 4, n)
        a, b = coarse.step(actions), fine.step(actions)
        assert not overlaps_wall(fine).any()
        back = fine.states / np.array([times, times, 1, times, times, 1], np.float32)
        if exact:
            assert np.array_equal(back, coarse.states)
            assert np.array_equal(a.reached, b.reached)
            assert np.array_equal(coarse.collided, fine.collided)
        close = int((np.abs(back - coarse.states).max(axis=1) < 1e-3).sum())
    assert close >= 0.9 * n  # a tie at a corner may send two of them different ways


def test_a_wide_body_meets_a_post_within_its_width() -> None:
    """Neither corner of its front touches the post, which stands before its middle."""
    body = LabBody(half_width=1.4)
    batch = AgentBatch(1, 7, 12, body)
    walls = np.zeros((7, 12), np.bool_)
    walls[3, 8] = True
    batch.place(np.array([0]), [walls], np.array([[3, 2]]), np.array([[0, 0]]), np.zeros(1), np.array([99]))
    for _ in range(20):
        batch.step(np.array([FORWARD]))
    assert batch.states[0, 0] == pytest.approx(8 - 1.4 - body.clearance, abs=1e-5)
    assert batch.collided[0]


def test_nothing_is_too_fast_for_a_wall() -> None:
    """Several cells a frame, and a wall one cell thick."""
    body = LabBody(half_width=0.3, max_speed=400.0, action_repeat=1)
    batch = AgentBatch(1, 3, 200, body)
    walls = np.zeros((3, 200), np.bool_)
    walls[:, 150] = True
    batch.place(np.array([0]), [walls], np.array([[1, 0]]), np.array([[0, 199]]), np.zeros(1), np.array([999]))
    fastest = 0.0
    for _ in range(80):
        before = float(batch.states[0, 0])
        batch.step(np.array([FORWARD]))
        fastest = max(fastest, float(batch.states[0, 0]) - before)
    assert fastest > 4
    assert batch.states[0, 0] == pytest.approx(150 - 0.3 - body.clearance, abs=1e-4)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"half_width": 0}, "half_width"),
        ({"half_width": 17}, "half_width"),
        ({"max_speed": math.nan}, "max_speed"),
        ({"acceleration": -1}, "acceleration"),
        ({"clearance": 0.5}, "clearance"),
        ({"action_repeat": 0}, "action_repeat"),
        ({"action_repeat": 2.5}, "action_repeat"),
        ({"look_pixels": 513}, "look_pixels"),
        ({"friction": 100}, "friction"),
        ({"rest_speed": 0}, "rest speed"),
        ({"actions": ()}, "LabAction"),
    ],
)
def test_numbers_out_of_range(change: dict[str, float], words: str) -> None:
    with pytest.raises(MazenavError, match=words):
        LabBody(**change)  # type: ignore[arg-type]  # what is tested


def test_bad_actions_and_scales() -> None:
    with pytest.raises(MazenavError, match="from -1 to 1"):
        LabAction("sprint", move=2)
    for scale in (0, -1, math.inf, math.nan, 1000):
        with pytest.raises(MazenavError, match=r"cells_per_cell|half_width"):
            DMLAB.rescaled(scale)
