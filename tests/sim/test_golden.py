"""The trajectories that the shipped agent was trained on: the very bits, on every machine."""

from __future__ import annotations

import hashlib

import numpy as np

from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import DMLAB, FRAME_SECONDS
from mazenav.sim.kernels import advance
from mazenav.types import GOAL_RADIUS
from tests.sim.arena import NO_LIMIT

DIGEST = "1dac21a2a70f4c116809cd3a361823c7ba073b5d94f1959b09696ea7f656d46a"
"""Of the states after 200 decisions, from the kernel of the first release, which drove one agent after another."""

N = 300


def test_bits_of_the_first_release() -> None:
    rng = np.random.default_rng(2024)
    walls = rng.random((N, 11, 13)) < 0.35
    walls[:, 5, 6] = False
    yaws = rng.uniform(-3, 3, N)
    batch = AgentBatch(N, 11, 13)
    goals = np.stack([rng.integers(0, 11, N), rng.integers(0, 13, N)], axis=1)
    batch.place(np.arange(N), walls, np.tile([[5, 6]], (N, 1)), goals, yaws, np.full(N, NO_LIMIT))
    alone = batch.states.copy()
    active, reached, collided = np.ones(N, np.bool_), np.zeros(N, np.bool_), np.zeros(N, np.bool_)
    for actions in rng.integers(0, 4, (200, N)):
        batch.step(actions)
        advance(
            alone, batch.solid, np.arange(N), DMLAB.commands()[actions], batch.goals, GOAL_RADIUS,
            DMLAB.action_repeat, FRAME_SECONDS, DMLAB.constants(), active, reached, collided,
        )  # fmt: skip
    assert hashlib.sha256(batch.states.tobytes()).hexdigest() == DIGEST
    assert hashlib.sha256(alone.tobytes()).hexdigest() == DIGEST
