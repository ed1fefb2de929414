"""Trees that mctx grew, committed; `tests/golden/make_search_trees.py` made them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mazenav.planner.search import RootNoise, search
from mazenav.planner.settings import SearchConfig
from tests.planner.worlds import TableModel, roots

CASES = json.loads((Path(__file__).parents[1] / "golden" / "search_trees.json").read_text(encoding="ascii"))


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{case['config']['algorithm']}" for n, case in enumerate(CASES)])
def test_grows_the_tree_of_mctx_given_its_noise(case: dict) -> None:
    names = ("successor", "reward", "discount", "value", "logits")
    model = TableModel(*(np.repeat(np.array(case[name])[None], 3, axis=0) for name in names))
    noise = RootNoise(np.array(case["gumbel"]), np.array(case["dirichlet"]))
    config = SearchConfig(**case["config"])
    if config.algorithm == "puct" and config.temperature == 0:
        noise = noise._replace(gumbel=np.zeros_like(noise.gumbel))
    result = search(model, roots(*case["roots"]), config, noise=noise)
    expected = {name: np.array(value) for name, value in case["expected"].items()}
    assert result.trace is not None
    for name in ("visits", "node_visits", "node_parents", "node_actions"):
        assert np.array_equal(getattr(result.trace, name), expected[name]), name
    np.testing.assert_allclose(result.trace.node_values, expected["node_values"], atol=1e-8)
    np.testing.assert_allclose(result.value, expected["node_values"][:, 0], rtol=1e-6)
    np.testing.assert_allclose(result.action_weights, expected["action_weights"], atol=1e-6)
    assert result.action.tolist() == expected["action"].tolist()


def test_the_golden_trees_hold_both_algorithms_and_a_depth_limit() -> None:
    assert {case["config"]["algorithm"] for case in CASES} == {"gumbel", "puct"}
    assert any("max_depth" in case["config"] for case in CASES)
