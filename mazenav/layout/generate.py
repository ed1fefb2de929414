"""Layouts by the name of their kind: one, or many in one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from mazenav.layout.generators.backtracker import carve_backtracker
from mazenav.layout.generators.biased import carve_binary_tree, carve_sidewinder
from mazenav.layout.generators.caves import fill_caves
from mazenav.layout.generators.clutter import fill_clutter
from mazenav.layout.generators.division import carve_division
from mazenav.layout.generators.eller import carve_eller
from mazenav.layout.generators.growing_tree import fill_growing_tree
from mazenav.layout.generators.hunt_and_kill import carve_hunt_and_kill
from mazenav.layout.generators.kruskal import carve_kruskal
from mazenav.layout.generators.lab import fill_lab, variations
from mazenav.layout.generators.lattice_maze import fill_lattice
from mazenav.layout.generators.making import Generator, draw_seeds, whole
from mazenav.layout.generators.open import fill_open
from mazenav.layout.generators.prim import carve_prim
from mazenav.layout.generators.rooms import fill_rooms
from mazenav.layout.generators.spiral import carve_spiral
from mazenav.layout.generators.uniform import carve_aldous_broder, carve_wilson
from mazenav.layout.generators.wide import fill_wide
from mazenav.types import Layout, LayoutError


def _maze(kind: str, carve: Callable[..., None], what: str) -> Generator:
    """A maze on a lattice that has the shared knobs and none of its own."""
    return Generator(kind, partial(fill_lattice, carve, ()), what)


GENERATORS: dict[str, Generator] = {
    generator.kind: generator
    for generator in (
        _maze("backtracker", carve_backtracker, "long, winding corridors (recursive backtracker)"),
        Generator("rooms", fill_rooms, "rooms of random size, joined by doors and corridors"),
        Generator("clutter", fill_clutter, "open ground with obstacles thrown at random"),
        Generator("wide", fill_wide, "a backtracker maze with corridors two or more cells wide"),
        Generator("open", fill_open, "an empty hall"),
        _maze("kruskal", carve_kruskal, "passages opened in random order: many short dead ends"),
        _maze("prim", carve_prim, "grown cell by cell from its rim: short corridors all around"),
        _maze("wilson", carve_wilson, "uniform: every maze equally likely, by loop-erased random walks"),
        _maze("aldous_broder", carve_aldous_broder, "uniform too, by one random walk; slow where large"),
        _maze("eller", carve_eller, "row by row, by the toss of coins"),
        _maze("hunt_and_kill", carve_hunt_and_kill, "random walks, each begun beside the last: long corridors"),
        _maze("sidewinder", carve_sidewinder, "runs with one way up: an unbroken corridor along the top"),
        _maze("binary_tree", carve_binary_tree, "every cell opens up or left: unbroken corridors at top and left"),
        _maze("division", carve_division, "halls cut in two again and again: long straight walls"),
        Generator("growing_tree", fill_growing_tree, "between backtracker (newest = 1) and random growth (newest = 0)"),
        _maze("spiral", carve_spiral, "one corridor that winds into the middle"),
        Generator("lab", fill_lab, "rooms and corridors as DeepMind Lab and labmaze make them", variations),
        Generator("caves", fill_caves, "noise smoothed by a cellular automaton, of one piece"),
    )
}
"""kind -> generator, called with (shape, rng, **parameters) -> Layout."""

_FIXED = ("generator", "rows", "columns", "seed")


def generate(kind: str, shape: tuple[int, int], rng: np.random.Generator, **parameters: float) -> Layout:
    """One layout of a kind, with closed border and one connected component of free cells.

    Raises:
        LayoutError: if the kind, a parameter or the shape is unknown or out of range.
    """
    return generator_of(kind)(shape, rng, **parameters)


def generate_walls_batch(
    kind: str, shape: tuple[int, int], n: int, rng: np.random.Generator, threads: int | None = None, **parameters: float
) -> np.ndarray:
    """Walls of `n` layouts: bool `[N, R, C]`; the same that `n` calls of `generate` give, on any number of threads.

    Args:
        kind: a key of `GENERATORS`.
        shape: rows and columns, each 5 to 10,001.
        n: how many.
        rng: a seed for each layout is drawn from it.
        threads: how many at most share the work; Numba's setting (NUMBA_NUM_THREADS, else all cores) unless given.
        parameters: those of the kind.

    Raises:
        LayoutError: as `generate`.
    """
    return generator_of(kind).walls(shape, draw_seeds(rng, n), threads, **parameters)


def generate_batch(
    kind: str, shape: tuple[int, int], n: int, rng: np.random.Generator, threads: int | None = None, **parameters: float
) -> list[Layout]:
    """`n` layouts of a kind, each with the name and source that tell how to make it again.

    Arguments and errors are those of `generate_walls_batch`.
    """
    return generator_of(kind).layouts(shape, draw_seeds(rng, n), threads, **parameters)


def make_again(source: Mapping[str, object]) -> Layout:
    """The generated layout that a `Layout.source` describes; entries that the generator does not know are passed over.

    Raises:
        LayoutError: if `source` is not that of a generated layout.
    """
    if not set(_FIXED) <= set(source):
        raise LayoutError(f"this source does not come from a generator (needs {', '.join(_FIXED)}): {dict(source)}")
    generator = generator_of(str(source["generator"]))
    shape, seed = (whole(source, "rows"), whole(source, "columns")), whole(source, "seed")
    parameters = {name: _number(source[name]) for name in generator.parameters if name in source}
    return generator.layouts(shape, np.array([seed], np.uint64), 1, **parameters)[0]


def generator_of(kind: str) -> Generator:
    """The generator of a kind.

    Raises:
        LayoutError: if there is none.
    """
    if kind not in GENERATORS:
        raise LayoutError(f"no generator is called {kind!r}; there are {', '.join(GENERATORS)}")
    return GENERATORS[kind]


def _number(value: object) -> float:
    if not isinstance(value, (int, float)):
        raise LayoutError(f"a number is expected in the source of a generated layout, found {value!r}")
    return value
