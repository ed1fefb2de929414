from __future__ import annotations

import numpy as np
import pytest
import torch

from mazenav.model.hypermodel import MOVES
from mazenav.planner.field import UNREACHED, value_field

SHAPES = [(1, 1), (1, 7), (6, 1), (2, 2), (5, 5), (3, 9), (8, 6)]


def neighbours(row: int, column: int, shape: tuple[int, int]) -> list[tuple[int, int, int]]:
    """(move, row, column) of all moves out of a cell that stay on the grid."""
    places = [(move, row + up, column + right) for move, (up, right) in enumerate(MOVES)]
    return [place for place in places if 0 <= place[1] < shape[0] and 0 <= place[2] < shape[1]]


def sweeps(costs: np.ndarray, goal: tuple[int, int]) -> np.ndarray:
    """Value iteration by Bellman's equation, sweep by sweep until nothing changes; costs `[8, R, C]`."""
    shape = costs.shape[1], costs.shape[2]
    values = np.full(shape, UNREACHED)
    values[goal] = 0
    while True:
        before = values.copy()
        for row in range(shape[0]):
            for column in range(shape[1]):
                for move, r, c in neighbours(row, column, shape):
                    values[row, column] = min(values[row, column], costs[move, row, column] + values[r, c])
        if np.array_equal(before, values):
            return values


def path_moves(costs: np.ndarray, values: np.ndarray, start: tuple[int, int], goal: tuple[int, int]) -> np.ndarray:
    """How often the best path from `start` takes each move of each cell, `[8, R, C]`."""
    taken = np.zeros_like(costs)
    row, column = start
    while (row, column) != goal:
        options = neighbours(row, column, values.shape)
        move, r, c = min(options, key=lambda option: costs[option[0], row, column] + values[option[1], option[2]])
        taken[move, row, column] += 1
        row, column = r, c
    return taken


def random_costs(seed: int, batch: int, shape: tuple[int, int]) -> tuple[torch.Tensor, torch.Tensor]:
    """Costs over three orders of magnitude, as open and blocked borders have them."""
    rng = np.random.default_rng(seed)
    costs = np.exp(rng.uniform(-1, 6, (batch, 8, *shape)))
    goals = np.stack([rng.integers(side, size=batch) for side in shape], axis=1)
    return torch.from_numpy(costs.astype(np.float32)), torch.from_numpy(goals)


def goal_of(goals: torch.Tensor, index: int) -> tuple[int, int]:
    return int(goals[index, 0]), int(goals[index, 1])


@pytest.mark.parametrize("shape", SHAPES)
def test_equals_value_iteration_sweeps(shape: tuple[int, int]) -> None:
    for seed in range(6):
        costs, goals = random_costs(seed, 3, shape)
        field = value_field(costs, goals).numpy()
        for index in range(3):
            expected = sweeps(costs[index].double().numpy(), goal_of(goals, index))
            np.testing.assert_allclose(field[index], expected, rtol=1e-5)


def test_batch_equals_singles() -> None:
    costs, goals = random_costs(1, 9, (7, 5))
    together = value_field(costs, goals)
    for index in range(9):
        assert torch.equal(value_field(costs[index : index + 1], goals[index : index + 1])[0], together[index])


@pytest.mark.parametrize("shape", SHAPES[1:])
def test_gradient_counts_the_moves_of_the_best_paths(shape: tuple[int, int]) -> None:
    for seed in range(4):
        costs, goals = random_costs(seed, 2, shape)
        costs.requires_grad_()
        field = value_field(costs, goals)
        pull = torch.from_numpy(np.random.default_rng(seed).normal(size=field.shape).astype(np.float32))
        (field * pull).sum().backward()
        for index in range(2):
            plain, goal = costs[index].detach().double().numpy(), goal_of(goals, index)
            values = sweeps(plain, goal)
            expected = sum(
                float(pull[index, row, column]) * path_moves(plain, values, (row, column), goal)
                for row, column in np.ndindex(shape)
            )
            np.testing.assert_allclose(costs.grad[index].numpy(), expected, atol=1e-4)


def test_gradient_equals_finite_differences() -> None:
    for seed in range(6):
        rng = np.random.default_rng(seed)
        costs = torch.from_numpy(rng.uniform(1, 4, (1, 8, 5, 6)).astype(np.float32)).requires_grad_()
        goals = torch.tensor([[seed % 5, 2]])
        direction = torch.from_numpy(rng.normal(size=costs.shape).astype(np.float32))
        value_field(costs, goals).sum().backward()
        slope = float((costs.grad * direction).sum())
        step = 1e-4  # small enough that no best path changes, large enough for float32
        with torch.no_grad():
            ahead, behind = (value_field(costs + way * step * direction, goals).double().sum() for way in (1, -1))
        assert float(ahead - behind) / (2 * step) == pytest.approx(slope, rel=0.02, abs=0.5)


def test_unreached_cells_and_their_gradient() -> None:
    costs = torch.full((1, 8, 3, 5), 2.0)
    costs[:, :, :, 2] = torch.inf  # nothing leaves the middle column, so nothing passes it
    costs.requires_grad_()
    field = value_field(costs, torch.tensor([[1, 4]]))
    assert (field[0, :, :3] == UNREACHED).all()
    assert (field[0, :, 3:] <= 6).all()
    field.sum().backward()
    assert (costs.grad[0, :, :, :3] == 0).all() and (costs.grad[0, :, :, 3:] > 0).any()


def test_a_single_cell_is_the_goal() -> None:
    assert value_field(torch.ones(2, 8, 1, 1), torch.zeros(2, 2, dtype=torch.int64)).tolist() == [[[0.0]], [[0.0]]]


def test_uniform_costs_by_hand() -> None:
    diagonal = torch.tensor([1, 1, 1, 1, 1.5, 1.5, 1.5, 1.5]).view(1, 8, 1, 1).expand(1, 8, 3, 3).contiguous()
    field = value_field(diagonal, torch.tensor([[0, 0]]))[0]
    assert field.tolist() == [[0, 1, 2], [1, 1.5, 2.5], [2, 2.5, 3]]


def test_a_move_is_paid_by_the_cell_that_is_left() -> None:
    costs = torch.full((1, 8, 1, 2), 5.0)
    costs[0, MOVES.index((0, 1)), 0, 0] = 1.0
    assert value_field(costs, torch.tensor([[0, 1]]))[0].tolist() == [[1.0, 0.0]]
    assert value_field(costs, torch.tensor([[0, 0]]))[0].tolist() == [[0.0, 5.0]]
