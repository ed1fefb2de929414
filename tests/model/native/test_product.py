from __future__ import annotations

import numpy as np
import pytest

from mazenav.model.native.product import LANES, affine, pack, padded_width


def product(x: np.ndarray, weights: np.ndarray, begun: float = 0.0) -> np.ndarray:
    """x @ weights + begun, padded: x, weights and result behind other numbers, the rows of x with a gap between."""
    (rows, depth), (_, width) = x.shape, weights.shape
    wide = padded_width(width)
    given = np.concatenate([np.zeros(3, np.float32), np.pad(x, [(0, 0), (0, 2)]).ravel()])
    packed, out = np.concatenate([np.zeros(7, np.float32), pack(weights)]), np.full(5 + rows * wide, -9, np.float32)
    bias = np.full(wide, begun, np.float32)
    affine(given, 3, depth + 2, packed, 7, depth, bias, 0, 0, out, 5, wide, wide, rows)
    assert (out[:5] == -9).all()
    again = out.copy()
    again[5:] = begun
    affine(given, 3, depth + 2, packed, 7, depth, again, 5, wide, again, 5, wide, wide, rows)
    assert np.array_equal(again, out), "what is added may be the output itself"
    return out[5:].reshape(rows, wide)


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
