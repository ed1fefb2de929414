"""Wrong maps: the share that was asked for, only where it was asked for, and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mazenav.rng import stream
from mazenav.topdown.context import interior
from mazenav.topdown.perturb import PERTURBATIONS, perturb
from mazenav.types import MazenavError


@given(
    st.sampled_from(sorted(PERTURBATIONS)),
    st.integers(3, 25),
    st.integers(3, 25),
    st.floats(0, 1),
    st.integers(0, 10**6),
)
def test_the_ratio_is_kept(kind: str, rows: int, columns: int, ratio: float, seed: int) -> None:
    grid = (stream(seed, "grid").random((rows, columns)) < 0.4).astype(np.float32)
    before = grid.copy()
    wrong = perturb(grid, kind, ratio, stream(seed, "perturb"))
    np.testing.assert_array_equal(grid, before)
    inside = interior(grid.shape)
    np.testing.assert_array_equal(wrong[~inside], grid[~inside])
    opened, closed = int(np.sum(grid > wrong)), int(np.sum(grid < wrong))
    walls = int(grid[inside].sum())
    expected = {
        "wall-to-corridor": (round(ratio * walls), 0),
        "corridor-to-wall": (0, round(ratio * (inside.sum() - walls))),
    }
    if kind in expected:
        assert (opened, closed) == expected[kind]
    else:
        assert opened + closed == round(ratio * inside.sum())
    np.testing.assert_array_equal(wrong, perturb(grid, kind, ratio, stream(seed, "perturb")))


@pytest.mark.parametrize("kind", sorted(PERTURBATIONS))
def test_kept_cells_stay(kind: str) -> None:
    grid = np.zeros((7, 7), np.float32)
    grid[2:5, 2] = 1
    keep = [(1, 1), (2, 2)]
    wrong = perturb(grid, kind, 1.0, stream(0), keep)
    assert all(wrong[cell] == grid[cell] for cell in keep)
    assert not np.array_equal(wrong, grid)


@pytest.mark.parametrize("kind", sorted(PERTURBATIONS))
def test_seeds_draw_different_cells(kind: str) -> None:
    grid = (stream(0).random((15, 15)) < 0.5).astype(np.float32)
    assert len({perturb(grid, kind, 0.2, stream(seed)).tobytes() for seed in range(8)}) == 8


def test_bad_ratios_and_kinds_are_refused() -> None:
    grid = np.zeros((5, 5), np.float32)
    for ratio in (-0.1, 1.1, float("nan")):
        with pytest.raises(MazenavError, match="between 0 and 1"):
            perturb(grid, "mixed", ratio, stream(0))
    with pytest.raises(MazenavError, match="expected one of wall-to-corridor"):
        perturb(grid, "upside-down", 0.1, stream(0))
