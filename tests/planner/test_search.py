from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from mazenav.planner.result import PlanResult, SearchTrace
from mazenav.planner.search import RootNoise, draw_noise, greedy, plan, search
from mazenav.planner.settings import SearchConfig
from mazenav.types import MazenavError
from tests.planner.reference import ReferenceSearch, paths
from tests.planner.worlds import (
    TableModel,
    best_q_values,
    corridor,
    exact_worlds,
    random_worlds,
    roots,
)

TREE_SEARCHES = ("gumbel", "puct")


def trace_of(result: PlanResult) -> SearchTrace:
    assert result.trace is not None
    return result.trace


def trace_paths(trace: SearchTrace, root: int) -> dict[tuple[int, ...], tuple[int, float]]:
    """As `reference.paths`, from the arrays."""
    routes: dict[int, tuple[int, ...]] = {0: ()}
    found = {(): (int(trace.node_visits[root, 0]), float(trace.node_values[root, 0]))}
    for node in np.flatnonzero(trace.node_visits[root])[1:]:
        parent = int(trace.node_parents[root, node])
        routes[int(node)] = (*routes[parent], int(trace.node_actions[root, node]))
        found[routes[int(node)]] = (int(trace.node_visits[root, node]), float(trace.node_values[root, node]))
    return found


@pytest.mark.parametrize("max_depth", [None, 1, 3])
@pytest.mark.parametrize("algorithm", TREE_SEARCHES)
def test_equals_the_recursive_reference_node_by_node(algorithm: str, max_depth: int | None) -> None:
    batch = 6
    for seed in range(25):
        n_actions, simulations = 2 + seed % 4, 5 + 3 * seed
        model = random_worlds(seed, tasks=batch, n_actions=n_actions)
        config = SearchConfig(
            algorithm=algorithm,
            simulations=simulations,
            max_depth=max_depth,
            considered_actions=16 if seed % 2 else 3,
            gumbel_scale=float(seed % 3),
            value_scale=0.02 + 0.02 * (seed % 5),
            value_clip=None if seed % 2 else 5.0,
            backup="best" if seed % 3 == 2 else "mean",
        )
        noise = draw_noise(config, batch, n_actions, np.random.default_rng(seed))
        starts = np.random.default_rng(seed).integers(0, 6, batch)
        result = search(model, roots(*starts), config, noise=noise)
        for root, start in enumerate(starts.tolist()):
            other = ReferenceSearch(
                model,
                root,
                simulations,
                puct=algorithm == "puct",
                gumbel=(config.gumbel_scale * noise.gumbel[root]).tolist(),
                max_depth=max_depth or simulations,
                considered=config.considered_actions,
                value_scale=config.value_scale,
                floor=-math.inf if config.value_clip is None else -config.value_clip,
                best=config.backup == "best",
            )
            node = other.run(start)
            expected, found = paths(node), trace_paths(trace_of(result), root)
            assert {path: visits for path, (visits, _) in found.items()} == {
                path: visits for path, (visits, _) in expected.items()
            }
            np.testing.assert_allclose(
                [found[path][1] for path in expected], [value for _, value in expected.values()], rtol=1e-9
            )
            assert result.action[root] == other.decide(node)
            np.testing.assert_allclose(result.action_weights[root], other.policy(node), atol=1e-6)


@pytest.mark.parametrize("algorithm", TREE_SEARCHES)
def test_a_batch_equals_its_roots_one_by_one(algorithm: str) -> None:
    model = random_worlds(7, tasks=5)
    config = SearchConfig(
        algorithm=algorithm, simulations=40, gumbel_scale=1.0, dirichlet_fraction=0.25, temperature=1.0
    )
    starts = [0, 5, 2, 2, 4]
    together = search(model, roots(*starts), config, [np.random.default_rng(root) for root in range(5)])
    for root, start in enumerate(starts):
        alone = search(model.task(root), roots(start), config, [np.random.default_rng(root)])
        assert alone.action[0] == together.action[root]
        assert np.array_equal(alone.action_weights[0], together.action_weights[root])
        assert alone.value[0] == together.value[root]
        assert np.array_equal(trace_of(alone).node_values[0], trace_of(together).node_values[root])


@pytest.mark.parametrize("algorithm", [*TREE_SEARCHES, "exhaustive", "greedy"])
def test_every_root_is_planned_in_its_own_task(algorithm: str) -> None:
    model = random_worlds(3, tasks=4)
    config = SearchConfig(simulations=0) if algorithm == "greedy" else SearchConfig(algorithm=algorithm, simulations=20)
    contexts = torch.tensor([3, 0, 3])
    mixed = plan(model, roots(1, 1, 2), config, context=contexts)
    for root, (task, state) in enumerate([(3, 1), (0, 1), (3, 2)]):
        alone = plan(model.task(task), roots(state), config)
        assert alone.action[0] == mixed.action[root]
        assert np.array_equal(alone.action_weights[0], mixed.action_weights[root])
        assert alone.value[0] == mixed.value[root]
    default = plan(model, roots(1, 1, 1, 1), config)
    assert default.value[3] == mixed.value[0]
    assert len(set(default.value.tolist())) == 4, "the tasks of this seed are told apart by their values"


@pytest.mark.parametrize("algorithm", TREE_SEARCHES)
def test_finds_the_way_that_the_prediction_does_not_know(algorithm: str) -> None:
    model = corridor(9)
    for cell in range(5, 9):
        result = search(model, roots(cell), SearchConfig(algorithm=algorithm, simulations=400))
        assert result.action[0] == 1
        assert result.action_weights[0, 1] > 0.6
        way = trace_of(result).principal_actions(0)
        assert way[: 9 - cell].tolist() == [1] * (9 - cell)
        assert trace_of(result).principal_latents(0)[: 9 - cell, 0].tolist() == list(range(cell, 9))


@pytest.mark.parametrize("algorithm", TREE_SEARCHES)
def test_the_end_of_an_episode_is_worth_nothing_more(algorithm: str) -> None:
    model = corridor(3, guess=-7.0)
    result = search(model, roots(2), SearchConfig(algorithm=algorithm, simulations=60))
    assert result.action[0] == 1
    assert trace_of(result).q_values[0, 1] == -1.0, "one decision to the goal, whatever is predicted behind it"
    assert trace_of(result).q_values[0, [0, 2]].max() < -2.0


def mean_regrets(algorithm: str, backup: str, noise: float, budgets: tuple[int, ...]) -> list[float]:
    """Decisions lost by the chosen action in 200 exact worlds with exact leaf values, by simulations."""
    tasks = 200
    model = exact_worlds(11, tasks)
    best = best_q_values(model)[:, 5]
    model.logits = noise * np.random.default_rng(5).normal(size=model.logits.shape)
    regrets = []
    for simulations in budgets:
        config = SearchConfig(algorithm=algorithm, simulations=simulations, backup=backup)
        action = plan(model, roots(*[5] * tasks), config).action
        regrets.append(float((best.max(axis=1) - best[np.arange(tasks), action]).mean()))
    return regrets


@pytest.mark.parametrize("noise", [0.0, 1.0])
@pytest.mark.parametrize("algorithm", TREE_SEARCHES)
def test_more_simulations_are_never_worse_where_model_and_values_are_exact(algorithm: str, noise: float) -> None:
    regrets = mean_regrets(algorithm, "best", noise, (0, 4, 8, 16, 32, 64, 128, 256))
    assert regrets[0] > 0.5
    for fewer, more in itertools.pairwise(regrets):
        assert more <= fewer, regrets
    assert regrets[-1] < (0.1 if noise else 1e-9), regrets


@pytest.mark.parametrize("noise", [0.0, 1.0])
@pytest.mark.parametrize("algorithm", TREE_SEARCHES)
def test_the_mean_backup_of_mctx_comes_close(algorithm: str, noise: float) -> None:
    """Means hold the returns of exploring moves, so a bigger budget may lose a fraction of a decision, no more."""
    regrets = mean_regrets(algorithm, "mean", noise, (0, 4, 8, 16, 64, 256))
    assert max(regrets[1:]) < regrets[0]
    for fewer, more in itertools.pairwise(regrets):
        assert more <= fewer + 0.1, regrets
    assert regrets[-1] < 0.35 * regrets[0], regrets


@pytest.mark.parametrize("simulations", [4, 7, 50])
def test_gumbel_with_best_backup_is_optimal_as_soon_as_every_action_was_tried(simulations: int) -> None:
    assert mean_regrets("gumbel", "best", 0.0, (simulations,)) == [0.0]


def test_one_call_of_the_model_a_simulation() -> None:
    model = random_worlds(0, tasks=8)
    search(model, roots(*range(6), 0, 1), SearchConfig(simulations=25))
    assert model.calls == [8] * 25


def bandit(values: list[float], logits: list[float]) -> TableModel:
    """State 0 with an action to each of the others, which stay where they are at no cost."""
    states = len(values) + 1
    successor = np.tile(np.arange(states)[:, None], (1, len(values)))
    successor[0] = np.arange(1, states)
    shape = (1, states, len(values))
    model = TableModel(successor[None], np.zeros(shape), np.ones(shape), np.zeros((1, states)), np.zeros(shape))
    model.value[0] = [max(values), *values]
    model.logits[0, 0] = logits
    return model


def test_a_leaf_in_a_wall_does_not_flatten_the_rest() -> None:
    model = bandit([-3000.0, -40.0, -42.0, -45.0], [0.0, 0.0, 0.5, 0.0])
    for algorithm, simulations in (("gumbel", 8), ("puct", 60)):
        plain = search(model, roots(0), SearchConfig(algorithm=algorithm, simulations=simulations))
        clipped = search(model, roots(0), SearchConfig(algorithm=algorithm, simulations=simulations, value_clip=10.0))
        assert plain.action[0] == 2 and clipped.action[0] == 1
        np.testing.assert_allclose(trace_of(clipped).q_values[0], [-50.0, -40.0, -42.0, -45.0])


def test_differences_below_the_epsilon_do_not_outweigh_the_policy() -> None:
    model = bandit([-40.0, -40.0001], [0.0, 1.0])
    assert search(model, roots(0), SearchConfig(simulations=8)).action[0] == 0
    assert search(model, roots(0), SearchConfig(simulations=8, value_epsilon=1.0)).action[0] == 1


def test_greedy_is_the_policy_and_plan_takes_it_for_no_simulations() -> None:
    model = random_worlds(2, tasks=3)
    for algorithm in ("gumbel", "puct", "exhaustive"):
        result = plan(model, roots(0, 1, 2), SearchConfig(algorithm=algorithm, simulations=0))
        logits = model.logits[np.arange(3), np.arange(3)]
        assert np.array_equal(result.action, logits.argmax(axis=1)) and result.action.dtype == np.int64
        np.testing.assert_allclose(
            result.action_weights, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True), rtol=1e-5
        )
        np.testing.assert_allclose(result.value, model.value[np.arange(3), np.arange(3)], rtol=1e-6)
        assert result.trace is None
    assert not model.calls, "the greedy policy imagines nothing"


@pytest.mark.parametrize("algorithm", [*TREE_SEARCHES, "exhaustive"])
def test_what_a_result_holds(algorithm: str) -> None:
    model = random_worlds(4, tasks=3)
    result = plan(model, roots(0, 1, 2), SearchConfig(algorithm=algorithm, simulations=30))
    trace = trace_of(result)
    assert result.action.dtype == np.int64 and result.action_weights.dtype == np.float32
    assert result.value.dtype == np.float32
    np.testing.assert_allclose(result.action_weights.sum(axis=1), 1.0, rtol=1e-6)
    assert trace.visits.shape == trace.q_values.shape == (3, 4)
    for root in range(3):
        made = np.flatnonzero(trace.node_visits[root])
        assert trace.node_latents[root, 0, 0] == root
        for node in made[1:]:
            parent = trace.node_parents[root, node]
            source, action = int(trace.node_latents[root, parent, 0]), trace.node_actions[root, node]
            assert trace.node_latents[root, node, 0] == model.successor[root, source, action]
        nodes = trace.principal_nodes[root]
        assert nodes[0] == 0 and trace.node_actions[root, nodes[1]] == result.action[root]
        assert np.array_equal(trace.node_parents[root, nodes[nodes >= 0][1:]], nodes[nodes >= 0][:-1])


@pytest.mark.parametrize("algorithm", [*TREE_SEARCHES, "exhaustive"])
def test_no_roots_and_one_action(algorithm: str) -> None:
    config = SearchConfig(algorithm=algorithm, simulations=5)
    nobody = plan(random_worlds(0), roots(), config)
    assert nobody.action.shape == (0,) and nobody.action_weights.shape == (0, 4)
    alone = plan(random_worlds(0, n_actions=1), roots(0), config)
    assert alone.action.tolist() == [0] and alone.action_weights.tolist() == [[1.0]]


def test_tensors_of_other_kinds_are_read_as_they_are() -> None:
    class Odd(TableModel):
        def predict(self, latent, context):  # type: ignore[no-untyped-def]  # as in TableModel
            value, logits = super().predict(latent, context)
            return type(super().predict(latent, context))(value.bfloat16().requires_grad_(), logits.T.contiguous().T)

    plain = random_worlds(1)
    plain.value = torch.from_numpy(plain.value).bfloat16().double().numpy()
    odd = Odd(plain.successor, plain.reward, plain.discount, plain.value, plain.logits)
    for algorithm in TREE_SEARCHES:
        config = SearchConfig(algorithm=algorithm, simulations=20)
        expected, found = search(plain, roots(0), config), search(odd, roots(0), config)
        assert np.array_equal(trace_of(expected).node_values, trace_of(found).node_values)


def test_noise_is_drawn_only_where_it_is_asked_for() -> None:
    model, rng = random_worlds(0), np.random.default_rng(0)
    before = rng.bit_generator.state
    for algorithm in TREE_SEARCHES:
        search(model, roots(0), SearchConfig(algorithm=algorithm, simulations=3), rng)
    assert rng.bit_generator.state == before
    config = SearchConfig(simulations=4, gumbel_scale=1.0)
    bound = [int(search(model, roots(0), config, np.random.default_rng(seed)).action[0]) for seed in range(40)]
    again = [int(search(model, roots(0), config, np.random.default_rng(seed)).action[0]) for seed in range(40)]
    assert bound == again and len(set(bound)) > 1


def test_puct_draws_in_proportion_to_its_visits() -> None:
    model, draws = random_worlds(0), 2000
    wide = TableModel(*(np.repeat(t, draws, axis=0) for t in (model.successor, model.reward, model.discount)),
                      np.repeat(model.value, draws, axis=0), np.repeat(model.logits, draws, axis=0))  # fmt: skip
    config = SearchConfig(algorithm="puct", simulations=12, temperature=1.0)
    result = search(wide, roots(*[0] * draws), config, np.random.default_rng(1))
    shares = np.bincount(result.action, minlength=4) / draws
    np.testing.assert_allclose(shares, result.action_weights[0], atol=0.04)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"algorithm": "mcts"}, "search algorithm must be one of gumbel, puct, exhaustive, found 'mcts'"),
        ({"backup": "max"}, "search backup must be one of mean, best, found 'max'"),
        ({"leaves": "none"}, "search leaves must be one of predicted, field, found 'none'"),
        ({"simulations": -1}, "search simulations must be an integer from 0 to 1e+06, found -1"),
        ({"simulations": 2.5}, "search simulations must be an integer from 0 to 1e+06, found 2.5"),
        ({"simulations": True}, "search simulations must be an integer from 0 to 1e+06, found True"),
        ({"max_depth": 0}, "search max_depth must be an integer from 1 to 1e+06, found 0"),
        ({"depth": 0}, "search depth must be an integer from 1 to 16, found 0"),
        ({"considered_actions": 0}, "search considered_actions must be an integer from 1 to 1e+06, found 0"),
        ({"gumbel_scale": -0.1}, "search gumbel_scale must be a number from 0 to 1e+12, found -0.1"),
        ({"value_scale": math.nan}, "search value_scale must be a number from 0 to 1e+12, found nan"),
        ({"dirichlet_fraction": 1.5}, "search dirichlet_fraction must be a number from 0 to 1, found 1.5"),
        ({"value_clip": 0.0}, "search value_clip must be a number from 1e-12 to 1e+12, found 0.0"),
        ({"value_epsilon": "1"}, "search value_epsilon must be a number from 1e-12 to 1e+12, found '1'"),
    ],
)
def test_a_config_that_cannot_be_is_one_sentence(options: dict[str, object], message: str) -> None:
    with pytest.raises(MazenavError) as error:
        SearchConfig(**options)  # type: ignore[arg-type]  # wrong on purpose
    assert str(error.value) == message


def test_bad_input_is_one_sentence() -> None:
    model, config = random_worlds(0, tasks=2), SearchConfig(simulations=3)
    with pytest.raises(MazenavError, match=r"needs a NumPy generator"):
        search(model, roots(0), SearchConfig(gumbel_scale=1.0))
    with pytest.raises(MazenavError, match=r"2 roots needs one generator or 2, found 1"):
        search(model, roots(0, 0), SearchConfig(gumbel_scale=1.0), [np.random.default_rng(0)])
    with pytest.raises(MazenavError, match=r"noise must be \[1, 4\], found \(1, 3\)"):
        search(model, roots(0), config, noise=RootNoise(np.zeros((1, 3)), np.zeros((1, 4))))
    with pytest.raises(MazenavError, match=r"at least 1 simulation, found exhaustive and 50"):
        search(model, roots(0), SearchConfig(algorithm="exhaustive"))
    with pytest.raises(MazenavError, match=r"latents \[B, L\], found shape \(3,\)"):
        greedy(model, torch.zeros(3))
    with pytest.raises(MazenavError, match=r"one context for each of 1 roots, found 2"):
        search(model, roots(0), config, context=torch.tensor([0, 0]))
    model.n_actions = 5
    with pytest.raises(MazenavError, match=r"value \[1\] and logits \[1, 5\], found \[1\] and \[1, 4\]"):
        search(model, roots(0), config)


@pytest.mark.parametrize("table", ["value", "logits", "reward", "discount"])
@pytest.mark.parametrize("algorithm", [*TREE_SEARCHES, "exhaustive"])
def test_a_model_that_diverged_is_one_sentence(algorithm: str, table: str) -> None:
    if (algorithm, table) == ("exhaustive", "logits"):
        return  # exhaustive search does not read them
    for bad in (math.nan, math.inf):
        model = random_worlds(0, tasks=2)
        getattr(model, table)[1] = bad
        with pytest.raises(MazenavError, match="not finite"):
            plan(model, roots(0, 0), SearchConfig(algorithm=algorithm, simulations=10))
