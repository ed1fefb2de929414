"""The search in one native call finds what the search by calls of the model finds."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from mazenav.planner.native import BLOCK
from mazenav.planner.result import PlanResult
from mazenav.planner.search import RootNoise, draw_noise, greedy, plan, search
from mazenav.planner.settings import SearchConfig
from mazenav.types import MazenavError
from tests.planner.compiled import CompiledTable, tables_of
from tests.planner.worlds import TableModel, exact_worlds, random_worlds, roots

CASES = json.loads((Path(__file__).parents[1] / "golden" / "search_trees.json").read_text(encoding="ascii"))


def both(model: TableModel) -> tuple[CompiledTable, TableModel]:
    """The same world with a compiled form and without."""
    compiled = CompiledTable(*tables_of(model))
    return compiled, TableModel(*tables_of(compiled))


def assert_same(one: PlanResult, other: PlanResult) -> None:
    assert one.trace is not None and other.trace is not None
    for name in one.trace._fields:
        assert np.array_equal(getattr(one.trace, name), getattr(other.trace, name), equal_nan=True), name
    for name in ("action", "action_weights", "value"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


@pytest.mark.parametrize("algorithm", ["gumbel", "puct"])
def test_both_searches_agree_to_the_last_bit(algorithm: str) -> None:
    for seed in range(20):
        batch, n_actions = [1, 3, BLOCK, BLOCK + 5][seed % 4], 1 + seed % 6
        compiled, plain = both(random_worlds(seed, tasks=batch, n_actions=n_actions))
        config = SearchConfig(
            algorithm=algorithm,
            simulations=3 + 4 * seed,
            max_depth=(None, 1, 3)[seed % 3],
            gumbel_scale=1.0,
            dirichlet_fraction=0.25,
            temperature=1.0,
            considered_actions=2 + seed % 3,
            value_clip=None if seed % 2 else 5.0,
            backup="best" if seed % 5 == 2 else "mean",
        )
        noise = draw_noise(config, batch, n_actions, np.random.default_rng(seed))
        starts = roots(*np.random.default_rng(seed).integers(0, 6, batch))
        contexts = torch.from_numpy(np.random.default_rng(seed).permutation(batch))
        one = search(compiled, starts, config, noise=noise, context=contexts)
        assert_same(one, search(plain, starts, config, noise=noise, context=contexts))
        assert compiled.calls == [] and len(plain.calls) == config.simulations


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{case['config']['algorithm']}" for n, case in enumerate(CASES)])
def test_grows_the_tree_of_mctx_given_its_noise(case: dict) -> None:
    names = ("successor", "reward", "discount", "value", "logits")
    model = CompiledTable(*(np.repeat(np.array(case[name])[None], 3, axis=0) for name in names))
    config = SearchConfig(**case["config"])
    noise = RootNoise(np.array(case["gumbel"]), np.array(case["dirichlet"]))
    if config.algorithm == "puct" and config.temperature == 0:
        noise = noise._replace(gumbel=np.zeros_like(noise.gumbel))
    result = search(model, roots(*case["roots"]), config, noise=noise)
    expected = {name: np.array(value) for name, value in case["expected"].items()}
    assert result.trace is not None
    for name in ("visits", "node_visits", "node_parents", "node_actions"):
        assert np.array_equal(getattr(result.trace, name), expected[name]), name
    np.testing.assert_allclose(result.trace.node_values, expected["node_values"], atol=1e-4)
    assert result.action.tolist() == expected["action"].tolist()


def test_the_greedy_policy_needs_no_call_of_the_model() -> None:
    compiled, plain = both(random_worlds(3, tasks=BLOCK + 1))
    starts = roots(*[2] * (BLOCK + 1))
    one, other = greedy(compiled, starts), greedy(plain, starts)
    assert np.array_equal(one.action, other.action) and np.array_equal(one.action_weights, other.action_weights)
    assert np.array_equal(one.value, other.value)


@pytest.mark.parametrize("algorithm", ["gumbel", "puct"])
def test_more_simulations_are_never_worse_where_model_and_values_are_exact(algorithm: str) -> None:
    tasks = 100
    model = CompiledTable(*tables_of(exact_worlds(11, tasks)))
    q_values = model.reward + model.discount * model.value[np.arange(tasks)[:, None, None], model.successor]
    best, regrets = q_values[:, 5], []
    for simulations in (0, 4, 16, 64, 200):
        action = plan(model, roots(*[5] * tasks), SearchConfig(algorithm, simulations, backup="best")).action
        regrets.append(float((best.max(axis=1) - best[np.arange(tasks), action]).mean()))
    assert regrets == sorted(regrets, reverse=True) and regrets[0] > 0.5
    assert regrets[-1] < 1e-6


def test_no_roots() -> None:
    nobody = plan(CompiledTable(*tables_of(random_worlds(0))), roots(), SearchConfig(simulations=5))
    assert nobody.action.shape == (0,) and nobody.action_weights.shape == (0, 4)


def test_what_a_compiled_model_cannot_take_is_one_sentence() -> None:
    model = CompiledTable(*tables_of(random_worlds(0, tasks=2)))
    config = SearchConfig(simulations=3)
    for context in (2, -1):
        with pytest.raises(MazenavError, match=rf"bound to 2 tasks, found context {context}$"):
            search(model, roots(0), config, context=torch.tensor([context]))
    with pytest.raises(MazenavError, match=r"latents \[B, 1\], found \[2, 3\]"):
        search(model, torch.zeros(2, 3), config)
    for bad in (math.nan, math.inf):
        for table in (model.reward, model.logits):
            kept = table.copy()
            table[1] = bad
            with pytest.raises(MazenavError, match="not finite"):
                search(model, roots(0, 0), config)
            table[:] = kept


def test_latents_that_a_compiled_model_does_not_read_go_to_the_model_itself() -> None:
    model = CompiledTable(*tables_of(random_worlds(0)))
    search(model, roots(0).double(), SearchConfig(simulations=3))
    assert model.calls == [1, 1, 1]
    model.calls.clear()
    strided = roots(0, 0, 1, 0)[::2]
    again = search(model, strided, SearchConfig(simulations=9), context=torch.tensor([0, 0]))
    assert_same(again, search(model, strided.clone(), SearchConfig(simulations=9), context=torch.tensor([0, 0])))
    assert model.calls == []
