"""The search tree of a batch of roots: NumPy arrays, and the kernels that grow it.

Semantics are those of mctx (DeepMind, `_src/search.py`): the node made by simulation `s` has the index `s + 1`, a leaf
that the depth limit makes a search visit again is evaluated again, and the value of a node is the running mean of the
returns that passed through it, its own prediction included (or, where asked for, the best of them).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

ROOT = 0
NONE = -1


class Tree(NamedTuple):
    """B trees of at most N nodes with A actions. Double precision, so that rounding never decides between actions.

    Attributes:
        visits: int64 `[B, N]`, returns averaged into the node; 0 where there is no node.
        values: float64 `[B, N]`, mean (or best) return from the node.
        raw_values: float64 `[B, N]`, what the model predicted for the node.
        parents: int64 `[B, N]`, -1 for the root.
        actions: int64 `[B, N]`, the action that led from the parent.
        rewards: float64 `[B, N]`, reward of the edge from the parent.
        discounts: float64 `[B, N]`, discount of the edge from the parent.
        children: int64 `[B, N, A]`, -1 where an action was never tried.
        logits: float64 `[B, N, A]`.
        priors: float64 `[B, N, A]`, softmax of the logits.
    """

    visits: np.ndarray
    values: np.ndarray
    raw_values: np.ndarray
    parents: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    discounts: np.ndarray
    children: np.ndarray
    logits: np.ndarray
    priors: np.ndarray


class Frontier(NamedTuple):
    """The edge that each root wants evaluated next. Node places are flat: `root * N + node`.

    Attributes:
        source: int64 `[B]`, the place of the node to step from.
        action: int64 `[B]`.
        target: int64 `[B]`, the place of the node to write.
    """

    source: np.ndarray
    action: np.ndarray
    target: np.ndarray


class Evaluation(NamedTuple):
    """What the model said of the frontier.

    Attributes:
        reward: float64 `[B]`.
        discount: float64 `[B]`.
        value: float64 `[B]`.
        logits: float64 `[B, A]`.
    """

    reward: np.ndarray
    discount: np.ndarray
    value: np.ndarray
    logits: np.ndarray


def new_tree(values: np.ndarray, logits: np.ndarray, simulations: int) -> Tree:
    """A tree that holds its roots only.

    Args:
        values: float64 `[B]`, the predicted values of the roots.
        logits: float64 `[B, A]`.
        simulations: how many nodes there must be place for, besides the root.
    """
    batch, n_actions = logits.shape
    nodes = (batch, simulations + 1)
    edges = (*nodes, n_actions)
    tree = Tree(
        visits=np.zeros(nodes, np.int64),
        values=np.zeros(nodes),
        raw_values=np.zeros(nodes),
        parents=np.full(nodes, NONE, np.int64),
        actions=np.full(nodes, NONE, np.int64),
        rewards=np.zeros(nodes),
        discounts=np.zeros(nodes),
        children=np.full(edges, NONE, np.int64),
        logits=np.zeros(edges),
        priors=np.zeros(edges),
    )
    _plant(tree, values, logits)
    return tree


def new_frontier(batch: int) -> Frontier:
    """Room for one edge a root."""
    return Frontier(np.zeros(batch, np.int64), np.zeros(batch, np.int64), np.zeros(batch, np.int64))


def new_evaluation(batch: int, n_actions: int) -> Evaluation:
    """Room for what the model says of one edge a root."""
    return Evaluation(np.zeros(batch), np.zeros(batch), np.zeros(batch), np.zeros((batch, n_actions)))


@njit(cache=True)
def _write_node(tree: Tree, root: int, node: int, value: float, logits: np.ndarray) -> None:
    """Set a node's prediction; a node that is written again starts its mean anew but keeps its visits, as in mctx."""
    top = logits.max()
    total = 0.0
    for action in range(logits.shape[0]):
        tree.logits[root, node, action] = logits[action]
        tree.priors[root, node, action] = np.exp(logits[action] - top)
        total += tree.priors[root, node, action]
    for action in range(logits.shape[0]):
        tree.priors[root, node, action] /= total
    tree.raw_values[root, node] = value
    tree.values[root, node] = value
    tree.visits[root, node] += 1


@njit(cache=True)
def _plant(tree: Tree, values: np.ndarray, logits: np.ndarray) -> None:
    for root in range(values.shape[0]):
        _write_node(tree, root, ROOT, values[root], logits[root])


@njit(cache=True)
def _back_up_mean(tree: Tree, root: int, node: int) -> None:
    """Average the value of a fresh leaf into all its ancestors."""
    value = tree.values[root, node]
    while node != ROOT:
        value = tree.rewards[root, node] + tree.discounts[root, node] * value
        node = tree.parents[root, node]
        count = tree.visits[root, node]
        tree.values[root, node] = (tree.values[root, node] * count + value) / (count + 1)
        tree.visits[root, node] = count + 1


@njit(cache=True)
def _back_up_best(tree: Tree, root: int, node: int) -> None:
    """Set every ancestor of a fresh leaf to its own prediction or its best child's Q, whichever is higher."""
    while node != ROOT:
        node = tree.parents[root, node]
        best = tree.raw_values[root, node]
        for action in range(tree.children.shape[2]):
            child = tree.children[root, node, action]
            if child != NONE:
                best = max(best, tree.rewards[root, child] + tree.discounts[root, child] * tree.values[root, child])
        tree.values[root, node] = best
        tree.visits[root, node] += 1


@njit(cache=True)
def grow(tree: Tree, frontier: Frontier, evaluation: Evaluation, floor: np.ndarray, take_best: bool) -> int:
    """Write the evaluated leaf of every root into its tree and back its value up.

    Args:
        tree: the tree, changed in place.
        frontier: which edges were evaluated.
        evaluation: what the model said of them.
        floor: float64 `[B]`, leaf values below it are raised to it; -inf leaves them alone.
        take_best: back up the best outcome instead of the mean.

    Returns:
        -1, or the first root whose evaluation is not a number or not finite; its tree is then unusable.
    """
    places = tree.visits.shape[1]
    for root in range(tree.visits.shape[0]):
        reward = evaluation.reward[root]
        discount = evaluation.discount[root]
        value = evaluation.value[root]
        if not np.isfinite(reward + discount + value + evaluation.logits[root].max()):
            return root
        parent = frontier.source[root] - root * places
        node = frontier.target[root] - root * places
        action = frontier.action[root]
        _write_node(tree, root, node, max(value, floor[root]), evaluation.logits[root])
        tree.children[root, parent, action] = node
        tree.parents[root, node] = parent
        tree.actions[root, node] = action
        tree.rewards[root, node] = reward
        tree.discounts[root, node] = discount
        if take_best:
            _back_up_best(tree, root, node)
        else:
            _back_up_mean(tree, root, node)
    return NONE


@njit(cache=True)
def root_statistics(tree: Tree) -> tuple[np.ndarray, np.ndarray]:
    """Visits int64 `[B, A]` and Q values float64 `[B, A]` of the root actions; NaN where an action was never tried."""
    batch, _, n_actions = tree.children.shape
    visits = np.zeros((batch, n_actions), np.int64)
    q_values = np.full((batch, n_actions), np.nan)
    for root in range(batch):
        for action in range(n_actions):
            child = tree.children[root, ROOT, action]
            if child != NONE:
                visits[root, action] = tree.visits[root, child]
                onwards = tree.discounts[root, child] * tree.values[root, child]
                q_values[root, action] = tree.rewards[root, child] + onwards
    return visits, q_values


@njit(cache=True)
def principal_variation(tree: Tree, actions: np.ndarray) -> np.ndarray:
    """Nodes by the chosen actions, then by the most visited child; int64 `[B, N + 1]`, -1 after the end."""
    batch, places, n_actions = tree.children.shape
    nodes = np.full((batch, places + 1), NONE, np.int64)
    for root in range(batch):
        nodes[root, 0] = ROOT
        node = tree.children[root, ROOT, actions[root]]
        depth = 1
        while node != NONE:
            nodes[root, depth] = node
            depth += 1
            most = 0
            following = NONE
            for action in range(n_actions):
                child = tree.children[root, node, action]
                if child != NONE and tree.visits[root, child] > most:
                    most = tree.visits[root, child]
                    following = child
            node = following
    return nodes
