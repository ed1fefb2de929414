"""Planning with a latent model: batched tree search, and the greedy policy it falls back to.

`plan` is what an agent calls; the config says how. All B roots grow their trees together: a simulation is one walk down
every tree (a compiled kernel), ONE call of the model for all of them, and one backup (a kernel).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from mazenav.model.interface import LatentModel, WithField
from mazenav.planner.exhaustive import exhaustive
from mazenav.planner.forest import Forest, evaluate_roots, find_roots, grow_forest
from mazenav.planner.result import PlanResult, SearchTrace
from mazenav.planner.selection import Rule, considered_visits, decide_gumbel, decide_puct, exploration_factors
from mazenav.planner.settings import SearchConfig
from mazenav.planner.tree import OUTCOME, principal_variation, root_statistics
from mazenav.types import MazenavError

Generators = np.random.Generator | Sequence[np.random.Generator]
"""One generator for the batch, or one a root: then a root's noise does not depend on who shares its batch."""


class RootNoise(NamedTuple):
    """All the randomness of a search, so that two searches can be given the same.

    Attributes:
        gumbel: float64 `[B, A]`, standard Gumbel noise, not scaled yet.
        dirichlet: float64 `[B, A]`, rows sum to 1.
    """

    gumbel: np.ndarray
    dirichlet: np.ndarray


def plan(
    model: LatentModel,
    latent: Tensor,
    config: SearchConfig,
    generator: Generators | None = None,
    *,
    context: Tensor | None = None,
) -> PlanResult:
    """Plan as the config says: greedy for 0 simulations, else by its algorithm.

    Args:
        model: as for `search`, and so are `latent`, `config` and `context`.
        latent: `[B, L]`, the roots.
        config: how to plan.
        generator: needed if the config asks for noise, or for a temperature at which actions are drawn.
        context: int64 `[B]`, the task that each root belongs to.

    Returns:
        What the planner found. An action that was drawn by the temperature need not be the one that the trace's
        principal variation begins with, which is the planner's best (but for PUCT's, which begins with the drawn one).

    Raises:
        MazenavError: as `search`.
    """
    if config.simulations == 0:
        result = greedy(model, latent, context=context)
    elif config.algorithm == "exhaustive":
        chosen = _with_leaves(model, config.leaves)
        result = exhaustive(chosen, latent, config.depth, value_clip=config.value_clip, context=context)
    else:
        result = search(model, latent, config, generator, context=context)
    if config.temperature == 0 or (config.algorithm == "puct" and config.simulations):
        return result
    return result._replace(action=_draw_actions(result.action_weights, config.temperature, generator))


def _draw_actions(weights: np.ndarray, temperature: float, generator: Generators | None) -> np.ndarray:
    """Actions int64 `[B]` drawn in proportion to `weights ** (1 / temperature)`, each root's by its own generator."""
    draws = [source.gumbel(size=weights.shape[1]) for source in _one_a_root(generator, len(weights))]
    with np.errstate(divide="ignore", over="ignore"):
        logits = np.log(weights.astype(np.float64))
        # Measured from the best, lest at a tiny temperature all of them be minus infinity.
        tempered = (logits - logits.max(axis=1, keepdims=True)) / temperature
    return np.argmax(tempered + np.array(draws).reshape(weights.shape), axis=1).astype(np.int64)


@torch.no_grad()
def greedy(model: LatentModel, latent: Tensor, *, context: Tensor | None = None) -> PlanResult:
    """The policy's most likely action, without search. Arguments as for `search`."""
    said = torch.from_numpy(evaluate_roots(find_roots(model, latent, context)))
    weights = torch.softmax(said[:, OUTCOME:], dim=1).numpy()
    value = said[:, 2].float().numpy()
    return PlanResult(np.argmax(weights, axis=1).astype(np.int64), weights.astype(np.float32), value, None)


@torch.no_grad()
def search(
    model: LatentModel,
    latent: Tensor,
    config: SearchConfig,
    generator: Generators | None = None,
    *,
    context: Tensor | None = None,
    noise: RootNoise | None = None,
) -> PlanResult:
    """Tree search from B roots at once, Gumbel MuZero or PUCT.

    Args:
        model: the latent model; called once for the roots and then once a simulation, with B rows each.
        latent: `[B, L]`, the roots.
        config: which algorithm, how many simulations.
        generator: needed if the config asks for noise.
        context: int64 `[B]`, the task that each root belongs to; by default root b belongs to task b.
        noise: the noise itself, in place of `generator`.

    Returns:
        The chosen actions; as weights softmax(logits + completed Q) for Gumbel and visit fractions for PUCT; the mean
        return of the root as value; and the trace.

    Raises:
        MazenavError: if the config is not for a tree search, asks for noise without a generator or for a field that the
            model does not have, if shapes do not fit, or if the model says something that is not finite.
    """
    if config.algorithm == "exhaustive" or config.simulations == 0:
        raise MazenavError(
            f"search needs algorithm gumbel or puct and at least 1 simulation, found {config.algorithm} and"
            f" {config.simulations} (plan takes any config)"
        )
    roots = find_roots(_with_leaves(model, config.leaves), latent, context)
    batch, n_actions = latent.shape[0], model.n_actions
    said = evaluate_roots(roots)
    noise = draw_noise(config, batch, n_actions, generator) if noise is None else noise
    if noise.gumbel.shape != (batch, n_actions) or noise.dirichlet.shape != (batch, n_actions):
        raise MazenavError(f"noise must be [{batch}, {n_actions}], found {noise.gumbel.shape}, {noise.dirichlet.shape}")
    _mix_noise(config, said[:, OUTCOME:], noise)
    rule = make_rule(config, n_actions, noise)
    forest = grow_forest(roots, said, rule, config)
    if rule.puct:
        action, weights = decide_puct(root_statistics(forest.roots)[0], noise.gumbel, config.temperature)
    else:
        action, weights = decide_gumbel(forest.roots, rule)
    value = forest.nodes.values[:, 0].astype(np.float32)
    return PlanResult(action, weights.astype(np.float32), value, _trace(forest, action))


def _with_leaves(model: LatentModel, leaves: str) -> LatentModel:
    """The model with its leaves valued as the config says."""
    if leaves == "predicted":
        return model
    if not isinstance(model, WithField):
        raise MazenavError("search leaves are to be valued by the field, but this model has none")
    return model.field_leaves()


def draw_noise(config: SearchConfig, batch: int, n_actions: int, generator: Generators | None) -> RootNoise:
    """The noise that a config asks for, float64 `[batch, n_actions]` each; zeros where it asks for none.

    Raises:
        MazenavError: if noise is asked for and there is no generator for it.
    """
    gumbel, dirichlet = np.zeros((batch, n_actions)), np.full((batch, n_actions), 1.0 / n_actions)
    is_gumbel = config.algorithm == "gumbel"
    wants_gumbel = (config.gumbel_scale if is_gumbel else config.temperature) > 0
    wants_dirichlet = not is_gumbel and config.dirichlet_fraction > 0
    if not wants_gumbel and not wants_dirichlet:
        return RootNoise(gumbel, dirichlet)
    for root, source in enumerate(_one_a_root(generator, batch)):
        if wants_gumbel:
            gumbel[root] = source.gumbel(size=n_actions)
        if wants_dirichlet:
            dirichlet[root] = source.dirichlet(np.full(n_actions, config.dirichlet_alpha))
    return RootNoise(gumbel, dirichlet)


def _one_a_root(generator: Generators | None, batch: int) -> list[np.random.Generator]:
    """A generator for each root.

    Raises:
        MazenavError: if there is none, or not one for each.
    """
    if generator is None:
        raise MazenavError("this search config draws noise or actions, so planning needs a NumPy generator")
    generators = [generator] * batch if isinstance(generator, np.random.Generator) else list(generator)
    if len(generators) != batch:
        raise MazenavError(f"a search of {batch} roots needs one generator or {batch}, found {len(generators)}")
    return generators


def _mix_noise(config: SearchConfig, logits: np.ndarray, noise: RootNoise) -> None:
    """For PUCT, mix the noise into the softmax of the roots' logits `[B, A]`, in place."""
    if config.algorithm != "puct" or config.dirichlet_fraction == 0:
        return
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    priors = odds / odds.sum(axis=1, keepdims=True)
    mixed = (1 - config.dirichlet_fraction) * priors + config.dirichlet_fraction * noise.dirichlet
    logits[:] = np.log(np.maximum(mixed, np.finfo(np.float64).tiny))


def make_rule(config: SearchConfig, n_actions: int, noise: RootNoise) -> Rule:
    """How a config has actions chosen."""
    return Rule(
        puct=config.algorithm == "puct",
        take_best=config.backup == "best",
        epsilon=float(config.value_epsilon),
        gumbel=config.gumbel_scale * noise.gumbel,
        considered=considered_visits(min(config.considered_actions, n_actions), config.simulations),
        value_scale=float(config.value_scale),
        maxvisit_init=float(config.maxvisit_init),
        factors=exploration_factors(config.pb_c_init, config.pb_c_base, config.simulations),
    )


def _trace(forest: Forest, action: np.ndarray) -> SearchTrace:
    visits, q_values = root_statistics(forest.roots)
    variation = principal_variation(forest.nodes, action)
    length = int((variation >= 0).sum(axis=1).max(initial=1))
    return SearchTrace(
        visits=visits,
        q_values=q_values,
        principal_nodes=variation[:, :length],
        node_parents=forest.nodes.parents,
        node_actions=forest.nodes.actions,
        node_visits=forest.nodes.visits,
        node_values=forest.nodes.values,
        node_latents=forest.latents,
    )
