"""Agents that learnt values alone: what they do follows from their own map and state."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mazenav.agent import value_agent
from mazenav.agent.interface import ReadsFields, SeesTruth
from mazenav.agent.loading import load_agent
from mazenav.agent.value_agent import ValueAgent
from mazenav.config.policy import PolicyConfig
from mazenav.evaluation.protocol import Task, context_of, make_tasks, run_tasks
from mazenav.layout.generate import generate
from mazenav.model.qnetwork.network import QNetwork
from mazenav.model.store import save_network
from mazenav.model.vin.network import VinNetwork
from mazenav.rng import stream
from mazenav.types import MazenavError
from tests.agent.test_navigator import random_states, tasks
from tests.model.test_qnetwork import SMALL, small_q
from tests.model.test_vin import small_vin

NETWORKS = {"mah": small_q, "vin": small_vin}


def begin(agent: ValueAgent, chosen: list[Task]) -> ValueAgent:
    agent.begin([context_of(task, "true", stream(0)) for task in chosen], [stream(7, i) for i in range(len(chosen))])
    return agent


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest) -> QNetwork | VinNetwork:
    return NETWORKS[request.param](0)


def test_alone_it_does_what_it_does_beside_others(network: QNetwork | VinNetwork) -> None:
    chosen, seen = tasks(), set()
    crowd = begin(ValueAgent(network), chosen)
    lonely = [begin(ValueAgent(network), [task]) for task in chosen]
    for seed in range(12):
        states = random_states(chosen, seed)
        together = crowd.act(states, np.ones(len(chosen), np.bool_)).tolist()
        assert together == [int(agent.act(states[[i]], np.ones(1, np.bool_))[0]) for i, agent in enumerate(lonely)]
        seen.update(together)
    assert len(seen) > 1


def test_it_takes_the_action_with_fewest_decisions_to_go(network: QNetwork | VinNetwork) -> None:
    (task,) = tasks()[:1]
    context, states = context_of(task, "true", stream(0)), random_states([task], 5)
    with torch.no_grad():
        model = network.bind(torch.tensor(context.map)[None], torch.tensor([context.goal]))
        latent = network.representation(torch.from_numpy(states), task.layout.shape[0])
        expected = model.decisions_to_go(latent, torch.zeros(1, dtype=torch.int64)).argmin(dim=1)
    assert begin(ValueAgent(network), [task]).act(states, np.ones(1, np.bool_)).tolist() == expected.tolist()


def test_with_a_temperature_it_draws_from_each_episodes_own_generator(network: QNetwork | VinNetwork) -> None:
    chosen = tasks()
    crowd = begin(ValueAgent(network, temperature=5.0), chosen)
    states, active = random_states(chosen, 2), np.ones(len(chosen), np.bool_)
    active[3] = False
    together = np.array([crowd.act(states, active) for _ in range(150)])
    for index in (0, 7):
        agent = ValueAgent(network, temperature=5.0)
        agent.begin([context_of(chosen[index], "true", stream(0))], [stream(7, index)])
        alone = [int(agent.act(states[[index]], np.ones(1, np.bool_))[0]) for _ in range(150)]
        assert together[:, index].tolist() == alone and len(set(alone)) > 1


def test_draws_follow_the_softmax() -> None:
    (task,), network = tasks()[:1], small_vin()
    context, states = context_of(task, "true", stream(0)), random_states([task], 5)
    with torch.no_grad():
        model = network.bind(torch.tensor(context.map)[None], torch.tensor([context.goal]))
        latent = network.representation(torch.from_numpy(states), task.layout.shape[0])
        expected = (-model.decisions_to_go(latent, torch.zeros(1, dtype=torch.int64)) / 0.7).softmax(dim=1)[0]
    agent = begin(ValueAgent(network, temperature=0.7), [task])
    drawn = [int(agent.act(states, np.ones(1, np.bool_))[0]) for _ in range(1500)]
    np.testing.assert_allclose(np.bincount(drawn, minlength=4) / 1500, expected, atol=0.05)


def test_maps_are_read_in_parts_where_they_are_many(
    network: QNetwork | VinNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = tasks()
    whole = begin(ValueAgent(network), chosen).read_fields()
    monkeypatch.setattr(value_agent, "CELLS_AT_ONCE", 1)
    for one, other, task in zip(whole, begin(ValueAgent(network), chosen).read_fields(), chosen, strict=True):
        assert one.shape == task.layout.shape
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=0.1)


def test_a_saved_agent_drives_the_same_episodes(network: QNetwork | VinNetwork, tmp_path: Path) -> None:
    save_network(tmp_path / "pupil", network, {"policy": PolicyConfig(temperature=0.5), "made": {"seed": 3}})
    agent = load_agent(tmp_path / "pupil")
    assert isinstance(agent, ValueAgent) and agent.name == "pupil"
    assert isinstance(agent, ReadsFields) and not isinstance(agent, SeesTruth)
    chosen = [task._replace(limit=8) for task in tasks()]
    ours, theirs = (
        run_tasks(one, chosen, batch_size=4).episodes for one in (ValueAgent(network, temperature=0.5), agent)
    )
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one.states, other.states)


def test_it_has_no_model_to_search_in(network: QNetwork | VinNetwork, tmp_path: Path) -> None:
    save_network(tmp_path / "pupil", network, {})
    assert isinstance(load_agent(tmp_path / "pupil", simulations=0), ValueAgent)
    with pytest.raises(MazenavError, match="agent pupil learnt values alone and has no model to search in"):
        load_agent(tmp_path / "pupil", simulations=4)


def test_one_that_knows_a_layout_by_heart_refuses_other_shapes(tmp_path: Path) -> None:
    network = small_q(0, reads_map=False)
    save_network(tmp_path, network, {})
    agent = load_agent(tmp_path)
    assert isinstance(agent, ValueAgent)
    assert isinstance(agent.network, QNetwork) and agent.network.config == replace(SMALL, reads_map=False)
    fits, other = (make_tasks([generate("open", shape, stream(0))], 1, 0) for shape in ((9, 9), (9, 11)))
    with pytest.raises(MazenavError, match="layout of 9 x 9 cells by heart cannot be given one of 9 x 11"):
        begin(agent, fits + other)
    begin(agent, fits)
