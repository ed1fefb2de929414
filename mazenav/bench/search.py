"""Simulations a second of the tree search on one core, beside mctx: MLP 64-128-64, 4 actions, 50 simulations.

Both search over the same model from the same roots, with the same arithmetic in single precision; compiling is not
timed. Gumbel MuZero has floors; PUCT and our search over the same model in PyTorch are told beside it. So
is what a decision and the reading of a map take the shipped agent.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from statistics import median

import numpy as np
import torch
from numba import carray
from torch import Tensor

from mazenav.agent.loading import load_agent
from mazenav.bench.comparing import Measured, compared
from mazenav.bench.table import Row
from mazenav.layout.generate import generate
from mazenav.layout.graph import sample_task
from mazenav.model.interface import Kernel, ModelStep, Prediction
from mazenav.model.native.function import native
from mazenav.model.native.product import affine, pack
from mazenav.planner.search import search
from mazenav.planner.settings import SearchConfig
from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import DMLAB
from mazenav.types import TaskContext

LATENT, HIDDEN, ACTIONS, SIMULATIONS = 64, 128, 4, 50
BATCHES = {1: 2.0, 128: 1.0}
"""Roots, and how many times mctx's simulations a second are asked for."""
SECONDS = 2.0
"""Time for one measurement."""
SHAPE, MAZES, DECISIONS = (13, 13), 25, 20
"""Mazes that the shipped agent drives in, and its decisions in each."""
_SAID = 16  # value and logits, padded as products write them

Progress = Callable[[int, int, str], None]


def _evaluate(weights, tasks, sizes, rows, latent, action, context, following, outcome, scratch):  # type: ignore[no-untyped-def]  # Numba's
    """The model as a native function, see `Kernel`."""
    parts = carray(weights, sizes[4])
    w_action, w_out, w_head, zero = sizes[0], sizes[1], sizes[2], sizes[3]
    here, there = carray(latent, rows * LATENT), carray(following, rows * LATENT)
    room = carray(scratch, rows * HIDDEN)
    if action[0] < 0:
        there[:] = here
    else:
        for row in range(rows):
            for unit in range(HIDDEN):
                room[row * HIDDEN + unit] = parts[w_action + action[row] * HIDDEN + unit]
        affine(here, 0, LATENT, parts, 0, LATENT, room, 0, HIDDEN, room, 0, HIDDEN, HIDDEN, rows)
        for index in range(rows * HIDDEN):
            room[index] = max(room[index], np.float32(0))
        affine(room, 0, HIDDEN, parts, w_out, HIDDEN, parts, zero, 0, there, 0, LATENT, LATENT, rows)
    affine(there, 0, LATENT, parts, w_head, LATENT, parts, zero, 0, room, 0, _SAID, _SAID, rows)
    said = carray(outcome, (rows, 3 + ACTIONS))
    for row in range(rows):
        said[row, 0], said[row, 1] = -1.0, 1.0
        for index in range(1 + ACTIONS):
            said[row, 2 + index] = room[row * _SAID + index]


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


class CompiledMlp(Mlp):
    """The same, compiled."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        super().__init__(weights)
        parts = [pack(weights["in"]), weights["action"].ravel(), pack(weights["out"]), pack(weights["head"])]
        parts.append(np.zeros(LATENT, np.float32))
        packed, tasks = np.concatenate(parts), np.zeros(1, np.float32)
        sizes = np.cumsum([part.size for part in parts])
        self.compiled = Kernel(native(_evaluate).address, LATENT, 1 << 62, packed, tasks, sizes, HIDDEN)

    def kernel(self) -> Kernel:
        """The compiled form."""
        return self.compiled


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


def make_roots(batch: int) -> np.ndarray:
    """Latents float32 `[batch, 64]`."""
    return np.random.default_rng(1).normal(size=(batch, LATENT)).astype(np.float32)


def rate(run: Callable[[], object], batch: int) -> float:
    """Simulations a second of this process' own time: the best of the runs in `SECONDS`, after two to warm up."""
    run()
    run()
    best, until = np.inf, time.process_time() + SECONDS
    while time.process_time() < until:
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return batch * SIMULATIONS / best


def our_rate(kind: type[Mlp], algorithm: str, batch: int) -> float:
    """Simulations a second of our search."""
    model, roots = kind(make_weights()), torch.from_numpy(make_roots(batch))
    config = SearchConfig(algorithm=algorithm, simulations=SIMULATIONS)
    return rate(lambda: search(model, roots, config), batch)


def mctx_rate(algorithm: str, batch: int) -> float:
    """Simulations a second of mctx."""
    import jax
    import jax.numpy as jnp
    import mctx

    params = {name: jnp.asarray(array) for name, array in make_weights().items()}

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

    key, state = jax.random.PRNGKey(0), jnp.asarray(make_roots(batch))
    return rate(lambda: jax.block_until_ready(plan(params, key, state)), batch)


@contextmanager
def one_core() -> Iterator[None]:
    """All threads that are begun in here share one core, and so does this one."""
    threads, allowed = torch.get_num_threads(), os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    torch.set_num_threads(1)
    if allowed:
        os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        if allowed:
            os.sched_setaffinity(0, allowed)


def decision_rows() -> list[Row]:
    """Milliseconds of the shipped agent alone in mazes of 13 x 13: to read a map, and for a decision."""
    agent, rng = load_agent("mmn", SIMULATIONS), np.random.default_rng(0)
    readings, decisions = [], []
    for _ in range(MAZES):
        layout = generate("backtracker", SHAPE, rng)
        start, goal = sample_task(layout, rng)[:2]
        batch = AgentBatch(1, *SHAPE, DMLAB)
        one = np.zeros(1, np.int64)
        batch.place(one, [layout.walls], np.array([start]), np.array([goal]), np.zeros(1), one + 10**6)
        begin = time.process_time()
        agent.begin([TaskContext(layout.walls.astype(np.float32), start, goal)], [rng])
        readings.append(time.process_time() - begin)
        for _ in range(DECISIONS):
            begin = time.process_time()
            action = agent.act(batch.states, np.ones(1, bool))
            decisions.append(time.process_time() - begin)
            batch.step(action)
    work = f"shipped agent, {SHAPE[0]} x {SHAPE[1]}, B = 1"
    return [
        Row(f"{work}: a decision with {SIMULATIONS} simulations, median", "ms", 1000 * median(decisions), floor=2.0),
        Row(f"{work}: the reading of the map, median", "ms", 1000 * median(readings), floor=20.0),
    ]


def measure(progress: Progress) -> list[Row]:
    """Rows of simulations a second, beside mctx."""
    rows, cases = [], [(algorithm, batch) for algorithm in ("gumbel", "puct") for batch in BATCHES]
    with one_core():
        for number, (algorithm, batch) in enumerate(cases):
            name = {"gumbel": "Gumbel MuZero", "puct": "PUCT"}[algorithm]
            work, floor = f"{name}, B = {batch}", BATCHES[batch] if algorithm == "gumbel" else None
            others: dict[str, Measured] = {"mctx": partial(mctx_rate, algorithm, batch)}
            rows.append(
                compared(work, "simulations/s", partial(our_rate, CompiledMlp, algorithm, batch), others, floor)
            )
            rate_in_torch = our_rate(Mlp, algorithm, batch)
            rows.append(Row(f"{work}, the model in PyTorch", "simulations/s", rate_in_torch))
            progress(number + 1, len(cases), work)
        rows += decision_rows()
    return rows
