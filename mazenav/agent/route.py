"""Decisions to the goal on a true layout: a shortest-path field over places and headings that charges for turns."""

from __future__ import annotations

import heapq
import math

import numpy as np
from numba import njit

AXES = 4
"""Headings of the field, 45 degrees apart; driving ahead and driving back are alike, so half a circle is enough."""


@njit(cache=True)
def free_points(solid: np.ndarray) -> np.ndarray:
    """Points half a cell apart that touch no wall.

    Args:
        solid: uint8 `[X + 2, Y + 2]`, world-indexed walls with a ring of wall around them.

    Returns:
        bool `[2 X + 1, 2 Y + 1]`; point (i, j) lies at x = i / 2, y = j / 2.
    """
    columns, rows = solid.shape[0] - 2, solid.shape[1] - 2
    points = np.zeros((2 * columns + 1, 2 * rows + 1), np.bool_)
    for i in range(points.shape[0]):
        for j in range(points.shape[1]):
            left, right, low, high = (i + 1) // 2, i // 2 + 1, (j + 1) // 2, j // 2 + 1
            wall = solid[left, low] or solid[left, high] or solid[right, low] or solid[right, high]
            points[i, j] = not wall
    return points


@njit(cache=True)
def route_field(solid: np.ndarray, goal_i: int, goal_j: int, cell_cost: float, turn_cost: float) -> np.ndarray:
    """Dijkstra from the goal over points half a cell apart, eight moves from each, and headings.

    Args:
        solid: uint8 `[X + 2, Y + 2]`, world-indexed walls with a ring of wall around them.
        goal_i: the goal's point along x, an odd number.
        goal_j: the same along y.
        cell_cost: decisions to drive one cell.
        turn_cost: decisions to turn by 45 degrees.

    Returns:
        float32 `[2 X + 1, 2 Y + 1, AXES]`, decisions to go; infinite where the goal cannot be reached.
    """
    points = free_points(solid)
    field = np.full((points.shape[0], points.shape[1], AXES), np.float32(np.inf))
    step_i, step_j = (1, 1, 0, -1), (0, 1, 1, 1)
    queue = [(np.float32(0.0), goal_i, goal_j, 0)]
    for axis in range(AXES):
        field[goal_i, goal_j, axis] = 0.0
        if axis > 0:
            heapq.heappush(queue, (np.float32(0.0), goal_i, goal_j, axis))
    while len(queue) > 0:
        cost, i, j, axis = heapq.heappop(queue)
        if cost > field[i, j, axis]:
            continue
        for side in (-1, 1):
            turned = (axis + side) % AXES
            total = np.float32(cost + turn_cost)
            if total < field[i, j, turned]:
                field[i, j, turned] = total
                heapq.heappush(queue, (total, i, j, turned))
            next_i, next_j = i + side * step_i[axis], j + side * step_j[axis]
            if not points[next_i, next_j]:
                continue
            length = 0.5 * math.sqrt(step_i[axis] ** 2 + step_j[axis] ** 2)
            total = np.float32(cost + length * cell_cost)
            if total < field[next_i, next_j, axis]:
                field[next_i, next_j, axis] = total
                heapq.heappush(queue, (total, next_i, next_j, axis))
    return field


@njit(cache=True)
def coasted(
    solid: np.ndarray, x: float, y: float, ahead_x: float, ahead_y: float, margin: float
) -> tuple[float, float]:
    """Where a body coasts to from (x, y) by (ahead_x, ahead_y): less than a cell on, `margin` off the walls."""
    column, row = int(x + 1), int(y + 1)
    new_x = x + min(max(ahead_x, -0.9), 0.9)
    if int(new_x + 1) != column and solid[int(new_x + 1), row]:
        new_x = column - margin if ahead_x > 0 else column - 1 + margin
    new_y = y + min(max(ahead_y, -0.9), 0.9)
    if int(new_y + 1) != row and solid[int(new_x + 1), int(new_y + 1)]:
        new_y = row - margin if ahead_y > 0 else row - 1 + margin
    return new_x, new_y


@njit(cache=True)
def heading_value(field: np.ndarray, i: int, j: int, yaw: float) -> float:
    """The field at a point, linear between the two headings next to `yaw`."""
    turn = (yaw / math.pi * AXES) % AXES
    axis = int(turn) % AXES
    share = turn - int(turn)
    return field[i, j, axis] * (1 - share) + field[i, j, (axis + 1) % AXES] * share


@njit(cache=True)
def decisions_to_go(
    field: np.ndarray,
    solid: np.ndarray,
    x: float,
    y: float,
    yaw: float,
    ahead_x: float,
    ahead_y: float,
    margin: float,
    cell_cost: float,
) -> float:
    """The field at a pose, linear in place and heading, read (ahead_x, ahead_y) further on, where the body coasts to.

    Points that touch a wall have no value of their own: there it is that of the cell's centre, plus the way to it.
    """
    x, y = coasted(solid, x, y, ahead_x, ahead_y, margin)
    centre_i, centre_j = 2 * int(x) + 1, 2 * int(y) + 1
    other_i = centre_i + (1 if 2 * x > centre_i else -1)
    other_j = centre_j + (1 if 2 * y > centre_j else -1)
    share_i, share_j = abs(2 * x - centre_i), abs(2 * y - centre_j)
    centre = heading_value(field, centre_i, centre_j, yaw)
    total = centre * (1 - share_i) * (1 - share_j)
    for corner in range(1, 4):
        along_i, along_j = corner & 1, corner >> 1
        weight = (share_i if along_i else 1 - share_i) * (share_j if along_j else 1 - share_j)
        value = heading_value(field, other_i if along_i else centre_i, other_j if along_j else centre_j, yaw)
        if not value < np.inf:
            value = centre + 0.5 * cell_cost * math.sqrt(along_i + along_j)
        total += weight * value
    return total
