from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from mazenav.planner.exhaustive import exhaustive
from mazenav.planner.search import plan
from mazenav.planner.settings import SearchConfig
from mazenav.types import MazenavError
from tests.planner.worlds import TableModel, best_q_values, corridor, exact_worlds, random_worlds, roots


def brute_force(model: TableModel, task: int, state: int, depth: int, floor: float) -> list[float]:
    """The best return of each first action, sequence by sequence."""
    best = [-np.inf] * model.n_actions
    for sequence in itertools.product(range(model.n_actions), repeat=depth):
        place, total, weight = state, 0.0, 1.0
        for action in sequence:
            total += weight * model.reward[task, place, action]
            weight *= model.discount[task, place, action]
            place = model.successor[task, place, action]
        total += weight * max(model.value[task, place], floor)
        best[sequence[0]] = max(best[sequence[0]], total)
    return best


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
@pytest.mark.parametrize("value_clip", [None, 5.0])
def test_equals_brute_force(depth: int, value_clip: float | None) -> None:
    for seed in range(8):
        n_actions = 1 + seed % 4
        model = random_worlds(seed, tasks=5, n_actions=n_actions)
        result = exhaustive(model, roots(0, 1, 2, 3, 4), depth, value_clip=value_clip)
        assert result.trace is not None
        for task in range(5):
            floor = -np.inf if value_clip is None else model.value[task, task] - value_clip
            expected = np.array(brute_force(model, task, task, depth, floor))
            np.testing.assert_allclose(result.trace.q_values[task], expected, rtol=1e-12)
            assert result.action[task] == expected.argmax()
            assert result.value[task] == np.float32(expected.max())
            odds = np.exp(expected - expected.max())
            np.testing.assert_allclose(result.action_weights[task], odds / odds.sum(), rtol=1e-5)


def test_one_call_of_the_model_for_every_depth() -> None:
    model = random_worlds(0, tasks=3)
    exhaustive(model, roots(0, 1, 2), 3)
    assert model.calls == [12, 48, 192]


def test_the_end_of_an_episode_is_worth_nothing_more() -> None:
    result = exhaustive(corridor(3, guess=-7.0), roots(1), 3)
    assert result.trace is not None
    assert result.action[0] == 1 and result.value[0] == -2.0
    assert result.trace.principal_actions(0)[:2].tolist() == [1, 1]
    assert result.trace.principal_latents(0)[:2, 0].tolist() == [1.0, 2.0]
    assert result.trace.q_values[0].tolist() == [-3.0 - 7.0, -2.0, -3.0], "left is too far, stay costs one more"


def test_is_optimal_at_any_depth_where_the_values_are_exact() -> None:
    model = exact_worlds(3, 100)
    best = best_q_values(model)[:, 5]
    for depth in (1, 2, 4):
        result = plan(model, roots(*[5] * 100), SearchConfig(algorithm="exhaustive", depth=depth))
        assert result.trace is not None
        np.testing.assert_allclose(result.trace.q_values, best, rtol=1e-12)
        np.testing.assert_allclose(best[np.arange(100), result.action], best.max(axis=1), rtol=1e-12)


def test_a_batch_equals_its_roots_one_by_one() -> None:
    model = random_worlds(9, tasks=4)
    together = exhaustive(model, roots(3, 3, 0, 1), 3)
    for root, state in enumerate((3, 3, 0, 1)):
        alone = exhaustive(model.task(root), roots(state), 3)
        for ours, theirs in zip(together[:3], alone[:3], strict=True):
            assert np.array_equal(ours[root], theirs[0])


def test_bad_input_is_one_sentence() -> None:
    model = random_worlds(0)
    with pytest.raises(MazenavError, match="found depth 0 with 4 actions"):
        exhaustive(model, roots(0), 0)
    with pytest.raises(MazenavError, match="at most 65536 sequences, found depth 9 with 4 actions"):
        exhaustive(model, roots(0), 9)
    with pytest.raises(MazenavError, match=r"found \(2,\)"):
        exhaustive(model, torch.zeros(2), 1)
