"""How trees grow: an evaluated leaf is written, its value is carried up, and every node on the way chooses anew."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.planner.memory import integer, number, put_integer, put_number
from mazenav.planner.selection import Rule, Terms, choose_next, terms_of, write_softmax
from mazenav.planner.tree import (
    ACTION,
    CHILD,
    DISCOUNT,
    EDGE_VISITS,
    LOGIT,
    NEXT,
    NONE,
    OUTCOME,
    PARENT,
    PRIOR,
    Q_VALUE,
    RAW_VALUE,
    REWARD,
    VALUE,
    VISITS,
    Frontier,
    Tree,
    address,
    group,
    width,
)


@njit(cache=True)
def plant(tree: Tree, rule: Rule, first: int, outcomes: np.ndarray) -> None:
    """Empty the trees and write their roots.

    Args:
        tree: B trees, written.
        rule: how an action is chosen.
        first: which root of the rule the first tree is.
        outcomes: float64 `[B, 3 + A]`, what the model said of the roots, see `OUTCOME`.
    """
    memory, n_actions, size, terms = address(tree), tree.n_actions, width(tree.n_actions), terms_of(rule)
    for record in range(0, outcomes.shape[0] * tree.places * size, size):
        for index in range(size):
            put_number(memory, record + index, 0.0)
        put_integer(memory, record + PARENT, NONE)
        put_integer(memory, record + ACTION, NONE)
        for action in range(n_actions):
            put_integer(memory, group(record, CHILD, n_actions) + action, NONE)
    for row in range(outcomes.shape[0]):
        record = row * tree.places * size
        _predict(memory, record, outcomes, row, outcomes[row, 2], n_actions)
        put_integer(memory, record + VISITS, 1)
        choose_next(memory, record, terms, first + row, True, n_actions)


@njit(forceinline=True)
def _predict(memory: int, record: int, outcomes: np.ndarray, row: int, value: float, n_actions: int) -> None:
    """Write what the model said of a node; its value may have been raised."""
    logits = group(record, LOGIT, n_actions)
    for action in range(n_actions):
        put_number(memory, logits + action, outcomes[row, OUTCOME + action])
    write_softmax(memory, logits, group(record, PRIOR, n_actions), n_actions)
    put_number(memory, record + RAW_VALUE, value)
    put_number(memory, record + VALUE, value)


@njit(forceinline=True)
def _likeliest(memory: int, record: int, n_actions: int) -> int:
    """The likeliest action of a node: what either rule chooses where nothing was tried yet."""
    priors, choice = group(record, PRIOR, n_actions), 0
    for action in range(1, n_actions):
        choice = action if number(memory, priors + action) > number(memory, priors + choice) else choice
    return choice


@njit(forceinline=True)
def _best_return(memory: int, record: int, n_actions: int) -> float:
    """A node's own prediction or its best child's Q, whichever is higher."""
    visits, q_values = group(record, EDGE_VISITS, n_actions), group(record, Q_VALUE, n_actions)
    best = number(memory, record + RAW_VALUE)
    for action in range(n_actions):
        worth = number(memory, q_values + action) if integer(memory, visits + action) > 0 else best
        best = worth if worth > best else best
    return best


@njit(forceinline=True, error_model="numpy")
def _back_up(memory: int, terms: Terms, root: int, base: int, leaf: int, n_actions: int) -> None:
    """Carry the value of a fresh leaf up to its root: into the mean of each ancestor, or as its best.

    Args:
        memory: address of the tree's numbers.
        terms: of the rule how values are carried up and actions chosen.
        root: the root of the rule that the tree belongs to.
        base: where the root's record begins.
        leaf: where the leaf's record begins.
        n_actions: A.
    """
    size = width(n_actions)
    record = leaf
    value = number(memory, record + VALUE)
    outcome = value
    visits = integer(memory, record + VISITS)
    while record != base:
        discount, reward = number(memory, record + DISCOUNT), number(memory, record + REWARD)
        action = integer(memory, record + ACTION)
        record = base + integer(memory, record + PARENT) * size
        outcome = reward + discount * outcome
        put_integer(memory, group(record, EDGE_VISITS, n_actions) + action, visits)
        put_number(memory, group(record, Q_VALUE, n_actions) + action, reward + discount * value)
        visits = integer(memory, record + VISITS)
        if terms.take_best:
            value = _best_return(memory, record, n_actions)
        else:
            value = (number(memory, record + VALUE) * visits + outcome) / (visits + 1)
        visits += 1
        put_number(memory, record + VALUE, value)
        put_integer(memory, record + VISITS, visits)
        choose_next(memory, record, terms, root, record == base, n_actions)


@njit(forceinline=True)
def _is_finite(outcomes: np.ndarray, row: int, n_actions: int) -> bool:
    """Whether an evaluation is; single logits may be minus infinity."""
    top = outcomes[row, OUTCOME]
    for action in range(1, n_actions):
        logit = outcomes[row, OUTCOME + action]
        top = logit if logit > top or logit != logit else top
    return bool(np.isfinite(outcomes[row, 0] + outcomes[row, 1] + outcomes[row, 2] + top))


@njit(forceinline=True)
def _grow(
    tree: Tree, rule: Rule, frontier: Frontier, outcomes: np.ndarray, floor: np.ndarray, first: int, n_actions: int
) -> int:
    memory, size, terms = address(tree), width(n_actions), terms_of(rule)
    for row in range(outcomes.shape[0]):
        if not _is_finite(outcomes, row, n_actions):
            return first + row
        base, action = row * tree.places, frontier.action[row]
        record = frontier.target[row] * size
        _predict(memory, record, outcomes, row, max(outcomes[row, 2], floor[first + row]), n_actions)
        put_number(memory, record + REWARD, outcomes[row, 0])
        put_number(memory, record + DISCOUNT, outcomes[row, 1])
        put_integer(memory, record + VISITS, integer(memory, record + VISITS) + 1)
        put_integer(memory, record + PARENT, frontier.source[row] - base)
        put_integer(memory, record + ACTION, action)
        put_integer(memory, record + NEXT, _likeliest(memory, record, n_actions))
        put_integer(memory, group(frontier.source[row] * size, CHILD, n_actions) + action, frontier.target[row] - base)
        _back_up(memory, terms, first + row, base * size, record, n_actions)
    return NONE


@njit(cache=True)
def grow(tree: Tree, rule: Rule, frontier: Frontier, outcomes: np.ndarray, floor: np.ndarray, first: int) -> int:
    """Write the evaluated leaf of every tree and back its value up.

    A leaf that is written again starts its mean anew but keeps its visits, as in mctx.

    Args:
        tree: B trees, changed in place.
        rule: how an action is chosen.
        frontier: which edges were evaluated.
        outcomes: float64 `[B, 3 + A]`, what the model said of them, see `OUTCOME`.
        floor: float64, a place a root of the rule: leaf values below it are raised to it; -inf leaves them alone.
        first: which root of the rule the first tree is.

    Returns:
        -1, or the first root whose evaluation is not a number or not finite; the trees are then unusable.
    """
    if tree.n_actions == 4:  # by far the most usual number; loops of a known length are unrolled
        return _grow(tree, rule, frontier, outcomes, floor, first, 4)
    return _grow(tree, rule, frontier, outcomes, floor, first, tree.n_actions)
