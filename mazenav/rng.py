"""Seeds become independent random streams; nothing here, and nothing on import, seeds anything global."""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: int, *path: str | int) -> np.random.Generator:
    """A generator for one purpose, independent of every other path under the same seed.

    Args:
        seed: the user's seed, any non-negative integer.
        path: names and indices that say what the stream is for, such as `("episode", 3)`.

    Raises:
        ValueError: if the seed is negative.
    """
    if seed < 0:
        raise ValueError(f"a seed must not be negative, found {seed}")
    words = [int.from_bytes(hashlib.blake2b(repr(part).encode(), digest_size=8).digest(), "little") for part in path]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))
