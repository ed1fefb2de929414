"""Planning with a latent model: batched tree search, and the greedy policy it falls back to.

`plan` is what an agent calls; the config says how. All B roots grow their trees together: a simulation is one walk down
every tree (a compiled kernel), ONE call of the model for all of them, and one backup (a kernel).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from mazenav.model.interface import LatentModel, ModelStep, Prediction
from mazenav.planner.exhaustive import exhaustive
from mazenav.planner.result import PlanResult, SearchTrace
from mazenav.planner.selection import (
    GumbelRule,
    PuctRule,
    considered_visits,
    decide_gumbel,
    decide_puct,
    select_gumbel,
    select_puct,
)
from mazenav.planner.tree import (
    Evaluation,
    Tree,
    grow,
    new_evaluation,
    new_frontier,
    new_tree,
    principal_variation,
    root_statistics,
)
from mazenav.types import MazenavError

ALGORITHMS = ("gumbel", "puct", "exhaustive")
BACKUPS = ("mean", "best")

Generators = np.random.Generator | Sequence[np.random.Generator]
"""One generator for the batch, or one a root: then a root's noise does not depend on who shares its batch."""


@dataclass(frozen=True)
class SearchConfig:
    """How to plan. The defaults of both tree searches are mctx's, except that no noise is drawn.

    Values are minus decisions to go, often in the thousands. Both algorithms rescale the Q values of a node to [0, 1]
    by their minimum and maximum before weighing them, so one child that the model sends into a wall (-3000) would
    flatten the differences among the sensible ones (-40, -42). Two options, in decisions, keep that in hand, and one
    says what a node is worth; at their defaults the search equals mctx's:

    * `value_clip` K: a leaf's value enters the tree no lower than the root's predicted value minus K. A leaf that bad
      is never chosen, and how bad it is does not matter. It must exceed what a sensible detour costs.
    * `value_epsilon`: Q values are spread over at least this range, so differences far below one decision (rounding,
      or the model's error) are not blown up to full weight. 1.0 weighs them as decisions.
    * `backup`: "mean" averages all returns through a node, those of exploring moves too: forgiving of a single leaf
      valued too high, but more simulations can be worse by a fraction of a decision even where every leaf is exact.
      "best" takes the best return: exact where the model is, and quick to believe a leaf valued too high.

    Attributes:
        algorithm: "gumbel" (Gumbel MuZero), "puct" (MuZero) or "exhaustive" (all sequences of `depth` actions).
        simulations: leaves evaluated for every root; 0 is the greedy policy, whatever the algorithm.
        max_depth: the most edges from the root to a leaf of a tree search; None is no limit.
        depth: length of the action sequences of the exhaustive search.
        considered_actions: Gumbel: root actions that sequential halving starts with.
        gumbel_scale: Gumbel: noise at the root; 0 is deterministic, 1 explores.
        value_scale: Gumbel: weight of the Q values against the logits.
        maxvisit_init: Gumbel: added to the largest visit count in that weight.
        pb_c_init: PUCT: c_1 of the exploration factor.
        pb_c_base: PUCT: c_2 of the exploration factor.
        dirichlet_alpha: PUCT: concentration of the noise on the root's prior.
        dirichlet_fraction: PUCT: share of that noise in the prior; 0 is none.
        temperature: the action is drawn in proportion to action_weights ** (1 / temperature); 0 takes the planner's best.
            A little of it (0.1) breaks the cycles that a deterministic policy of a learned model can be caught in.
        value_clip: see above; None is off.
        value_epsilon: see above.
        backup: "mean" or "best", see above.

    Raises:
        MazenavError: naming the first field that is out of its range.
    """

    algorithm: str = "gumbel"
    simulations: int = 50
    max_depth: int | None = None
    depth: int = 2
    considered_actions: int = 16
    gumbel_scale: float = 0.0
    value_scale: float = 0.1
    maxvisit_init: float = 50.0
    pb_c_init: float = 1.25
    pb_c_base: float = 19652.0
    dirichlet_alpha: float = 0.3
    dirichlet_fraction: float = 0.0
    temperature: float = 0.0
    value_clip: float | None = None
    value_epsilon: float = 1e-8
    backup: str = "mean"

    def __post_init__(self) -> None:
        for name, choices in (("algorithm", ALGORITHMS), ("backup", BACKUPS)):
            if getattr(self, name) not in choices:
                raise MazenavError(f"search {name} must be one of {', '.join(choices)}, found {getattr(self, name)!r}")
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if value is None and name in ("max_depth", "value_clip"):
                continue
            kind, allowed = ("an integer", int) if name in _INTEGERS else ("a number", (int, float))
            if not isinstance(value, allowed) or isinstance(value, bool) or not low <= value <= high:
                raise MazenavError(f"search {name} must be {kind} from {low:g} to {high:g}, found {value!r}")


_INTEGERS = ("simulations", "max_depth", "depth", "considered_actions")
_SMALL, _LARGE = 1e-12, 1e12
_RANGES: dict[str, tuple[float, float]] = {
    "simulations": (0, 1_000_000),
    "max_depth": (1, 1_000_000),
    "depth": (1, 16),
    "considered_actions": (1, 1_000_000),
    "gumbel_scale": (0, _LARGE),
    "value_scale": (0, _LARGE),
    "maxvisit_init": (0, _LARGE),
    "pb_c_init": (0, _LARGE),
    "pb_c_base": (_SMALL, _LARGE),
    "dirichlet_alpha": (_SMALL, _LARGE),
    "dirichlet_fraction": (0, 1),
    "temperature": (0, _LARGE),
    "value_clip": (_SMALL, _LARGE),
    "value_epsilon": (_SMALL, _LARGE),
}


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
    """Plan as the config says: greedy for 0 simulations, else by its algorithm. Arguments as for `search`."""
    if config.simulations == 0:
        result = greedy(model, latent, context=context)
    elif config.algorithm == "exhaustive":
        result = exhaustive(model, latent, config.depth, value_clip=config.value_clip, context=context)
    else:
        result = search(model, latent, config, generator, context=context)
    if config.temperature == 0 or (config.algorithm == "puct" and config.simulations):
        return result
    noise = _gumbel_noise(*result.action_weights.shape, generator)
    with np.errstate(divide="ignore"):
        scores = np.log(result.action_weights.astype(np.float64)) / config.temperature + noise
    return result._replace(action=scores.argmax(axis=1).astype(np.int64))


@torch.no_grad()
def greedy(model: LatentModel, latent: Tensor, *, context: Tensor | None = None) -> PlanResult:
    """The policy's most likely action, without search. Arguments as for `search`."""
    prediction = model.predict(latent, _contexts(latent, context))
    weights = torch.softmax(prediction.logits.double(), dim=1).cpu().numpy()
    value = prediction.value.float().cpu().numpy()
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
        MazenavError: if the config is not for a tree search or asks for noise without a generator, if shapes do not
            fit, or if the model says something that is not finite.
    """
    if config.algorithm == "exhaustive" or config.simulations == 0:
        raise MazenavError(
            f"search needs algorithm gumbel or puct and at least 1 simulation, found {config.algorithm} and"
            f" {config.simulations} (plan takes any config)"
        )
    contexts = _contexts(latent, context)
    batch, n_actions = latent.shape[0], model.n_actions
    roots = _evaluate_roots(model, latent, contexts)
    noise = draw_noise(config, batch, n_actions, generator) if noise is None else noise
    if noise.gumbel.shape != (batch, n_actions) or noise.dirichlet.shape != (batch, n_actions):
        raise MazenavError(f"noise must be [{batch}, {n_actions}], found {noise.gumbel.shape}, {noise.dirichlet.shape}")
    tree = new_tree(roots.value, _root_logits(config, roots.logits, noise), config.simulations)
    rule = _rule(config, n_actions, noise)
    latents = _run(model, latent, contexts, tree, rule, config)
    if isinstance(rule, GumbelRule):
        action, weights = decide_gumbel(tree, rule)
    else:
        action, weights = decide_puct(root_statistics(tree)[0], noise.gumbel, config.temperature)
    value = tree.values[:, 0].astype(np.float32)
    return PlanResult(action, weights.astype(np.float32), value, _trace(tree, action, latents))


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
        raise MazenavError("this search config draws noise at the root, so the search needs a NumPy generator")
    generators = [generator] * batch if isinstance(generator, np.random.Generator) else list(generator)
    if len(generators) != batch:
        raise MazenavError(f"a search of {batch} roots needs one generator or {batch}, found {len(generators)}")
    return generators


def _gumbel_noise(batch: int, n_actions: int, generator: Generators | None) -> np.ndarray:
    """Standard Gumbel noise, float64 `[batch, n_actions]`, each root's from its own generator."""
    draws = [source.gumbel(size=n_actions) for source in _one_a_root(generator, batch)]
    return np.array(draws).reshape(batch, n_actions)


def _run(
    model: LatentModel, latent: Tensor, contexts: Tensor, tree: Tree, rule: GumbelRule | PuctRule, config: SearchConfig
) -> Tensor:
    """Grow the tree by all simulations; returns the latents of its nodes `[B * N, L]`."""
    batch, places = tree.visits.shape
    device = latent.device
    latents = latent.new_zeros((batch * places, latent.shape[1]))
    latents[::places] = latent
    frontier = new_frontier(batch)
    source, action, target = (torch.from_numpy(array) for array in frontier)
    evaluation = new_evaluation(batch, model.n_actions)
    receivers = tuple(torch.from_numpy(array) for array in evaluation)
    floor = tree.raw_values[:, 0] - (math.inf if config.value_clip is None else config.value_clip)
    max_depth = config.simulations if config.max_depth is None else config.max_depth
    for simulation in range(config.simulations):
        if isinstance(rule, GumbelRule):
            select_gumbel(tree, rule, simulation, max_depth, frontier)
        else:
            select_puct(tree, rule, simulation, max_depth, frontier)
        step = model.step(latents.index_select(0, source.to(device)), action.to(device), contexts)
        prediction = model.predict(step.latent, contexts)
        if simulation == 0:
            _check_step(step, prediction, latent, model.n_actions)
        latents.index_copy_(0, target.to(device), step.latent)
        for receiver, said in zip(receivers, (step.reward, step.discount, *prediction), strict=True):
            receiver.copy_(said)
        bad = grow(tree, frontier, evaluation, floor, config.backup == "best")
        if bad >= 0:
            raise MazenavError(f"the model's answer for root {bad} is not finite in simulation {simulation}")
    return latents


def _contexts(latent: Tensor, context: Tensor | None) -> Tensor:
    if latent.ndim != 2:
        raise MazenavError(f"a planner needs latents [B, L], found shape {tuple(latent.shape)}")
    if context is None:
        return torch.arange(latent.shape[0], device=latent.device)
    if context.shape != latent.shape[:1]:
        raise MazenavError(f"a planner needs one context for each of {latent.shape[0]} roots, found {len(context)}")
    return context


def _evaluate_roots(model: LatentModel, latent: Tensor, contexts: Tensor) -> Evaluation:
    prediction = model.predict(latent, contexts)
    _check_prediction(prediction, latent.shape[0], model.n_actions)
    roots = new_evaluation(latent.shape[0], model.n_actions)
    torch.from_numpy(roots.value).copy_(prediction.value)
    torch.from_numpy(roots.logits).copy_(prediction.logits)
    if not np.isfinite(roots.value).all() or not np.isfinite(roots.logits.max(axis=1, initial=-np.inf)).all():
        raise MazenavError("the model's prediction for the roots of the search is not finite")
    return roots


def _check_prediction(prediction: Prediction, batch: int, n_actions: int) -> None:
    value, logits = tuple(prediction.value.shape), tuple(prediction.logits.shape)
    if value != (batch,) or logits != (batch, n_actions):
        raise MazenavError(
            f"a model must predict value [{batch}] and logits [{batch}, {n_actions}],"
            f" found {list(value)} and {list(logits)}"
        )


def _check_step(step: ModelStep, prediction: Prediction, latent: Tensor, n_actions: int) -> None:
    batch = latent.shape[0]
    _check_prediction(prediction, batch, n_actions)
    if step.latent.shape != latent.shape or step.reward.shape != (batch,) or step.discount.shape != (batch,):
        raise MazenavError(
            f"a model must step to latents {list(latent.shape)} with reward and discount [{batch}], found"
            f" {list(step.latent.shape)}, {list(step.reward.shape)}, {list(step.discount.shape)}"
        )


def _root_logits(config: SearchConfig, logits: np.ndarray, noise: RootNoise) -> np.ndarray:
    """The root's logits `[B, A]`, for PUCT with the noise mixed into their softmax."""
    if config.algorithm != "puct" or config.dirichlet_fraction == 0:
        return logits
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    priors = odds / odds.sum(axis=1, keepdims=True)
    mixed = (1 - config.dirichlet_fraction) * priors + config.dirichlet_fraction * noise.dirichlet
    return np.log(np.maximum(mixed, np.finfo(np.float64).tiny))


def _rule(config: SearchConfig, n_actions: int, noise: RootNoise) -> GumbelRule | PuctRule:
    if config.algorithm == "puct":
        return PuctRule(float(config.pb_c_init), float(config.pb_c_base), float(config.value_epsilon))
    return GumbelRule(
        gumbel=config.gumbel_scale * noise.gumbel,
        considered=considered_visits(min(config.considered_actions, n_actions), config.simulations),
        value_scale=float(config.value_scale),
        maxvisit_init=float(config.maxvisit_init),
        epsilon=float(config.value_epsilon),
    )


def _trace(tree: Tree, action: np.ndarray, latents: Tensor) -> SearchTrace:
    visits, q_values = root_statistics(tree)
    nodes = principal_variation(tree, action)
    length = int((nodes >= 0).sum(axis=1).max(initial=1))
    return SearchTrace(
        visits=visits,
        q_values=q_values,
        principal_nodes=nodes[:, :length],
        node_parents=tree.parents,
        node_actions=tree.actions,
        node_visits=tree.visits,
        node_values=tree.values,
        node_latents=latents.float().cpu().numpy().reshape(*tree.visits.shape, latents.shape[1]),
    )
