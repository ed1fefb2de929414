from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Future
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


def test_a_reader_that_learns_beside_the_rest_learns_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    config = replace(CONFIG, doubted=8)

    def pupil() -> Learner:
        return Learner(small_network(0, DOUBTING), config, stream(0, "learner"))

    beside = pupil()
    monkeypatch.setattr("mazenav.training.learner.ThreadPoolExecutor", AtOnce)
    after_one_another = pupil()
    for number in range(3):
        fresh = driven(number, agents=20, steps=8, sizes=(5, 7))
        assert beside.learn(fresh) == after_one_another.learn(fresh)
    first, second = (part.network.state_dict() for part in (beside, after_one_another))
    assert all(torch.equal(first[name], second[name]) for name in first)
    states = [part.rng.bit_generator.state for part in (beside, after_one_another)]
    assert states[0] == states[1]


class AtOnce:
    """An executor that does what it is given before it returns."""

    def __init__(self, *_: object) -> None: ...

    def submit(self, task: Callable[..., object], *given: object) -> Future[object]:
        done: Future[object] = Future()
        done.set_result(task(*given))
        return done


def test_what_a_reader_fails_at_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> torch.Tensor:
        raise ValueError("no such maps")

    monkeypatch.setattr("mazenav.training.learner.mending_loss", fails)
    pupil = Learner(small_network(0, DOUBTING), replace(CONFIG, doubted=8), stream(0, "learner"))
    with pytest.raises(ValueError, match="no such maps"):
        pupil.learn(driven(0, agents=8, steps=8, sizes=(5, 7)))
