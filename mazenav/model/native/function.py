"""How a compiled model becomes a native function with the signature that `model.interface.Kernel` tells of."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from numba import cfunc, types

_FLOATS, _DOUBLES, _INTEGERS = types.CPointer(types.float32), types.CPointer(types.float64), types.CPointer(types.int64)
_EVALUATE = types.void(
    _FLOATS, _FLOATS, _INTEGERS, types.int64, _FLOATS, _INTEGERS, _INTEGERS, _FLOATS, _DOUBLES, _FLOATS
)


@cache
def native(evaluate: Callable[..., None]) -> Any:
    """The compiled form of a function of a module; its `address` holds as long as this process does.

    The first call compiles it, unless Numba's cache holds it.
    """
    return cfunc(_EVALUATE, cache=True)(evaluate)
