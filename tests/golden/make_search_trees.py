"""Make search_trees.json: what mctx finds on small random tables, node by node.

Needs `pip install mctx` (and nothing of mazenav); run from anywhere: `python tests/golden/make_search_trees.py`.
Double precision, so that rounding decides nothing; the noise that mctx drew is recorded, so that ours can be given it.
"""

from __future__ import annotations

import json
from pathlib import Path

import jax
import jax.numpy as jnp
import mctx
import numpy as np

TARGET = Path(__file__).with_name("search_trees.json")
CASES = (
    {"algorithm": "gumbel", "simulations": 50, "gumbel_scale": 0.0},
    {"algorithm": "gumbel", "simulations": 33, "gumbel_scale": 1.0},
    {"algorithm": "gumbel", "simulations": 24, "gumbel_scale": 1.0, "max_depth": 3},
    {"algorithm": "gumbel", "simulations": 20, "gumbel_scale": 1.0, "considered_actions": 3, "value_scale": 0.03},
    {"algorithm": "puct", "simulations": 50, "dirichlet_fraction": 0.0, "temperature": 0.0},
    {"algorithm": "puct", "simulations": 33, "dirichlet_fraction": 0.25, "temperature": 1.0},
    {"algorithm": "puct", "simulations": 24, "dirichlet_fraction": 0.25, "temperature": 0.5, "max_depth": 3},
    {"algorithm": "gumbel", "simulations": 64, "gumbel_scale": 1.0, "considered_actions": 6},
    {"algorithm": "puct", "simulations": 64, "dirichlet_fraction": 0.25, "temperature": 0.0},
    {"algorithm": "gumbel", "simulations": 12, "gumbel_scale": 1.0},
)
SHAPES = {7: (40, 9), 8: (40, 9), 9: (5, 2)}
"""States and actions of single cases; the others have 7 and 4."""


def make_table(rng: np.random.Generator, states: int, n_actions: int) -> dict[str, np.ndarray]:
    """A random deterministic world whose values look like ours: minus decisions to go."""
    goes_on = rng.random((states, n_actions)) < 0.9
    return {
        "successor": rng.integers(0, states, (states, n_actions)),
        "reward": np.round(-rng.random((states, n_actions)) * 2, 3),
        "discount": np.where(goes_on, np.round(0.8 + 0.2 * rng.random((states, n_actions)), 3), 0.0),
        "value": np.round(-rng.random(states) * 40, 3),
        "logits": np.round(rng.normal(size=(states, n_actions)), 3),
    }


def run(case: dict[str, object], table: dict[str, np.ndarray], roots: np.ndarray, seed: int) -> dict[str, object]:
    """What mctx makes of one case."""
    tables = {name: jnp.asarray(array) for name, array in table.items()}

    def recurrent(params, key, action, state):
        following = tables["successor"][state, action]
        output = mctx.RecurrentFnOutput(
            reward=tables["reward"][state, action],
            discount=tables["discount"][state, action],
            prior_logits=tables["logits"][following],
            value=tables["value"][following],
        )
        return output, following

    start = jnp.asarray(roots)
    root = mctx.RootFnOutput(prior_logits=tables["logits"][start], value=tables["value"][start], embedding=start)
    key, shape = jax.random.PRNGKey(seed), tables["logits"][start].shape
    options = {"num_simulations": case["simulations"], "max_depth": case.get("max_depth")}
    if case["algorithm"] == "gumbel":
        noise = {
            "gumbel": jax.random.gumbel(jax.random.split(key)[1], shape, dtype=jnp.float64),
            "dirichlet": jnp.full(shape, 1 / shape[1]),
        }
        scale = {name: case[name] for name in ("value_scale",) if name in case}
        out = mctx.gumbel_muzero_policy(
            None,
            key,
            root,
            recurrent,
            **options,
            gumbel_scale=case["gumbel_scale"],
            max_num_considered_actions=case.get("considered_actions", 16),
            qtransform=lambda *args: mctx.qtransform_completed_by_mix_value(*args, **scale),
        )
    else:
        keys = jax.random.split(key, 3)
        noise = {
            "gumbel": jax.random.gumbel(keys[0], shape, dtype=jnp.float64),
            "dirichlet": jax.random.dirichlet(keys[1], jnp.full([shape[1]], 0.3), (shape[0],)),
        }
        chosen = {name: case[name] for name in ("dirichlet_fraction", "temperature")}
        out = mctx.muzero_policy(None, key, root, recurrent, **options, **chosen)
    tree = out.search_tree
    expected = {
        "action": out.action,
        "action_weights": out.action_weights,
        "visits": tree.children_visits[:, 0],
        "node_visits": tree.node_visits,
        "node_values": tree.node_values,
        "node_parents": tree.parents,
        "node_actions": tree.action_from_parent,
    }
    listed = {name: np.asarray(array).tolist() for name, array in {**table, **noise}.items()}
    return {"config": case, "roots": roots.tolist(), **listed, "expected": {k: _short(v) for k, v in expected.items()}}


def _short(array: jax.Array) -> list[object]:
    return np.round(np.asarray(array), 9).tolist()


def main() -> None:
    """Write the file."""
    jax.config.update("jax_enable_x64", True)
    cases = []
    for number, case in enumerate(CASES):
        rng = np.random.default_rng(number)
        states, n_actions = SHAPES.get(number, (7, 4))
        cases.append(run(case, make_table(rng, states, n_actions), rng.integers(0, states, 3), number))
    text = ",\n".join(json.dumps(case) for case in cases)
    TARGET.write_text(f"[\n{text}\n]\n", encoding="ascii")


if __name__ == "__main__":
    main()
