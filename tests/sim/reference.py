"""Both bodies once more: one agent in plain float64 Python, from the formulas of the engine and of a unicycle and not
from the kernel.

Lengths are cells (100 lab units), times seconds. A frame: turn, friction, acceleration along the wish, slide.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from mazenav.sim.body import FRAME_SECONDS, Body, LabBody
from mazenav.sim.diffdrive import DiffDrive

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
    rate: float
    margin: float = math.inf
    collided: bool = False


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


def accelerate(vx: float, vy: float, wish: tuple[float, float], share: float, body: LabBody) -> tuple[float, float]:
    """Along the unit wish add `min(acceleration * dt * top, top - v . wish)` where that is positive; top is a share."""
    if wish == (0.0, 0.0):
        return vx, vy
    top = share * body.max_speed
    missing = top - (vx * wish[0] + vy * wish[1])
    added = max(0.0, min(body.acceleration * FRAME_SECONDS * top, missing))
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


def slide(place: float, across: float, speed: float, body: Body, wall: IsWall) -> tuple[float, float, bool, float]:
    """Move along one axis, with `across` the position on the other; `wall(along, across)` asks for a square.

    Returns:
        The new position, the new speed, whether there was a wall, and the distance of the nearest box edge to a cell
        border (ties are there).
    """
    half, moved = body.half_width, place + speed * FRAME_SECONDS
    edges = (moved - half, moved + half, across - half, across + half)
    margin = min(abs(edge - round(edge)) for edge in edges)
    hits = [
        i
        for i in squares_under(min(place, moved) - half, max(place, moved) + half)
        for j in squares_under(across - half, across + half)
        if wall(i, j)
    ]
    if not hits or speed == 0:
        return moved, speed, False, margin
    if speed > 0:
        return min(hits) - half - body.clearance, 0.0, True, margin
    return max(hits) + 1 + half + body.clearance, 0.0, True, margin


def lab_velocity(motion: Motion, command: np.ndarray, body: LabBody) -> Motion:
    """Yaw and velocity after a frame under a command (move ahead, strafe left, yaw radians a frame)."""
    ahead, left, turn = (float(value) for value in command)
    yaw = motion.yaw + turn
    vx, vy = friction(motion.vx, motion.vy, body)
    share = max(abs(ahead), abs(left))
    vx, vy = accelerate(vx, vy, wish_direction(yaw, ahead, left), share, body)
    return replace(motion, yaw=yaw, vx=vx, vy=vy, rate=turn / FRAME_SECONDS)


def wheel_velocity(motion: Motion, command: np.ndarray, body: DiffDrive) -> Motion:
    """Yaw and velocity after a frame under a command (forward speed, 0, yaw rate), as far as the wheels can."""
    v, omega = float(command[0]), float(command[2])
    outer = abs(v) + abs(omega) * body.track / 2
    if outer > body.max_speed:
        v, omega = v * body.max_speed / outer, omega * body.max_speed / outer
    speed = motion.vx * math.cos(motion.yaw) + motion.vy * math.sin(motion.yaw)
    most, most_turn = body.acceleration * FRAME_SECONDS, body.turn_acceleration * FRAME_SECONDS
    speed = float(np.clip(v, speed - most, speed + most))
    rate = float(np.clip(omega, motion.rate - most_turn, motion.rate + most_turn))
    yaw = motion.yaw + rate * FRAME_SECONDS
    return replace(motion, yaw=yaw, vx=speed * math.cos(yaw), vy=speed * math.sin(yaw), rate=rate)


def frame(motion: Motion, command: np.ndarray, body: Body, is_wall: IsWall) -> Motion:
    """One frame: turn and change speed as the body does, then slide along x and along y."""
    if isinstance(body, DiffDrive):
        motion = wheel_velocity(motion, command, body)
    else:
        assert isinstance(body, LabBody)
        motion = lab_velocity(motion, command, body)
    x, vx, hit_x, margin_x = slide(motion.x, motion.y, motion.vx, body, is_wall)
    y, vy, hit_y, margin_y = slide(motion.y, x, motion.vy, body, lambda j, i: is_wall(i, j))
    margin = min(motion.margin, margin_x, margin_y)
    return Motion(x, y, motion.yaw, vx, vy, motion.rate, margin, motion.collided or hit_x or hit_y)


class Decision(NamedTuple):
    """How a decision ended: float64 state `[6]`, yaw not wrapped; goal; walls; and how close the closest tie was."""

    state: np.ndarray
    reached: bool
    collided: bool
    margin: float


def decide(
    state: np.ndarray, command: np.ndarray, walls: np.ndarray, goal: np.ndarray, radius: float, body: Body
) -> Decision:
    """One decision: `action_repeat` frames; at the first frame that ends within `radius` of the goal the body stays."""
    is_wall = wall_test(walls)
    motion = Motion(*(float(value) for value in state))
    reached = False
    for _ in range(body.action_repeat):
        motion = frame(motion, command, body, is_wall)
        to_goal = math.hypot(motion.x - goal[0], motion.y - goal[1])
        motion = replace(motion, margin=min(motion.margin, abs(to_goal - radius)))
        if to_goal < radius:
            reached = True
            break
    end = np.array([motion.x, motion.y, motion.yaw, motion.vx, motion.vy, motion.rate])
    return Decision(end, reached, motion.collided, motion.margin)
