"""Open-loop rollouts start together with the real trajectory and are scored against it."""

from __future__ import annotations

import numpy as np
import pytest

from mazenav.agent.navigator import Navigator
from mazenav.config import ModelConfig
from mazenav.evaluation.open_loop import Actions, open_loop
from mazenav.layout.sets import load_set
from mazenav.model.network import Network


@pytest.mark.parametrize("actions", ["policy", "uniform", "held"])
def test_rollouts_begin_where_the_body_is_and_drift(actions: Actions) -> None:
    navigator = Navigator(Network(ModelConfig()).eval())
    rollouts = open_loop(navigator, load_set("test-13")[:20], 6, 0, actions)
    assert rollouts.real.shape == rollouts.predicted.shape == (20, 7, 2)
    assert np.array_equal(rollouts.error[:, 0], np.zeros(20))
    again = open_loop(navigator, load_set("test-13")[:20], 6, 0, actions)
    assert np.array_equal(rollouts.error, again.error)
    assert (rollouts.error[:, 1:] > 0).all(), "an untrained model must drift"
    steps = np.linalg.norm(np.diff(rollouts.real, axis=1), axis=-1)
    # Top speed makes 0.512 cells a decision; pressing obliquely along a wall gains a little on that, as in the engine.
    assert steps.max() < 0.6
    inside = (rollouts.real > 1) & (rollouts.real < 12)
    assert inside.all(), "real positions lie within the border"
