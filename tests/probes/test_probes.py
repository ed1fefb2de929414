"""Tiny learning probes: each part of the agent learns something whose answer is known, in seconds."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mazenav.config import LossConfig, ModelConfig, TrainConfig
from mazenav.layout.graph import distances
from mazenav.model.hypermodel import SpatialHypermodel
from mazenav.model.network import BoundModel, Network
from mazenav.planner.field import value_field
from mazenav.rng import stream
from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import BACK, DMLAB, FORWARD
from mazenav.sim.borders import border_labels
from mazenav.topdown.occupancy import world_to_cells
from mazenav.training.collect import Collector, ToGo
from mazenav.training.learner import Learner
from mazenav.training.loss import border_loss, model_loss
from mazenav.training.tasks import draw_layout
from tests.model.small import bound
from tests.replay.driving import driven

STEPS = 100


@pytest.fixture(scope="module")
def passability() -> tuple[SpatialHypermodel, list[float]]:
    """A hypermodel that was taught passability alone, by 400 segments of undirected driving, and its losses."""
    torch.manual_seed(0)
    hypermodel = SpatialHypermodel(channels=16, depth=2, body_channels=16, rank=4)
    segments = driven(0, agents=200, rounds=2, sizes=(7, 11))
    maps = torch.from_numpy(segments.maps)
    right, down = border_labels(segments.pushes(), segments.maps.shape[1:], DMLAB)
    optimizer = torch.optim.Adam(hypermodel.parameters(), lr=1e-2)
    seen = []
    for _ in range(STEPS):
        weights = hypermodel.cell_level(maps)
        loss = border_loss(weights.right, right) + border_loss(weights.down, down)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen.append(loss.item())
    return hypermodel, seen


def test_passability_alone_learns_to_tell_walls(passability: tuple[SpatialHypermodel, list[float]]) -> None:
    hypermodel, seen = passability
    assert seen[0] > 1.0, "two families, each near log 2"
    assert seen[-1] < 0.1
    rng = stream(0, "unseen")
    right_answers = []
    for _ in range(20):
        walls = draw_layout((7, 13), rng).walls
        with torch.no_grad():
            weights = hypermodel.cell_level(torch.from_numpy(walls.astype(np.float32))[None])
        for logits, here, there in (
            (weights.right[0], walls[:, :-1], walls[:, 1:]),
            (weights.down[0], walls[:-1], walls[1:]),
        ):
            beside_free = ~here | ~there  # a body never comes to the others
            right_answers.append(((logits.numpy() < 0) == (here | there))[beside_free])
    assert np.concatenate(right_answers).mean() > 0.98, "borders of free cells, in layouts never driven in"


def field_of(hypermodel: SpatialHypermodel, walls: np.ndarray, goal: tuple[int, int]) -> np.ndarray:
    with torch.no_grad():
        weights = hypermodel.cell_level(torch.from_numpy(walls.astype(np.float32))[None])
        return value_field(weights.move_costs, torch.tensor([goal]))[0].numpy()


def test_the_map_decides(passability: tuple[SpatialHypermodel, list[float]]) -> None:
    """One state, one goal, two maps: where a wall stands between them, the field grows by the way around it."""
    hypermodel, _ = passability
    hall = np.ones((9, 9), np.bool_)
    hall[1:-1, 1:-1] = False
    walled = hall.copy()
    walled[1:-2, 4] = True  # a gap is left at the bottom
    start, goal = (1, 2), (1, 6)
    near, far = field_of(hypermodel, hall, goal)[start], field_of(hypermodel, walled, goal)[start]
    straight, around = distances(hall, goal)[start], distances(walled, goal)[start]
    assert (straight, around) == (4, 16)
    assert near == pytest.approx(3.0 * straight, rel=0.4), "a move costs three decisions before anything is learnt"
    assert far > near + 15 and far < 3.0 * around * 1.4, "farther, but around the wall and not through it"


def test_the_field_orders_cells_as_the_true_distances_do(passability: tuple[SpatialHypermodel, list[float]]) -> None:
    hypermodel, _ = passability
    rng = stream(1, "unseen")
    for _ in range(10):
        walls = draw_layout((9, 13), rng).walls
        free = np.argwhere(~walls)
        goal = tuple(int(index) for index in free[rng.integers(len(free))])
        truth, field = distances(walls, goal), field_of(hypermodel, walls, goal)
        reached = truth > 0
        assert np.corrcoef(field[reached], truth[reached])[0, 1] > 0.9


def test_transition_network_overfits_a_tiny_set() -> None:
    torch.manual_seed(0)
    network = Network(ModelConfig(channels=8, depth=2, hidden=64, rank=16))
    segments = driven(1, agents=4, steps=16, sizes=(5, 7))
    maps, goals = torch.from_numpy(segments.maps), torch.from_numpy(segments.goals)
    latent = network.representation(torch.from_numpy(segments.states.reshape(-1, 6)), maps.shape[1]).reshape(4, 17, 6)
    actions = torch.from_numpy(segments.actions)
    whole = torch.from_numpy(segments.valid & ~segments.reached)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    config, rng, errors = LossConfig(), np.random.default_rng(0), []
    for _ in range(400):
        model = bound(network, maps, goals)
        starts = torch.from_numpy(rng.integers(actions.shape[1] - config.unroll + 1, size=(len(actions), 4)))
        loss, error = model_loss(model, latent, actions, whole, starts, config.unroll)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        errors.append(error.item())
    assert np.mean(errors[-20:]) < 0.1 * np.mean(errors[:5])


TINY = TrainConfig(
    model=ModelConfig(
        channels=8,
        depth=1,
        hidden=8,
        rank=4,
        body_channels=8,
        prediction_hidden=64,
        prediction_depth=2,
        temperature=0.5,
    ),
    loss=LossConfig(unroll=1, unroll_starts=1, residual_discount=0.8),
    iterations=300,
    agents=64,
    segment=8,
    minibatch=64,
    replayed=16,
    replay_capacity=256,
    sizes=(5, 5),
    learning_rate=1e-2,
)


@pytest.fixture(scope="module")
def pupil() -> tuple[Network, float]:
    """A tiny agent after 300 learner steps in the smallest layouts, and its success in the last of them, exploring."""
    torch.manual_seed(0)
    network = Network(TINY.model)
    learner = Learner(network, TINY, stream(0, "learner"))
    source = Collector(TINY.agents, TINY.sizes, stream(0, "collector"))
    for _ in range(TINY.iterations):
        source.renew()
        with torch.no_grad():
            model = bound(network, torch.from_numpy(source.maps()), torch.from_numpy(source.goals))
        learner.learn(source.collect(TINY.segment, decisions_to_go(model), 0.5, 0.1))
    return network, float(np.mean(source.outcomes[-200:]))


def decisions_to_go(model: BoundModel) -> ToGo:
    def to_go(states: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            latent = model.network.representation(torch.from_numpy(states), 5)
            return model.decisions_to_go(latent, torch.arange(len(states))).numpy()

    return to_go


YAWS = np.array([0.0, np.pi / 2, np.pi, -np.pi / 2])


def corridors(ahead: bool) -> AgentBatch:
    """A body at rest amid a corridor of three cells, facing each of the four winds; the goal is one of its ends."""
    facing = np.array([[0, 1], [-1, 0], [0, -1], [1, 0]])  # (row, column)
    walls = np.ones((4, 5, 5), np.bool_)
    walls[[0, 2], 2, 1:4] = walls[[1, 3], 1:4, 2] = False
    batch = AgentBatch(4, 5, 5)
    starts = np.full((4, 2), 2)
    batch.place(np.arange(4), walls, starts, starts + (facing if ahead else -facing), YAWS, np.full(4, 99))
    return batch


@pytest.mark.parametrize(("ahead", "action"), [(True, FORWARD), (False, BACK)])
def test_the_value_of_a_corridor(pupil: tuple[Network, float], ahead: bool, action: int) -> None:
    """With the goal ahead it drives ahead, with the goal behind it backs; turning or driving off costs more."""
    network, success = pupil
    assert success > 0.9
    batch = corridors(ahead)
    goals = torch.from_numpy(world_to_cells(batch.goals, 5))
    with torch.no_grad():
        model = bound(network, torch.from_numpy(batch.walls.astype(np.float32)), goals)
    found = decisions_to_go(model)(batch.states)
    decisions, over = np.zeros(4), np.zeros(4, np.bool_)
    while not over.all():
        decisions += ~over
        over |= batch.step(np.full(4, action), ~over).reached
    assert (found.argmin(axis=1) == action).all()
    np.testing.assert_allclose(found[:, action], decisions, atol=1.25)
    assert (np.delete(found, action, axis=1) > found[:, [action]] + 0.3).all()
