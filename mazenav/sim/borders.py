"""Which borders a trajectory proves open or blocked: labels of passability, and what a push against a wall shows."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from mazenav.sim.body import BACK, FORWARD, FRAME_SECONDS, Body
from mazenav.topdown.occupancy import grid_direction, grid_position


class Pushes(NamedTuple):
    """N runs of T decisions, as segments hold them.

    Attributes:
        states: float32 `[N, T + 1, 6]`.
        actions: int64 `[N, T]`.
        counts: bool `[N, T]`, decisions that were taken.
        reached: bool `[N, T]`, decisions that ended early, in the goal.
    """

    states: np.ndarray
    actions: np.ndarray
    counts: np.ndarray
    reached: np.ndarray


class BorderLabels(NamedTuple):
    """K observed borders of one family: indices into `[N, rows, columns]` and whether each was crossed."""

    segment: np.ndarray
    row: np.ndarray
    column: np.ndarray
    crossed: np.ndarray

    def between(self, first: int, last: int) -> BorderLabels:
        """Those of the runs from `first` to before `last`, which are counted from there."""
        kept = (first <= self.segment) & (self.segment < last)
        return BorderLabels(self.segment[kept] - first, *(part[kept] for part in self[1:]))

    def first(self, number: int) -> BorderLabels:
        """Those of the first `number` runs."""
        return self.between(0, number)


def border_labels(runs: Pushes, shape: tuple[int, ...], body: Body) -> tuple[BorderLabels, BorderLabels]:
    """Labels for the borders to the right of cells and for those below cells.

    A border was crossed where a decision ended in the neighbouring cell. It withstood a push where the body drove at
    it and ended without any speed that way, clear of the cell's corners (else a neighbour's wall may have held it).

    Args:
        runs: what was driven.
        shape: rows and columns of the (padded) maps that it was driven in.
        body: what drove; its actions are those of the preset `dmlab`.
    """
    position = np.stack(grid_position(runs.states[..., 0], runs.states[..., 1], shape[0]), axis=-1)
    yaw = runs.states[:, :-1, 2]
    sign = (runs.actions == FORWARD).astype(np.float32) - (runs.actions == BACK)
    wish = np.stack(grid_direction(np.cos(yaw) * sign, np.sin(yaw) * sign), axis=-1)
    velocity = np.stack(grid_direction(runs.states[:, 1:, 3], runs.states[:, 1:, 4]), axis=-1)
    room, limits = np.float32(0.5 - body.half_width), (shape[0], shape[1])
    families = []
    for axis in (1, 0):
        places, crossings = _observe(position, wish, velocity, runs.counts, runs.reached, room, limits, axis)
        crossed = (np.arange(len(places)) < crossings).astype(np.float32)
        families.append(BorderLabels(places[:, 0], places[:, 1], places[:, 2], crossed))
    return families[0], families[1]


@njit(cache=True)
def _observe(
    position: np.ndarray,
    wish: np.ndarray,
    velocity: np.ndarray,
    counts: np.ndarray,
    reached: np.ndarray,
    room: np.float32,
    limits: tuple[int, int],
    axis: int,
) -> tuple[np.ndarray, int]:
    """Borders of one family: int64 `[K, 3]` as (run, row, column), those that were crossed first, and how many were.

    Args:
        position: float32 `[N, T + 1, 2]`, in cells (row, column).
        wish: float32 `[N, T, 2]`, which way the body drove.
        velocity: float32 `[N, T, 2]`, at the end of each decision.
        counts: see `Pushes`.
        reached: see `Pushes`.
        room: how far from its cell's middle line a body is clear of the neighbours.
        limits: rows and columns of the maps.
        axis: 1 for borders to the right of cells, 0 for those below.
    """
    runs, steps = counts.shape
    other, places, number = 1 - axis, np.empty((2 * runs * steps, 3), np.int64), 0
    for run in range(runs):
        for step in range(steps):
            along, beside = math.floor(position[run, step, axis]), math.floor(position[run, step, other])
            to, beyond = math.floor(position[run, step + 1, axis]), math.floor(position[run, step + 1, other])
            if counts[run, step] and abs(to - along) == 1 and beside == beyond:
                number = _note(places, number, run, min(along, to), beside, limits, axis)
    crossings = number
    for run in range(runs):
        for step in range(steps):
            pushed = counts[run, step] and not reached[run, step] and velocity[run, step, axis] == 0
            if not pushed or not abs(wish[run, step, axis]) > np.float32(0.3):
                continue
            along, beside = math.floor(position[run, step + 1, axis]), math.floor(position[run, step + 1, other])
            # It may have slid along until just now: then its side must be clear by as much as it slides in a frame.
            slid = abs(velocity[run, step, other]) * np.float32(FRAME_SECONDS)
            if not abs(position[run, step + 1, other] - beside - 0.5) < room - slid:
                continue
            if (position[run, step + 1, axis] - along - 0.5) * wish[run, step, axis] > 0:
                place = along if wish[run, step, axis] > 0 else along - 1
                number = _note(places, number, run, place, beside, limits, axis)
    return places[:number], crossings


@njit(cache=True)
def _note(
    places: np.ndarray, number: int, run: int, along: int, beside: int, limits: tuple[int, int], axis: int
) -> int:
    """Write a border, if it lies within the maps; returns how many are written."""
    row, column = (beside, along) if axis == 1 else (along, beside)
    if 0 <= row < limits[0] - (1 - axis) and 0 <= column < limits[1] - axis:
        places[number, 0], places[number, 1], places[number, 2] = run, row, column
        return number + 1
    return number
