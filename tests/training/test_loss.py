from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from mazenav.config import LossConfig
from mazenav.model.network import BoundModel, Network
from mazenav.model.representation import POSITION
from mazenav.model.transition import FirstLayer
from mazenav.replay.relabel import relabel
from mazenav.replay.segment import Segments, concatenate
from mazenav.sim.borders import BorderLabels
from mazenav.training.doubt import mending_loss
from mazenav.training.loss import border_loss, draw_moments, losses, model_loss, reached_loss, value_loss
from tests.model.small import DOUBTING, bound, small_network
from tests.replay.driving import driven


@pytest.fixture(scope="module")
def segments() -> Segments:
    """Fresh segments and hindsight ones, so that some end early and some never count."""
    fresh = driven(0, agents=24, steps=12, rounds=2, sizes=(5, 7))
    return concatenate([fresh, relabel(fresh, np.random.default_rng(0))])


def whole_loss(network: Network, segments: Segments, config: LossConfig | None = None) -> dict[str, Tensor]:
    config = config or LossConfig()
    return losses(network, segments, config, draw_moments(segments, config, np.random.default_rng(3)))._asdict()


def bound_to(network: Network, segments: Segments) -> tuple[BoundModel, Tensor]:
    """The model of the segments' tasks and their latents `[N, T + 1, L]`."""
    model = bound(network, torch.from_numpy(segments.maps), torch.from_numpy(segments.goals))
    flat = torch.from_numpy(segments.states.reshape(-1, 6))
    latent = network.representation(flat, segments.maps.shape[1])
    return model, latent.reshape(*segments.states.shape[:2], -1)


def tensors(segments: Segments) -> tuple[Tensor, Tensor, Tensor]:
    return tuple(torch.from_numpy(part) for part in (segments.actions, segments.reached, segments.valid))


def touched(network: Network) -> set[str]:
    """Parts of the network that a gradient came to."""
    found = {name for name, part in network.named_parameters() if part.grad is not None and (part.grad != 0).any()}
    return {".".join(name.split(".")[:2]) if name.startswith("hypermodel") else name.split(".")[0] for name in found}


def test_total_is_the_weighted_sum(segments: Segments) -> None:
    config = LossConfig(model_weight=2.0, passability_weight=3.0, reached_weight=5.0, search_weight=7.0)
    loss = whole_loss(small_network(), segments, config)
    parts = loss["value"] + 2 * loss["model"] + 3 * loss["passability"] + 5 * loss["reached"]
    parts = parts + 7 * loss["searched"]
    torch.testing.assert_close(loss["total"], parts)
    assert all(torch.isfinite(part) and part > 0 for part in loss.values())


def test_every_part_of_the_network_learns(segments: Segments) -> None:
    network = small_network(config=DOUBTING)
    assert network.doubt is not None
    rng = np.random.default_rng(4)
    (whole_loss(network, segments)["total"] + mending_loss(network.doubt, segments, rng)).backward()
    idle = {
        name for name, part in network.named_parameters() if part.grad is None or not torch.isfinite(part.grad).all()
    }
    assert not idle


def test_what_was_not_lived_does_not_count(segments: Segments) -> None:
    """Whatever stands in the arrays behind an episode's end, all losses stay the same."""
    rng = np.random.default_rng(9)
    gone = ~segments.valid
    after = np.concatenate([np.zeros((len(segments), 1), np.bool_), gone], axis=1)
    after[gone.all(axis=1)] = True
    states = np.where(after[..., None], rng.uniform(0.5, 4.5, segments.states.shape), segments.states)
    noise = rng.integers(4, size=gone.shape)
    other = Segments(
        segments.maps,
        segments.goals,
        states.astype(np.float32),
        np.where(gone, noise, segments.actions),
        segments.reached,
        segments.valid,
    )
    assert gone.any()
    network = small_network()
    before, now = whole_loss(network, segments), whole_loss(network, other)
    for name, part in before.items():
        if name != "position_error":
            torch.testing.assert_close(now[name], part, rtol=1e-5, atol=1e-6)


def test_the_value_does_not_teach_passability(segments: Segments) -> None:
    network = small_network()
    model, latent = bound_to(network, segments)
    value_loss(model, latent, *tensors(segments), LossConfig()).backward()
    assert touched(network) == {"hypermodel.cost_encoder", "hypermodel.own_cost", "prediction"}


def test_border_loss_teaches_nothing_but_passability(segments: Segments) -> None:
    network = small_network()
    whole_loss(network, segments)["passability"].backward()
    assert touched(network) == {"hypermodel.border_encoder", "hypermodel.right", "hypermodel.down"}


def test_model_loss_teaches_the_body_level(segments: Segments) -> None:
    network = small_network()
    whole_loss(network, segments)["model"].backward()
    assert touched(network) == {"hypermodel.body_reader", "transition"}


def test_border_loss_by_hand() -> None:
    logits = torch.zeros(2, 3, 3)
    logits[1, 2, 0] = 2.0
    labels = BorderLabels(np.array([0, 1]), np.array([1, 2]), np.array([1, 0]), np.array([1.0, 0.0], np.float32))
    expected = (torch.log(torch.tensor(2.0)) + torch.log1p(torch.exp(torch.tensor(2.0)))) / 2
    torch.testing.assert_close(border_loss(logits, labels), expected)
    none = BorderLabels(*(np.zeros(0, np.int64),) * 3, np.zeros(0, np.float32))
    assert border_loss(logits, none) == 0


class ExactTransition(torch.nn.Module):
    """Knows where the body went, by looking it up, and is off by a fixed amount each time it is asked."""

    def __init__(self, latent: Tensor, offset: float) -> None:
        super().__init__()
        self.latent, self.offset, self.calls = latent, offset, 0

    def forward(self, first_layer: FirstLayer, predicted: Tensor, action: Tensor, context: Tensor) -> Tensor:
        self.calls += 1
        following = predicted.clone()
        for row in range(len(predicted)):
            path = self.latent[context[row]]
            near = (path - predicted[row] + self.offset * (self.calls - 1)).abs().sum(dim=1)
            following[row] = path[min(int(near.argmin()) + 1, len(path) - 1)] + self.offset * self.calls
        return following


@pytest.mark.parametrize("offset", [0.0, 1e-4])
def test_model_loss_of_a_known_error(offset: float) -> None:
    """An error of k * offset in all six numbers after k decisions: Huber below its knee, 10 * 6 * e^2 / (2 * 0.05)."""
    path = torch.arange(9.0)[None, :, None] * torch.ones(1, 1, 6)
    network = small_network()
    model = bound(network, torch.zeros(1, 5, 5), torch.zeros(1, 2, dtype=torch.int64))
    network.transition = ExactTransition(path, offset)  # type: ignore[assignment]  # stands in for the network
    whole = torch.ones(1, 8, dtype=torch.bool)
    actions = torch.zeros(1, 8, dtype=torch.int64)
    starts = torch.from_numpy(np.random.default_rng(0).integers(6, size=(1, 8)))
    loss, error = model_loss(model, path, actions, whole, starts, 3)
    expected = sum(600 * (step * offset) ** 2 for step in (1, 2, 3)) / 3
    assert loss.item() == pytest.approx(expected, rel=0.02, abs=1e-9)
    assert float(error) == pytest.approx(3 * offset * 2**0.5, rel=0.02, abs=1e-9)


def test_model_loss_stops_at_the_first_decision_that_was_not_whole(segments: Segments) -> None:
    network = small_network()
    model, latent = bound_to(network, segments)
    actions, _, valid = tensors(segments)
    anywhere = torch.from_numpy(np.random.default_rng(0).integers(8, size=(len(segments), 8)))
    nothing, error = model_loss(model, latent, actions, torch.zeros_like(valid), anywhere, 5)
    assert nothing == 0 and error == 0
    first_only = torch.zeros_like(valid)
    first_only[:, 0] = True
    start = torch.zeros(len(segments), 1, dtype=torch.int64)
    loss, _ = model_loss(model, latent, actions, first_only, start, 12)
    one, _ = model_loss(model, latent[:, :2], actions[:, :1], first_only[:, :1], start, 1)
    torch.testing.assert_close(loss, one)
    broken, _ = model_loss(model, latent, actions, ~first_only, start, 12)
    assert broken == 0, "behind a decision that was not whole nothing counts"


def test_reached_loss_learns_the_radius() -> None:
    """Ways that pass the goal at drawn distances, reached below 0.4: the radius goes there from 0.5."""
    network = small_network()
    model = bound(network, torch.zeros(1, 5, 5), torch.tensor([[2, 2]]))
    aside = torch.rand(1, 400, generator=torch.Generator().manual_seed(0)) * 0.8
    latent = torch.zeros(1, 401, 6)
    latent[0, :, POSITION] = torch.tensor([2.5, 2.5])
    latent[0, :-1, 0] += aside[0]
    latent[0, 1::2, 1], latent[0, 0::2, 1] = 3.4, 1.6
    way = latent[0, 1:, POSITION] - latent[0, :-1, POSITION]
    share = ((2.5 - latent[0, :-1, POSITION]) * way).sum(1) / way.square().sum(1)
    nearest = latent[0, :-1, POSITION] + share[:, None].clamp(0, 1) * way - 2.5
    reached = (nearest.norm(dim=1) < 0.4)[None]
    optimizer = torch.optim.Adam([network.prediction.goal_radius, network.prediction.goal_sharpness], lr=0.02)
    valid = torch.ones_like(reached)
    assert reached.any() and not reached.all()
    for _ in range(150):
        optimizer.zero_grad()
        loss = reached_loss(model, latent, reached, valid)
        loss.backward()
        optimizer.step()
    assert network.prediction.goal_radius.item() == pytest.approx(0.4, abs=0.02)
    assert loss < 0.15


def test_far_from_the_goal_nothing_is_asked_about_reaching_it() -> None:
    network = small_network()
    model = bound(network, torch.zeros(1, 9, 9), torch.tensor([[0, 0]]))
    latent = torch.full((1, 3, 6), 5.0)
    yes = torch.ones(1, 2, dtype=torch.bool)
    assert reached_loss(model, latent, ~yes, yes) == 0
