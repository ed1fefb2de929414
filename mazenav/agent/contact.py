"""Which walls a body touches: what it can tell from where it is and from what became of its speed.

Of the body that takes its half width, its top speed, how long a decision is, and the gap that it keeps to a wall.
"""

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

_DECISION = DMLAB.action_repeat * FRAME_SECONDS

Point = tuple[float, float]


class Contact(NamedTuple):
    """A side of a body that is at a wall's distance and has no speed that way, after a decision.

    Attributes:
        touched: cells along the side. A wall that was slid along may have ended.
        stopped: cells along the side when something stopped the body there: a wall is in one of each.
    """

    touched: list[Cell]
    stopped: list[list[Cell]]


def find_contacts(before: np.ndarray, action: int, after: np.ndarray, rows: int) -> list[Contact]:
    """What a decision tells of walls beside the body.

    What is held has no speed that way, exactly. A wall stopped the body if it drove at that side: when it first came
    there, and still in the last frame; or if it came with a speed that friction alone does not take away.

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
    found = []
    for axis in (0, 1):
        offset = end[axis] - math.floor(end[axis]) - 0.5
        if velocity[axis] != 0 or abs(abs(offset) - 0.5 + DMLAB.half_width) >= TOUCHING:
            continue
        side = 1 if offset > 0 else -1
        wall = math.floor(end[axis]) + side
        stops: list[tuple[Point, Point]] = []
        if drive[axis] * side > DRIVEN:
            stops.append((_moved(end, velocity, -FRAME_SECONDS), end))
            # On its way there it got no slower than it was, or than its drive makes it.
            pace = min(speed[axis] * side, DMLAB.max_speed * drive[axis] * side)
            gap = (end[axis] - start[axis]) * side
            if gap < TOUCHING or pace > gap / _DECISION:
                arrived = FRAME_SECONDS + (gap / pace if gap >= TOUCHING else 0.0)
                stops.append(_arrival(start, end, speed, drive, arrived))
        elif speed[axis] * side > (0.0 if any(velocity) else COASTED):
            stops.append((start, end))
        stopped: list[list[Cell]] = []
        for first, last in stops:
            cells = _cells_beside(first, last, axis, wall)
            stopped += [] if cells in stopped else [cells]
        found.append(Contact(_cells_beside(end, end, axis, wall), stopped))
    return found


def _moved(place: Point, speed: Point, seconds: float) -> Point:
    return place[0] + speed[0] * seconds, place[1] + speed[1] * seconds


def _arrival(start: Point, end: Point, speed: Point, drive: Point, seconds: float) -> tuple[Point, Point]:
    """Corners of where a body may be at most so long after the start: its speed tends to what it is driven at."""
    low, high = [], []
    for place, to, now, wish in zip(start, end, speed, drive, strict=True):
        moves = [0.0, now * seconds, DMLAB.max_speed * wish * seconds]
        least, most = place + min(moves), place + max(moves)
        if now * wish >= 0:  # it does not turn back
            least, most = max(least, min(place, to)), min(most, max(place, to))
        low.append(least)
        high.append(most)
    return (low[0], low[1]), (high[0], high[1])


def _cells_beside(first: Point, last: Point, axis: int, beside: int) -> list[Cell]:
    """Cells at one coordinate along an axis that a body is beside, wherever it is between two places."""
    spans = []
    for low, high in (sorted(ends) for ends in zip(first, last, strict=True)):
        spans.append(range(math.floor(low - DMLAB.half_width), math.floor(high + DMLAB.half_width) + 1))
    spans[axis] = range(beside, beside + 1)
    return [(row, column) for row in spans[0] for column in spans[1]]
