"""Labels by hand: what a search adds, and whose task they are of. The returns themselves: `test_returns`."""

from __future__ import annotations

import numpy as np
import torch

from mazenav.config.dense import MuZeroLossConfig
from mazenav.planner.result import PlanResult
from mazenav.planner.search import search
from mazenav.planner.settings import SearchConfig
from mazenav.training.muzero_labels import improved, label
from tests.model.dense.small import bound, small_network, states
from tests.training.segments import wandering


def test_what_a_search_adds_to_what_the_network_says() -> None:
    network, model = small_network(), bound(small_network(), 1, 3)
    with torch.no_grad():
        latent = network.representation(states(0, 3), 9)
    found = search(model, latent, SearchConfig(simulations=4))
    assert found.trace is not None and (found.trace.visits == 1).all(), "four simulations try four actions once each"
    # An action that nobody tried is worth what the network says.
    visits, q_values = found.trace.visits.copy(), np.tile([np.nan, -10.0, -11.0, -30.0], (3, 1))
    visits[:, 0] = 0
    part = PlanResult(
        found.action, found.action_weights, found.value, found.trace._replace(visits=visits, q_values=q_values)
    )
    said = torch.tensor([[20.0, 12.0, 11.0, 20.0]]).expand(3, 4)
    ahead, policies = improved(said, part, temperature=0.5)
    own = np.exp([-40.0, -24, -22, -40]) / np.exp([-40.0, -24, -22, -40]).sum()
    np.testing.assert_allclose(ahead, np.full(3, own @ [20, 10, 11, 30]), rtol=1e-5)
    both = np.exp(-2 * np.array([20.0, 11, 11, 25]))
    np.testing.assert_allclose(policies, np.tile(both / both.sum(), (3, 1)), rtol=1e-4)


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
    assert values.shape == (4, 6) and policies.shape == (4, 7, 4)
    assert ((values > 0) & (values <= 1 / (1 - network.config.discount))).all()
    np.testing.assert_allclose(policies.sum(axis=2), 1, rtol=1e-5)
    for number in range(4):
        alone = labels(np.array([number]))
        np.testing.assert_allclose(values[number], alone[0][0], rtol=1e-3, atol=1e-3)
        np.testing.assert_allclose(policies[number], alone[1][0], atol=1e-3)
