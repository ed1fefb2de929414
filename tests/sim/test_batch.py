"""What holds for any batch of agents, whatever the layouts, states and action repeats."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mazenav.sim.batch import AgentBatch, time_limit
from mazenav.sim.body import DMLAB, FORWARD, FRAME_SECONDS, LOOK_LEFT, LabBody
from mazenav.sim.diffdrive import DIFFDRIVE
from mazenav.types import GOAL_RADIUS, MazenavError
from tests.sim.arena import NO_LIMIT, overlaps_wall, scatter

SEEDS = st.integers(0, 2**32 - 1)


def corridor(limit: int, body: LabBody = DMLAB) -> AgentBatch:
    """One agent at the west end of a corridor of ten cells, its goal at the east end."""
    batch = AgentBatch(1, 1, 10, body)
    walls = [np.zeros((1, 10), np.bool_)]
    batch.place(np.array([0]), walls, np.array([[0, 0]]), np.array([[0, 9]]), np.zeros(1), np.array([limit]))
    return batch


def far_goals(batch: AgentBatch) -> None:
    """Put the goals out of reach, so that nothing stops."""
    batch.goals[:] = -100


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, repeat=st.integers(1, 300), half_width=st.floats(0.05, 0.45), density=st.floats(0, 0.8))
def test_never_in_a_wall(seed: int, repeat: int, half_width: float, density: float) -> None:
    rng = np.random.default_rng(seed)
    batch = scatter(rng, 16, 8, 7, LabBody(action_repeat=repeat, half_width=half_width), density)
    assert not overlaps_wall(batch).any()
    for _ in range(20):
        batch.step(rng.integers(0, 4, 16))
        assert not overlaps_wall(batch).any()
    assert np.isfinite(batch.states).all()


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, repeat=st.integers(2, 120))
def test_a_decision_is_its_frames(seed: int, repeat: int) -> None:
    """With the frames as small as they are, this is why no action repeat leads through a wall."""
    rng = np.random.default_rng(seed)
    long = scatter(rng, 8, 8, 7, LabBody(action_repeat=repeat))
    short = scatter(np.random.default_rng(seed), 8, 8, 7, LabBody(action_repeat=1))
    far_goals(long)
    far_goals(short)
    actions = rng.integers(0, 4, 8)
    long.step(actions)
    for _ in range(repeat):
        before = short.states[:, :2].copy()
        short.step(actions)
        travelled = np.hypot(*(short.states[:, :2] - before).T)
        assert travelled.max() <= 1.3 * DMLAB.max_speed * FRAME_SECONDS + 2 * DMLAB.clearance
    assert np.array_equal(long.states[:, [0, 1, 3, 4, 5]], short.states[:, [0, 1, 3, 4, 5]])
    turned = np.abs(long.states[:, 2] - short.states[:, 2])
    assert np.minimum(turned, 2 * np.pi - turned).max() < 1e-4


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, extra_rows=st.integers(0, 5), extra_columns=st.integers(0, 5))
def test_padding_batch_size_and_position_change_nothing(seed: int, extra_rows: int, extra_columns: int) -> None:
    rng = np.random.default_rng(seed)
    n = 7
    crowd = scatter(rng, n, 6, 8)
    larger = AgentBatch(n + 3, 6 + extra_rows, 8 + extra_columns)
    padded = np.ones((n, 6 + extra_rows, 8 + extra_columns), np.bool_)
    padded[:, extra_rows:, :8] = crowd.walls
    order = rng.permutation(n + 3)[:n]
    dummies = np.zeros((n, 2), np.int64)
    larger.place(order, list(padded), dummies, dummies, np.zeros(n), np.full(n, NO_LIMIT))
    larger.states[order], larger.goals[order] = crowd.states, crowd.goals
    for _ in range(30):
        actions = rng.integers(0, 4, n + 3)
        outcome = crowd.step(actions[order])
        other = larger.step(actions)
        assert np.array_equal(crowd.states, larger.states[order])
        assert np.array_equal(outcome.reached, other.reached[order])


def test_same_seed_same_trajectory() -> None:
    trails = []
    for _ in range(2):
        rng = np.random.default_rng(5)
        batch = scatter(rng, 32, 9, 9)
        for _ in range(100):
            batch.step(rng.integers(0, 4, 32))
        trails.append(batch.states.copy())
    assert np.array_equal(trails[0], trails[1])


def test_never_leaves_its_connected_part() -> None:
    rng = np.random.default_rng(3)
    batch = AgentBatch(200, 9, 9, LabBody(action_repeat=40))
    walls = np.ones((9, 9), np.bool_)
    walls[1:4, 1:4] = walls[5:8, 5:8] = walls[1:4, 5:8] = False  # three rooms, two of them touching at a corner only
    walls[4, 4] = False
    starts = np.tile([[2, 2]], (200, 1))
    batch.place(np.arange(200), [walls] * 200, starts, starts + 1, rng.uniform(-3, 3, 200), np.full(200, NO_LIMIT))
    far_goals(batch)
    for _ in range(300):
        batch.step(rng.integers(0, 4, 200))
    assert (batch.states[:, 0] < 4).all()
    assert (batch.states[:, 1] > 5).all()


def test_far_corner_of_a_large_map() -> None:
    """Where float32 is coarsest: 201 cells from the origin, pushed into walls and corners for long."""
    rng = np.random.default_rng(4)
    batch = AgentBatch(64, 201, 201)
    walls = rng.random((201, 201)) < 0.3
    walls[:6, -6:] = False
    walls[1:5:2, -5:-1:2] = True
    cell = np.tile([[0, 200]], (64, 1))
    batch.place(np.arange(64), [walls] * 64, cell, cell, rng.uniform(-np.pi, np.pi, 64), np.full(64, NO_LIMIT))
    far_goals(batch)
    start = batch.states[:, :2].copy()
    for _ in range(400):
        batch.step(rng.choice(4, 64, p=[0.2, 0.2, 0.4, 0.2]))
        assert not overlaps_wall(batch).any()
    assert np.hypot(*(batch.states[:, :2] - start).T).max() > 2


def test_place_puts_bodies_at_rest_at_cell_centres() -> None:
    batch = AgentBatch(3, 6, 9)
    small, wide = np.zeros((4, 5), np.bool_), np.zeros((6, 9), np.bool_)
    batch.states[:] = 7
    batch.place(np.array([2, 0]), [small, wide], [[3, 0], [0, 8]], [[0, 4], [5, 0]], [0.25, -1.5], [32, 44])
    assert batch.states[2].tolist() == [0.5, 0.5, 0.25, 0, 0, 0]
    assert batch.states[0].tolist() == [8.5, 5.5, -1.5, 0, 0, 0]
    assert batch.goals[2].tolist() == [4.5, 3.5]
    assert batch.goals[0].tolist() == [0.5, 0.5]
    assert batch.limits[[2, 0]].tolist() == [32, 44]
    assert (batch.states[1] == 7).all()
    assert batch.walls[2, :2].all()
    assert batch.walls[2, :, 5:].all()
    assert not batch.walls[2, 2:, :5].any()


def test_time_limit_truncates_and_reaching_wins() -> None:
    assert [time_limit(distance) for distance in (1, 9)] == [32, 128]
    batch = corridor(limit=5)
    for decision in range(1, 6):
        outcome = batch.step(np.array([LOOK_LEFT]))
        assert outcome.timed_out[0] == (decision == 5)
        assert not outcome.reached[0]
    needed = 1
    batch = corridor(limit=NO_LIMIT)
    while not batch.step(np.array([FORWARD])).reached[0]:
        needed += 1
    assert abs(batch.states[0, 0] - 9.5) < GOAL_RADIUS
    batch = corridor(limit=needed)
    for _ in range(needed):
        outcome = batch.step(np.array([FORWARD]))
    assert (outcome.reached[0], outcome.timed_out[0]) == (True, False)


def test_inactive_agents_stand_still_and_do_not_age() -> None:
    rng = np.random.default_rng(0)
    batch = scatter(rng, 10, 6, 6)
    active = np.arange(10) % 2 == 0
    before = batch.states.copy()
    outcome = batch.step(np.full(10, LOOK_LEFT), active)
    assert np.array_equal(batch.states[~active], before[~active])
    assert (batch.states[active] != before[active]).any(axis=1).all()
    assert batch.elapsed.tolist() == active.astype(int).tolist()
    assert not outcome.reached[~active].any()


def test_bad_sizes() -> None:
    with pytest.raises(MazenavError, match="at least one agent"):
        AgentBatch(0, 5, 5)
    batch = AgentBatch(1, 5, 5)
    with pytest.raises(MazenavError, match="5 x 5"):
        batch.place(np.array([0]), [np.zeros((6, 5))], np.array([[0, 0]]), np.array([[1, 1]]), np.zeros(1), [9])


def test_bad_actions_move_nobody() -> None:
    batch = scatter(np.random.default_rng(1), 5, 6, 6)
    before = batch.states.copy()
    for actions, words in (
        (np.zeros(4, np.int64), "5 whole numbers"),
        (np.zeros((5, 1), np.int64), "5 whole numbers"),
        (np.zeros(5), "5 whole numbers"),
        (np.array([0, 1, 2, 4, 0]), "from 0 to 3, found 4 of agent 3"),
        (np.array([0, 1, -1, 0, 0]), "from 0 to 3, found -1 of agent 2"),
    ):
        with pytest.raises(MazenavError, match=words):
            batch.step(actions)
    for commands, words in (
        (np.zeros((5, 2)), r"shape \(5, 3\)"),
        (np.zeros((4, 3)), r"shape \(5, 3\)"),
        (np.full((5, 3), "x"), r"shape \(5, 3\)"),
        (np.array([[0, 0, 0]] * 4 + [[0, np.nan, 0]]), "number 1 of a command .* found nan of agent 4"),
        (np.array([[1.01, 0, 0]] * 5), "number 0 of a command must lie within 1 of 0, found 1.01"),
    ):
        with pytest.raises(MazenavError, match=words):
            batch.step_commands(commands)
    with pytest.raises(MazenavError, match="truth values"):
        batch.step(np.zeros(5, np.int64), np.ones(5))
    assert np.array_equal(batch.states, before)
    assert not batch.elapsed.any()


def test_bad_settings_of_a_batch() -> None:
    for settings_, words in (
        ({"precision": np.float16}, "float32 or np.float64"),
        ({"goal_radius": 0.0}, "goal_radius"),
        ({"threads": 0}, "threads"),
    ):
        with pytest.raises(MazenavError, match=words):
            AgentBatch(2, 5, 5, **settings_)


def test_double_precision_follows_single() -> None:
    """Both forms of the kernel stay together for as long as no tie parts them."""
    for body in (DMLAB, DIFFDRIVE):
        single = scatter(np.random.default_rng(6), 60, 9, 9, body)
        double = AgentBatch(60, 9, 9, body, precision=np.float64)
        dummies = np.zeros((60, 2), np.int64)
        double.place(np.arange(60), single.walls, dummies, dummies, np.zeros(60), np.full(60, NO_LIMIT))
        double.states[:], double.goals[:] = single.states, single.goals
        rng = np.random.default_rng(7)
        for _ in range(30):
            actions = rng.integers(0, 4, 60)
            single.step(actions)
            double.step(actions)
        apart = np.abs(single.states[:, :2] - double.states[:, :2]).max(axis=1)
        assert (apart < 1e-3).mean() > 0.9
        assert double.states.dtype == np.float64
