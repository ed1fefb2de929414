"""Training tasks without end: a fresh layout, start and goal each time, over a spread of kinds and sizes."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from mazenav.layout.generate import generate
from mazenav.layout.graph import sample_task
from mazenav.sim.batch import time_limit
from mazenav.types import Cell, Layout, LayoutError

KINDS = ("backtracker", "backtracker", "backtracker", "rooms", "clutter", "wide", "open")
"""Kinds are drawn with equal chance from this list."""


class DrawnTask(NamedTuple):
    """One training task."""

    layout: Layout
    start: Cell
    goal: Cell
    yaw: float
    limit: int


def draw_layout(sizes: tuple[int, int], rng: np.random.Generator) -> Layout:
    """A layout of a drawn kind and shape; no parameter is the same twice."""
    kind = KINDS[rng.integers(len(KINDS))]
    # The larger of two draws: wide surroundings teach more than tiny ones.
    shape = tuple(int(side) for side in rng.integers(sizes[0], sizes[1] + 1, size=(2, 2)).max(axis=0))
    parameters: dict[str, float] = {}
    if kind == "backtracker":
        parameters["loop_ratio"] = float(rng.choice([0.0, rng.uniform(0, 0.5)]))
    elif kind == "clutter":
        parameters["density"] = float(rng.uniform(0.05, 0.4))
    return generate(kind, (shape[0], shape[1]), rng, **parameters)


def draw_task(sizes: tuple[int, int], rng: np.random.Generator) -> DrawnTask:
    """A task in a fresh layout; layouts without two connected free cells are drawn anew."""
    while True:
        layout = draw_layout(sizes, rng)
        try:
            start, goal, distance = sample_task(layout, rng)
        except LayoutError:
            continue
        return DrawnTask(layout, start, goal, float(rng.uniform(-math.pi, math.pi)), time_limit(distance))
