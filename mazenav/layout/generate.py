"""Layouts by the name of their kind: one, or many in one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature

import numpy as np

from mazenav.layout.generators.backtracker import backtracker, backtracker_walls
from mazenav.layout.generators.clutter import clutter, clutter_walls
from mazenav.layout.generators.making import WallMaker, draw_seeds, layout_from_seed
from mazenav.layout.generators.open import open_hall, open_walls
from mazenav.layout.generators.rooms import rooms, rooms_walls
from mazenav.layout.generators.wide import wide, wide_walls
from mazenav.types import Layout, LayoutError

GENERATORS: dict[str, Callable[..., Layout]] = {
    "backtracker": backtracker,
    "rooms": rooms,
    "clutter": clutter,
    "wide": wide,
    "open": open_hall,
}
"""kind -> function (shape, rng, **parameters) -> Layout."""

WALL_MAKERS: dict[str, WallMaker] = {
    "backtracker": backtracker_walls,
    "rooms": rooms_walls,
    "clutter": clutter_walls,
    "wide": wide_walls,
    "open": open_walls,
}
"""kind -> function (shape, seeds, **parameters) -> bool `[N, R, C]`."""

_FIXED = ("generator", "rows", "columns", "seed")


def generate(kind: str, shape: tuple[int, int], rng: np.random.Generator, **parameters: float) -> Layout:
    """One layout of a kind, with closed border and one connected component of free cells.

    Raises:
        LayoutError: if the kind, a parameter or the shape is unknown or out of range.
    """
    return layout_from_seed(kind, _checked(kind, parameters), shape, int(draw_seeds(rng, 1)[0]), **parameters)


def generate_walls_batch(
    kind: str, shape: tuple[int, int], n: int, rng: np.random.Generator, **parameters: float
) -> np.ndarray:
    """Walls of `n` layouts: bool `[N, R, C]`; the same that `n` calls of `generate` give.

    Raises:
        LayoutError: as `generate`.
    """
    return _checked(kind, parameters)(shape, draw_seeds(rng, n), **parameters)


def generate_batch(
    kind: str, shape: tuple[int, int], n: int, rng: np.random.Generator, **parameters: float
) -> list[Layout]:
    """`n` layouts of a kind, each with the name and source that tell how to make it again."""
    make = _checked(kind, parameters)
    return [layout_from_seed(kind, make, shape, int(seed), **parameters) for seed in draw_seeds(rng, n)]


def make_again(source: Mapping[str, object]) -> Layout:
    """The generated layout that a `Layout.source` describes; entries that the generator does not know are passed over.

    Raises:
        LayoutError: if `source` is not that of a generated layout.
    """
    if not set(_FIXED) <= set(source):
        raise LayoutError(f"this source does not come from a generator (needs {', '.join(_FIXED)}): {dict(source)}")
    kind, shape = str(source["generator"]), (_whole(source["rows"]), _whole(source["columns"]))
    make = _checked(kind, {})
    parameters = {name: _number(source[name]) for name in _parameters(make) if name in source}
    return layout_from_seed(kind, make, shape, _whole(source["seed"]), **parameters)


def _whole(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise LayoutError(f"a whole number is expected in the source of a generated layout, found {value!r}")
    return value


def _number(value: object) -> float:
    if not isinstance(value, (int, float)):
        raise LayoutError(f"a number is expected in the source of a generated layout, found {value!r}")
    return value


def _parameters(make: WallMaker) -> list[str]:
    """The names of a maker's own parameters, after shape and seeds."""
    return list(signature(make).parameters)[2:]


def _checked(kind: str, parameters: Mapping[str, object]) -> WallMaker:
    """The maker of a kind, once the kind and the names of its parameters are known to exist."""
    if kind not in WALL_MAKERS:
        raise LayoutError(f"no generator is called {kind!r}; there are {', '.join(WALL_MAKERS)}")
    make = WALL_MAKERS[kind]
    known = _parameters(make)
    for name in parameters:
        if name not in known:
            raise LayoutError(f"{kind} has no parameter {name!r}; it has {', '.join(known) or 'none'}")
    return make
