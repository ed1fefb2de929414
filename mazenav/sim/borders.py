"""Which borders a trajectory proves open or blocked: labels of passability, and what a push against a wall shows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

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
    rows = shape[0]
    position = np.stack(grid_position(runs.states[..., 0], runs.states[..., 1], rows), axis=-1)
    cell = np.floor(position).astype(np.int64)
    start, end = cell[:, :-1], cell[:, 1:]
    moved = end - start
    yaw = runs.states[:, :-1, 2]
    sign = (runs.actions == FORWARD).astype(np.float32) - (runs.actions == BACK)
    wish = np.stack(grid_direction(np.cos(yaw) * sign, np.sin(yaw) * sign), axis=-1)
    velocity = np.stack(grid_direction(runs.states[:, 1:, 3], runs.states[:, 1:, 4]), axis=-1)
    offset = position[:, 1:] - end - 0.5
    families = []
    for axis in (1, 0):
        other = 1 - axis
        crossed = runs.counts & (np.abs(moved[..., axis]) == 1) & (moved[..., other] == 0)
        pushed = runs.counts & (np.abs(wish[..., axis]) > 0.3) & (velocity[..., axis] == 0)
        # It may have slid along until just now: then its side must be clear by as much as it slides in a frame.
        slid = np.abs(velocity[..., other]) * FRAME_SECONDS
        pushed &= np.abs(offset[..., other]) < 0.5 - body.half_width - slid
        pushed &= offset[..., axis] * wish[..., axis] > 0
        pushed &= ~runs.reached
        crossing = np.where(crossed[..., None], np.minimum(start, end), 0)
        toward = np.sign(wish[..., axis]).astype(np.int64)
        against = end.copy()
        against[..., axis] += np.minimum(toward, 0)
        families.append(_labels(crossed, crossing, pushed, against, shape, axis))
    return families[0], families[1]


def _labels(
    crossed: np.ndarray,
    crossing: np.ndarray,
    pushed: np.ndarray,
    against: np.ndarray,
    shape: tuple[int, ...],
    axis: int,
) -> BorderLabels:
    segment = np.concatenate([np.nonzero(crossed)[0], np.nonzero(pushed)[0]])
    cells = np.concatenate([crossing[crossed], against[pushed]])
    label = np.concatenate([np.ones(crossed.sum(), np.float32), np.zeros(pushed.sum(), np.float32)])
    limit = np.array(shape)
    limit[axis] -= 1
    inside = ((cells >= 0) & (cells < limit)).all(axis=1)
    return BorderLabels(segment[inside], cells[inside, 0], cells[inside, 1], label[inside])
