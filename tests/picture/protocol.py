"""What is measured: known layouts, drawn in some manner, then disturbed; a picture counts if all cells are right."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from mazenav.layout.generate import generate_batch
from mazenav.picture import PictureReading, read_pixels
from mazenav.types import LayoutError
from tests.picture.maker import (
    Colour,
    Manner,
    blurred,
    draw,
    jpeg,
    noisy,
    on_a_table,
    tilted,
    turned,
    unevenly_lit,
)
from tests.picture.mazes import longest_way, on_grid

LATTICE_KINDS = ("backtracker", "kruskal", "prim", "wilson", "eller", "hunt_and_kill", "sidewinder", "division")
CELL_KINDS = (*LATTICE_KINDS, "rooms", "clutter", "lab", "caves")
COLOURS: tuple[tuple[Colour, Colour], ...] = (
    ((255, 255, 255), (0, 0, 0)),
    ((30, 40, 160), (250, 240, 220)),
    ((255, 0, 0), (0, 0, 0)),
    ((120, 120, 120), (235, 235, 235)),
    ((200, 60, 40), (250, 250, 250)),
    ((240, 220, 60), (20, 40, 90)),
)
"""Of walls and of passages."""
TABLE = (60, 55, 50)


class Case(NamedTuple):
    """A picture uint8 `[H, W, 3]` and what it shows: bool walls, and whether those are lines."""

    pixels: np.ndarray
    walls: np.ndarray
    is_thin: bool


class Outcome(NamedTuple):
    """Whether the reading is right in every cell, and its confidence; 0 where nothing was read."""

    is_exact: bool
    confidence: float


Disturbance = Callable[[np.ndarray, np.random.Generator, Colour], np.ndarray]
MannerOf = Callable[[Manner, np.ndarray, np.random.Generator], Manner]


def _everything(picture: np.ndarray, rng: np.random.Generator, paper: Colour) -> np.ndarray:
    for each in ("rotation", "perspective", "uneven light", "blur", "JPEG"):
        picture = DISTURBANCES[each](picture, rng, paper)
    return picture


def _photo(picture: np.ndarray, rng: np.random.Generator, paper: Colour) -> np.ndarray:
    """A sheet on a table, from above by hand."""
    seen = tilted(turned(on_a_table(picture, rng), rng.uniform(-10, 10), TABLE), 0.05, rng, TABLE)
    return jpeg(noisy(blurred(unevenly_lit(seen, rng.uniform(0.2, 0.4), rng), 0.8), 4, rng), 70)


DISTURBANCES: dict[str, Disturbance] = {
    "nothing": lambda picture, rng, paper: picture,
    "rotation": lambda picture, rng, paper: turned(picture, rng.uniform(-10, 10), paper),
    "perspective": lambda picture, rng, paper: tilted(picture, 0.06, rng, paper),
    "uneven light": lambda picture, rng, paper: unevenly_lit(picture, rng.uniform(0.3, 0.6), rng),
    "blur": lambda picture, rng, paper: blurred(picture, rng.uniform(0.8, 1.6)),
    "noise": lambda picture, rng, paper: noisy(picture, 18, rng),
    "JPEG": lambda picture, rng, paper: jpeg(picture, 40),
    "all but noise": _everything,
    "photo": _photo,
}
"""Rotation by up to 10 degrees; each corner moved in by up to 6 % of the sides; up to 60 % of the light lost; a
Gaussian of up to 1.6 pixels; Gaussian noise of 18 levels; JPEG of quality 40; all those but noise;
a photo of a sheet on a table, taken by hand."""


def _way(manner: Manner, walls: np.ndarray, rng: np.random.Generator) -> Manner:
    free = ~walls
    if not free[1, 1] or walls.shape[0] % 2 == 0 or walls.shape[1] % 2 == 0:
        return manner.like(marks=True)
    way = longest_way(walls)
    return manner.like(marks=True, way=way if manner.line > 0 else on_grid(way))


def _colours(manner: Manner, walls: np.ndarray, rng: np.random.Generator) -> Manner:
    wall, paper = COLOURS[rng.integers(len(COLOURS))]
    return manner.like(wall=wall, paper=paper)


MANNERS: dict[str, MannerOf] = {
    "plain": lambda manner, walls, rng: manner,
    "colour": _colours,
    "marks and a way": _way,
    "words": lambda manner, walls, rng: manner.like(caption=True, margin=max(manner.margin, 40)),
    "frame": lambda manner, walls, rng: manner.like(frame=True, margin=max(manner.margin, 25)),
    "no margin": lambda manner, walls, rng: manner.like(margin=0),
    "dotted grid": lambda manner, walls, rng: manner.like(grid=True, line=max(manner.line, 3)),
    "dotted walls": lambda manner, walls, rng: manner.like(dotted=True, line=max(manner.line, 2)),
    "broken walls": lambda manner, walls, rng: manner.like(broken=0.2),
    "posts": lambda manner, walls, rng: manner.like(posts=0.9 * manner.line),
    "no border": lambda manner, walls, rng: manner.like(border=False),
}
UNDEFINED = (("no margin", "photo"),)
"""A way out of a sheet that was cut along the walls shows the table, and the table may be as dark as a wall."""
LINES_ONLY = ("dotted grid", "dotted walls", "broken walls", "posts", "no border")
"""Manners that a drawing of thick walls has not."""


def layout(rng: np.random.Generator, is_thin: bool, ways_out: int) -> np.ndarray:
    """Walls of a random kind and size, a `(2n+1)` lattice where they are thin."""
    kind = str(rng.choice(LATTICE_KINDS if is_thin else CELL_KINDS))
    shape = 2 * int(rng.integers(5, 21)) + 1, 2 * int(rng.integers(5, 21)) + 1
    loops = {"loop_ratio": float(rng.choice([0.0, 0.2]))} if kind in LATTICE_KINDS else {}
    walls = np.array(generate_batch(kind, shape, 1, rng, threads=1, **loops)[0].walls)
    for number in range(ways_out):
        row = -(number % 2)
        free = np.flatnonzero(~walls[1 if row == 0 else -2])
        free = free[free % 2 == 1] if is_thin else free
        if len(free):
            walls[row, rng.choice(free)] = False
    return walls


def reaches_every_side(walls: np.ndarray) -> bool:
    """Whether walls end at each side, which alone tells where a maze without a border ends."""
    return all(bool(line[2:-2:2].any()) for line in (walls[1], walls[-2], walls[:, 1], walls[:, -2]))


def make_case(manner: str, disturbance: str, is_thin: bool, seed: int) -> Case:
    """The picture of a seed; pitch, width of lines and margin are drawn too."""
    rng = np.random.default_rng([seed, *map(ord, manner + disturbance), is_thin])
    walls = layout(rng, is_thin, 0 if manner == "no border" else int(rng.choice([0, 2])))
    while manner == "no border" and not reaches_every_side(walls):
        walls = layout(rng, is_thin, 0)
    pitch = rng.uniform(12, 32) if is_thin else rng.uniform(6, 18)
    line = rng.uniform(max(1.2, 0.05 * pitch), 0.22 * pitch) if is_thin else 0.0
    first = Manner(pitch=pitch, line=line, margin=rng.uniform(0.3, 2.0) * pitch)
    drawn = MANNERS[manner](first, walls, rng)
    pixels = draw(walls, drawn, rng)
    return Case(DISTURBANCES[disturbance](pixels, rng, drawn.surround or drawn.paper), walls, is_thin)


def compare(reading: PictureReading, case: Case) -> bool:
    """Whether all cells and the kind of walls are right."""
    return reading.layout.thin_walls == case.is_thin and np.array_equal(reading.layout.walls, case.walls)


def outcome(case: Case) -> Outcome:
    """A picture read without being told anything of it."""
    try:
        reading = read_pixels(case.pixels, "picture")
    except LayoutError:
        return Outcome(False, 0.0)
    return Outcome(compare(reading, case), reading.confidence)
