"""Plain reads and writes of numbers in memory, for kernels that hop from record to record of a tree.

Slices of arrays would be counted and indices wrapped at every access, which costs more than the work in between.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core.typing import Signature
from numba.extending import intrinsic

_DOUBLE, _INTEGER = ir.DoubleType(), ir.IntType(64)


def _place(builder: Any, kind: Any, memory: Any, index: Any) -> Any:
    return builder.gep(builder.inttoptr(memory, kind.as_pointer()), [index])


@intrinsic
def number(typingctx: Any, memory: Any, index: Any) -> tuple[Signature, Any]:
    """The float64 at `index` from the address `memory` on."""

    def lower(context: Any, builder: Any, signature: Signature, args: Any) -> Any:
        return builder.load(_place(builder, _DOUBLE, *args))

    return types.float64(types.int64, types.int64), lower


@intrinsic
def integer(typingctx: Any, memory: Any, index: Any) -> tuple[Signature, Any]:
    """The int64 at `index` from the address `memory` on."""

    def lower(context: Any, builder: Any, signature: Signature, args: Any) -> Any:
        return builder.load(_place(builder, _INTEGER, *args))

    return types.int64(types.int64, types.int64), lower


@intrinsic
def put_number(typingctx: Any, memory: Any, index: Any, value: Any) -> tuple[Signature, Any]:
    """Write the float64 at `index` from the address `memory` on."""

    def lower(context: Any, builder: Any, signature: Signature, args: Any) -> Any:
        builder.store(args[2], _place(builder, _DOUBLE, *args[:2]))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.float64), lower


@intrinsic
def put_integer(typingctx: Any, memory: Any, index: Any, value: Any) -> tuple[Signature, Any]:
    """Write the int64 at `index` from the address `memory` on."""

    def lower(context: Any, builder: Any, signature: Signature, args: Any) -> Any:
        builder.store(args[2], _place(builder, _INTEGER, *args[:2]))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), lower
