"""Uniform spanning trees: Wilson and Aldous-Broder reach all 192 trees of a 3 x 3 lattice equally often."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from mazenav.layout.generate import generate_walls_batch

TREES = 192
"""By Kirchhoff's theorem; `test_the_count_of_trees` counts them."""
DRAWS = 192_000


def counts(kind, seed):
    """How often each maze of a 3 x 3 lattice occurs among many."""
    walls = generate_walls_batch(kind, (7, 7), DRAWS, np.random.default_rng(seed))
    across, upright = walls[:, 1::2, 2:-1:2].reshape(DRAWS, 6), walls[:, 2:-1:2, 1::2].reshape(DRAWS, 6)
    passages = np.concatenate((across, upright), axis=1) @ (1 << np.arange(12))
    return np.unique(passages, return_counts=True)[1]


def tail(kind, seed):
    """The chance of a chi-square as large as this if all trees are equally likely."""
    found = counts(kind, seed)
    assert len(found) == TREES
    expected = DRAWS / TREES
    return chi2.sf(((found - expected) ** 2 / expected).sum(), TREES - 1)


def test_the_count_of_trees():
    degrees = np.array([2, 3, 2, 3, 4, 3, 2, 3, 2])
    laplacian = np.diag(degrees).astype(float)
    for node in range(9):
        for other in (node + 1 if node % 3 < 2 else None, node + 3 if node < 6 else None):
            if other is not None:
                laplacian[node, other] = laplacian[other, node] = -1
    assert round(np.linalg.det(laplacian[1:, 1:])) == TREES


@pytest.mark.parametrize("kind", ["wilson", "aldous_broder"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_tree_is_equally_likely(kind, seed):
    # Neither far from uniform nor too near to it to be random.
    assert 1e-4 < tail(kind, seed) < 1 - 1e-4


@pytest.mark.parametrize("kind", ["backtracker", "kruskal", "prim", "hunt_and_kill", "eller"])
def test_the_test_finds_what_is_not_uniform(kind):
    found = counts(kind, 0)
    expected = DRAWS / TREES
    missing = (TREES - len(found)) * expected
    assert chi2.sf(((found - expected) ** 2 / expected).sum() + missing, TREES - 1) < 1e-12
