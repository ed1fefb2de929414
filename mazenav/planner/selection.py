"""Which action a simulation takes from a node: Gumbel MuZero and PUCT over the same tree.

Gumbel: Danihelka et al. 2022, *Policy improvement by planning with Gumbel* (sequential halving at the root, Q values
completed by the mixed value of appendix D, deterministic selection below the root, section 5).
PUCT: Schrittwieser et al. 2020, appendix B, with Q values rescaled between the node's own value and its children's.
Both as mctx computes them, but for two things: ties fall to the lowest action, where mctx's PUCT adds noise of 1e-7;
and `epsilon`, the least range over which Q values are spread, is an option (mctx: 1e-8).

A node's choice depends on its own record alone, so it is made whenever the record changes (`choose_next`, called by
`growth`), and a simulation's walk only follows what was chosen.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numba import njit

from mazenav.planner.memory import integer, number, put_integer, put_number
from mazenav.planner.tree import (
    CHILD,
    EDGE_VISITS,
    LOGIT,
    NEXT,
    POLICY,
    PRIOR,
    Q_VALUE,
    RAW_VALUE,
    VALUE,
    VISITS,
    Frontier,
    Tree,
    address,
    group,
    width,
)

_TINY = float(np.finfo(np.float64).tiny)
_LOWEST_SCORE = -1e9  # of a considered action, so that it still beats every action that is not considered


class Rule(NamedTuple):
    """How actions are chosen and values carried up in the trees of B roots.

    Attributes:
        puct: PUCT instead of Gumbel MuZero.
        take_best: carry up the best return instead of the mean of all.
        epsilon: the least range over which Q values are spread.
        gumbel: Gumbel: float64 `[B, A]`, the noise at the root, scaled already.
        considered: Gumbel: int64 `[S]`, from `considered_visits`.
        value_scale: Gumbel: weight of the Q values against the logits.
        maxvisit_init: Gumbel: added to the largest visit count in that weight.
        factors: PUCT: float64 `[S + 2]`, from `exploration_factors`.
    """

    puct: bool
    take_best: bool
    epsilon: float
    gumbel: np.ndarray
    considered: np.ndarray
    value_scale: float
    maxvisit_init: float
    factors: np.ndarray


class Terms(NamedTuple):
    """A rule in numbers alone, as kernels hand it on: the addresses of its arrays, see `Rule`."""

    puct: bool
    take_best: bool
    epsilon: float
    gumbel: int
    considered: int
    simulations: int
    value_scale: float
    maxvisit_init: float
    factors: int


@njit(forceinline=True)
def terms_of(rule: Rule) -> Terms:
    """The terms of a rule, which must outlive them."""
    return Terms(
        rule.puct,
        rule.take_best,
        rule.epsilon,
        int(np.int64(rule.gumbel.ctypes.data)),
        int(np.int64(rule.considered.ctypes.data)),
        rule.considered.shape[0],
        rule.value_scale,
        rule.maxvisit_init,
        int(np.int64(rule.factors.ctypes.data)),
    )


@lru_cache(maxsize=64)
def exploration_factors(pb_c_init: float, pb_c_base: float, simulations: int) -> np.ndarray:
    """The weight of the prior at a node by its visit count n, `(c_1 + log((n + c_2 + 1) / c_2)) sqrt(n)`.

    Returns:
        Read-only float64 `[simulations + 2]`.
    """
    counts = np.arange(simulations + 2, dtype=np.float64)
    table = (pb_c_init + np.log((counts + pb_c_base + 1.0) / pb_c_base)) * np.sqrt(counts)
    table.flags.writeable = False
    return table


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


@njit(forceinline=True)
def _exponential(x: float) -> float:
    """exp(x) for x <= 0 to 1e-15 without a branch or a call: 2^k times a polynomial in what is left."""
    bounded = max(x, -708.0)
    k = np.floor(bounded * 1.4426950408889634 + 0.5)
    r = (bounded - k * 6.93147180369123816490e-01) - k * 1.90821492927058770002e-10
    s = r * r
    low = (1.0 + r) + s * (0.5 + r * 0.16666666666666666)
    middle = (4.1666666666666664e-02 + r * 8.3333333333333332e-03) + s * (
        1.3888888888888889e-03 + r * 1.9841269841269841e-04
    )
    high = (2.4801587301587302e-05 + r * 2.7557319223985893e-06) + s * (
        2.7557319223985888e-07 + r * 2.5052108385441720e-08
    )
    power = low + (s * s) * (middle + (s * s) * high)
    scaled = power * np.int64((np.int64(k) + 1023) << 52).view(np.float64)
    return scaled if x > -708.0 else 0.0


@njit(forceinline=True, error_model="numpy")
def write_softmax(memory: int, logits: int, out: int, n_actions: int) -> None:
    """Write the softmax of the A numbers from place `logits` on to those from place `out` on."""
    top = number(memory, logits)
    for action in range(1, n_actions):
        top = number(memory, logits + action) if number(memory, logits + action) > top else top
    total = 0.0
    for action in range(n_actions):
        odds = _exponential(number(memory, logits + action) - top)
        put_number(memory, out + action, odds)
        total += odds
    share = 1.0 / total
    for action in range(n_actions):
        put_number(memory, out + action, number(memory, out + action) * share)


@njit(forceinline=True, error_model="numpy")
def _mixed_value(memory: int, record: int, n_actions: int) -> float:
    """The node's own prediction, averaged with the prior-weighted Q of the tried actions (one vote for every visit)."""
    visits = group(record, EDGE_VISITS, n_actions)
    q_values, priors = group(record, Q_VALUE, n_actions), group(record, PRIOR, n_actions)
    total = 0
    mass = 0.0
    weighted = 0.0
    for action in range(n_actions):
        prior = max(_TINY, number(memory, priors + action)) if integer(memory, visits + action) > 0 else 0.0
        total += integer(memory, visits + action)
        mass += prior
        weighted += prior * number(memory, q_values + action)
    if total == 0:
        return number(memory, record + RAW_VALUE)
    return (number(memory, record + RAW_VALUE) + total * (weighted / mass)) / (total + 1)


@njit(forceinline=True, error_model="numpy")
def _complete_q_values(memory: int, record: int, terms: Terms, n_actions: int) -> int:
    """Write the completed, rescaled Q values of a node, in units of logits, to its policy; returns the most visits."""
    visits, out = group(record, EDGE_VISITS, n_actions), group(record, POLICY, n_actions)
    q_values = group(record, Q_VALUE, n_actions)
    mixed = _mixed_value(memory, record, n_actions)  # what an untried action is taken to be worth
    low = np.inf
    high = -np.inf
    most = 0
    for action in range(n_actions):
        worth = number(memory, q_values + action) if integer(memory, visits + action) > 0 else mixed
        most = max(most, integer(memory, visits + action))
        low = worth if worth < low else low
        high = worth if worth > high else high
    spread = high - low
    scale = (terms.maxvisit_init + most) * terms.value_scale / (spread if spread > terms.epsilon else terms.epsilon)
    for action in range(n_actions):
        worth = number(memory, q_values + action) if integer(memory, visits + action) > 0 else mixed
        put_number(memory, out + action, scale * (worth - low))
    return most


@njit(forceinline=True)
def _halving_action(memory: int, record: int, terms: Terms, root: int, considered: int, n_actions: int) -> int:
    """The best action by gumbel + logit + completed Q (in the policy) of those visited `considered` times."""
    visits, logits = group(record, EDGE_VISITS, n_actions), group(record, LOGIT, n_actions)
    completed = group(record, POLICY, n_actions)
    top = number(memory, logits)
    for action in range(1, n_actions):
        top = number(memory, logits + action) if number(memory, logits + action) > top else top
    best = -np.inf
    choice = 0
    for action in range(n_actions):
        score = (
            number(terms.gumbel, root * n_actions + action)
            + (number(memory, logits + action) - top)
            + number(memory, completed + action)
        )
        score = max(_LOWEST_SCORE, score) if integer(memory, visits + action) == considered else -np.inf
        choice = action if score > best else choice
        best = score if score > best else best
    return choice


@njit(forceinline=True, error_model="numpy")
def _improve_policy(memory: int, record: int, n_actions: int) -> None:
    """Turn the completed Q values in a node's policy into softmax(logits + Q)."""
    logits, policy = group(record, LOGIT, n_actions), group(record, POLICY, n_actions)
    for action in range(n_actions):
        put_number(memory, policy + action, number(memory, policy + action) + number(memory, logits + action))
    write_softmax(memory, policy, policy, n_actions)


@njit(forceinline=True, error_model="numpy")
def _follow_policy(memory: int, record: int, n_actions: int) -> int:
    """The action whose share of the visits lags furthest behind the node's policy."""
    visits, policy = group(record, EDGE_VISITS, n_actions), group(record, POLICY, n_actions)
    total = 1
    for action in range(n_actions):
        total += integer(memory, visits + action)
    best = -np.inf
    choice = 0
    for action in range(n_actions):
        score = number(memory, policy + action) - integer(memory, visits + action) / total
        choice = action if score > best else choice
        best = score if score > best else best
    return choice


@njit(forceinline=True, error_model="numpy")
def _puct_action(memory: int, record: int, terms: Terms, n_actions: int) -> int:
    """The action with the highest rescaled Q plus exploration bonus; an untried action has the lowest Q."""
    visits = group(record, EDGE_VISITS, n_actions)
    q_values, priors = group(record, Q_VALUE, n_actions), group(record, PRIOR, n_actions)
    low = number(memory, record + VALUE)
    high = low
    for action in range(n_actions):
        worth = (
            number(memory, q_values + action)
            if integer(memory, visits + action) > 0
            else number(memory, record + VALUE)
        )
        low = worth if worth < low else low
        high = worth if worth > high else high
    spread = high - low
    spread = spread if spread > terms.epsilon else terms.epsilon
    factor = number(terms.factors, integer(memory, record + VISITS))
    best = -np.inf
    choice = 0
    for action in range(n_actions):
        count = integer(memory, visits + action)
        worth = number(memory, q_values + action) if count > 0 else low
        score = factor * number(memory, priors + action) / (count + 1) + (worth - low) / spread
        choice = action if score > best else choice
        best = score if score > best else best
    return choice


@njit(forceinline=True)
def choose_next(memory: int, record: int, terms: Terms, root: int, at_root: bool, n_actions: int) -> None:
    """Write the action that the next simulation through a node takes there.

    Args:
        memory: address of the tree's numbers.
        record: where the node's record begins.
        terms: of the rule how to choose.
        root: the root of the rule that the tree belongs to.
        at_root: whether the node is that root; a root that was visited n times has n - 1 simulations behind it.
        n_actions: A.
    """
    if terms.puct:
        put_integer(memory, record + NEXT, _puct_action(memory, record, terms, n_actions))
        return
    most = _complete_q_values(memory, record, terms, n_actions)
    if at_root:
        simulation = integer(memory, record + VISITS) - 1
        considered = integer(terms.considered, simulation) if simulation < terms.simulations else most
        put_integer(memory, record + NEXT, _halving_action(memory, record, terms, root, considered, n_actions))
    else:
        _improve_policy(memory, record, n_actions)
        put_integer(memory, record + NEXT, _follow_policy(memory, record, n_actions))


@njit(cache=True)
def select(tree: Tree, simulation: int, max_depth: int, frontier: Frontier) -> None:
    """Walk every root down to the edge to evaluate next and write it to `frontier`."""
    memory, size, n_actions = address(tree), width(tree.n_actions), tree.n_actions
    for root in range(frontier.source.shape[0]):
        base = root * tree.places
        place = base
        action = integer(memory, place * size + NEXT)
        child = integer(memory, group(place * size, CHILD, n_actions) + action)
        depth = 1
        while child >= 0 and depth < max_depth:
            place = base + child
            action = integer(memory, place * size + NEXT)
            child = integer(memory, group(place * size, CHILD, n_actions) + action)
            depth += 1
        frontier.source[root] = place
        frontier.action[root] = action
        frontier.target[root] = base + (child if child >= 0 else simulation + 1)


@njit(cache=True)
def decide_gumbel(roots: Tree, rule: Rule) -> tuple[np.ndarray, np.ndarray]:
    """Final actions int64 `[B]` and improved policies float64 `[B, A]`: the best of the most visited root actions.

    Args:
        roots: a tree of one place, the roots alone, where all simulations are done: what they would do next.
        rule: how the trees were grown.
    """
    memory, (batch, n_actions) = address(roots), rule.gumbel.shape
    actions = np.empty(batch, np.int64)
    policies = np.empty((batch, n_actions))
    for root in range(batch):
        record = root * width(n_actions)
        actions[root] = integer(memory, record + NEXT)
        _complete_q_values(memory, record, terms_of(rule), n_actions)
        _improve_policy(memory, record, n_actions)
        for action in range(n_actions):
            policies[root, action] = number(memory, group(record, POLICY, n_actions) + action)
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
