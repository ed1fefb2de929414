"""Disjoint sets: which areas are joined already (Tarjan's union-find with path halving)."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, inline="always")
def root(parent: np.ndarray, member: int) -> int:
    """The member that stands for the set of `member`; `parent` [M] is shortened on the way."""
    while parent[member] != member:
        parent[member] = parent[parent[member]]
        member = parent[member]
    return member
