"""Learning probes of the learned baselines: in seconds, in the smallest mazes, with answers that are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mazenav.config.modelfree import QModelConfig, QTrainConfig, ReplayConfig
from mazenav.config.vin import VinModelConfig, VinTrainConfig
from mazenav.sim.body import BACK, FORWARD
from mazenav.topdown.occupancy import world_to_cells
from mazenav.training.dqn import QRun
from mazenav.training.value_run import ValueRun
from mazenav.training.vin import VinRun
from tests.probes.test_probes import corridors

MAH = QTrainConfig(
    model=QModelConfig(channels=16, rounds=4, plans=4, hidden=64, hidden_depth=2),
    replay=ReplayConfig(capacity=2000),
    iterations=120,
    agents=64,
    segment=8,
    steps=4,
    minibatch=48,
    n_step=8,
    target_period=30,
    learning_rate=2e-3,
    epsilon=0.6,
    spread=3.0,
    sizes=(5, 5),
    autocast=False,
)
VIN = VinTrainConfig(
    model=VinModelConfig(channels=8, depth=1, prediction_hidden=64, prediction_depth=2),
    iterations=300,
    agents=64,
    segment=8,
    minibatch=64,
    replayed=16,
    replay_capacity=256,
    residual_discount=0.8,
    learning_rate=1e-2,
    sizes=(5, 5),
)
RUNS = {"mah": lambda: QRun(MAH, "cpu"), "vin": lambda: VinRun(VIN, "cpu")}


@pytest.fixture(scope="module", params=RUNS)
def pupil(request: pytest.FixtureRequest) -> ValueRun:
    """A tiny agent that was trained to the end."""
    run: ValueRun = RUNS[request.param]()
    for _ in range((MAH if isinstance(run, QRun) else VIN).iterations):
        run.iterate()
    return run


def to_go(run: ValueRun, walls: np.ndarray, goals: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Decisions to go `[B, A]` in B tasks, a state in each."""
    with torch.no_grad():
        model = run.network.bind(torch.from_numpy(walls.astype(np.float32)), torch.from_numpy(goals))
        latent = run.network.representation(torch.from_numpy(states), walls.shape[1])
        return model.decisions_to_go(latent, torch.arange(len(states))).numpy()


@pytest.mark.parametrize(("ahead", "action"), [(True, FORWARD), (False, BACK)])
def test_the_value_of_a_corridor(pupil: ValueRun, ahead: bool, action: int) -> None:
    """With the goal ahead it drives ahead, with the goal behind it backs; turning or driving off costs more."""
    assert np.mean(pupil.collector.outcomes[-200:]) > 0.9
    batch = corridors(ahead)
    found = to_go(pupil, batch.walls, world_to_cells(batch.goals, 5), batch.states)
    decisions, over = np.zeros(4), np.zeros(4, np.bool_)
    while not over.all():
        decisions += ~over
        over |= batch.step(np.full(4, action), ~over).reached
    assert (found[:, action] < found.min(axis=1) + 0.3).all()
    # Q-learning, which never sees where it bootstraps from proved, is still a little above the truth.
    np.testing.assert_allclose(found[:, action], decisions, atol=2.0 if isinstance(pupil, QRun) else 1.25)


def test_the_map_decides(pupil: ValueRun) -> None:
    """One state and one goal, in two maps: where a wall lies between them it is farther."""
    open_room = np.ones((2, 5, 5), np.bool_)
    open_room[:, 1:4, 1:4] = False
    open_room[1, 1:3, 2] = True  # two columns, joined at the bottom
    goals = np.array([[1, 3], [1, 3]])
    states = np.tile(np.array([1.5, 3.5, 0.0, 0.0, 0.0, 0.0], np.float32), (2, 1))  # top left, facing right
    near, far = to_go(pupil, open_room, goals, states)
    assert near.argmin() == FORWARD
    assert far.min() > near.min() + 3 and far[FORWARD] > near[FORWARD] + 5
