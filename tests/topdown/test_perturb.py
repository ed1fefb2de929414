"""Wrong maps: the share that was asked for, only where it was asked for, and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mazenav.rng import stream
from mazenav.topdown.context import interior
from mazenav.topdown.distort import BLUR, SHIFT
from mazenav.topdown.occupancy import occupancy
from mazenav.topdown.perturb import PERTURBATIONS, perturb, perturbed_map
from mazenav.types import Layout, MazenavError

SHARES = ("wall-to-corridor", "corridor-to-wall", "mixed", "erased")
DISTORTIONS = ("shift", "rotation", "scale", "blur", "wobble")


@given(
    st.sampled_from(SHARES),
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
    if kind == "erased":
        blank = int((wrong[inside] == 0).sum())
        assert closed == 0
        assert max(round(ratio * inside.sum()), inside.sum() - walls) <= blank
        assert opened <= round(ratio * inside.sum())
    elif kind in expected:
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


@pytest.mark.parametrize("kind", sorted({*PERTURBATIONS} - {"blur"}))
def test_seeds_draw_different_maps(kind: str) -> None:
    grid = (stream(0).random((25, 25)) < 0.5).astype(np.float32)
    assert len({perturb(grid, kind, 0.3, stream(seed)).tobytes() for seed in range(8)}) >= 7


def test_the_names_are_these() -> None:
    assert tuple(PERTURBATIONS) == SHARES + DISTORTIONS
    assert all(PERTURBATIONS[kind].__doc__ for kind in PERTURBATIONS)


@given(st.sampled_from(DISTORTIONS), st.integers(1, 25), st.integers(1, 25), st.floats(0, 1), st.integers(0, 10**6))
def test_distortions_keep_shape_border_and_cells(
    kind: str, rows: int, columns: int, strength: float, seed: int
) -> None:
    rng = stream(seed, "grid")
    grid = (rng.random((rows, columns)) < 0.4).astype(np.float32)
    before, keep = grid.copy(), [(int(rng.integers(rows)), int(rng.integers(columns)))]
    wrong = perturb(grid, kind, strength, stream(seed, "perturb"), keep)
    np.testing.assert_array_equal(grid, before)
    assert wrong.shape == grid.shape and wrong.dtype == np.float32
    assert np.all((wrong >= 0) & (wrong <= 1))
    assert kind == "blur" or np.all((wrong == 0) | (wrong == 1))
    np.testing.assert_array_equal(wrong[~interior(grid.shape)], grid[~interior(grid.shape)])
    assert wrong[keep[0]] == grid[keep[0]]
    np.testing.assert_array_equal(wrong, perturb(grid, kind, strength, stream(seed, "perturb"), keep))


@pytest.mark.parametrize("kind", sorted(PERTURBATIONS))
def test_no_strength_changes_nothing_and_more_changes_more(kind: str, layout: Layout) -> None:
    maze = Layout(np.kron(layout.walls, np.ones((3, 3), bool)))
    np.testing.assert_array_equal(perturbed_map(maze, kind, 0.0, 0).map, occupancy(maze))
    errors = [
        np.mean([np.abs(perturbed_map(maze, kind, strength, seed).map - occupancy(maze)).mean() for seed in range(6)])
        for strength in (0.05, 0.2, 0.6)
    ]
    assert errors[0] <= errors[1] < errors[2]


def test_a_shift_moves_walls_as_far_as_it_says() -> None:
    grid = np.zeros((41, 41), np.float32)
    grid[18:23, 18:23] = 1
    grid[[0, -1]] = grid[:, [0, -1]] = 1
    for seed in range(5):
        wrong = perturb(grid, "shift", 0.5, stream(seed))
        block = np.argwhere(wrong[8:33, 8:33]) + 8
        assert np.hypot(*(block.mean(axis=0) - 20)) == pytest.approx(0.5 * SHIFT * 41, abs=0.8)


def test_a_blur_spreads_a_wall_over_its_neighbours() -> None:
    grid = np.zeros((31, 31), np.float32)
    grid[15, 15] = 1
    soft = perturb(grid, "blur", 0.5, stream(0))
    rows = np.indices(grid.shape)[0]
    spread = np.sqrt((soft * (rows - 15.0) ** 2).sum() / soft.sum())
    assert soft.sum() == pytest.approx(1.0, abs=1e-3)
    assert spread == pytest.approx(0.5 * BLUR, rel=0.05)
    np.testing.assert_allclose(soft, soft[::-1], atol=1e-6)


def test_the_truth_stays_beside_the_wrong_map(layout: Layout) -> None:
    wrong = perturbed_map(layout, "mixed", 0.25, 3, [(1, 1)])
    assert wrong.layout is layout
    assert (wrong.kind, wrong.strength, wrong.seed) == ("mixed", 0.25, 3)
    assert not wrong.map.flags.writeable
    different = (wrong.map >= 0.5) != layout.walls
    np.testing.assert_array_equal(wrong.missing | wrong.invented, different)
    assert not (wrong.missing & wrong.invented).any()
    assert wrong.wrong_share == pytest.approx(different.sum() / interior(layout.shape).sum())
    np.testing.assert_array_equal(wrong.map, perturbed_map(layout, "mixed", 0.25, 3, [(1, 1)]).map)
    assert wrong.map[1, 1] == 0


def test_bad_ratios_and_kinds_are_refused() -> None:
    grid = np.zeros((5, 5), np.float32)
    for ratio in (-0.1, 1.1, float("nan")):
        for kind in PERTURBATIONS:
            with pytest.raises(MazenavError, match="between 0 and 1"):
                perturb(grid, kind, ratio, stream(0))
    with pytest.raises(MazenavError, match="expected one of wall-to-corridor"):
        perturb(grid, "upside-down", 0.1, stream(0))
