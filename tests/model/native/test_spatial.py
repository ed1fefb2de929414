"""The compiled bound model says what the one in PyTorch says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from mazenav.model.interface import Kernel, ModelStep, Prediction
from mazenav.model.network import BoundModel, FieldLeaves, Network
from mazenav.planner.search import greedy, plan, search
from mazenav.planner.settings import SearchConfig
from mazenav.types import MazenavError
from tests.model.native.calling import call
from tests.model.small import SMALL, bound, random_latents, random_maps, small_network

GOALS = torch.tensor([[0, 0], [4, 7], [6, 2]])
SHAPES = {
    "small": {},
    "shipped": {"channels": 16, "hidden": 128, "rank": 32, "prediction_hidden": 192, "prediction_depth": 3},
    "odd": {"hidden": 7, "rank": 3, "body_channels": 5, "prediction_hidden": 17, "prediction_depth": 1, "reach": 1},
    "many actions": {"n_actions": 19, "mirror": tuple(reversed(range(19))), "prediction_hidden": 5, "reach": 3},
}


class Plain:
    """A bound model without its compiled form."""

    def __init__(self, model: BoundModel | FieldLeaves) -> None:
        self.n_actions, self.model = model.n_actions, model

    def step(self, latent: Tensor, action: Tensor, context: Tensor) -> ModelStep:
        return self.model.step(latent, action, context)

    def predict(self, latent: Tensor, context: Tensor) -> Prediction:
        return self.model.predict(latent, context)


def make_model(name: str, seed: int = 0) -> BoundModel:
    torch.manual_seed(seed)
    network = Network(replace(SMALL, **SHAPES[name])) if SHAPES[name] else small_network(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)  # nothing is zero, no two layers are alike
        return bound(network, random_maps(seed, 3, 7, 8), GOALS)


def kernel_of(model: BoundModel) -> Kernel:
    kernel = model.kernel()
    assert kernel is not None
    return kernel


def rows_around(seed: int, count: int) -> tuple[Tensor, Tensor]:
    """Latents in and a little beside the map, some of them at corners and with headings along the axes; contexts."""
    latent = random_latents(seed, count, 7, 8)
    latent[::5, :2] += 3 * torch.randn(len(latent[::5]), 2, generator=torch.Generator().manual_seed(seed))
    latent[1::7, :2] = latent[1::7, :2].round()
    latent[2::9, 2:4] = torch.tensor([0.0, -1.0])
    return latent, torch.from_numpy(np.random.default_rng(seed).integers(0, 3, count))


@pytest.mark.parametrize("name", SHAPES)
def test_a_step_and_what_follows(name: str) -> None:
    for seed in range(3):
        model = make_model(name, seed)
        latent, context = rows_around(seed, 60)
        action = torch.arange(60) % model.n_actions
        with torch.no_grad():
            step = model.step(latent, action, context)
            prediction = model.predict(step.latent, context)
        found, said = call(kernel_of(model), latent, action, context, model.n_actions)
        torch.testing.assert_close(found.latent, step.latent, atol=2e-5, rtol=1e-5)
        torch.testing.assert_close(found.reward.float(), step.reward)
        torch.testing.assert_close(found.discount.float(), step.discount, atol=2e-5, rtol=1e-4)
        # A latent within rounding of a cell's border or of an octant's may be seen from the other side.
        near = (said.value.float() - prediction.value).abs() < 1e-3
        assert near.float().mean() > 0.95
        torch.testing.assert_close(said.logits.float()[near], prediction.logits[near], atol=2e-3, rtol=1e-4)


@pytest.mark.parametrize("name", SHAPES)
def test_the_greedy_policy(name: str) -> None:
    model = make_model(name)
    latent, context = rows_around(1, 70)
    compiled, plain = greedy(model, latent, context=context), greedy(Plain(model), latent, context=context)
    np.testing.assert_allclose(compiled.value, plain.value, atol=1e-4, rtol=1e-5)
    np.testing.assert_allclose(compiled.action_weights, plain.action_weights, atol=1e-4)


@pytest.mark.parametrize("algorithm", ["gumbel", "puct"])
def test_the_search_finds_the_same(algorithm: str) -> None:
    model, config = make_model("small"), SearchConfig(algorithm, 40, value_clip=30.0, value_epsilon=1.0)
    latent, context = rows_around(2, 100)
    compiled, plain = (search(kind, latent, config, context=context) for kind in (model, Plain(model)))
    assert compiled.trace is not None and plain.trace is not None
    same = (compiled.trace.node_parents == plain.trace.node_parents).all(axis=1)
    assert same.mean() > 0.9, "rounding decides between few edges"
    np.testing.assert_allclose(compiled.value[same], plain.value[same], atol=1e-3)
    assert np.array_equal(compiled.action[same], plain.action[same])
    assert (compiled.action == plain.action).mean() > 0.95


def test_leaves_that_are_valued_by_the_field() -> None:
    model = make_model("small")
    latent, context = random_latents(6, 50, 7, 8), torch.arange(50) % 3
    leaves = model.field_leaves()
    assert leaves is model.field_leaves()
    compiled, plain = (greedy(kind, latent, context=context) for kind in (leaves, Plain(leaves)))
    reach = SMALL.reach
    for root in range(50):
        row, column = latent[root, :2].floor().long().tolist()
        field = model.around.field[context[root], row + reach, column + reach]
        assert compiled.value[root] == plain.value[root] == -field
    np.testing.assert_allclose(compiled.action_weights, plain.action_weights, atol=1e-4)
    assert np.array_equal(compiled.action_weights, greedy(model, latent, context=context).action_weights)
    for algorithm in ("gumbel", "exhaustive"):
        config = SearchConfig(algorithm, 20, leaves="field", value_epsilon=1.0)
        found = [plan(model, latent, config, context=context)]
        found.append(plan(Plain(leaves), latent, replace(config, leaves="predicted"), context=context))
        assert (found[0].action == found[1].action).mean() > 0.9
    with pytest.raises(MazenavError, match="valued by the field, but this model has none"):
        plan(Plain(model), latent, SearchConfig(simulations=3, leaves="field"), context=context)


def test_a_root_does_not_depend_on_its_batch() -> None:
    model, config = make_model("small"), SearchConfig(simulations=20)
    latent, context = rows_around(3, 41)
    together = search(model, latent, config, context=context)
    for root in (0, 7, 32, 40):
        alone = search(model, latent[root : root + 1], config, context=context[root : root + 1])
        assert together.trace is not None and alone.trace is not None
        assert np.array_equal(together.trace.node_values[root], alone.trace.node_values[0])
        assert np.array_equal(together.trace.node_latents[root], alone.trace.node_latents[0])


def test_parameters_that_change_are_packed_anew() -> None:
    model = make_model("small")
    before = kernel_of(model)
    assert kernel_of(model) is before
    with torch.no_grad():
        model.network.transition.middle.weight.mul_(-1)
        model.network.prediction.residual.bias.add_(1)
    latent, context = rows_around(4, 30)
    found, _ = call(kernel_of(model), latent, torch.zeros(30, dtype=torch.int64), context, 4)
    with torch.no_grad():
        expected = model.step(latent, torch.zeros(30, dtype=torch.int64), context)
    torch.testing.assert_close(found.latent, expected.latent, atol=2e-5, rtol=1e-5)
    assert np.allclose(
        greedy(model, latent, context=context).value, greedy(Plain(model), latent, context=context).value
    )


def test_a_network_that_diverged_is_one_sentence() -> None:
    for part in ("transition.change.bias", "prediction.residual.bias", "prediction.goal_radius"):
        model = make_model("small")
        latent, context = rows_around(5, 3)
        with torch.no_grad():
            dict(model.network.named_parameters())[part].fill_(torch.nan)
        with pytest.raises(MazenavError, match="not finite"):
            search(model, latent, SearchConfig(simulations=5), context=context)


def test_a_latent_far_outside_the_map_reads_the_nearest_cell() -> None:
    model, latent = make_model("small"), torch.tensor([[1e9, -1e9, 0.0, 1.0, 0.0, 0.0]])
    # Values there are some hundred millions of decisions: the same but for rounding.
    np.testing.assert_allclose(greedy(model, latent).value, greedy(Plain(model), latent).value, rtol=1e-6)
    with pytest.raises(MazenavError, match="not finite"):
        search(model, latent * torch.nan, SearchConfig(simulations=3))
