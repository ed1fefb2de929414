"""The search trees of a batch of roots: one record a node.

Semantics are those of mctx (DeepMind, `_src/search.py`): the node made by simulation `s` has the index `s + 1`, a leaf
that the depth limit makes a search visit again is evaluated again, and the value of a node is the running mean of the
returns that passed through it, its own prediction included (or, where asked for, the best of them).

Walks down a tree jump about in memory, so all that belongs to a node lies side by side. Numba's cache does not see a
change in a file it only imports: after a change to this file, `selection` or `growth` remove `__pycache__`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

ROOT = 0
NONE = -1

VISITS, PARENT, ACTION, NEXT, VALUE, RAW_VALUE, REWARD, DISCOUNT = range(8)
"""Places in a node's record; the first four hold integers. `NEXT` is the action that a walk takes from there."""
CHILD, EDGE_VISITS, Q_VALUE, LOGIT, PRIOR, POLICY = range(6)
"""Groups of A places that follow; the first two hold integers. `POLICY` is room for the improved policy."""
_HEAD = 8
_GROUPS = 6


class Tree(NamedTuple):
    """B trees of at most N nodes with A actions. Double precision, so that rounding never decides between actions.

    Attributes:
        numbers: float64 `[B * N * W]`, flat: a record a node.
        integers: int64 `[B * N * W]`, the same memory.
        places: N.
        n_actions: A.
    """

    numbers: np.ndarray
    integers: np.ndarray
    places: int
    n_actions: int


class Nodes(NamedTuple):
    """What is told of all nodes of B trees, `[B, N]` each.

    Attributes:
        parents: int64, -1 for the root and for places without a node.
        actions: int64, the action that led from the parent; -1 as above.
        visits: int64, returns averaged into the node; 0 where there is no node.
        values: float64, mean (or best) return from the node.
    """

    parents: np.ndarray
    actions: np.ndarray
    visits: np.ndarray
    values: np.ndarray


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


OUTCOME = 3
"""An evaluated edge is a row float64 `[3 + A]`: reward, discount, value and, from here on, the logits."""


def new_tree(batch: int, n_actions: int, places: int) -> Tree:
    """Room for trees of `places` nodes; nothing is written yet."""
    numbers = np.empty(batch * places * (_HEAD + _GROUPS * n_actions))
    return Tree(numbers, numbers.view(np.int64), places, n_actions)


def new_nodes(batch: int, places: int) -> Nodes:
    """Room for what is told of trees of `places` nodes."""
    parents, actions, visits = np.empty((3, batch, places), np.int64)
    return Nodes(parents, actions, visits, np.empty((batch, places)))


def new_frontier(batch: int) -> Frontier:
    """Room for one edge a root."""
    return Frontier(np.zeros(batch, np.int64), np.zeros(batch, np.int64), np.zeros(batch, np.int64))


@njit(forceinline=True)
def address(tree: Tree) -> int:
    """Where a tree's records begin, for `memory`."""
    return int(np.int64(tree.numbers.ctypes.data))


@njit(forceinline=True)
def width(n_actions: int) -> int:
    """W: places in a node's record."""
    return _HEAD + _GROUPS * n_actions


@njit(forceinline=True)
def group(record: int, which: int, n_actions: int) -> int:
    """Where one of the groups begins in the record that begins at `record`."""
    return record + _HEAD + which * n_actions


@njit(cache=True)
def tell(tree: Tree, first: int, count: int, nodes: Nodes, roots: Tree) -> None:
    """Write what is told of the first `count` trees to `nodes` and `roots` (a tree of one place) from `first` on."""
    places, size = tree.places, width(tree.n_actions)
    for place in range(count * places):
        root, node, record = first + place // places, place % places, place * size
        nodes.parents[root, node] = tree.integers[record + PARENT]
        nodes.actions[root, node] = tree.integers[record + ACTION]
        nodes.visits[root, node] = tree.integers[record + VISITS]
        nodes.values[root, node] = tree.numbers[record + VALUE]
        if node == ROOT:
            for index in range(size):
                roots.numbers[root * size + index] = tree.numbers[record + index]


def root_statistics(roots: Tree) -> tuple[np.ndarray, np.ndarray]:
    """Visits int64 `[B, A]` and Q values float64 `[B, A]` of the actions; NaN where an action was never tried.

    Args:
        roots: a tree of one place, the roots alone.
    """
    n_actions = roots.n_actions
    size = _HEAD + _GROUPS * n_actions
    counts, worth = (_HEAD + which * n_actions for which in (EDGE_VISITS, Q_VALUE))
    visits = roots.integers.reshape(-1, size)[:, counts : counts + n_actions].copy()
    return visits, np.where(visits > 0, roots.numbers.reshape(-1, size)[:, worth : worth + n_actions], np.nan)


@njit(cache=True)
def principal_variation(nodes: Nodes, actions: np.ndarray) -> np.ndarray:
    """Nodes by the chosen actions, then by the most visited child; int64 `[B, N + 1]`, -1 after the end."""
    batch, places = nodes.parents.shape
    variation = np.full((batch, places + 1), NONE, np.int64)
    following = np.empty(places, np.int64)
    for root in range(batch):
        visits, action = nodes.visits[root], nodes.actions[root]
        following[:] = NONE
        for node in range(1, places):
            parent = nodes.parents[root, node]
            if visits[node] == 0 or (parent == ROOT and action[node] != actions[root]):
                continue
            best = following[parent]
            if best == NONE or (visits[node], -action[node]) > (visits[best], -action[best]):
                following[parent] = node
        node, depth = ROOT, 0
        while node != NONE:
            variation[root, depth] = node
            node = following[node]
            depth += 1
    return variation
