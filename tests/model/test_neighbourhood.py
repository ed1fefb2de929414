from __future__ import annotations

import numpy as np
import torch

from mazenav.model.neighbourhood import KINDS, kinds, neighbourhoods
from tests.model.small import random_maps
from tests.model.turning import CODES, turn_grid

MAPS = random_maps(0, 2, 5, 7)


def test_a_kind_is_what_the_nine_cells_look_like() -> None:
    """In the world's own orientation, cell by cell: beyond the map all is wall."""
    found, padded = neighbourhoods(MAPS), np.pad(MAPS.numpy(), [(0, 0), (2, 2), (2, 2)], constant_values=1.0)
    assert found.shape == (2, 7, 9, 8) and found.dtype == torch.int16
    for batch, row, column in np.ndindex(2, 7, 9):
        patch = padded[batch, row : row + 3, column : column + 3].ravel()
        assert kinds()[int(found[batch, row, column, 0])].tolist() == (patch * 2 - 1).tolist()


def test_kinds_are_all_different() -> None:
    assert len({tuple(look) for look in kinds().tolist()}) == KINDS


def test_a_turned_map_has_turned_kinds() -> None:
    """What faces the body in one orientation of a map, faces it in another of the turned map."""
    own = neighbourhoods(MAPS)[..., 0]
    for code in CODES:
        # The symmetry that brings the turned map back shows the nine cells as they were.
        seen = [turn_grid(own, code).equal(neighbourhoods(turn_grid(MAPS, code))[..., back]) for back in CODES]
        assert sum(seen) == 1


def test_a_value_between_counts_as_wall_from_a_half_on() -> None:
    grey = MAPS * 0.4 + 0.3
    assert torch.equal(neighbourhoods(grey), neighbourhoods(MAPS))
    assert torch.equal(neighbourhoods(torch.full((1, 2, 2), 0.5)), neighbourhoods(torch.ones(1, 2, 2)))
