"""Random numbers inside kernels: SplitMix64 (Steele, Lea, Flood 2014), its state one uint64 held in an array `[1]`.

Every layout has a seed of its own, so that it is the same alone and in any batch.
"""

from __future__ import annotations

import numpy as np
from numba import njit

STEP = np.uint64(0x9E3779B97F4A7C15)
"""What the state grows by with every draw."""
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S32, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32), np.uint64(11)


@njit(cache=True, inline="always")
def mixed(z: np.uint64) -> np.uint64:
    """64 random bits of a state that has moved on by `STEP`, for kernels that hold it in a register."""
    z = (z ^ (z >> _S30)) * _MIX_A
    z = (z ^ (z >> _S27)) * _MIX_B
    return z ^ (z >> _S31)


@njit(cache=True, inline="always")
def next_bits(state: np.ndarray) -> np.uint64:
    """64 random bits; `state` uint64 `[1]` moves on."""
    state[0] += STEP
    return mixed(state[0])


@njit(cache=True, inline="always")
def below(state: np.ndarray, bound: int) -> np.int64:
    """A number in 0 .. bound - 1, for bounds far below 2^32 (the bias is below bound / 2^32)."""
    return np.int64(((next_bits(state) >> _S32) * np.uint64(bound)) >> _S32)


@njit(cache=True, inline="always")
def unit(state: np.ndarray) -> float:
    """A float64 in [0, 1)."""
    return np.float64(next_bits(state) >> _S11) * (1.0 / 9007199254740992.0)
