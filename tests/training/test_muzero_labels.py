"""Labels by hand: n-step targets, where they end, and the values of searched policies."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mazenav.config.dense import MuZeroLossConfig
from mazenav.planner.result import PlanResult
from mazenav.planner.search import search
from mazenav.planner.settings import SearchConfig
from mazenav.training.muzero_labels import improved, label, value_targets
from tests.model.dense.small import bound, small_network, states
from tests.training.segments import wandering

DISCOUNT = 0.9
STEPS = 6
AHEAD = torch.tensor([[60.0, 50.0, 40.0, 30.0, 20.0, 10.0, 5.0]])
ALL, NONE = torch.ones(1, STEPS, dtype=torch.bool), torch.zeros(1, STEPS, dtype=torch.bool)


def at(*steps: int) -> torch.Tensor:
    return torch.isin(torch.arange(STEPS), torch.tensor(steps))[None]


def counted(decisions: int, then: float) -> float:
    """So many decisions, and what lies ahead of them, discounted."""
    return float(sum(DISCOUNT**i for i in range(decisions)) + DISCOUNT**decisions * then)


def taught(reached: torch.Tensor, valid: torch.Tensor, greedy: torch.Tensor, n: int) -> list[float]:
    return [float(value) for value in value_targets(AHEAD, reached, valid, greedy, n, DISCOUNT)[0]]


def test_a_return_goes_on_with_the_value_n_decisions_later() -> None:
    for n in (1, 2, 3):
        expected = [counted(k := min(n, STEPS - step), AHEAD[0, step + k].item()) for step in range(STEPS + 1)]
        assert taught(NONE, ALL, ALL, n) == pytest.approx(expected)


def test_a_return_ends_where_the_goal_was_reached() -> None:
    found = taught(at(3), torch.arange(STEPS)[None] <= 3, ALL, 10)
    assert found[:4] == pytest.approx([counted(k, 0) for k in (4, 3, 2, 1)])
    assert found[4:] == AHEAD[0, 4:].tolist(), "behind the goal nothing is known but the search"


def test_a_return_ends_before_a_decision_that_was_not_greedy() -> None:
    expected = [counted(2, 40), counted(1, 40), 40.0, counted(3, 5), counted(2, 5), counted(1, 5), 5.0]
    assert taught(NONE, ALL, ~at(2), 10) == pytest.approx(expected)


def test_a_return_ends_with_the_episode() -> None:
    expected = [counted(2, 40), counted(1, 40), *AHEAD[0, 2:].tolist()]
    assert taught(NONE, torch.arange(STEPS)[None] < 2, ALL, 10) == pytest.approx(expected)


def test_what_was_reached_can_be_reached_however_badly() -> None:
    """Nobody was greedy, but the goal was reached in the fifth decision."""
    found = taught(at(4), torch.arange(STEPS)[None] <= 4, NONE, 2)
    assert found == pytest.approx([*(counted(k, 0) for k in (5, 4, 3, 2, 1)), 10.0, 5.0])


def test_a_searched_policy_is_a_softmax_over_what_was_tried() -> None:
    network, model = small_network(), bound(small_network(), 1, 3)
    with torch.no_grad():
        latent = network.representation(states(0, 3), 9)
    found = search(model, latent, SearchConfig(simulations=4))
    assert found.trace is not None and (found.trace.visits == 1).all(), "four simulations try four actions once each"
    # An action that nobody tried has no value and no say.
    visits, q_values = found.trace.visits.copy(), np.tile([0.0, -10.0, -11.0, -30.0], (3, 1))
    visits[:, 0], q_values[:, 0] = 0, np.nan
    part = PlanResult(
        found.action, found.action_weights, found.value, found.trace._replace(visits=visits, q_values=q_values)
    )
    policies, values, tried = improved(part, temperature=0.5)
    share = 1 / (1 + np.exp(-2))
    np.testing.assert_allclose(policies, np.tile([0, share, 1 - share, 0], (3, 1)), atol=1e-12)
    np.testing.assert_allclose(values, -10 * share - 11 * (1 - share))
    assert (tried[:, 0] == -np.inf).all() and np.array_equal(tried[:, 1:], q_values[:, 1:])


def test_every_state_of_every_segment_is_labelled_by_its_own_task() -> None:
    network, segments = small_network(), wandering(0, agents=4, steps=6)
    planner, config = SearchConfig(simulations=4, value_epsilon=1.0), MuZeroLossConfig()

    def labels(chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        part = segments.take(chosen)
        tasks = [torch.from_numpy(array) for array in (part.maps, part.starts, part.goals)]
        with torch.no_grad():
            latent = network.representation(torch.from_numpy(part.states).reshape(-1, 6), 9)
            model = bound(network, 0, 1)
            model = type(model)(network, network.read(*tasks))
            found = label(model, latent.reshape(len(part), 7, -1), part, planner, config)
        return found.values.numpy(), found.policies.numpy()

    values, policies = labels(np.arange(4))
    assert values.shape == (4, 7) and policies.shape == (4, 7, 4)
    assert ((values >= 0) & (values <= network.config.farthest)).all()
    np.testing.assert_allclose(policies.sum(axis=2), 1, rtol=1e-5)
    for number in range(4):
        alone = labels(np.array([number]))
        np.testing.assert_allclose(values[number], alone[0][0], rtol=1e-3, atol=1e-3)
        np.testing.assert_allclose(policies[number], alone[1][0], atol=1e-3)
