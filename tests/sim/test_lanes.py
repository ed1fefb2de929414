"""Many agents at once against one after another: the same bits, whatever the body, the block and the neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import DMLAB, FRAME_SECONDS, IMPALA_ACTIONS, Body, LabBody
from mazenav.sim.diffdrive import DIFFDRIVE, DiffDrive
from mazenav.sim.kernels import advance
from mazenav.sim.lanes import LANES, look_around
from mazenav.types import GOAL_RADIUS
from tests.sim.arena import random_commands, scatter

BODIES = [
    DMLAB,
    DIFFDRIVE,
    LabBody(actions=IMPALA_ACTIONS, look_pixels=20, action_repeat=4),
    LabBody(half_width=0.45, action_repeat=90),
    LabBody(max_speed=20, friction=2, action_repeat=33),
    DiffDrive(half_width=0.3, max_speed=40, acceleration=200, track=0, action_repeat=50),
]


def one_by_one(batch: AgentBatch, commands: np.ndarray, active: np.ndarray) -> tuple[np.ndarray, ...]:
    """States, goals reached and walls met when `kernels.advance` does the same decision."""
    n, states = len(batch), batch.states.copy()
    reached, collided = np.ones(n, np.bool_), np.ones(n, np.bool_)
    advance(
        states, batch.solid, np.arange(n), commands, batch.goals, GOAL_RADIUS, batch.body.action_repeat,
        FRAME_SECONDS, batch.body.constants(), active, reached, collided,
    )  # fmt: skip
    return states, reached, collided


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    return a.tobytes() == b.tobytes()


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    body=st.sampled_from(BODIES),
    n=st.sampled_from([1, 3, 16, LANES - 1, LANES, LANES + 5]),
    density=st.floats(0, 0.7),
)
def test_lanes_equal_one_by_one(seed: int, body: Body, n: int, density: float) -> None:
    rng = np.random.default_rng(seed)
    batch = scatter(rng, n, 9, 12, body, density)
    batch.states[:: max(2, n // 3), 3] *= rng.choice([1, 50])  # faster than the body can be, if not at rest
    table = body.commands()
    for turn in range(12):
        active = rng.random(n) < 0.8
        actions = rng.integers(0, len(table), n)
        commands = random_commands(rng, body, n).astype(np.float32) if turn % 3 == 2 else table[actions]
        states, reached, collided = one_by_one(batch, commands, active)
        outcome = batch.step_commands(commands, active) if turn % 3 == 2 else batch.step(actions, active)
        assert same_bits(batch.states, states)
        assert np.array_equal(outcome.reached, reached)
        assert np.array_equal(batch.collided, collided)


@pytest.mark.parametrize("body", BODIES[:3])
def test_something_happens_in_these_layouts(body: Body) -> None:
    """Goals are reached and walls are met, so that the test above has something to compare."""
    rng = np.random.default_rng(0)
    batch = scatter(rng, 400, 9, 12, body)
    reached, collided = np.zeros(400, np.bool_), np.zeros(400, np.bool_)
    for _ in range(60):
        reached |= batch.step(rng.integers(0, body.n_actions, 400)).reached
        collided |= batch.collided
    assert reached.sum() > 10
    assert collided.sum() > 100


@pytest.mark.parametrize("body", [DMLAB, DIFFDRIVE])
def test_threads_change_nothing(body: Body) -> None:
    batches = []
    for threads in (1, 2, 5):
        rng = np.random.default_rng(9)
        batch = scatter(rng, 3 * LANES + 7, 8, 8, body)
        threaded = AgentBatch(len(batch), 8, 8, body, threads=threads)
        dummies = np.zeros((len(batch), 2), np.int64)
        threaded.place(
            np.arange(len(batch)), batch.walls, dummies, dummies, np.zeros(len(batch)), np.full(len(batch), 9)
        )
        threaded.states[:], threaded.goals[:] = batch.states, batch.goals
        for _ in range(40):
            threaded.step(rng.integers(0, 4, len(batch)))
        batches.append(threaded)
    assert same_bits(batches[0].states, batches[1].states)
    assert same_bits(batches[0].states, batches[2].states)


def test_states_out_of_this_world_do_no_harm() -> None:
    """Whoever writes nonsense into the states gets nonsense back, and no crash."""
    for precision in (np.float32, np.float64):
        batch = scatter(np.random.default_rng(2), 8, 6, 6, precision=precision)
        batch.states[:] = np.array([np.nan, np.inf, -np.inf, 1e30, -1e30, -5, 500, 0])[:, None]
        before = batch.states[7].copy()
        batch.step(np.full(8, 2))
        assert np.isfinite(batch.states[7]).all()
        assert (batch.states[7] != before).any()


def test_neighbourhoods() -> None:
    rng = np.random.default_rng(3)
    for shape in ((3, 3), (3, 9), (8, 5), (15, 15)):
        solid = (rng.random((4, *shape)) < 0.5).astype(np.uint8)
        neighbours = np.full(solid.shape, -1, np.int32)
        look_around(solid, np.array([0, 3]), neighbours)
        assert (neighbours[1:3] == -1).all()
        weights = 1 << np.arange(25).reshape(5, 5)
        for layer in (0, 3):
            padded = np.pad(solid[layer], 2, constant_values=1)
            seen = np.lib.stride_tricks.sliding_window_view(padded, (5, 5))
            assert np.array_equal(neighbours[layer], (seen * weights).sum(axis=(2, 3)))
