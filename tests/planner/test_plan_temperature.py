"""`plan` draws its actions by a temperature, whatever the planner."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare

from mazenav.planner.search import plan
from mazenav.planner.settings import SearchConfig
from mazenav.types import MazenavError
from tests.planner.worlds import TableModel, random_worlds, roots

PLANNERS = {
    "greedy": {"simulations": 0},
    "greedy of puct": {"algorithm": "puct", "simulations": 0},
    "gumbel": {"simulations": 16, "value_scale": 0.02},
    "puct": {"algorithm": "puct", "simulations": 24, "pb_c_init": 4.0},
    "exhaustive": {"algorithm": "exhaustive"},
}


def config(planner: str, temperature: float) -> SearchConfig:
    return SearchConfig(**PLANNERS[planner], temperature=temperature)  # type: ignore[arg-type]  # of any field


def choices(tasks: int) -> TableModel:
    """The same world many times: from state 0 each action leads to a state of its own, of which none is far better."""
    successor = np.tile(np.arange(5)[:, None], (1, 4))
    successor[0] = np.arange(1, 5)
    values, logits = np.array([-40.0, -40.0, -40.7, -41.0, -41.5]), np.zeros((5, 4))
    logits[0] = [0.2, 0.9, 0.0, -0.6]
    shape = (tasks, 5, 4)
    return TableModel(
        np.tile(successor, (tasks, 1, 1)),
        np.zeros(shape),
        np.ones(shape),
        np.tile(values, (tasks, 1)),
        np.tile(logits, (tasks, 1, 1)),
    )


@pytest.mark.parametrize("planner", PLANNERS)
def test_at_temperature_zero_nothing_is_drawn(planner: str) -> None:
    model, rng = random_worlds(5, tasks=6), np.random.default_rng(0)
    before = rng.bit_generator.state
    result = plan(model, roots(*range(6)), config(planner, 0.0), rng)
    assert rng.bit_generator.state == before
    assert result.action.tolist() == plan(model, roots(*range(6)), config(planner, 0.0)).action.tolist()
    assert result.action.tolist() == result.action_weights.argmax(axis=1).tolist()


@pytest.mark.parametrize("temperature", [0.4, 1.0, 3.0])
@pytest.mark.parametrize("planner", PLANNERS)
def test_draws_follow_the_tempered_weights(planner: str, temperature: float) -> None:
    draws = 4000
    result = plan(choices(draws), roots(*[0] * draws), config(planner, temperature), np.random.default_rng(8))
    assert result.action.dtype == np.int64
    weights = result.action_weights[0].astype(np.float64) ** (1 / temperature)
    expected = draws * weights / weights.sum()
    assert expected.min() > 5, "the test needs every action to be drawn some times"
    assert chisquare(np.bincount(result.action, minlength=4), expected).pvalue > 0.001
    other = result.action_weights[0].astype(np.float64) ** (2 / temperature)
    assert chisquare(np.bincount(result.action, minlength=4), draws * other / other.sum()).pvalue < 0.001


@pytest.mark.parametrize("planner", PLANNERS)
def test_only_the_action_is_drawn(planner: str) -> None:
    model = choices(300)
    calm = plan(model, roots(*[0] * 300), config(planner, 0.0))
    drawn = plan(model, roots(*[0] * 300), config(planner, 2.0), np.random.default_rng(1))
    assert np.array_equal(calm.action_weights, drawn.action_weights)
    assert np.array_equal(calm.value, drawn.value)
    assert len(set(calm.action.tolist())) == 1 and len(set(drawn.action.tolist())) == 4


@pytest.mark.parametrize("planner", PLANNERS)
def test_a_root_with_a_generator_of_its_own_does_not_depend_on_its_batch(planner: str) -> None:
    model, settings = choices(40), config(planner, 1.5)
    together = plan(model, roots(*[0] * 40), settings, [np.random.default_rng(seed) for seed in range(40)]).action
    alone = [plan(model.task(root), roots(0), settings, [np.random.default_rng(root)]).action[0] for root in range(40)]
    assert together.tolist() == alone
    assert len(set(alone)) > 1


@pytest.mark.parametrize("planner", PLANNERS)
def test_drawing_needs_a_generator(planner: str) -> None:
    model = random_worlds(0, tasks=2)
    with pytest.raises(MazenavError) as error:
        plan(model, roots(0, 0), config(planner, 0.1))
    assert str(error.value) == "this search config draws noise or actions, so planning needs a NumPy generator"
    with pytest.raises(MazenavError, match="2 roots needs one generator or 2, found 3"):
        plan(model, roots(0, 0), config(planner, 0.1), [np.random.default_rng(0)] * 3)


@pytest.mark.parametrize("planner", PLANNERS)
def test_a_temperature_next_to_nothing_takes_the_best(planner: str) -> None:
    model = choices(50)
    for temperature in (1e-320, 1e-9):
        drawn = plan(model, roots(*[0] * 50), config(planner, temperature), np.random.default_rng(2))
        taken = drawn.action_weights[np.arange(50), drawn.action]
        assert np.array_equal(taken, drawn.action_weights.max(axis=1))


def test_an_action_without_weight_is_never_drawn() -> None:
    model = choices(500)
    model.logits[:, 0, [0, 2]] = -np.inf
    drawn = plan(model, roots(*[0] * 500), config("greedy", 1e12), np.random.default_rng(3)).action
    assert set(drawn.tolist()) == {1, 3}


@pytest.mark.parametrize("planner", PLANNERS)
def test_nobody_to_draw_for(planner: str) -> None:
    result = plan(random_worlds(0), roots(), config(planner, 1.0), np.random.default_rng(0))
    assert result.action.shape == (0,) and result.action_weights.shape == (0, 4)
