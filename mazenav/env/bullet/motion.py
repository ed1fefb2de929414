"""The motion that the `dmlab` formulas ask for, from the velocity that a body has now."""

from __future__ import annotations

import math
from typing import NamedTuple

from mazenav.sim.body import FRAME_SECONDS, LabBody


class Command(NamedTuple):
    """What an action asks of the engine: move ahead, strafe left (-1 to 1), and yaw in radians per frame."""

    ahead: float
    strafe: float
    turn: float


def wanted_velocity(vx: float, vy: float, yaw: float, command: Command, body: LabBody) -> tuple[float, float]:
    """The velocity after one frame of ground friction and of pushing (bg_pmove.c: PM_Friction, PM_Accelerate).

    Less than full deflection asks for less than top speed, and diagonal input for no more (PM_CmdScale). Lengths in
    cells, times in seconds.
    """
    speed = math.hypot(vx, vy)
    kept = 0.0
    if speed >= body.rest_speed:
        kept = max(0.0, speed - max(speed, body.stop_speed) * body.friction * FRAME_SECONDS) / speed
    vx, vy = vx * kept, vy * kept
    length = math.hypot(command.ahead, command.strafe)
    if length == 0:
        return vx, vy
    ahead, strafe = command.ahead / length, command.strafe / length
    cosine, sine = math.cos(yaw), math.sin(yaw)
    wish_x, wish_y = cosine * ahead - sine * strafe, sine * ahead + cosine * strafe
    wished = body.max_speed * max(abs(command.ahead), abs(command.strafe))
    gain = body.acceleration * FRAME_SECONDS * wished
    added = max(0.0, min(gain, wished - (vx * wish_x + vy * wish_y)))
    return vx + added * wish_x, vy + added * wish_y
