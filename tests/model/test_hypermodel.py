from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from mazenav.model.hypermodel import (
    COST_SPREAD,
    MAX_BLOCK_COST,
    MOVES,
    TYPICAL_COST,
    SpatialHypermodel,
    TransitionWeights,
    border_costs,
)
from mazenav.model.neighbourhood import KINDS
from mazenav.topdown.occupancy import pad_maps

OPEN, SHUT = 9.0, -9.0


def hypermodel() -> SpatialHypermodel:
    torch.manual_seed(0)
    return SpatialHypermodel(channels=6, depth=2, body_channels=6, rank=5)


def random_maps(seed: int, *shape: int) -> Tensor:
    return torch.from_numpy((np.random.default_rng(seed).random(shape) < 0.4).astype(np.float32))


def step_cost(right: Tensor, down: Tensor, cell: tuple[int, int], move: tuple[int, int]) -> float:
    """What one straight move over a border costs, cell by cell."""
    (row, column), (up, along) = cell, move
    grid, place = (right, (row, min(column, column + along))) if along else (down, (min(row, row + up), column))
    if not all(0 <= index < side for index, side in zip(place, grid.shape, strict=True)):
        return MAX_BLOCK_COST
    return min(math.exp(-2 * float(grid[place])), MAX_BLOCK_COST)


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (1, 4), (4, 5)])
def test_border_costs_move_by_move(shape: tuple[int, int]) -> None:
    """A straight move pays for its border; a diagonal one for both ways around its corner, two borders each."""
    draw = torch.Generator().manual_seed(1)
    rows, columns = shape
    right, down = (
        torch.randn(1, rows, columns - 1, generator=draw) * 3,
        torch.randn(1, rows - 1, columns, generator=draw) * 3,
    )
    costs = border_costs(right, down)
    assert costs.shape == (1, 8, *shape)
    for index, (up, along) in enumerate(MOVES):
        for cell in np.ndindex(shape):
            legs = [(cell, (up, along))]
            if up and along:
                beside, above = (cell[0], cell[1] + along), (cell[0] + up, cell[1])
                legs = [(cell, (up, 0)), (above, (0, along)), (cell, (0, along)), (beside, (up, 0))]
            expected = sum(step_cost(right[0], down[0], *leg) for leg in legs)
            assert float(costs[0, index, cell[0], cell[1]]) == pytest.approx(min(expected, MAX_BLOCK_COST), rel=1e-4)


def test_one_blocked_border_of_four_blocks_the_diagonal() -> None:
    for blocked in range(4):
        right, down = torch.full((1, 2, 1), OPEN), torch.full((1, 1, 2), OPEN)
        (right if blocked < 2 else down).view(-1)[blocked % 2] = SHUT
        costs = border_costs(right, down)[0]
        for move, cell in (((1, 1), (0, 0)), ((1, -1), (0, 1)), ((-1, 1), (1, 0)), ((-1, -1), (1, 1))):
            assert costs[MOVES.index(move), cell[0], cell[1]] == MAX_BLOCK_COST


def test_shapes_and_names() -> None:
    weights = hypermodel()(random_maps(0, 3, 5, 40))
    assert TransitionWeights._fields == ("move_costs", "right", "down", "kinds")
    assert weights.move_costs.shape == (3, 8, 5, 40)
    assert weights.right.shape == (3, 5, 39) and weights.down.shape == (3, 4, 40)
    assert weights.kinds.shape == (3, 7, 42, 8) and weights.kinds.dtype == torch.int16
    assert hypermodel().vectors().shape == (KINDS, 5)


def test_every_move_has_a_positive_bounded_cost() -> None:
    network = hypermodel()
    torch.nn.init.normal_(network.own_cost.weight, std=50.0)
    costs = network(random_maps(1, 4, 7, 7)).move_costs
    assert (costs > TYPICAL_COST * math.exp(-COST_SPREAD)).all()
    assert (costs < 2**0.5 * TYPICAL_COST * math.exp(COST_SPREAD) + MAX_BLOCK_COST + 1).all()


def test_own_costs_start_typical() -> None:
    weights = hypermodel()(random_maps(2, 1, 6, 6))
    own = weights.move_costs - border_costs(weights.right, weights.down)
    for index, move in enumerate(MOVES):
        torch.testing.assert_close(
            own[:, index], torch.full((1, 6, 6), TYPICAL_COST * math.hypot(*move)), rtol=1e-3, atol=1e-2
        )


def test_predicted_weights_start_near_unit_variance() -> None:
    """Naive initialisation of generated weights trains badly: the target's first layer must start at a fair scale."""
    torch.manual_seed(0)
    network = SpatialHypermodel(channels=32, depth=3, body_channels=64, rank=32)
    kinds = network.body_level(random_maps(3, 8, 13, 13)).long()
    assert 0.5 < float(network.vectors()[kinds].detach().std()) < 2


def test_weights_of_a_map_do_not_know_of_padding_or_of_the_batch() -> None:
    network = hypermodel()
    torch.nn.init.normal_(network.own_cost.weight)
    alone = random_maps(4, 5, 7).numpy()
    padded = torch.from_numpy(pad_maps([random_maps(5, 12, 11).numpy(), alone]))
    with torch.no_grad():
        one, both = network(torch.from_numpy(alone)[None]), network(padded)
    torch.testing.assert_close(both.right[1, -5:, :6], one.right[0], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(both.down[1, -4:, :7], one.down[0], rtol=1e-4, atol=1e-5)
    assert torch.equal(both.kinds[1, -7:, :9], one.kinds[0])
    inner = (both.move_costs[1, :, -4:-1, 1:6], one.move_costs[0, :, 1:-1, 1:-1])
    torch.testing.assert_close(*inner, rtol=1e-4, atol=1e-5)


def test_passability_is_not_taught_by_the_value() -> None:
    network = hypermodel()
    weights = network(random_maps(6, 2, 6, 6))
    weights.move_costs.sum().backward(retain_graph=True)
    assert network.right.weight.grad is None and network.border_encoder.layers[0].weight.grad is None
    assert network.own_cost.weight.grad is not None
    network.zero_grad(set_to_none=True)
    (weights.right.sum() + weights.down.sum()).backward()
    touched = {name.split(".")[0] for name, part in network.named_parameters() if part.grad is not None}
    assert touched == {"border_encoder", "right", "down"}


@pytest.mark.parametrize("blind", ["cells", "body"])
def test_a_blind_level_is_the_same_for_all_maps_of_a_size(blind: str) -> None:
    torch.manual_seed(0)
    model = SpatialHypermodel(channels=6, depth=2, body_channels=6, rank=5, blind=(blind,))
    one, other = (model(random_maps(seed, 1, 6, 7)) for seed in (1, 2))
    levels = {"cells": ("move_costs", "right", "down"), "body": ("kinds",)}
    for level, names in levels.items():
        same = [torch.equal(getattr(one, name), getattr(other, name)) for name in names]
        # Own costs start typical, so that without walls all moves cost alike; with them they do not.
        assert all(same) if level == blind else not any(same)
