"""The paper's agent on disk and at decision time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from mazenav.agent.dense_navigator import DenseNavigator
from mazenav.agent.interface import ReadsFields, SeesTruth
from mazenav.agent.loading import load_agent
from mazenav.evaluation.open_loop import open_loop
from mazenav.evaluation.protocol import Task, context_of, make_tasks, run_tasks
from mazenav.layout.generate import generate
from mazenav.model.dense.network import DenseNetwork
from mazenav.model.store import CONFIG, load_network, save_network
from mazenav.planner.settings import SearchConfig
from mazenav.rng import stream
from mazenav.types import MazenavError
from tests.model.dense.small import CONDITIONINGS, small_network

SEARCH = SearchConfig(simulations=4, value_epsilon=1.0, temperature=0.2)


def tasks() -> list[Task]:
    """Six short tasks in mazes of three shapes, none larger than the small network reads."""
    shapes = [("backtracker", (9, 9)), ("clutter", (6, 9)), ("open", (7, 5))]
    return [task._replace(limit=8) for task in make_tasks([generate(k, s, stream(4, k)) for k, s in shapes], 2, seed=1)]


def act(agent: DenseNavigator, chosen: list[Task], seed: int = 0) -> np.ndarray:
    agent.begin([context_of(task, "true", stream(0)) for task in chosen], [stream(7, i) for i in range(len(chosen))])
    rng = stream(seed, "states")
    states = rng.normal(size=(len(chosen), 6)).astype(np.float32)
    states[:, :2] = rng.uniform(0, 5, size=(len(chosen), 2))
    agent.act(states, np.ones(len(chosen), np.bool_))
    assert agent.last is not None
    return agent.last.action_weights


@pytest.mark.parametrize("conditioning", CONDITIONINGS)
def test_a_run_does_not_depend_on_the_batch_size(conditioning: str) -> None:
    agent = DenseNavigator(small_network(conditioning), search=SEARCH)
    runs = [run_tasks(agent, tasks(), batch_size=size).episodes for size in (1, 6)]
    assert len({action for episode in runs[0] for action in episode.actions.tolist()}) > 1
    for one, other in zip(*runs, strict=True):
        assert one.actions.tolist() == other.actions.tolist()


def test_it_is_shown_maps_and_never_layouts() -> None:
    agent = DenseNavigator(small_network())
    assert not isinstance(agent, SeesTruth) and isinstance(agent, ReadsFields)


def test_the_map_decides_what_it_does() -> None:
    agent, task = DenseNavigator(small_network(), search=SEARCH), tasks()[:1]
    weights = {}
    for given in ("true", "blank"):
        agent.begin([context_of(task[0], given, stream(0))], [stream(7)])
        agent.act(np.array([[3.5, 3.5, 0, 0, 0, 0]], np.float32), np.ones(1, np.bool_))
        assert agent.last is not None
        weights[given] = agent.last.action_weights
    assert np.abs(weights["true"] - weights["blank"]).max() > 1e-4


def test_fields_have_the_shape_of_each_map_and_are_its_values() -> None:
    agent, chosen = DenseNavigator(small_network()), tasks()
    act(agent, chosen)
    fields = agent.read_fields()
    assert [field.shape for field in fields] == [task.layout.shape for task in chosen]
    rows = chosen[2].layout.shape[0]
    states = np.tile(np.array([1.5, rows - 0.5, 0, 0, 0, 0], np.float32), (4, 1))
    states[:, 2] = np.arange(4) * np.pi / 2
    with torch.no_grad():
        latent = agent.network.representation(torch.from_numpy(states), 9)
        value = agent.model.predict(latent, torch.full((4,), 2)).value
    assert fields[2][0, 1] == pytest.approx(-value.max().item(), rel=1e-4)


def test_a_map_that_is_too_large_is_refused() -> None:
    large = make_tasks([generate("open", (9, 11), stream(0))], 1, seed=0)
    with pytest.raises(MazenavError) as error:
        act(DenseNavigator(small_network(), "mine"), large)
    assert str(error.value) == "agent mine reads maps of at most 9 x 9 cells, found 9 x 11"


@pytest.mark.parametrize("conditioning", CONDITIONINGS)
def test_a_saved_agent_does_the_same(tmp_path: Path, conditioning: str) -> None:
    network = small_network(conditioning)
    save_network(tmp_path / "dense", network, {"search": SEARCH})
    loaded = load_agent(tmp_path / "dense")
    assert isinstance(loaded, DenseNavigator) and (loaded.name, loaded.search) == ("dense", SEARCH)
    assert np.array_equal(act(loaded, tasks()), act(DenseNavigator(network, search=SEARCH), tasks()))


def test_half_precision_halves_the_file_and_hardly_changes_a_decision(tmp_path: Path) -> None:
    for name, precision in (("whole", torch.float32), ("half", torch.float16)):
        save_network(tmp_path / name, small_network(), {"search": SEARCH}, precision)
    sizes = [(tmp_path / name / "weights.safetensors").stat().st_size for name in ("half", "whole")]
    assert sizes[0] < 0.6 * sizes[1]
    loaded, _ = load_network(tmp_path / "half")
    assert isinstance(loaded, DenseNetwork) and all(part.dtype == torch.float32 for part in loaded.parameters())
    agents = [load_agent(tmp_path / name) for name in ("half", "whole")]
    assert all(isinstance(agent, DenseNavigator) for agent in agents)
    half, whole = (act(agent, tasks()) for agent in agents if isinstance(agent, DenseNavigator))
    np.testing.assert_allclose(half, whole, atol=0.05)


def test_a_kind_of_network_that_nobody_knows(tmp_path: Path) -> None:
    save_network(tmp_path, small_network(), {})
    config = tmp_path / CONFIG
    config.write_text(config.read_text().replace('kind = "dense"', 'kind = "hollow"'))
    with pytest.raises(MazenavError, match=r"kind is one of spatial, dense.*, found 'hollow'"):
        load_agent(tmp_path)


def test_its_rollouts_can_be_held_against_real_ones() -> None:
    layouts = [generate("open", (9, 9), stream(0, i)) for i in range(3)]
    found = open_loop(DenseNavigator(small_network(), search=SEARCH), layouts, 4, seed=0)
    assert found.real.shape == found.predicted.shape == (3, 5, 2)
    np.testing.assert_allclose(found.error[:, 0], 0, atol=1e-5)
    assert found.error[:, 1:].max() > 0
