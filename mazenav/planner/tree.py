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
        edge_visits: int64 `[B, N, A]`, visits of the child; 0 where an action was never tried.
        q_values: float64 `[B, N, A]`, reward + discount * value of the child; 0 where an action was never tried.
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
    edge_visits: np.ndarray
    q_values: np.ndarray
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
        edge_visits=np.zeros(edges, np.int64),
        q_values=np.zeros(edges),
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
def _write_softmax(logits: np.ndarray, out: np.ndarray) -> None:
    """Write softmax(logits) to `out`, both float64 `[A]`."""
    top = logits.max()
    total = 0.0
    for action in range(logits.shape[0]):
        out[action] = np.exp(logits[action] - top)
        total += out[action]
    for action in range(logits.shape[0]):
        out[action] /= total


@njit(cache=True)
def _plant(tree: Tree, values: np.ndarray, logits: np.ndarray) -> None:
    for root in range(values.shape[0]):
        tree.logits[root, ROOT] = logits[root]
        _write_softmax(logits[root], tree.priors[root, ROOT])
        tree.raw_values[root, ROOT] = values[root]
        tree.values[root, ROOT] = values[root]
        tree.visits[root, ROOT] = 1


@njit(cache=True)
def _best_return(prediction: float, visits: np.ndarray, q_values: np.ndarray) -> float:
    """A node's own prediction or its best child's Q, whichever is higher."""
    best = prediction
    for action in range(visits.shape[0]):
        if visits[action] > 0:
            best = max(best, q_values[action])
    return best


@njit(cache=True)
def _back_up(tree: Tree, take_best: bool, frontier: Frontier) -> None:
    """Carry the value of every root's fresh leaf up to the root: into the mean of each ancestor, or as its best."""
    visits, values, parents, actions = tree.visits, tree.values, tree.parents, tree.actions
    rewards, discounts, edge_visits, q_values = tree.rewards, tree.discounts, tree.edge_visits, tree.q_values
    places = visits.shape[1]
    for root in range(visits.shape[0]):
        node = frontier.target[root] - root * places
        outcome = values[root, node]
        while node != ROOT:
            parent = parents[root, node]
            action = actions[root, node]
            outcome = rewards[root, node] + discounts[root, node] * outcome
            edge_visits[root, parent, action] = visits[root, node]
            q_values[root, parent, action] = rewards[root, node] + discounts[root, node] * values[root, node]
            count = visits[root, parent]
            if take_best:
                values[root, parent] = _best_return(
                    tree.raw_values[root, parent], edge_visits[root, parent], q_values[root, parent]
                )
            else:
                values[root, parent] = (values[root, parent] * count + outcome) / (count + 1)
            visits[root, parent] = count + 1
            node = parent


@njit(cache=True)
def grow(tree: Tree, frontier: Frontier, evaluation: Evaluation, floor: np.ndarray, take_best: bool) -> int:
    """Write the evaluated leaf of every root into its tree and back its value up.

    A leaf that is written again starts its mean anew but keeps its visits, as in mctx.

    Args:
        tree: the tree, changed in place.
        frontier: which edges were evaluated.
        evaluation: what the model said of them.
        floor: float64 `[B]`, leaf values below it are raised to it; -inf leaves them alone.
        take_best: back up the best outcome instead of the mean.

    Returns:
        -1, or the first root whose evaluation is not a number or not finite; the tree is then unusable.
    """
    visits, values, raw_values, parents, actions = tree.visits, tree.values, tree.raw_values, tree.parents, tree.actions
    children, logits, priors = tree.children, tree.logits, tree.priors
    batch, places = visits.shape
    for root in range(batch):
        reward, discount, value = evaluation.reward[root], evaluation.discount[root], evaluation.value[root]
        if not np.isfinite(reward + discount + value + evaluation.logits[root].max()):
            return root
        parent = frontier.source[root] - root * places
        node = frontier.target[root] - root * places
        value = max(value, floor[root])
        logits[root, node] = evaluation.logits[root]
        _write_softmax(evaluation.logits[root], priors[root, node])
        raw_values[root, node] = value
        values[root, node] = value
        visits[root, node] += 1
        parents[root, node] = parent
        actions[root, node] = frontier.action[root]
        children[root, parent, frontier.action[root]] = node
        tree.rewards[root, node] = reward
        tree.discounts[root, node] = discount
    _back_up(tree, take_best, frontier)
    return NONE


def root_statistics(tree: Tree) -> tuple[np.ndarray, np.ndarray]:
    """Visits int64 `[B, A]` and Q values float64 `[B, A]` of the root actions; NaN where an action was never tried."""
    visits = tree.edge_visits[:, ROOT]
    return visits, np.where(visits > 0, tree.q_values[:, ROOT], np.nan)


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
