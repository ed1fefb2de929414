"""MuZero's losses: what counts, what teaches which network, and that they can be brought to nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from mazenav.config.dense import MuZeroLossConfig
from mazenav.model.dense.network import DenseNetwork
from mazenav.model.rescaling import rescale
from mazenav.planner.settings import SearchConfig
from mazenav.replay.relabel import relabel
from mazenav.replay.segment import TaskSegments
from mazenav.training.muzero_loss import MuZeroLosses, model_cost, muzero_losses, policy_cost, value_cost
from tests.model.dense.small import CONDITIONINGS, small_network
from tests.training.segments import wandering, whole

PLANNER = SearchConfig(simulations=4, value_epsilon=1.0)
CONFIG = MuZeroLossConfig()


def losses(network: DenseNetwork, segments: TaskSegments, config: MuZeroLossConfig = CONFIG) -> MuZeroLosses:
    return muzero_losses(network, segments, PLANNER, config, np.random.default_rng(0))


def test_each_cost_is_nothing_where_there_is_nothing_to_learn() -> None:
    target = torch.tensor([[0.0, 2.0, 90.0]])
    assert value_cost(rescale(target), target).abs().max() == 0
    assert (value_cost(rescale(target) + 1, target) == 0.5).all(), "near and far weigh alike"
    policy = torch.tensor([[[0.5, 0.5, 0.0, 0.0]]])
    assert policy_cost(torch.tensor([[[3.0, 3.0, -50.0, -50.0]]]), policy).abs().max() < 1e-5
    assert policy_cost(torch.tensor([[[3.0, 0.0, 0.0, 0.0]]]), policy).min() > 0.1
    assert model_cost(torch.zeros(1, 1, 16)).item() == 0
    body, learnt = torch.zeros(1, 1, 16), torch.zeros(1, 1, 16)
    body[..., :6], learnt[..., 6:] = 0.1, 0.1
    assert model_cost(body).item() == pytest.approx(model_cost(learnt).item()), "both halves weigh the same"


def test_what_lies_behind_the_goal_or_a_pause_does_not_count() -> None:
    segments, network = wandering(0, agents=24, steps=5), small_network()
    segments = segments.take(np.flatnonzero(whole(segments)))
    ended = replace(segments, reached=segments.reached.copy(), valid=segments.valid.copy())
    ended.reached[:, 2], ended.valid[:, 3:] = True, False
    changed = replace(ended, states=ended.states.copy(), actions=ended.actions.copy())
    changed.states[:, 3:] = 4.5  # the state in which the goal was reached, and those behind it
    changed.actions[:, 3:] = 0
    for name, mine, other in zip(MuZeroLosses._fields, losses(network, ended), losses(network, changed), strict=True):
        torch.testing.assert_close(mine, other, msg=f"{name} changed")
    moved = replace(segments, states=changed.states)
    assert not torch.allclose(losses(network, moved).model, losses(network, segments).model)


@pytest.mark.parametrize("conditioning", CONDITIONINGS)
def test_every_loss_teaches_a_reader_of_the_map(conditioning: str) -> None:
    segments = relabel(wandering(1, agents=24), np.random.default_rng(0))
    for name in ("value", "policy", "reward", "model"):
        network = small_network(conditioning)
        getattr(losses(network, segments), name).backward()
        planning = name in ("value", "policy")
        layer = network.prediction.reader.enter if planning else network.reader.layers[0]
        assert layer.weight.grad is not None and layer.weight.grad.abs().max() > 0, name


@pytest.mark.parametrize("conditioning", CONDITIONINGS)
def test_what_is_said_of_imagined_states_teaches_the_model(conditioning: str) -> None:
    segments = relabel(wandering(1, agents=24), np.random.default_rng(0))
    for weight in (0.0, 1.0):
        network = small_network(conditioning)
        only = replace(CONFIG, model_weight=0.0, reward_weight=0.0, imagined_weight=weight)
        losses(network, segments, only).total.backward()
        gradient = network.reader.layers[0].weight.grad
        learnt = gradient is not None and bool(gradient.abs().max() > 0)
        assert learnt == (weight > 0)


def test_the_auxiliary_model_loss_does_not_bend_what_is_to_be_predicted() -> None:
    """Representations of later states are targets only: with one decision, nothing flows into the last state."""
    segments, network = wandering(2, agents=4, steps=1), small_network()
    states = torch.from_numpy(segments.states).reshape(-1, 6)
    seen = []

    def keep(module: torch.nn.Module, given: object, latent: torch.Tensor) -> None:
        latent.retain_grad()
        seen.append(latent)

    network.representation.register_forward_hook(keep)
    losses(network, segments, replace(CONFIG, unroll=1)).model.backward()
    gradient = seen[0].grad
    assert gradient is not None and len(gradient) == len(states)
    gradient = gradient.reshape(len(segments), 2, -1)
    assert gradient[:, 0].abs().max() > 0 and gradient[:, 1].abs().max() == 0


def test_no_segment_that_counts_gives_no_loss_and_no_number_that_is_not_one() -> None:
    segments = wandering(3, agents=4)
    nothing = replace(segments, valid=np.zeros_like(segments.valid), reached=np.zeros_like(segments.reached))
    assert [part.item() for part in losses(small_network(), nothing)] == [0.0] * len(MuZeroLosses._fields)


def test_it_learns_a_few_segments_by_heart() -> None:
    network = small_network()
    segments = relabel(wandering(4, agents=8), np.random.default_rng(1))
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    seen = []
    for _ in range(80):
        loss = losses(network, segments)
        optimizer.zero_grad()
        loss.total.backward()
        optimizer.step()
        seen.append([part.item() for part in loss])
    first, last = np.array(seen[:3]).mean(axis=0), np.array(seen[-3:]).mean(axis=0)
    fallen = dict(zip(MuZeroLosses._fields, last / first, strict=True))
    assert fallen["reward"] < 0.4 and fallen["model"] < 0.5 and fallen["position_error"] < 0.6
