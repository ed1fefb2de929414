from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from mazenav.config import TrainConfig
from mazenav.rng import stream
from mazenav.training.learner import WARM_UP, Learner
from tests.model.small import DOUBTING, SMALL, small_network
from tests.replay.driving import driven

CONFIG = TrainConfig(
    model=SMALL, iterations=100, agents=20, segment=8, minibatch=8, replayed=4, replay_capacity=64, sizes=(5, 7)
)


def learner(seed: int = 0, config: TrainConfig = CONFIG) -> Learner:
    return Learner(small_network(seed), config, stream(seed, "learner"))


def test_learning_rate_warms_up_and_falls_to_nothing() -> None:
    pupil = learner()
    total = CONFIG.iterations * math.ceil(CONFIG.agents / CONFIG.minibatch)
    shares = []
    for pupil.steps in range(total + 1):
        shares.append(pupil.schedule())
    top = int(np.argmax(shares))
    assert 0 < shares[0] < 0.02 and top <= WARM_UP
    assert 0.7 < shares[top] <= 1
    assert (np.diff(shares[: top + 1]) > 0).all() and (np.diff(shares[top:]) < 0).all()
    assert shares[-1] == pytest.approx(0, abs=1e-9)


def test_every_weight_is_stepped_at_its_own_peak_of_the_schedule() -> None:
    config = replace(CONFIG, learning_rate=2e-3, dynamics_learning_rate=5e-4, doubt_learning_rate=3e-3, doubted=8)
    pupil = Learner(small_network(0, DOUBTING), config, stream(0, "learner"))
    share = pupil.schedule()
    pupil.learn(driven(0, agents=4, steps=8, sizes=(5, 7)))
    rates = {id(part): group["lr"] for group in pupil.optimizer.param_groups for part in group["params"]}
    for name, part in pupil.network.named_parameters():
        dynamics = name.startswith(("hypermodel.body_reader", "transition"))
        peak = 5e-4 if dynamics else 3e-3 if name.startswith("doubt") else 2e-3
        assert rates[id(part)] == pytest.approx(share * peak), name


def test_a_pass_takes_every_fresh_segment_once() -> None:
    pupil = learner()
    losses = pupil.learn(driven(0, agents=20, steps=8, sizes=(5, 7)))
    assert pupil.steps == 3 and len(pupil.replay) == 20
    assert all(math.isfinite(loss) for loss in losses.values())
    assert {"total", "value", "model", "passability", "reached"} <= losses.keys()


def test_every_weight_moves_and_stays_finite() -> None:
    pupil = learner()
    before = {name: part.detach().clone() for name, part in pupil.network.named_parameters()}
    for number in range(3):
        pupil.learn(driven(number, agents=20, steps=8, sizes=(5, 7)))
    for name, part in pupil.network.named_parameters():
        assert torch.isfinite(part).all() and (part != before[name]).any(), name


def test_the_same_draws_give_the_same_weights() -> None:
    pupils = [learner(0), learner(0)]
    for pupil in pupils:
        for number in range(2):
            pupil.learn(driven(number, agents=20, steps=8, sizes=(5, 7)))
    first, second = (pupil.network.state_dict() for pupil in pupils)
    assert all(torch.equal(first[name], second[name]) for name in first)
