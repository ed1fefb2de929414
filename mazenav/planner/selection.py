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
def _visits(tree: Tree, root: int, node: int, action: int) -> int:
    child = tree.children[root, node, action]
    return tree.visits[root, child] if child >= 0 else 0


@njit(cache=True)
def _q_value(tree: Tree, root: int, child: int) -> float:
    return tree.rewards[root, child] + tree.discounts[root, child] * tree.values[root, child]


@njit(cache=True)
def _mixed_value(tree: Tree, root: int, node: int) -> float:
    """The node's own prediction, averaged with the prior-weighted Q of the tried actions (one vote for every visit)."""
    total = 0
    mass = 0.0
    weighted = 0.0
    for action in range(tree.children.shape[2]):
        child = tree.children[root, node, action]
        if child >= 0:
            prior = max(_TINY, tree.priors[root, node, action])
            total += tree.visits[root, child]
            mass += prior
            weighted += prior * _q_value(tree, root, child)
    if total == 0:
        return tree.raw_values[root, node]
    return (tree.raw_values[root, node] + total * (weighted / mass)) / (total + 1)


@njit(cache=True)
def _complete_q_values(tree: Tree, root: int, node: int, rule: GumbelRule, out: np.ndarray) -> None:
    """Write the completed, rescaled Q values of a node to `out` `[A]`, in units of logits."""
    mixed = _mixed_value(tree, root, node)
    low = np.inf
    high = -np.inf
    most = 0
    for action in range(out.shape[0]):
        child = tree.children[root, node, action]
        if child >= 0:
            out[action] = _q_value(tree, root, child)
            most = max(most, tree.visits[root, child])
        else:
            out[action] = mixed
        low = min(low, out[action])
        high = max(high, out[action])
    scale = (rule.maxvisit_init + most) * rule.value_scale
    for action in range(out.shape[0]):
        out[action] = scale * ((out[action] - low) / max(high - low, rule.epsilon))


@njit(cache=True)
def _halving_action(tree: Tree, root: int, rule: GumbelRule, considered: int, q_values: np.ndarray) -> int:
    """The best action by gumbel + logit + Q of those visited `considered` times; needs `q_values` completed."""
    top = tree.logits[root, _ROOT].max()
    best = -np.inf
    choice = 0
    for action in range(q_values.shape[0]):
        if _visits(tree, root, _ROOT, action) == considered:
            score = rule.gumbel[root, action] + (tree.logits[root, _ROOT, action] - top) + q_values[action]
            score = max(_LOWEST_SCORE, score)
            if score > best:
                best = score
                choice = action
    return choice


@njit(cache=True)
def _improve_policy(tree: Tree, root: int, node: int, policy: np.ndarray) -> None:
    """Turn completed Q values in `policy` `[A]` into softmax(logits + Q), in place."""
    top = -np.inf
    for action in range(policy.shape[0]):
        policy[action] += tree.logits[root, node, action]
        top = max(top, policy[action])
    total = 0.0
    for action in range(policy.shape[0]):
        policy[action] = np.exp(policy[action] - top)
        total += policy[action]
    for action in range(policy.shape[0]):
        policy[action] /= total


@njit(cache=True)
def _follow_policy(tree: Tree, root: int, node: int, policy: np.ndarray) -> int:
    """The action whose share of the visits lags furthest behind `policy`."""
    total = 1
    for action in range(policy.shape[0]):
        total += _visits(tree, root, node, action)
    best = -np.inf
    choice = 0
    for action in range(policy.shape[0]):
        score = policy[action] - _visits(tree, root, node, action) / total
        if score > best:
            best = score
            choice = action
    return choice


@njit(cache=True)
def _puct_action(tree: Tree, root: int, node: int, rule: PuctRule) -> int:
    """The action with the highest rescaled Q plus exploration bonus; an untried action has the lowest Q."""
    low = tree.values[root, node]
    high = low
    for action in range(tree.children.shape[2]):
        child = tree.children[root, node, action]
        if child >= 0:
            q_value = _q_value(tree, root, child)
            low = min(low, q_value)
            high = max(high, q_value)
    visits = tree.visits[root, node]
    factor = (rule.pb_c_init + np.log((visits + rule.pb_c_base + 1.0) / rule.pb_c_base)) * np.sqrt(visits)
    best = -np.inf
    choice = 0
    for action in range(tree.children.shape[2]):
        child = tree.children[root, node, action]
        score = factor * tree.priors[root, node, action] / (_visits(tree, root, node, action) + 1)
        if child >= 0:
            score += (_q_value(tree, root, child) - low) / max(high - low, rule.epsilon)
        if score > best:
            best = score
            choice = action
    return choice


@njit(cache=True)
def _set_frontier(tree: Tree, root: int, node: int, action: int, simulation: int, frontier: Frontier) -> None:
    places = tree.visits.shape[1]
    child = tree.children[root, node, action]
    frontier.source[root] = root * places + node
    frontier.action[root] = action
    frontier.target[root] = root * places + (child if child >= 0 else simulation + 1)


@njit(cache=True)
def select_gumbel(tree: Tree, rule: GumbelRule, simulation: int, max_depth: int, frontier: Frontier) -> None:
    """Walk every root down to the edge to evaluate next and write it to `frontier`."""
    scratch = np.empty(tree.children.shape[2])
    for root in range(tree.children.shape[0]):
        node = _ROOT
        _complete_q_values(tree, root, node, rule, scratch)
        action = _halving_action(tree, root, rule, rule.considered[simulation], scratch)
        depth = 1
        while depth < max_depth and tree.children[root, node, action] >= 0:
            node = tree.children[root, node, action]
            _complete_q_values(tree, root, node, rule, scratch)
            _improve_policy(tree, root, node, scratch)
            action = _follow_policy(tree, root, node, scratch)
            depth += 1
        _set_frontier(tree, root, node, action, simulation, frontier)


@njit(cache=True)
def select_puct(tree: Tree, rule: PuctRule, simulation: int, max_depth: int, frontier: Frontier) -> None:
    """Walk every root down to the edge to evaluate next and write it to `frontier`."""
    for root in range(tree.children.shape[0]):
        node = _ROOT
        action = _puct_action(tree, root, node, rule)
        depth = 1
        while depth < max_depth and tree.children[root, node, action] >= 0:
            node = tree.children[root, node, action]
            action = _puct_action(tree, root, node, rule)
            depth += 1
        _set_frontier(tree, root, node, action, simulation, frontier)


@njit(cache=True)
def decide_gumbel(tree: Tree, rule: GumbelRule) -> tuple[np.ndarray, np.ndarray]:
    """Final actions int64 `[B]` and improved policies float64 `[B, A]`: the best of the most visited root actions."""
    batch, _, n_actions = tree.children.shape
    actions = np.zeros(batch, np.int64)
    policies = np.empty((batch, n_actions))
    for root in range(batch):
        most = 0
        for action in range(n_actions):
            most = max(most, _visits(tree, root, _ROOT, action))
        _complete_q_values(tree, root, _ROOT, rule, policies[root])
        actions[root] = _halving_action(tree, root, rule, most, policies[root])
        _improve_policy(tree, root, _ROOT, policies[root])
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
