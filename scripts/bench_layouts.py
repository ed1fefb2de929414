"""Mazes per second on one core, by kind and side: `python scripts/bench_layouts.py`.

Each number is the best of five calls of `generate_walls_batch` after one that compiles.
"""

from __future__ import annotations

import time

import numpy as np

from mazenav.layout.generate import WALL_MAKERS, generate_walls_batch
from mazenav.rng import stream

BATCHES = {13: 100_000, 101: 1_000}
"""side -> layouts a call for `backtracker`; the others get a tenth."""


def mazes_per_second(kind: str, side: int, n: int, rng: np.random.Generator) -> float:
    """The best rate of five calls."""
    generate_walls_batch(kind, (side, side), 2, rng)
    best = float("inf")
    for _ in range(5):
        begin = time.perf_counter()
        generate_walls_batch(kind, (side, side), n, rng)
        best = min(best, time.perf_counter() - begin)
    return n / best


def main() -> None:
    """Print one line a kind."""
    rng = stream(0, "bench", "layouts")
    print("mazes/s      " + "".join(f"{side:>6} x {side:<6}" for side in BATCHES))
    for kind in WALL_MAKERS:
        rates = [
            mazes_per_second(kind, side, n if kind == "backtracker" else n // 10, rng) for side, n in BATCHES.items()
        ]
        print(f"{kind:<13}" + "".join(f"{rate:>12,.0f}   " for rate in rates))


if __name__ == "__main__":
    main()
