"""Which walls a body touches: what it can tell from where it is and from what became of its speed."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from mazenav.sim.body import BACK, DMLAB, FORWARD, FRAME_SECONDS
from mazenav.topdown.occupancy import grid_direction, grid_position
from mazenav.types import Cell

TOUCHING = 2 * DMLAB.clearance
"""Cells between a body and the wall that holds it, at most."""
DRIVEN, COASTED = 0.05, 1.0
"""Share of a body's drive that must go against a wall for that to be what stops it; and cells/s that a body does not
lose in a decision without one."""

Point = tuple[float, float]


class Contacts(NamedTuple):
    """The sides of a body that are at a wall's distance and have no speed that way, after a decision.

    Attributes:
        touched: cells along each such side. A wall that was slid along may have ended.
        stopped: cells along each side at which this decision was stopped: a wall is in one of them.
    """

    touched: list[list[Cell]]
    stopped: list[list[Cell]]


def find_contacts(before: np.ndarray, action: int, after: np.ndarray, rows: int) -> Contacts:
    """What a decision tells of walls beside the body.

    Whatever held it has no speed that way, exactly. A decision was stopped there if in its last frame the body still
    drove at that side, or if it came with a speed that friction alone does not take away.

    Args:
        before: float32 `[6]`, world state.
        action: what was done.
        after: float32 `[6]`.
        rows: of the map.
    """
    (x, y, yaw, *speeds), (to_x, to_y, _, *left) = before[:5].tolist(), after[:5].tolist()
    start, end = grid_position(x, y, rows), grid_position(to_x, to_y, rows)
    speed, velocity = grid_direction(*speeds), grid_direction(*left)
    wish = (action == FORWARD) - (action == BACK)
    drive = grid_direction(math.cos(yaw) * wish, math.sin(yaw) * wish)
    found = Contacts([], [])
    for axis in (0, 1):
        offset = end[axis] - math.floor(end[axis]) - 0.5
        if velocity[axis] != 0 or abs(abs(offset) - 0.5 + DMLAB.half_width) >= TOUCHING:
            continue
        side = 1 if offset > 0 else -1
        found.touched.append(_cells_beside(end, end, axis, side))
        if drive[axis] * side > DRIVEN:
            frame_before = end[0] - velocity[0] * FRAME_SECONDS, end[1] - velocity[1] * FRAME_SECONDS
            found.stopped.append(_cells_beside(frame_before, end, axis, side))
        elif speed[axis] * side > (0.0 if any(velocity) else COASTED):
            found.stopped.append(_cells_beside(start, end, axis, side))
    return found


def _cells_beside(start: Point, end: Point, axis: int, side: int) -> list[Cell]:
    """Cells on one side along an axis of where a body is in the end, beside which it was on its way from the start."""
    beside, spans = math.floor(end[axis]) + side, []
    for low, high in (sorted(ends) for ends in zip(start, end, strict=True)):
        spans.append(range(math.floor(low - DMLAB.half_width), math.floor(high + DMLAB.half_width) + 1))
    spans[axis] = range(beside, beside + 1)
    return [(row, column) for row in spans[0] for column in spans[1]]
