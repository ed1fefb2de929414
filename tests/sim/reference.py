"""The `dmlab` body once more: one agent in plain float64 Python, from the engine's formulas and not from the kernel.

Lengths are cells (100 lab units), times seconds. A frame: turn, friction, acceleration along the wish, slide.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mazenav.sim.body import FRAME_SECONDS, LabBody

IsWall = Callable[[int, int], bool]
"""Whether the unit square with lower left corner (i, j) in the world is wall."""


@dataclass(frozen=True)
class Motion:
    """A body's state, and how close to a tie (a box edge on a cell border, the goal's rim) the arithmetic has come."""

    x: float
    y: float
    yaw: float
    vx: float
    vy: float
    margin: float = math.inf


def wall_test(walls: np.ndarray) -> IsWall:
    """Walls `[R, C]` (row 0 at the top) as a question about world squares; everything outside is wall."""
    rows, columns = walls.shape

    def is_wall(i: int, j: int) -> bool:
        inside = 0 <= i < columns and 0 <= j < rows
        return not inside or bool(walls[rows - 1 - j, i])

    return is_wall


def friction(vx: float, vy: float, body: LabBody) -> tuple[float, float]:
    """Ground friction: `v *= max(0, |v| - max(|v|, stop) * friction * dt) / |v|`; below the rest speed, none."""
    speed = math.hypot(vx, vy)
    if speed < body.rest_speed:
        return 0.0, 0.0
    kept = max(0.0, speed - max(speed, body.stop_speed) * body.friction * FRAME_SECONDS) / speed
    return vx * kept, vy * kept


def accelerate(vx: float, vy: float, wish: tuple[float, float], body: LabBody) -> tuple[float, float]:
    """Along the unit wish add `min(acceleration * dt * top, top - v . wish)` where that is positive."""
    if wish == (0.0, 0.0):
        return vx, vy
    missing = body.max_speed - (vx * wish[0] + vy * wish[1])
    added = max(0.0, min(body.acceleration * FRAME_SECONDS * body.max_speed, missing))
    return vx + added * wish[0], vy + added * wish[1]


def wish_direction(yaw: float, ahead: float, left: float) -> tuple[float, float]:
    """The world direction that the command asks for, of length one, or zero."""
    length = math.hypot(ahead, left)
    if length == 0:
        return 0.0, 0.0
    ahead, left = ahead / length, left / length
    return math.cos(yaw) * ahead - math.sin(yaw) * left, math.sin(yaw) * ahead + math.cos(yaw) * left


def squares_under(low: float, high: float) -> range:
    """Indices of the unit intervals that [low, high] touches."""
    return range(math.floor(low), math.floor(high) + 1)


def slide(place: float, across: float, speed: float, body: LabBody, wall: IsWall) -> tuple[float, float, float]:
    """Move along one axis, with `across` the position on the other; `wall(along, across)` asks for a square.

    Returns:
        The new position, the new speed, and the distance of the nearest box edge to a cell border (ties are there).
    """
    half, moved = body.half_width, place + speed * FRAME_SECONDS
    edges = (moved - half, moved + half, across - half, across + half)
    margin = min(abs(edge - round(edge)) for edge in edges)
    hits = [
        i
        for i in squares_under(moved - half, moved + half)
        for j in squares_under(across - half, across + half)
        if wall(i, j)
    ]
    if not hits or speed == 0:
        return moved, speed, margin
    if speed > 0:
        return min(hits) - half - body.clearance, 0.0, margin
    return max(hits) + 1 + half + body.clearance, 0.0, margin


def frame(motion: Motion, command: np.ndarray, body: LabBody, is_wall: IsWall) -> Motion:
    """One frame under a command (move ahead, strafe left, yaw radians a frame)."""
    ahead, left, turn = (float(value) for value in command)
    yaw = motion.yaw + turn
    vx, vy = friction(motion.vx, motion.vy, body)
    vx, vy = accelerate(vx, vy, wish_direction(yaw, ahead, left), body)
    x, vx, margin_x = slide(motion.x, motion.y, vx, body, is_wall)
    y, vy, margin_y = slide(motion.y, x, vy, body, lambda j, i: is_wall(i, j))
    return Motion(x, y, yaw, vx, vy, min(motion.margin, margin_x, margin_y))


def decide(
    state: np.ndarray, command: np.ndarray, walls: np.ndarray, goal: np.ndarray, radius: float, body: LabBody
) -> tuple[np.ndarray, bool, float]:
    """One decision: `action_repeat` frames; at the first frame that ends within `radius` of the goal the body stays.

    Returns:
        float64 state `[6]` with yaw not wrapped, whether the goal was reached, and the margin of the closest tie.
    """
    is_wall = wall_test(walls)
    motion = Motion(*(float(value) for value in state[:5]))
    reached = False
    for _ in range(body.action_repeat):
        motion = frame(motion, command, body, is_wall)
        to_goal = math.hypot(motion.x - goal[0], motion.y - goal[1])
        motion = Motion(motion.x, motion.y, motion.yaw, motion.vx, motion.vy, min(motion.margin, abs(to_goal - radius)))
        if to_goal < radius:
            reached = True
            break
    rate = float(command[2]) / FRAME_SECONDS
    return np.array([motion.x, motion.y, motion.yaw, motion.vx, motion.vy, rate]), reached, motion.margin
