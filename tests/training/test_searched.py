"""Search results as targets: all actions learn, towards what the model's own search says."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mazenav.planner.search import plan
from mazenav.replay.segment import Segments
from mazenav.training.searched import TEACHER, TRUSTED, search_loss
from tests.model.small import bound, small_network
from tests.replay.driving import driven


@pytest.fixture(scope="module")
def segments() -> Segments:
    return driven(5, agents=12, steps=8, sizes=(5, 7))


def test_loss_is_the_gap_to_what_the_search_found(segments: Segments) -> None:
    network = small_network()
    model = bound(network, torch.from_numpy(segments.maps), torch.from_numpy(segments.goals))
    latent = network.representation(torch.from_numpy(segments.states.reshape(-1, 6)), segments.maps.shape[1])
    latent = latent.reshape(len(segments), -1, latent.shape[1])
    valid = torch.from_numpy(segments.valid)
    moments = np.random.default_rng(0).integers(valid.shape[1], size=(len(segments), 3))
    loss = search_loss(model, latent, valid, torch.from_numpy(moments))
    total, count = 0.0, 0
    for row, t in zip(np.repeat(np.arange(len(segments)), 3), moments.flat, strict=True):
        if not valid[row, t]:
            continue
        context = torch.tensor([row])
        trace = plan(model, latent[row, t][None], TEACHER, context=context).trace
        assert trace is not None
        wanted, now = -trace.q_values[0], model.decisions_to_go(latent[row, t][None], context)[0].detach().numpy()
        for found, said in zip(wanted, now, strict=True):
            if found < np.nanmin(wanted) + TRUSTED:
                gap = abs(found - said)
                total, count = total + (gap - 0.5 if gap > 1 else 0.5 * gap * gap), count + 1
    assert count > 0 and loss.item() == pytest.approx(total / count, rel=1e-4)


def test_actions_not_taken_learn_too(segments: Segments) -> None:
    network = small_network()
    model = bound(network, torch.from_numpy(segments.maps), torch.from_numpy(segments.goals))
    latent = network.representation(torch.from_numpy(segments.states.reshape(-1, 6)), segments.maps.shape[1])
    latent = latent.reshape(len(segments), -1, latent.shape[1])
    moments = torch.from_numpy(np.random.default_rng(0).integers(8, size=(len(segments), 4)))
    search_loss(model, latent, torch.from_numpy(segments.valid), moments).backward()
    gradient = network.prediction.residual.bias.grad
    assert gradient is not None and (gradient != 0).all()
    assert all(part.grad is None or not part.grad.any() for part in network.transition.parameters())


def test_nothing_is_searched_where_nothing_was_lived(segments: Segments) -> None:
    network = small_network()
    model = bound(network, torch.from_numpy(segments.maps), torch.from_numpy(segments.goals))
    latent = torch.zeros(len(segments), 9, 6)
    never, moments = torch.zeros(len(segments), 8, dtype=torch.bool), torch.zeros(len(segments), 2, dtype=torch.int64)
    assert search_loss(model, latent, never, moments) == 0
