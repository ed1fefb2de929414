"""The value iteration network: its recurrence against Dijkstra, and what its values may depend on."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from mazenav.config.vin import VinModelConfig
from mazenav.model.hypermodel import MOVES
from mazenav.model.vin.network import VinNetwork
from mazenav.model.vin.planner import ValueIteration
from mazenav.planner.field import value_field
from mazenav.rng import stream
from mazenav.training.tasks import draw_layout
from tests.model.small import random_latents, random_maps

SMALL = VinModelConfig(channels=8, depth=2, prediction_hidden=16, prediction_depth=2)


def small_vin(seed: int = 0) -> VinNetwork:
    torch.manual_seed(seed)
    network = VinNetwork(SMALL)
    torch.nn.init.normal_(network.planner.cost.weight, std=0.5)
    torch.nn.init.normal_(network.prediction.residual.weight, std=0.3)
    return network


def sharp(planner: ValueIteration) -> ValueIteration:
    """Each abstract action leads to its one neighbour, and the recurrence runs until nothing changes."""
    with torch.no_grad():
        planner.kernels *= 20
    planner.tolerance, planner.sweeps_per_cell = 0.0, 500.0
    return planner


def random_costs(seed: int, batch: int, rows: int, columns: int) -> Tensor:
    """Walls cost much, and moves off the map, which the recurrence lets slide along its edge, far more."""
    costs = 0.5 + 10 * torch.rand(batch, 8, rows, columns, generator=torch.Generator().manual_seed(seed))
    costs = costs.masked_fill(random_maps(seed, batch, rows, columns).bool().unsqueeze(1), 300.0)
    for action, (row, column) in enumerate(MOVES):
        for axis, step in ((2, row), (3, column)):
            if step:
                costs[:, action].select(axis - 1, 0 if step < 0 else -1).fill_(1e4)
    return costs


@pytest.mark.parametrize("shape", [(5, 5), (9, 13), (21, 6), (1, 8)])
def test_with_sharp_kernels_its_values_are_those_of_shortest_paths(shape: tuple[int, int]) -> None:
    """Two implementations: sweeps of a convolution, and Dijkstra's algorithm."""
    rows, columns = shape
    costs = random_costs(1, 4, rows, columns)
    goals = torch.from_numpy(np.random.default_rng(2).integers((0, 0), shape, size=(4, 2)))
    with torch.no_grad():
        found = sharp(ValueIteration(4, 1, 0.5, 0.01)).iterate(costs, goals)
    torch.testing.assert_close(found, value_field(costs, goals), rtol=1e-4, atol=1e-3)


def test_the_gradient_runs_down_the_shortest_path() -> None:
    """Both implementations: by backpropagation through all sweeps, and along the best moves."""
    planner, goals = sharp(ValueIteration(4, 1, 0.5, 0.01)), torch.tensor([[0, 6]])
    gradients = []
    for plan in (planner.iterate, value_field):
        costs = random_costs(3, 1, 7, 7).requires_grad_()
        plan(costs, goals)[0, 6, 0].backward()
        assert costs.grad is not None
        gradients.append(costs.grad)
    torch.testing.assert_close(gradients[0], gradients[1], rtol=1e-4, atol=1e-4)
    assert gradients[0].sum() >= 6


def test_the_goal_is_worth_nothing_and_all_else_costs() -> None:
    network, maps = small_vin(), random_maps(0, 3, 9, 7)
    goals = torch.tensor([[4, 3], [0, 0], [8, 6]])
    with torch.no_grad():
        values = network.planner(maps, goals)
    at_goal = values[torch.arange(3), goals[:, 0], goals[:, 1]]
    assert (at_goal == 0).all() and (values.flatten(1).sort(dim=1).values[:, 1] > 0).all()


def test_costs_stay_within_their_bounds_whatever_is_learnt() -> None:
    network = small_vin()
    with torch.no_grad():
        network.planner.cost.weight *= 1e4
        costs = network.planner.costs(random_maps(0, 2, 9, 9)) / network.planner.typical_cost
    assert np.exp(-1.51) < costs.min() < 0.3 and 300 < costs.max() < np.exp(6.01)


def test_blocked_ways_are_gone_round() -> None:
    """The recurrence ends by itself where it is at rest, and not before the farthest cell has its value."""
    walls = draw_layout((25, 25), stream(0, "vin")).walls
    planner = sharp(ValueIteration(4, 1, 0.5, 0.01))
    costs = planner.typical_cost.expand(1, -1, *walls.shape) + 300.0 * torch.tensor(walls)[None, None]
    goal = torch.from_numpy(np.argwhere(~walls)[:1])
    planner.tolerance = 0.01
    with torch.no_grad():
        found = planner.iterate(costs.contiguous(), goal)
    torch.testing.assert_close(found, value_field(costs.contiguous(), goal), rtol=1e-4, atol=0.1)


def test_what_is_said_of_a_task_does_not_depend_on_the_others() -> None:
    network, maps = small_vin(), random_maps(5, 4, 9, 11)
    goals, latent = torch.tensor([[1, 1], [2, 3], [7, 8], [4, 0]]), random_latents(6, 40, 9, 11)
    context = torch.arange(40) % 4
    with torch.no_grad():
        together = network.bind(maps, goals).decisions_to_go(latent, context)
        for task in range(4):
            alone = network.bind(maps[task : task + 1], goals[task : task + 1])
            mine = alone.decisions_to_go(latent[context == task], torch.zeros(10, dtype=torch.int64))
            # Others may need more sweeps; what is at rest changes by less than the tolerance then.
            torch.testing.assert_close(mine, together[context == task], rtol=1e-3, atol=0.1)


def test_value_and_residual_make_up_the_decisions_to_go() -> None:
    network = small_vin()
    model = network.bind(random_maps(7, 1, 8, 8), torch.tensor([[3, 3]]))
    latent, context = random_latents(8, 30, 8, 8), torch.zeros(30, dtype=torch.int64)
    centre, residual = model.parts(latent, context)
    torch.testing.assert_close(model.decisions_to_go(latent, context), centre.unsqueeze(1) + residual)
    cells = latent[:, :2].floor().long()
    torch.testing.assert_close(centre, model.fields()[0][cells[:, 0], cells[:, 1]])


def test_gradients_reach_every_weight() -> None:
    network = small_vin()
    model = network.bind(random_maps(9, 2, 9, 9), torch.tensor([[3, 3], [5, 5]]))
    model.decisions_to_go(random_latents(10, 64, 9, 9), torch.arange(64) % 2).square().mean().backward()
    unused = {"prediction.goal_radius", "prediction.goal_sharpness"}  # of the reward, which nothing here asks for
    for name, parameter in network.named_parameters():
        assert (parameter.grad is None) == (name in unused), name
        assert parameter.grad is None or parameter.grad.abs().sum() > 0, name
