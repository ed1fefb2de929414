"""Which edge a simulation follows: Gumbel MuZero and PUCT over the same tree.

Gumbel: Danihelka et al. 2022, *Policy improvement by planning with Gumbel* (sequential halving at the root, Q values
completed by the mixed value of appendix D, deterministic selection below the root, section 5).
PUCT: Schrittwieser et al. 2020, appendix B, with Q values rescaled between the node's own value and its children's.
Both as mctx computes them, but for two things: ties fall to the lowest action, where mctx's PUCT adds noise of 1e-7;
and `epsilon`, the least range over which Q values are spread, is an option (mctx: 1e-8).

The kernels that need one another live in this one file: Numba's cache does not see a change in a file it only imports.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numba import njit

from mazenav.planner.tree import Frontier, Tree

_ROOT = 0
_TINY = float(np.finfo(np.float64).tiny)
_LOWEST_SCORE = -1e9  # of a considered action, so that it still beats every action that is not considered


class GumbelRule(NamedTuple):
    """What Gumbel selection depends on besides the tree.

    Attributes:
        gumbel: float64 `[B, A]`, the noise at the root, scaled already.
        considered: int64 `[S]`, from `considered_visits`.
        value_scale: weight of the Q values against the logits.
        maxvisit_init: added to the largest visit count in that weight.
        epsilon: the least range over which Q values are spread.
    """

    gumbel: np.ndarray
    considered: np.ndarray
    value_scale: float
    maxvisit_init: float
    epsilon: float


class PuctRule(NamedTuple):
    """What PUCT selection depends on besides the tree.

    Attributes:
        pb_c_init: c_1 of the exploration factor.
        pb_c_base: c_2 of the exploration factor.
        epsilon: the least range over which Q values are spread.
    """

    pb_c_init: float
    pb_c_base: float
    epsilon: float


@lru_cache(maxsize=64)
def considered_visits(n_actions: int, simulations: int) -> np.ndarray:
    """Sequential halving as a table: at simulation s only root actions visited `table[s]` times may be chosen.

    All `n_actions` get equally many visits in the first phase, the better half of them in the next, down to two.

    Returns:
        Read-only int64 `[simulations]`.
    """
    if n_actions <= 1:
        table = np.arange(simulations, dtype=np.int64)
    else:
        phases = math.ceil(math.log2(n_actions))
        rounds: list[np.ndarray] = []
        survivors, visits, filled = n_actions, 0, 0
        while filled < simulations:
            for _ in range(max(1, simulations // (phases * survivors))):
                rounds.append(np.full(survivors, visits, np.int64))
                visits += 1
                filled += survivors
            survivors = max(2, survivors // 2)
        table = np.concatenate([np.zeros(0, np.int64), *rounds])[:simulations]
    table.flags.writeable = False
    return table


@njit(cache=True)
def _mixed_value(raw_value: float, visits: np.ndarray, q_values: np.ndarray, priors: np.ndarray) -> float:
    """The node's own prediction, averaged with the prior-weighted Q of the tried actions (one vote for every visit)."""
    total = 0
    mass = 0.0
    weighted = 0.0
    for action in range(visits.shape[0]):
        if visits[action] > 0:
            prior = max(_TINY, priors[action])
            total += visits[action]
            mass += prior
            weighted += prior * q_values[action]
    if total == 0:
        return raw_value
    return (raw_value + total * (weighted / mass)) / (total + 1)


@njit(cache=True)
def _complete_q_values(
    mixed: float, visits: np.ndarray, q_values: np.ndarray, weights: tuple[float, float, float], out: np.ndarray
) -> int:
    """Write the completed, rescaled Q values of a node to `out` `[A]`, in units of logits.

    Args:
        mixed: what an untried action is taken to be worth.
        visits: int64 `[A]`.
        q_values: float64 `[A]`.
        weights: value_scale, maxvisit_init and epsilon of the rule.
        out: float64 `[A]`, written.

    Returns:
        The largest visit count.
    """
    value_scale, maxvisit_init, epsilon = weights
    low = np.inf
    high = -np.inf
    most = 0
    for action in range(out.shape[0]):
        out[action] = q_values[action] if visits[action] > 0 else mixed
        most = max(most, visits[action])
        low = min(low, out[action])
        high = max(high, out[action])
    scale = (maxvisit_init + most) * value_scale / max(high - low, epsilon)
    for action in range(out.shape[0]):
        out[action] = scale * (out[action] - low)
    return most


@njit(cache=True)
def _halving_action(
    visits: np.ndarray, logits: np.ndarray, gumbel: np.ndarray, considered: int, completed: np.ndarray
) -> int:
    """The best action by gumbel + logit + completed Q of those visited `considered` times."""
    top = logits.max()
    best = -np.inf
    choice = 0
    for action in range(visits.shape[0]):
        if visits[action] == considered:
            score = max(_LOWEST_SCORE, gumbel[action] + (logits[action] - top) + completed[action])
            if score > best:
                best = score
                choice = action
    return choice


@njit(cache=True)
def _improve_policy(logits: np.ndarray, policy: np.ndarray) -> None:
    """Turn completed Q values in `policy` `[A]` into softmax(logits + Q), in place."""
    top = -np.inf
    for action in range(policy.shape[0]):
        policy[action] += logits[action]
        top = max(top, policy[action])
    total = 0.0
    for action in range(policy.shape[0]):
        policy[action] = np.exp(policy[action] - top)
        total += policy[action]
    for action in range(policy.shape[0]):
        policy[action] /= total


@njit(cache=True)
def _follow_policy(visits: np.ndarray, policy: np.ndarray) -> int:
    """The action whose share of the visits lags furthest behind `policy`."""
    total = 1 + visits.sum()
    best = -np.inf
    choice = 0
    for action in range(policy.shape[0]):
        score = policy[action] - visits[action] / total
        if score > best:
            best = score
            choice = action
    return choice


@njit(cache=True)
def _puct_action(
    value: float, count: int, visits: np.ndarray, q_values: np.ndarray, priors: np.ndarray, rule: PuctRule
) -> int:
    """The action with the highest rescaled Q plus exploration bonus; an untried action has the lowest Q."""
    low = value
    high = value
    for action in range(visits.shape[0]):
        if visits[action] > 0:
            low = min(low, q_values[action])
            high = max(high, q_values[action])
    spread = max(high - low, rule.epsilon)
    factor = (rule.pb_c_init + np.log((count + rule.pb_c_base + 1.0) / rule.pb_c_base)) * np.sqrt(count)
    best = -np.inf
    choice = 0
    for action in range(visits.shape[0]):
        score = factor * priors[action] / (visits[action] + 1)
        if visits[action] > 0:
            score += (q_values[action] - low) / spread
        if score > best:
            best = score
            choice = action
    return choice


@njit(cache=True)
def select_gumbel(tree: Tree, rule: GumbelRule, simulation: int, max_depth: int, frontier: Frontier) -> None:
    """Walk every root down to the edge to evaluate next and write it to `frontier`."""
    raw_values, children, logits, priors = tree.raw_values, tree.children, tree.logits, tree.priors
    edge_visits, q_values = tree.edge_visits, tree.q_values
    weights = (rule.value_scale, rule.maxvisit_init, rule.epsilon)
    batch, places, n_actions = children.shape
    scratch = np.empty(n_actions)
    for root in range(batch):
        node = _ROOT
        action = 0
        depth = 0
        child = _ROOT
        while child >= 0 and depth < max_depth:
            node = child
            visits = edge_visits[root, node]
            mixed = _mixed_value(raw_values[root, node], visits, q_values[root, node], priors[root, node])
            _complete_q_values(mixed, visits, q_values[root, node], weights, scratch)
            if depth == 0:
                action = _halving_action(
                    visits, logits[root, node], rule.gumbel[root], rule.considered[simulation], scratch
                )
            else:
                _improve_policy(logits[root, node], scratch)
                action = _follow_policy(visits, scratch)
            child = children[root, node, action]
            depth += 1
        frontier.source[root] = root * places + node
        frontier.action[root] = action
        frontier.target[root] = root * places + (child if child >= 0 else simulation + 1)


@njit(cache=True)
def select_puct(tree: Tree, rule: PuctRule, simulation: int, max_depth: int, frontier: Frontier) -> None:
    """Walk every root down to the edge to evaluate next and write it to `frontier`."""
    values, counts, children, priors = tree.values, tree.visits, tree.children, tree.priors
    edge_visits, q_values = tree.edge_visits, tree.q_values
    batch, places, _ = children.shape
    for root in range(batch):
        node = _ROOT
        action = 0
        depth = 0
        child = _ROOT
        while child >= 0 and depth < max_depth:
            node = child
            action = _puct_action(
                values[root, node],
                counts[root, node],
                edge_visits[root, node],
                q_values[root, node],
                priors[root, node],
                rule,
            )
            child = children[root, node, action]
            depth += 1
        frontier.source[root] = root * places + node
        frontier.action[root] = action
        frontier.target[root] = root * places + (child if child >= 0 else simulation + 1)


@njit(cache=True)
def decide_gumbel(tree: Tree, rule: GumbelRule) -> tuple[np.ndarray, np.ndarray]:
    """Final actions int64 `[B]` and improved policies float64 `[B, A]`: the best of the most visited root actions."""
    weights = (rule.value_scale, rule.maxvisit_init, rule.epsilon)
    batch, _, n_actions = tree.children.shape
    actions = np.zeros(batch, np.int64)
    policies = np.empty((batch, n_actions))
    for root in range(batch):
        visits, q_values, logits = tree.edge_visits[root, _ROOT], tree.q_values[root, _ROOT], tree.logits[root, _ROOT]
        mixed = _mixed_value(tree.raw_values[root, _ROOT], visits, q_values, tree.priors[root, _ROOT])
        most = _complete_q_values(mixed, visits, q_values, weights, policies[root])
        actions[root] = _halving_action(visits, logits, rule.gumbel[root], most, policies[root])
        _improve_policy(logits, policies[root])
    return actions, policies


def decide_puct(visits: np.ndarray, gumbel: np.ndarray, temperature: float) -> tuple[np.ndarray, np.ndarray]:
    """Final actions int64 `[B]` and visit fractions float64 `[B, A]`.

    Args:
        visits: int64 `[B, A]`, of the root actions.
        gumbel: float64 `[B, A]`, standard Gumbel noise: its argmax with the tempered log-fractions is a sample.
        temperature: an action is drawn in proportion to `visits ** (1 / temperature)`; 0 takes the most visited.
    """
    fractions = visits / np.maximum(visits.sum(axis=1, keepdims=True), 1)
    logits = np.log(np.maximum(fractions, _TINY))
    tempered = (logits - logits.max(axis=1, keepdims=True)) / max(temperature, 1e-30)
    return np.argmax(tempered + gumbel, axis=1).astype(np.int64), fractions
