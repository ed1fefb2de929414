from __future__ import annotations

import numpy as np
import pytest

from mazenav.model.native.product import LANES, add_product, pack, padded_width


def product(x: np.ndarray, weights: np.ndarray, begun: float = 0.0) -> np.ndarray:
    """x @ weights + begun, padded."""
    rows, (depth, width) = len(x), weights.shape
    out = np.full((rows, padded_width(width)), begun, np.float32)
    add_product(x.ravel(), depth, pack(weights), depth, out.ravel(), out.shape[1], out.shape[1], rows)
    return out


@pytest.mark.parametrize("width", [1, 5, 16, 17, 64, 128, 144, 192])
@pytest.mark.parametrize("rows", [1, 2, 3, 7, 8, 9, 17, 40])
def test_products_are_numpys(rows: int, width: int) -> None:
    rng = np.random.default_rng(rows * 1000 + width)
    depth = int(rng.integers(1, 130))
    x, weights = rng.normal(size=(rows, depth)).astype(np.float32), rng.normal(size=(depth, width)).astype(np.float32)
    out = product(x, weights, 3.0)
    np.testing.assert_allclose(out[:, :width], x.astype(np.float64) @ weights + 3, rtol=1e-4, atol=1e-4)
    assert (out[:, width:] == 3).all(), "columns behind the end are added nothing to"


def test_a_row_does_not_depend_on_its_batch() -> None:
    rng = np.random.default_rng(0)
    x, weights = rng.normal(size=(29, 131)).astype(np.float32), rng.normal(size=(131, 100)).astype(np.float32)
    together = product(x, weights)
    for row in range(len(x)):
        assert np.array_equal(product(x[row : row + 1], weights)[0], together[row])
        assert np.array_equal(product(x[row : row + 11], weights)[0], together[row])


def test_packed_weights_hold_vectors_of_columns_row_by_row() -> None:
    weights = np.arange(2 * 20, dtype=np.float32).reshape(2, 20)
    packed = pack(weights).reshape(2, 2, LANES)
    assert packed[0, 1].tolist() == weights[1, :16].tolist()
    assert packed[1, 0].tolist() == [*weights[0, 16:].tolist(), *[0.0] * 12]
