"""The dense hypermodel and what it is part of: variance, batches, padding, and what depends on the map."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from mazenav.config.dense import DenseModelConfig, DenseTrainConfig
from mazenav.model.dense.hypermodel import LAST_GAIN, OWN_SHARE, TransitionMlp
from mazenav.model.dense.network import DenseModel, DenseNetwork
from mazenav.model.dense.prediction import towards
from mazenav.model.dense.reader import task_grids
from mazenav.model.dense.representation import CELLS_IN_ONE
from mazenav.model.dense.transition import apply_mlp
from mazenav.model.rescaling import rescale
from mazenav.planner.search import search
from mazenav.planner.settings import SearchConfig
from mazenav.types import MazenavError
from tests.model.dense.small import CONDITIONINGS, SMALL, bound, contexts, small_network, states


def test_generated_weights_have_the_variance_that_their_network_needs() -> None:
    torch.manual_seed(0)
    network = DenseNetwork(DenseModelConfig())
    task = contexts(1, 64, 13, 13)
    network.calibrate(*task)
    with torch.no_grad():
        weights = network.read(*task).transition
        assert isinstance(weights, TransitionMlp)
        inputs, position = torch.randn(64, 200, weights.first_weight.shape[1]), torch.rand(64, 200, 2) * 12 + 0.5
        outputs = apply_mlp(weights, inputs, position)
    for weight, gain in ((weights.first_weight, 1), (weights.middle_weight, 2), (weights.here_weight, 1)):
        assert weight.var().item() == pytest.approx(gain / weight.shape[1], rel=0.2)
    assert weights.cell_weight.square().mean().item() == pytest.approx(1, rel=0.6), "of few kernels"
    # Inputs of variance 1 keep it through the first layer, to which both positions add their features' mean square of
    # (2 / 3)^2; a rectifier cuts half off, and what the second layer makes of it is added: about 2.5 in all. The last
    # layer leaves its gain of that, and what goes straight through is given the same gain.
    assert outputs.var().item() == pytest.approx(3.5 * LAST_GAIN, rel=0.3)
    across_maps = weights.first_weight.var(dim=0).mean() / weights.first_weight.var()
    assert 0.2 * OWN_SHARE < across_maps < 1.5 * OWN_SHARE, "most of it is shared by all maps"


def test_weights_of_cells_begin_as_a_convolutions() -> None:
    """Map, start and goal moved by a cell move the weights of cells with them, away from the edges."""
    torch.manual_seed(0)
    network = DenseNetwork(replace(SMALL, side=13))
    maps = torch.ones(1, 13, 13)
    maps[0, 4:9, 4:8] = (torch.rand(5, 4) < 0.5).float()
    found = []
    with torch.no_grad():
        for along in (0, 1):
            there = torch.tensor([[6, 6 + along]])
            phi = network.read(maps.roll(along, 2), there, there).transition
            assert isinstance(phi, TransitionMlp)
            found.append(phi.cell_weight.unflatten(1, (13, 13))[0, 3:10])
    torch.testing.assert_close(found[0][:, 3:9], found[1][:, 4:10], atol=1e-5, rtol=1e-5)
    assert (found[0] - found[1]).abs().max() > 0.1


@pytest.mark.parametrize("conditioning", CONDITIONINGS)
def test_a_model_of_many_tasks_says_of_each_what_a_model_of_it_alone_says(conditioning: str) -> None:
    network = small_network(conditioning)
    together, task = bound(network, 3, 4), contexts(3, 4)
    latent = network.representation(states(5, 12), 9).detach()
    action = torch.arange(12) % 4
    for context in (torch.arange(4).repeat_interleave(3), torch.arange(12) * 5 % 4):
        with torch.no_grad():
            step, said = together.step(latent, action, context), together.predict(latent, context)
            for row, number in enumerate(context.tolist()):
                alone = DenseModel(network, network.read(*(part[number : number + 1] for part in task)))
                first, one = torch.zeros(1, dtype=torch.int64), slice(row, row + 1)
                expected = alone.step(latent[one], action[one], first), alone.predict(latent[one], first)
                for found, wanted in zip((*step, *said), (*expected[0], *expected[1]), strict=True):
                    torch.testing.assert_close(found[one], wanted, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("conditioning", CONDITIONINGS)
def test_map_and_goal_decide(conditioning: str) -> None:
    network, (maps, starts, goals) = small_network(conditioning), contexts(0, 1)
    latent, action = network.representation(states(1, 6), 9), torch.arange(6) % 4
    tasks = {"as it is": (maps, starts, goals), "map": (1 - maps, starts, goals), "goal": (maps, starts, 8 - goals)}
    with torch.no_grad():
        found = {name: DenseModel(network, network.read(*task)) for name, task in tasks.items()}
        steps = {name: model.step(latent, action, torch.zeros(6, dtype=torch.int64)) for name, model in found.items()}
        said = {name: model.predict(latent, torch.zeros(6, dtype=torch.int64)) for name, model in found.items()}
    for other in ("map", "goal"):
        assert (steps[other].latent - steps["as it is"].latent).abs().max() > 1e-3
        assert (said[other].value - said["as it is"].value).abs().max() > 1e-3


def test_smaller_maps_are_padded_with_wall_above_and_on_the_right() -> None:
    maps, starts, goals = contexts(2, 3, 6, 7)
    padded = torch.ones(3, 9, 9)
    padded[:, 3:, :7] = maps
    down = torch.tensor([3, 0])
    grids = task_grids(maps, starts, goals, 9)
    assert torch.equal(grids, task_grids(padded, starts + down, goals + down, 9))
    assert grids.shape == (3, 3, 9, 9) and (grids[:, 1:].sum(dim=(2, 3)) == 1).all()
    assert all(grids[i, 2, goals[i, 0] + 3, goals[i, 1]] == 1 for i in range(3))


def test_latents_hold_where_the_body_is() -> None:
    network, where = small_network(), states(3, 20)
    latent = network.representation(where, 9)
    assert latent.shape == (20, SMALL.latent)
    torch.testing.assert_close(network.representation.positions(latent), torch.stack([9 - where[:, 1], where[:, 0]], 1))
    torch.testing.assert_close(
        network.representation.cells(latent[1:] - latent[:-1]),
        network.representation.positions(latent[1:]) - network.representation.positions(latent[:-1]),
    )


def test_the_goal_lies_where_latents_hold_it_to_be() -> None:
    network, (maps, starts, goals) = small_network(), contexts(4, 5, 6, 7)
    there = torch.zeros(5, 6)
    there[:, 0], there[:, 1] = goals[:, 1] + 0.5, 6 - goals[:, 0] - 0.5
    with torch.no_grad():
        plans = network.read(maps, starts, goals).plans
        latent = network.representation(there, 9)
    goal = network.prediction.place(plans)
    torch.testing.assert_close(towards(latent.unsqueeze(1), goal), torch.zeros(5, 1, 4))
    there[:, 0] += 3
    torch.testing.assert_close(
        towards(network.representation(there, 9).detach().unsqueeze(1), goal),
        torch.tensor([0.0, -3 / CELLS_IN_ONE, 0.0, -1.0]).expand(5, 1, 4),
    )


def test_values_and_decisions_are_one_and_the_same() -> None:
    network, decisions = small_network(), torch.tensor([0.5, 1, 10, 100, 149])
    there = network.discounted(decisions)
    assert there[1].item() == pytest.approx(1) and there[-1] < 1 / (1 - SMALL.discount)
    torch.testing.assert_close(network.decisions(rescale(there)), decisions, rtol=1e-3, atol=1e-3)
    assert network.decisions(torch.tensor([1e4])).item() == pytest.approx(SMALL.farthest)


@pytest.mark.parametrize("conditioning", CONDITIONINGS)
def test_search_plans_with_it(conditioning: str) -> None:
    network, model = small_network(conditioning), bound(small_network(conditioning), 1, 3)
    with torch.no_grad():
        latent = network.representation(states(2, 6), 9)
    found = search(model, latent, SearchConfig(simulations=8), context=torch.arange(3).repeat_interleave(2))
    assert found.trace is not None and (found.trace.visits.sum(axis=1) == 8).all()
    assert (found.value < 0).all() and (found.value >= -SMALL.farthest - 8).all()


def test_an_unrolled_latent_does_not_run_away() -> None:
    model = bound(small_network(), 1, 4)
    latent = torch.randn(4, SMALL.latent) * 100
    context = torch.arange(4)
    with torch.no_grad():
        after = model.step(latent, context, context).latent
    assert (after - latent).abs().max() <= 4.001


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"conditioning": "both"}, "conditioning must be one of weights, concatenated, found 'both'"),
        ({"latent": 6}, "latent must lie between 7 and 4096, found 6"),
        ({"mirror": (0, 0, 2, 3)}, "mirror must name each of 4 actions once, found [0, 0, 2, 3]"),
        ({"side": 4}, "side must lie between 5 and 101, found 4"),
    ],
)
def test_settings_of_a_network_that_cannot_be(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(MazenavError) as error:
        DenseModelConfig(**{**vars(SMALL), **change})
    assert str(error.value) == sentence


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"sizes": (7, 15)}, "sizes must be a smallest and a largest side from 5 to the model's 13, found [7, 15]"),
        ({"segment": 4}, "segment must be at least unroll (5), found 4"),
        ({"replay_capacity": 100}, "replay_capacity must be at least agents (128), found 100"),
        ({"promotion": 2.0}, "promotion must lie between 0 and 1, found 2.0"),
    ],
)
def test_settings_of_a_run_that_cannot_be(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(MazenavError) as error:
        DenseTrainConfig(**change)  # type: ignore[arg-type]  # one field at a time
    assert str(error.value) == sentence
