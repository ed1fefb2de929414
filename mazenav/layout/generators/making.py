"""What all generators share: seeds, checked parameters, threads, and the way from walls to a `Layout`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from inspect import signature

import numba
import numpy as np

from mazenav.types import Layout, LayoutError

SMALLEST, LARGEST = 5, 10_001
MOST_CELLS = 1 << 34
"""Cells in one batch: 16 GiB of walls."""

Fill = Callable[..., None]
"""(walls bool `[N, R, C]` of any content, seeds uint64 `[N]`, **parameters): layout i is made of seeds[i] alone."""


@dataclass(frozen=True)
class Generator:
    """A kind of layout: called with (shape, rng, **parameters) it makes one.

    Attributes:
        kind: its name.
        fill: how walls are made from seeds; its parameters after the first two are those of the kind.
        what: what such a layout looks like, in a few words.
        notes: what more the source of one layout tells, from (shape, seed, **parameters).
    """

    kind: str
    fill: Fill
    what: str
    notes: Callable[..., Mapping[str, object]] | None = None

    def __call__(self, shape: tuple[int, int], rng: np.random.Generator, **parameters: float) -> Layout:
        """One layout; a seed for it is drawn from `rng`.

        Raises:
            LayoutError: if the shape or a parameter is unknown or out of range.
        """
        return self.layouts(shape, draw_seeds(rng, 1), 1, **parameters)[0]

    @cached_property
    def parameters(self) -> dict[str, float]:
        """The names of its own parameters with their defaults."""
        return {name: given.default for name, given in list(signature(self.fill).parameters.items())[2:]}

    def walls(
        self, shape: tuple[int, int], seeds: np.ndarray, threads: int | None = None, **parameters: float
    ) -> np.ndarray:
        """Walls bool `[N, R, C]`, one layout for each of the seeds uint64 `[N]`.

        Args:
            shape: rows and columns, each 5 to 10,001.
            seeds: one a layout; they alone decide, not how many there are or how many threads share the work.
            threads: how many at most; Numba's setting (NUMBA_NUM_THREADS, else all cores) unless given.
            parameters: those of the kind.

        Raises:
            LayoutError: if the shape, a parameter or the number of threads is unknown or out of range.
        """
        known = self.parameters
        for name in parameters:
            if name not in known:
                raise LayoutError(f"{self.kind} has no parameter {name!r}; it has {', '.join(known) or 'none'}")
        rows, columns = checked_shape(shape)
        check_size(len(seeds), rows, columns)
        walls = np.empty((len(seeds), rows, columns), np.bool_)
        _in_threads(lambda part: self.fill(walls[part], seeds[part], **parameters), walls.shape, threads)
        return walls

    def layouts(
        self, shape: tuple[int, int], seeds: np.ndarray, threads: int | None = None, **parameters: float
    ) -> list[Layout]:
        """The layouts of the seeds; the `source` of each holds all that makes it again. Arguments as for `walls`."""
        made = self.walls(shape, seeds, threads, **parameters)
        rows, columns = made.shape[1:]
        layouts = []
        for walls, seed in zip(made, seeds.tolist(), strict=True):
            notes = self.notes((rows, columns), seed, **parameters) if self.notes is not None else {}
            source = {"generator": self.kind, "rows": rows, "columns": columns, "seed": seed, **parameters, **notes}
            thin = bool(parameters.get("thin_walls", False))
            layouts.append(Layout(walls, f"{self.kind}-{seed:016x}", source, thin_walls=thin))
        return layouts


def draw_seeds(rng: np.random.Generator, n: int) -> np.ndarray:
    """Seeds uint64 `[n]`, below 2^63 so that TOML and JSON can hold them; n draws of one give the same as one of n."""
    return rng.integers(1 << 63, size=n, dtype=np.uint64)


def checked_shape(shape: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns as int.

    Raises:
        LayoutError: if they are not two whole numbers from 5 to 10,001.
    """
    sides = tuple(shape)
    if len(sides) != 2 or any(not SMALLEST <= side <= LARGEST or int(side) != side for side in sides):
        raise LayoutError(f"a generated layout has two sides of {SMALLEST} to {LARGEST} cells, found {sides}")
    return int(sides[0]), int(sides[1])


def check_size(n: int, rows: int, columns: int) -> None:
    """Raises LayoutError unless `n` layouts of a shape are few enough to be held at once."""
    if n * rows * columns > MOST_CELLS:
        raise LayoutError(f"{n:,} layouts of {rows} x {columns} cells are more than one call can hold")


def check_share(name: str, value: float, most: float = 1.0) -> None:
    """Raises LayoutError unless `value` lies in [0, most]."""
    if not 0.0 <= value <= most:
        raise LayoutError(f"{name} must lie between 0 and {most:g}, found {value}")


def check_count(name: str, value: int, least: int, most: int) -> None:
    """Raises LayoutError unless `value` is a whole number in [least, most]."""
    if not least <= value <= most or int(value) != value:
        raise LayoutError(f"{name} must be a whole number from {least} to {most}, found {value}")


def check_switch(name: str, value: float) -> None:
    """Raises LayoutError unless `value` is true or false (or 1 or 0)."""
    if value not in (0, 1):
        raise LayoutError(f"{name} must be true or false, found {value}")


def whole(source: Mapping[str, object], name: str) -> int:
    """A whole number out of the source of a generated layout.

    Raises:
        LayoutError: if it is something else.
    """
    value = source[name]
    if not isinstance(value, int) or value < 0:
        raise LayoutError(f"{name}: a whole number is expected in the source of a generated layout, found {value!r}")
    return value


def _in_threads(work: Callable[[slice], None], sizes: tuple[int, ...], threads: int | None) -> None:
    """Calls `work` on slices of a batch of `sizes` [N, R, C]; its kernels let go of the interpreter's lock."""
    if threads is None:
        threads = int(numba.config.NUMBA_NUM_THREADS)
    elif threads < 1:
        raise LayoutError(f"the number of threads must be at least 1, found {threads}")
    n, cells = sizes[0], sizes[0] * sizes[1] * sizes[2]
    # A slice is worth a thread from about a millisecond of work.
    parts = min(n, 4 * threads, cells >> 16)
    if threads == 1 or parts < 2:
        work(slice(0, n))
        return
    bounds = [n * part // parts for part in range(parts + 1)]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, map(slice, bounds[:-1], bounds[1:])))
