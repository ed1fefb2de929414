from __future__ import annotations

import numpy as np
import pytest
import torch

from mazenav.model.encoder import RING, MapEncoder
from mazenav.topdown.occupancy import pad_maps

SHAPES = [(1, 1), (5, 5), (5, 40), (40, 5), (8, 13)]


def random_map(seed: int, shape: tuple[int, int]) -> np.ndarray:
    return (np.random.default_rng(seed).random(shape) < 0.4).astype(np.float32)


def encoder(depth: int = 3) -> MapEncoder:
    torch.manual_seed(0)
    return MapEncoder(channels=6, depth=depth)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("depth", [1, 3])
def test_any_shape_with_a_ring(shape: tuple[int, int], depth: int) -> None:
    features = encoder(depth)(torch.from_numpy(random_map(0, shape))[None])
    assert features.shape == (1, 6, shape[0] + 2 * RING, shape[1] + 2 * RING)


@pytest.mark.parametrize("shape", SHAPES)
def test_features_do_not_know_of_padding_or_of_the_batch(shape: tuple[int, int]) -> None:
    """Padding puts wall at the top and on the right: what the features of the map's own cells say stays the same."""
    network, rows, columns = encoder(), shape[0], shape[1]
    alone = random_map(1, shape)
    padded = pad_maps([random_map(2, (45, 47)), alone, random_map(3, (11, 44))])
    with torch.no_grad():
        expected = network(torch.from_numpy(alone)[None])[0]
        found = network(torch.from_numpy(padded))[1, :, -(rows + 2 * RING) :, : columns + 2 * RING]
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


def test_a_cell_sees_as_far_as_the_depth_and_no_farther() -> None:
    network = encoder(depth=3)
    plain = random_map(4, (15, 15))
    changed = plain.copy()
    changed[7, 7] = 1 - changed[7, 7]
    with torch.no_grad():
        before, after = network(torch.from_numpy(np.stack([plain, changed])))
    differs = (before - after).abs().amax(dim=0)[RING:-RING, RING:-RING] > 1e-6
    rows, columns = torch.nonzero(differs, as_tuple=True)
    assert differs[7, 7] and rows.min() >= 4 and rows.max() <= 10 and columns.min() >= 4 and columns.max() <= 10
    assert rows.min() == 4 or rows.max() == 10 or columns.min() == 4 or columns.max() == 10


def test_half_precision_stays_near() -> None:
    network = encoder()
    maps = torch.from_numpy(random_map(5, (9, 9)))[None]
    with torch.no_grad():
        exact = network(maps)
        network.half_precision = True
        rough = network(maps)
    assert rough.dtype == torch.float32
    assert 0 < (rough - exact).abs().max() < 0.1 * exact.abs().max()
