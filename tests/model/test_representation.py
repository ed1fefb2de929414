from __future__ import annotations

import math

import torch

from mazenav.model.representation import HEADING, POSITION, VELOCITY, Representation


def test_world_to_grid_by_hand() -> None:
    """Up in the world is towards row 0; a quarter turn to the left of +x looks up."""
    state = torch.tensor([[2.5, 1.0, math.pi / 2, 1.6, 3.2, 0.5]])
    latent = Representation(speed_scale=3.2)(state, 5)
    torch.testing.assert_close(latent, torch.tensor([[4.0, 2.5, -1.0, 0.0, -1.0, 0.5]]), atol=1e-6, rtol=0)


def test_rows_may_differ_from_state_to_state() -> None:
    states = torch.randn(6, 6, generator=torch.Generator().manual_seed(0))
    rows = torch.tensor([5, 7, 9, 5, 7, 9])
    together = Representation(3.2)(states, rows)
    for index in range(6):
        torch.testing.assert_close(
            together[index : index + 1], Representation(3.2)(states[index : index + 1], int(rows[index]))
        )
    torch.testing.assert_close(together[:, HEADING].norm(dim=1), torch.ones(6))


def test_padding_moves_the_position_and_nothing_else() -> None:
    states = torch.randn(6, 6, generator=torch.Generator().manual_seed(1))
    plain, padded = Representation(3.2)(states, 5), Representation(3.2)(states, 8)
    torch.testing.assert_close(padded[:, POSITION] - plain[:, POSITION], torch.tensor([[3.0, 0.0]]).expand(6, 2))
    assert torch.equal(plain[:, HEADING], padded[:, HEADING]) and torch.equal(plain[:, VELOCITY], padded[:, VELOCITY])
