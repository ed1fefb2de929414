"""Matrix products for compiled models, in single precision: as fast as the machine's vectors go, one row or many.

A row's sum is built in the same order whatever the number of rows, so its result does not depend on the batch.
Tiles of rows x vectors are kept in registers over the whole depth (Goto and van de Geijn 2008, *Anatomy of
high-performance matrix multiplication*, the innermost kernel); weights are packed so that they are read in one go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from llvmlite.binding import get_host_cpu_features
from numba import njit, types
from numba.core import cgutils
from numba.core.typing import Signature
from numba.extending import intrinsic

LANES = 16
"""Numbers in a vector: of AVX-512; elsewhere the compiler splits them."""
_ROWS = 8 if get_host_cpu_features().get("avx512f", False) else 3  # as many as registers hold, at two vectors each
_FLOAT, _INDEX, _LANE = ir.FloatType(), ir.IntType(64), ir.IntType(32)
_VECTOR = ir.VectorType(_FLOAT, LANES)


def pack(weights: np.ndarray) -> np.ndarray:
    """Weights `[I, O]` as `affine` reads them: float32 flat, from `[ceil(O / 16), I, 16]`, zeros behind the end."""
    depth, width = weights.shape
    padded = np.zeros((depth, padded_width(width)), np.float32)
    padded[:, :width] = weights
    return np.ascontiguousarray(padded.reshape(depth, -1, LANES).transpose(1, 0, 2)).ravel()


def padded_width(width: int) -> int:
    """The next multiple of 16: columns that an output of `affine` must have."""
    return -(-width // LANES) * LANES


def _tile(rows: int, vectors: int) -> Callable[..., None]:
    """An intrinsic that writes a tile `[rows, 16 vectors]` of an affine map.

    Its arguments are int64: the address of the first row of x, the numbers from one row of x to the next; the address
    of the first vector's weights; for y and for what is added to the product the address of the tile and the numbers
    from row to row; and the depth.
    """

    @intrinsic
    def write_tile(typingctx: Any, x: Any, x_row: Any, w: Any, y: Any, y_row: Any, b: Any, b_row: Any,
                   depth: Any) -> tuple[Signature, Any]:  # fmt: skip
        def lower(context: Any, builder: Any, signature: Signature, args: Any) -> Any:
            x_data, w_data, y_data, b_data = (
                builder.inttoptr(args[place], _FLOAT.as_pointer()) for place in (0, 2, 3, 5)
            )
            given = (x_data, args[1]), w_data, (y_data, args[4]), (b_data, args[6]), args[7]
            _write_tile(builder, (rows, vectors), *given)
            return context.get_dummy_value()

        return types.void(*[types.int64] * 8), lower

    return write_tile


def _write_tile(builder: Any, shape: tuple[int, int], x: Any, w: Any, y: Any, b: Any, depth: Any) -> None:
    """Emit the loop over `depth`; `x`, `y` and `b` are pointers with the numbers in a row, `w` a pointer."""
    tile = [(row, vector) for row in range(shape[0]) for vector in range(shape[1])]
    panel = builder.mul(depth, _INDEX(LANES))  # numbers of a vector's weights
    kind = ir.FunctionType(_VECTOR, [_VECTOR] * 3)
    multiply_add = cgutils.get_or_insert_function(builder.module, kind, f"llvm.fma.v{LANES}f32")

    def vector_at(pointer: Any, place: Any) -> Any:
        return builder.bitcast(builder.gep(pointer, [place]), _VECTOR.as_pointer())

    places, origins = (
        [vector_at(base, builder.add(builder.mul(stride, _INDEX(row)), _INDEX(vector * LANES))) for row, vector in tile]
        for base, stride in (y, b)
    )
    begun = [builder.load(origin, align=4) for origin in origins]
    before, loop, done = builder.block, builder.append_basic_block(), builder.append_basic_block()
    builder.branch(loop)
    builder.position_at_end(loop)
    step = builder.phi(_INDEX)
    step.add_incoming(_INDEX(0), before)
    sums = [builder.phi(_VECTOR) for _ in tile]
    for total, start in zip(sums, begun, strict=True):
        total.add_incoming(start, before)
    line = builder.mul(step, _INDEX(LANES))
    weights = [
        builder.load(vector_at(w, builder.add(line, builder.mul(panel, _INDEX(vector)))), align=4)
        for vector in range(shape[1])
    ]
    anything, first = ir.Constant(_VECTOR, ir.Undefined), ir.Constant(ir.VectorType(_LANE, LANES), [0] * LANES)
    inputs = []
    for row in range(shape[0]):
        number = builder.load(builder.gep(x[0], [builder.add(step, builder.mul(x[1], _INDEX(row)))]))
        inputs.append(builder.shuffle_vector(builder.insert_element(anything, number, _LANE(0)), anything, first))
    grown = [
        builder.call(multiply_add, [inputs[row], weights[vector], total])
        for (row, vector), total in zip(tile, sums, strict=True)
    ]
    following = builder.add(step, _INDEX(1))
    step.add_incoming(following, loop)
    for total, more in zip(sums, grown, strict=True):
        total.add_incoming(more, loop)
    builder.cbranch(builder.icmp_signed("<", following, depth), loop, done)
    builder.position_at_end(done)
    for place, total in zip(places, grown, strict=True):
        builder.store(total, place, align=4)


_many_by_two, _many_by_one = _tile(_ROWS, 2), _tile(_ROWS, 1)
_one_by_eight, _one_by_four, _one_by_one = _tile(1, 8), _tile(1, 4), _tile(1, 1)


@njit(error_model="numpy")
def affine(x: np.ndarray, x_at: int, x_row: int, w: np.ndarray, w_at: int, depth: int, b: np.ndarray, b_at: int,
           b_row: int, y: np.ndarray, y_at: int, y_row: int, width: int, rows: int) -> None:  # fmt: skip
    """`y[:, :width] = x[:, :depth] @ w + b`, all arrays float32 and flat; each begins at its `_at`.

    Args:
        x: `rows` rows.
        x_at: where they begin.
        x_row: numbers from one row of x to the next.
        w: from `pack`.
        w_at: where it begins.
        depth: I, at least 1.
        b: what is added: a row, or `rows` of them; may be y.
        b_at: where it begins.
        b_row: numbers from one row of b to the next; 0 if all share one.
        y: `rows` rows, written.
        y_at: where they begin.
        y_row: numbers from one row of y to the next.
        width: O, a multiple of 16.
        rows: how many.
    """
    inputs, weights = np.int64(x.ctypes.data) + 4 * x_at, np.int64(w.ctypes.data) + 4 * w_at
    out, origin = np.int64(y.ctypes.data) + 4 * y_at, np.int64(b.ctypes.data) + 4 * b_at
    vectors, panel, wide = width // LANES, 4 * depth * LANES, 4 * LANES
    whole = rows // _ROWS * _ROWS
    for vector in range(0, vectors if whole else 0, 2):
        for row in range(0, whole, _ROWS):
            first, there = inputs + 4 * row * x_row, out + 4 * row * y_row + vector * wide
            start = origin + 4 * row * b_row + vector * wide
            if vector + 2 <= vectors:
                _many_by_two(first, x_row, weights + vector * panel, there, y_row, start, b_row, depth)
            else:
                _many_by_one(first, x_row, weights + vector * panel, there, y_row, start, b_row, depth)
    for row in range(whole, rows):
        first, there, start = inputs + 4 * row * x_row, out + 4 * row * y_row, origin + 4 * row * b_row
        vector = 0
        while vector + 8 <= vectors:
            _one_by_eight(first, 0, weights + vector * panel, there + vector * wide, 0, start + vector * wide, 0, depth)
            vector += 8
        while vector + 4 <= vectors:
            _one_by_four(first, 0, weights + vector * panel, there + vector * wide, 0, start + vector * wide, 0, depth)
            vector += 4
        while vector < vectors:
            _one_by_one(first, 0, weights + vector * panel, there + vector * wide, 0, start + vector * wide, 0, depth)
            vector += 1
