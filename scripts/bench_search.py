"""Simulations a second of the tree search: MLP 64-128-64, 50 simulations, one core; mctx beside it if installed.

`OMP_NUM_THREADS=1 python scripts/bench_search.py` (both models do the same arithmetic; compiling is not timed).
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from mazenav.model.interface import ModelStep, Prediction
from mazenav.planner.search import search
from mazenav.planner.settings import SearchConfig

LATENT, HIDDEN, ACTIONS, SIMULATIONS = 64, 128, 4, 50
SECONDS = 2.0


class Mlp:
    """latent -> 128 (with an embedding of the action) -> latent; one linear layer for value and policy."""

    n_actions = ACTIONS

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self.weights = {name: torch.from_numpy(array) for name, array in weights.items()}

    def step(self, latent: Tensor, action: Tensor, context: Tensor) -> ModelStep:
        """One step; every decision costs one."""
        hidden = torch.relu(latent @ self.weights["in"] + self.weights["action"][action])
        ones = torch.ones(len(latent))
        return ModelStep(hidden @ self.weights["out"], -ones, ones)

    def predict(self, latent: Tensor, context: Tensor) -> Prediction:
        """Value and policy."""
        said = latent @ self.weights["head"]
        return Prediction(said[:, 0], said[:, 1:])


def make_weights() -> dict[str, np.ndarray]:
    """Random weights that keep the latent's variance."""
    rng = np.random.default_rng(0)
    shapes = {
        "in": (LATENT, HIDDEN),
        "action": (ACTIONS, HIDDEN),
        "out": (HIDDEN, LATENT),
        "head": (LATENT, 1 + ACTIONS),
    }
    return {name: (rng.normal(size=shape) / shape[0] ** 0.5).astype(np.float32) for name, shape in shapes.items()}


def rate(run: Callable[[], object], batch: int) -> float:
    """Simulations a second: the best of the runs that fit into the time, after two to warm up."""
    run()
    run()
    best, until = np.inf, time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return batch * SIMULATIONS / best


def mctx_runner(weights: dict[str, np.ndarray], latent: np.ndarray, algorithm: str) -> Callable[[], object]:
    """The same search by mctx, compiled."""
    import jax
    import jax.numpy as jnp
    import mctx

    params = {name: jnp.asarray(array) for name, array in weights.items()}

    def predict(params: dict, state: jax.Array) -> tuple[jax.Array, jax.Array]:
        said = state @ params["head"]
        return said[:, 0], said[:, 1:]

    def recurrent(params: dict, key: jax.Array, action: jax.Array, state: jax.Array) -> tuple[object, jax.Array]:
        following = jax.nn.relu(state @ params["in"] + params["action"][action]) @ params["out"]
        value, logits = predict(params, following)
        ones = jnp.ones_like(value)
        return mctx.RecurrentFnOutput(reward=-ones, discount=ones, prior_logits=logits, value=value), following

    @jax.jit
    def plan(params: dict, key: jax.Array, state: jax.Array) -> tuple[jax.Array, jax.Array]:
        value, logits = predict(params, state)
        root = mctx.RootFnOutput(prior_logits=logits, value=value, embedding=state)
        if algorithm == "gumbel":
            out = mctx.gumbel_muzero_policy(params, key, root, recurrent, SIMULATIONS, gumbel_scale=0.0)
        else:
            out = mctx.muzero_policy(params, key, root, recurrent, SIMULATIONS, dirichlet_fraction=0.0, temperature=0.0)
        return out.action, out.action_weights

    key, state = jax.random.PRNGKey(0), jnp.asarray(latent)
    return lambda: jax.block_until_ready(plan(params, key, state))


def main() -> None:
    """Print one line a case."""
    torch.set_num_threads(1)
    weights, model = make_weights(), Mlp(make_weights())
    has_mctx = importlib.util.find_spec("mctx") is not None
    for algorithm in ("gumbel", "puct"):
        config = SearchConfig(algorithm=algorithm, simulations=SIMULATIONS)
        for batch in (1, 128):
            latent = np.random.default_rng(1).normal(size=(batch, LATENT)).astype(np.float32)
            roots = torch.from_numpy(latent)
            line = f"{algorithm:6}  B={batch:<4} mazenav {rate(lambda: search(model, roots, config), batch):9,.0f}/s"  # noqa: B023 - called at once
            if has_mctx:
                line += f"   mctx {rate(mctx_runner(weights, latent, algorithm), batch):9,.0f}/s"
            print(line)


if __name__ == "__main__":
    main()
