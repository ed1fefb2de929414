from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from mazenav.model.interface import LatentModel
from mazenav.model.network import BoundModel
from mazenav.model.prediction import BEYOND, openness
from mazenav.model.transition import FirstLayer
from mazenav.planner.field import value_field
from mazenav.planner.search import plan
from mazenav.planner.settings import SearchConfig
from tests.model.small import SMALL, bound, random_latents, random_maps, small_network

ROWS, COLUMNS, TASKS = 6, 8, 3
GOALS = torch.tensor([[0, 0], [3, 5], [5, 7]])


def three_tasks() -> BoundModel:
    with torch.no_grad():
        return bound(small_network(), random_maps(0, TASKS, ROWS, COLUMNS), GOALS)


def test_step_and_predict_are_a_latent_model() -> None:
    model: LatentModel = three_tasks()
    latent, context = random_latents(0, 50, ROWS, COLUMNS), torch.arange(50) % TASKS
    with torch.no_grad():
        step, prediction = model.step(latent, torch.arange(50) % 4, context), model.predict(latent, context)
    assert step.latent.shape == (50, 6) and step.reward.shape == (50,) and step.discount.shape == (50,)
    assert (step.reward == -1).all()
    assert (step.discount >= 0).all() and (step.discount <= 1).all()
    assert prediction.value.shape == (50,) and prediction.logits.shape == (50, model.n_actions)


def test_value_is_minus_the_least_decisions_to_go_and_logits_rank_them() -> None:
    model = three_tasks()
    latent, context = random_latents(1, 50, ROWS, COLUMNS), torch.arange(50) % TASKS
    with torch.no_grad():
        to_go, prediction = model.decisions_to_go(latent, context), model.predict(latent, context)
    assert torch.equal(prediction.value, -to_go.min(dim=1).values)
    assert torch.equal(prediction.logits.argmax(dim=1), to_go.argmin(dim=1))
    odds = prediction.logits[:, 0] - prediction.logits[:, 1]
    torch.testing.assert_close(odds, (to_go[:, 1] - to_go[:, 0]) / SMALL.temperature, rtol=1e-3, atol=1e-3)


def test_rows_of_a_batch_equal_singles_bound_alone() -> None:
    network, maps = small_network(), random_maps(0, TASKS, ROWS, COLUMNS)
    latent, context, action = random_latents(2, 30, ROWS, COLUMNS), torch.arange(30) % TASKS, torch.arange(30) % 4
    with torch.no_grad():
        together = bound(network, maps, GOALS)
        step, prediction = together.step(latent, action, context), together.predict(latent, context)
        for row in range(30):
            task = int(context[row])
            alone = bound(network, maps[task : task + 1], GOALS[task : task + 1])
            one, zero = slice(row, row + 1), torch.zeros(1, dtype=torch.int64)
            for mine, batched in zip(alone.step(latent[one], action[one], zero), step, strict=True):
                torch.testing.assert_close(mine, batched[one], rtol=1e-4, atol=1e-4)
            for mine, batched in zip(alone.predict(latent[one], zero), prediction, strict=True):
                torch.testing.assert_close(mine, batched[one], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("algorithm", ["gumbel", "puct", "exhaustive"])
@pytest.mark.parametrize("simulations", [0, 16])
def test_every_planner_can_plan_with_it(algorithm: str, simulations: int) -> None:
    model, latent = three_tasks(), random_latents(3, TASKS, ROWS, COLUMNS)
    result = plan(model, latent, SearchConfig(algorithm=algorithm, simulations=simulations))
    np.testing.assert_allclose(result.action_weights.sum(axis=1), 1, rtol=1e-5)
    assert result.action.shape == (TASKS,) and ((result.action >= 0) & (result.action < 4)).all()
    if not simulations:
        with torch.no_grad():
            to_go = model.decisions_to_go(latent, torch.arange(TASKS))
        assert result.action.tolist() == to_go.argmin(dim=1).tolist()


def test_a_body_outside_the_map_is_read_at_its_border() -> None:
    """A search may step the latent anywhere; reading must not fail or reach into another task's field."""
    model = three_tasks()
    outside = random_latents(4, 4, ROWS, COLUMNS)
    outside[:, :2] = torch.tensor([[-3.0, 2.0], [ROWS + 4.0, 2.0], [2.0, -5.0], [2.0, COLUMNS + 9.0]])
    inside = torch.tensor([[0, 2], [ROWS - 1, 2], [2, 0], [2, COLUMNS - 1]])
    for task in range(TASKS):
        context = torch.full((4,), task)
        with torch.no_grad():
            centre, _ = model.network.prediction.parts(model.around, outside, context)
            step = model.step(outside, torch.arange(4), context)
        reach = SMALL.reach
        assert torch.equal(centre, model.around.field[task, inside[:, 0] + reach, inside[:, 1] + reach])
        assert all(torch.isfinite(part).all() for part in step) and (centre < BEYOND).all()


class Displacement(nn.Module):
    """A transition that moves along the columns by a fixed way."""

    def __init__(self, way: float) -> None:
        super().__init__()
        self.way = way

    def forward(self, first_layer: FirstLayer, latent: Tensor, action: Tensor, context: Tensor) -> Tensor:
        return latent + torch.tensor([0, self.way, 0, 0, 0, 0])


@pytest.mark.parametrize(("way", "over"), [(0.8, True), (0.4, True), (-0.8, False)])
def test_discount_falls_where_the_way_leads_through_the_goal(way: float, over: bool) -> None:
    """From 0.6 before the goal's centre: past it, close to it, away from it."""
    model = three_tasks()
    model.network.transition = Displacement(way)  # type: ignore[assignment]  # stands in for the network
    start = torch.tensor([[GOALS[1, 0] + 0.5, GOALS[1, 1] + 0.5 - 0.6, 0, 1, 0, 0]])
    with torch.no_grad():
        step = model.step(start, torch.tensor([2]), torch.tensor([1]))
        elsewhere = model.step(start, torch.tensor([2]), torch.tensor([0]))
    assert (step.discount.item() < 0.1) if over else (step.discount.item() > 0.8)
    assert elsewhere.discount.item() > 0.99, "another task's goal"


def test_openness_is_the_best_border_of_a_cell() -> None:
    right, down = torch.full((1, 2, 1), -20.0), torch.full((1, 1, 2), -20.0)
    down[0, 0, 1] = 20.0
    torch.testing.assert_close(openness(right, down), torch.tensor([[[0.0, 1.0], [0.0, 1.0]]]))


def test_field_gradient_is_scaled_on_its_way_to_the_costs() -> None:
    network, maps = small_network(), random_maps(1, 1, ROWS, COLUMNS)
    weights = network.hypermodel(maps)
    costs = weights.move_costs.detach().requires_grad_()
    field = value_field(costs, GOALS[:1])
    model = network.bind(weights._replace(move_costs=costs), field, GOALS[:1])
    model.around.field[0, SMALL.reach + 5, SMALL.reach + 7].backward()
    scaled = costs.grad.clone()
    costs.grad = None
    value_field(costs, GOALS[:1])[0, 5, 7].backward()
    assert costs.grad.sum() >= 5
    torch.testing.assert_close(scaled, SMALL.field_gradient * costs.grad)
