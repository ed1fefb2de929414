"""Training tasks without end: a fresh layout, start and goal each time, over a spread of kinds and sizes."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from mazenav.layout.generate import generate
from mazenav.layout.graph import sample_task
from mazenav.layout.sets import load_set, set_names
from mazenav.layout.split import content_hash
from mazenav.sim.batch import time_limit
from mazenav.types import Cell, Layout, LayoutError, MazenavError

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


def held_out() -> frozenset[str]:
    """Content hashes of the shipped test layouts, which no training may draw."""
    tests = [name for name in set_names() if name.startswith("test-")]
    return frozenset(content_hash(layout) for name in tests for layout in load_set(name))


def draw_task(sizes: tuple[int, int], rng: np.random.Generator, excluded: frozenset[str] = frozenset()) -> DrawnTask:
    """A task in a fresh layout.

    Layouts whose content hash is among those `excluded`, or without two connected free cells, are drawn anew.
    """
    while True:
        layout = draw_layout(sizes, rng)
        if excluded and content_hash(layout) in excluded:
            continue
        try:
            return draw_task_in(layout, rng)
        except LayoutError:
            continue


def draw_task_in(layout: Layout, rng: np.random.Generator) -> DrawnTask:
    """A task in a given layout.

    Raises:
        LayoutError: if it has no two connected free cells.
    """
    start, goal, distance = sample_task(layout, rng)
    return DrawnTask(layout, start, goal, float(rng.uniform(-math.pi, math.pi)), time_limit(distance))


def training_set(name: str, largest: int) -> list[Layout]:
    """The layouts of a set to be trained on.

    Args:
        name: of the set.
        largest: side that none of them may exceed.

    Raises:
        MazenavError: if there is no such set, it holds a layout of a test set, or one that is too large.
    """
    layouts, tests = load_set(name), held_out()
    for layout in layouts:
        if content_hash(layout) in tests:
            raise MazenavError(f"layout {layout.name} of set {name} is held out for tests, expected a training set")
        if max(layout.shape) > largest:
            raise MazenavError(
                f"layout {layout.name} of set {name} has {layout.shape[0]} x {layout.shape[1]} cells, expected at most"
                f" {largest} x {largest} (the larger of sizes)"
            )
    return layouts
