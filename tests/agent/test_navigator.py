"""The learned agent: what it does follows from its own map, state and generator, and from nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from mazenav.agent import loading, navigator
from mazenav.agent.interface import ReadsFields, SeesTruth
from mazenav.agent.loading import load_agent
from mazenav.agent.navigator import Navigator
from mazenav.evaluation.protocol import Task, context_of, make_tasks, run_tasks
from mazenav.layout.generate import generate
from mazenav.model.store import save_network
from mazenav.planner.field import UNREACHED, value_field
from mazenav.planner.settings import SearchConfig
from mazenav.rng import stream
from mazenav.types import MazenavError, TaskContext
from tests.model.small import small_network

SHAPES = [("backtracker", (9, 9)), ("rooms", (13, 8)), ("clutter", (6, 15)), ("wide", (12, 12)), ("open", (7, 5))]
PLANNERS = {
    "greedy": SearchConfig(simulations=0),
    "gumbel": SearchConfig(simulations=8),
    "exhaustive": SearchConfig(algorithm="exhaustive", depth=2),
}


def tasks() -> list[Task]:
    """Ten tasks in mazes of five shapes; the small network, which has learned nothing, finds no wall in them."""
    return make_tasks([generate(kind, shape, stream(4, kind)) for kind, shape in SHAPES], 2, seed=1)


def begin(agent: Navigator, chosen: list[Task]) -> Navigator:
    agent.begin([context_of(task, "true", stream(0)) for task in chosen], [stream(7, i) for i in range(len(chosen))])
    return agent


def random_states(chosen: list[Task], seed: int, margin: float = 0.1) -> np.ndarray:
    """A body somewhere in each task's map, float32 `[B, 6]`, at least `margin` cells away from its edges."""
    states = []
    for number, task in enumerate(chosen):
        rng, (rows, columns) = stream(seed, number), task.layout.shape
        yaw, velocity = rng.uniform(-np.pi, np.pi), rng.uniform(-3, 3, 2)
        place = [rng.uniform(margin, side - margin) for side in (columns, rows)]
        states.append([*place, yaw, *velocity, 0.0])
    return np.array(states, np.float32)


def decide(agent: Navigator, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Actions and their weights, of all episodes."""
    actions = agent.act(states, np.ones(len(states), np.bool_))
    assert agent.last is not None
    return actions, agent.last.action_weights


@pytest.mark.parametrize("planner", PLANNERS)
def test_neither_batch_nor_padding_changes_what_it_does(planner: str) -> None:
    chosen = tasks()
    together = begin(Navigator(small_network(), search=PLANNERS[planner]), chosen)
    alone = [begin(Navigator(small_network(), search=PLANNERS[planner]), [task]) for task in chosen]
    for mine, other in zip(together.read_fields(), alone, strict=True):
        np.testing.assert_allclose(mine, other.read_fields()[0], rtol=1e-5)
    # Where a search of this network, which knows no walls, imagines the body to leave its map, it reads the padding.
    margin = 0.1 if planner == "greedy" else 1.5
    clear = 0
    for seed in range(12):
        states = random_states(chosen, seed, margin)
        actions, weights = decide(together, states)
        for number, agent in enumerate(alone):
            action, weight = decide(agent, states[number : number + 1])
            np.testing.assert_allclose(weights[number], weight[0], atol=1e-4)
            order = np.sort(weight[0])
            if order[-1] - order[-2] > 5e-4:  # else rounding decides
                clear += 1
                assert action[0] == actions[number]
    assert clear > 60


def test_a_run_does_not_depend_on_the_batch_size() -> None:
    chosen = [task._replace(limit=8) for task in tasks()]
    agent = Navigator(small_network(), search=SearchConfig(simulations=0, temperature=0.5))
    runs = [run_tasks(agent, chosen, batch_size=size).episodes for size in (1, 3, 10)]
    assert len({len(set(episode.actions.tolist())) for episode in runs[0]}) > 1, "it does one thing and another"
    for episodes in runs[1:]:
        for one, other in zip(runs[0], episodes, strict=True):
            assert one.actions.tolist() == other.actions.tolist()
            np.testing.assert_allclose(one.states, other.states, atol=1e-5)


def test_a_map_that_is_not_padded_is_read_as_it_is() -> None:
    network, task = small_network(), tasks()[0]
    agent = begin(Navigator(network), [task])
    with torch.no_grad():
        weights = network.hypermodel(torch.from_numpy(task.layout.walls.astype(np.float32))[None])
        field = value_field(weights.move_costs, torch.tensor([task.goal]))
    assert np.array_equal(agent.read_fields()[0], field[0].numpy())
    assert agent.read_fields()[0][task.goal] == 0


def test_no_way_leads_through_padding() -> None:
    small, large = np.zeros((4, 4), np.float32), np.zeros((9, 9), np.float32)
    agent = Navigator(small_network())
    agent.begin([TaskContext(small, (3, 3), (0, 0)), TaskContext(large, (8, 8), (0, 0))], [stream(0), stream(1)])
    assert (agent.field[0, :5] == UNREACHED).all() and (agent.field[0, :, 4:] == UNREACHED).all()
    assert (agent.field[0, 5:, :4] < UNREACHED).all() and (agent.field[1] < UNREACHED).all()


def test_it_is_shown_maps_and_never_layouts() -> None:
    agent = Navigator(small_network())
    assert not isinstance(agent, SeesTruth) and not hasattr(agent, "reveal")
    assert isinstance(agent, ReadsFields)


def test_another_map_of_the_same_task_changes_its_field() -> None:
    task, agent = tasks()[0], Navigator(small_network())
    fields = {}
    for given in ("true", "true", "blank", "shuffled"):
        agent.begin([context_of(task, given, stream(3))], [stream(0)])
        field = agent.read_fields()[0]
        if given in fields:
            assert np.array_equal(field, fields[given])
        fields[given] = field
    assert {field.shape for field in fields.values()} == {task.layout.shape}
    for one, other in (("true", "blank"), ("true", "shuffled"), ("blank", "shuffled")):
        assert np.abs(fields[one] - fields[other]).max() > 0.05


def test_only_active_episodes_are_planned() -> None:
    chosen = tasks()
    agent = begin(Navigator(small_network()), chosen)
    states = random_states(chosen, 5)
    everybody = agent.act(states, np.ones(len(chosen), np.bool_))
    active = np.arange(len(chosen)) % 3 == 1
    states[~active] = np.nan
    some = agent.act(states, active)
    assert some.dtype == np.int64 and some.shape == (len(chosen),)
    assert some[active].tolist() == everybody[active].tolist()
    assert agent.last is not None and len(agent.last.action) == active.sum()
    nobody = agent.act(states, np.zeros(len(chosen), np.bool_))
    assert nobody.shape == (len(chosen),)


def test_it_draws_from_the_episodes_own_generators() -> None:
    chosen = tasks()
    drawing = SearchConfig(simulations=0, temperature=3.0)
    states = random_states(chosen, 6)
    together = begin(Navigator(small_network(), search=drawing), chosen)
    first, second = (decide(together, states)[0].tolist() for _ in range(2))
    assert first != second
    again = begin(Navigator(small_network(), search=drawing), chosen)
    assert decide(again, states)[0].tolist() == first
    # Whoever is not active draws nothing.
    late = begin(Navigator(small_network(), search=drawing), chosen)
    halves = np.arange(len(chosen)) < 5
    mixed = np.where(halves, late.act(states, halves), late.act(states, ~halves))
    assert mixed.tolist() == first


def test_many_maps_are_read_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen, agent = tasks(), Navigator(small_network())
    whole = begin(agent, chosen).read_fields()
    sizes = []
    monkeypatch.setattr(navigator, "CELLS_AT_ONCE", 500)
    agent.network.hypermodel.register_forward_pre_hook(lambda _, maps: sizes.append(len(maps[0])))
    for one, other in zip(whole, begin(agent, chosen).read_fields(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)
    assert sizes == [2, 2, 2, 2, 2], "maps are padded to 13 x 15"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_network(tmp_path / "clever", small_network(), {"search": SearchConfig(simulations=6, value_epsilon=1.0)})
    return tmp_path / "clever"


@pytest.mark.parametrize("simulations", [None, 0, 4])
def test_a_saved_agent_does_the_same(folder: Path, simulations: int | None) -> None:
    chosen = tasks()
    states = random_states(chosen, 8)
    loaded = load_agent(folder, simulations)
    assert isinstance(loaded, Navigator) and loaded.name == "clever"
    assert loaded.search == SearchConfig(simulations=6 if simulations is None else simulations, value_epsilon=1.0)
    saved = begin(Navigator(small_network(), search=loaded.search), chosen)
    for mine, other in zip(decide(saved, states), decide(begin(loaded, chosen), states), strict=True):
        assert np.array_equal(mine, other)


def test_without_settings_of_a_search_it_is_greedy(tmp_path: Path) -> None:
    save_network(tmp_path, small_network(), {})
    assert load_agent(str(tmp_path)).search == SearchConfig(simulations=0)


def test_shipped_agents_go_by_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "data_folder", lambda kind: {"models": folder.parent}[kind])
    assert load_agent("clever").name == "clever"
    for name in ("nobody", "../" + folder.parent.name + "/clever", "clever/..", "/", ""):
        if Path(name).is_dir():
            continue  # a folder, which is another matter
        with pytest.raises(MazenavError) as error:
            load_agent(name)
        assert (
            str(error.value)
            == f"no agent is called {name!r}: give a folder, oracle, classic, follower, random or one of clever"
        )


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("search = 5\n", ", table [search]: a table is expected, found 5"),
        ("[search]\nwings = 2\n", ", table [search]: no field is called 'wings' (there are algorithm, backup, "),
        ("[search]\nsimulations = 1.5\n", ", table [search], field simulations: int is expected, found 1.5"),
    ],
)
def test_settings_of_a_search_that_cannot_be(table: str, sentence: str, folder: Path) -> None:
    text = (folder / "config.toml").read_text()
    head, _ = text.split("[search]")
    (folder / "config.toml").write_text(table + head if table.startswith("search") else head + table)
    with pytest.raises(MazenavError) as error:
        load_agent(folder)
    assert str(error.value).startswith(f"{folder}{sentence}")
