from __future__ import annotations

import pytest
import torch

from mazenav.model.prediction import Prediction
from mazenav.model.symmetry import canonical_code, is_mirror, patch_offsets, transform, transform_back
from tests.model.turning import CODES, compass, mirrors, turn_borders, turn_grid, turn_position, turn_vector

ON_AXES = torch.tensor([[0.0, 1], [0, -1], [1, 0], [-1, 0], [1, 1], [1, -1], [-1, 1], [-1, -1]])


def test_every_heading_turns_into_the_canonical_octant() -> None:
    headings = torch.cat([compass(720), ON_AXES / ON_AXES.norm(dim=1, keepdim=True)])
    row, column = transform(headings, canonical_code(headings)).unbind(1)
    assert (row >= 0).all() and (column >= row).all()
    assert set(canonical_code(headings).tolist()) == set(CODES)


def test_transform_is_the_symmetry_written_out() -> None:
    vectors = torch.randn(50, 2, generator=torch.Generator().manual_seed(0))
    for code in CODES:
        assert torch.equal(transform(vectors, torch.full((50,), code)), turn_vector(vectors, code))
        assert is_mirror(torch.tensor([code])).item() == mirrors(code)


def test_transform_back_undoes_transform() -> None:
    vectors = torch.randn(50, 2, generator=torch.Generator().manual_seed(1))
    for code in CODES:
        codes = torch.full((50,), code)
        assert torch.equal(transform_back(transform(vectors, codes), codes), vectors)


def test_a_mirror_is_what_turns_the_sense_of_rotation() -> None:
    for code in CODES:
        along, across = transform(torch.tensor([[0.0, 1.0], [1.0, 0.0]]), torch.full((2,), code))
        turns = along[0] * across[1] - along[1] * across[0]
        assert (turns.item() > 0) == mirrors(code), "row x column is left-handed: unmirrored it is negative"


@pytest.mark.parametrize("reach", [1, 2])
def test_patch_offsets_come_out_canonical(reach: int) -> None:
    offsets = patch_offsets(reach)
    canonical = offsets[0]
    assert canonical.tolist() == [[r, c] for r in range(-reach, reach + 1) for c in range(-reach, reach + 1)]
    for code in CODES:
        assert torch.equal(transform(offsets[code].float(), torch.full((len(canonical),), code)), canonical.float())


def random_prediction(reach: int) -> Prediction:
    torch.manual_seed(3)
    prediction = Prediction(hidden=24, depth=2, reach=reach, n_actions=4, mirror=(1, 0, 2, 3))
    torch.nn.init.normal_(prediction.residual.weight)
    torch.nn.init.normal_(prediction.residual.bias)
    return prediction


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("reach", [1, 2])
def test_prediction_is_equivariant(code: int, reach: int) -> None:
    """Turn the world, field and goal and body with it, and the decisions to go turn too: left for right if mirrored."""
    prediction = random_prediction(reach)
    rows, columns, count = 6, 9, 200
    draw = torch.Generator().manual_seed(code)
    field = torch.rand(3, rows, columns, generator=draw) * 30
    right, down = torch.randn(3, rows, columns - 1, generator=draw), torch.randn(3, rows - 1, columns, generator=draw)
    goal = torch.tensor([[0, 0], [3, 4], [5, 8]])
    position = torch.rand(count, 2, generator=draw) * torch.tensor([rows, columns])
    heading, velocity = compass(count), torch.randn(count, 2, generator=draw)
    context = torch.arange(count) % 3
    turned_goal = turn_position(goal + 0.5, rows, columns, code).floor().long()
    here = prediction.surroundings(field, right, down, goal)
    there = prediction.surroundings(turn_grid(field, code), *turn_borders(right, down, code), turned_goal)
    body = torch.cat([position, heading, velocity], dim=1)
    turned_body = torch.cat(
        [turn_position(position, rows, columns, code), turn_vector(heading, code), turn_vector(velocity, code)], dim=1
    )
    with torch.no_grad():
        expected, found = prediction(here, body, context), prediction(there, turned_body, context)
    swapped = expected[:, [1, 0, 2, 3]] if mirrors(code) else expected
    torch.testing.assert_close(found, swapped, rtol=1e-4, atol=1e-4)
    assert (expected[:, 0] - expected[:, 1]).abs().max() > 0.1, "left and right must differ for this to say anything"


def test_the_residual_never_sees_absolute_distance() -> None:
    """The same surroundings farther from the goal: the field grows, the residual does not change."""
    prediction = random_prediction(2)
    draw = torch.Generator().manual_seed(0)
    field = torch.rand(1, 11, 11, generator=draw) * 20
    borders = torch.randn(1, 11, 10, generator=draw), torch.randn(1, 10, 11, generator=draw)
    goal = torch.tensor([[0, 0]])
    body = torch.cat([4 + 3 * torch.rand(40, 2, generator=draw), compass(40), torch.randn(40, 2)], dim=1)
    context = torch.zeros(40, dtype=torch.int64)
    near, residual = prediction.parts(prediction.surroundings(field, *borders, goal), body, context)
    far, same = prediction.parts(prediction.surroundings(field + 64, *borders, goal), body, context)
    torch.testing.assert_close(far, near + 64)
    torch.testing.assert_close(same, residual, rtol=1e-3, atol=1e-4)
