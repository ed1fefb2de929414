"""Compiled physics of one agent after another, arrays in and out: any body, float32 or float64.

The `dmlab` body: bg_pmove.c (friction, acceleration, slide). `mazenav.sim.lanes` does the same for many agents at once,
bit for bit, from the formulas that are here.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, types
from numba.extending import overload

CONSTANTS = (
    "half_width",
    "max_speed",
    "acceleration",
    "friction",
    "stop_speed",
    "rest_speed",
    "clearance",
    "kind",
    "track",
    "turn_acceleration",
)
"""What the entries of `Body.constants()` mean, in this order."""
LAB_KIND, WHEEL_KIND = 0, 1
"""Kinds of body: `dmlab` and `diffdrive`."""

INLINE = {"cache": True, "inline": "always", "error_model": "numpy"}
"""Formulas become part of the kernels that use them; they divide without a check, since both arms are computed."""

# Sine and cosine of a float32, worked out in float64 (the polynomials of ARM's optimized routines and of glibc's sinf,
# MIT licence). Our own, since they must be the same bits on every machine, and in vectors as in single numbers.
QUARTERS = float.fromhex("0x1.45F306DC9C883p-1")
QUARTER = float.fromhex("0x1.921FB54442D18p0")
ROUNDING = 1.5 * 2.0**52
SINE = tuple(map(float.fromhex, ("-0x1.555545995a603p-3", "0x1.1107605230bc4p-7", "-0x1.994eb3774cf24p-13")))
COSINE = tuple(
    map(
        float.fromhex,
        ("0x1p0", "-0x1.ffffffd0c621cp-2", "0x1.55553e1068f19p-5", "-0x1.6c087e89a359dp-10", "0x1.99343027bf8c3p-16"),
    )
)


@njit(**INLINE)
def short_sine_cosine(angle):
    """Sine and cosine of a float32 angle, correct to 0.57 units in the last place."""
    x = np.float64(angle)
    quarters = (x * QUARTERS + ROUNDING) - ROUNDING  # to the nearest whole number
    quadrant = np.int32(quarters)
    r = x - quarters * QUARTER
    r2 = r * r
    r3 = r * r2
    r4 = r2 * r2
    sine = (r + r3 * SINE[0]) + (r3 * r2) * (SINE[1] + r2 * SINE[2])
    cosine = ((COSINE[0] + r2 * COSINE[1]) + r4 * COSINE[2]) + (r4 * r2) * (COSINE[3] + r2 * COSINE[4])
    odd = (quadrant & 1) != 0
    along, across = (sine if odd else cosine), (cosine if odd else sine)
    along = -along if ((quadrant + 1) & 2) != 0 else along
    across = -across if (quadrant & 2) != 0 else across
    return np.float32(across), np.float32(along)


def sine_cosine(angle):
    """Sine and cosine of an angle, in its own precision."""
    return math.sin(angle), math.cos(angle)


@overload(sine_cosine)
def _sine_cosine(angle):
    """Which of both a kernel takes."""
    if angle == types.float32:
        return lambda angle: short_sine_cosine(angle)
    return lambda angle: (math.sin(angle), math.cos(angle))


@njit(**INLINE)
def friction_scale(speed, friction, stop_speed, rest_speed, dt, zero):
    """Factor on the velocity after one frame of ground friction (PM_Friction)."""
    left = speed - max(speed, stop_speed) * friction * dt
    scale = max(left, zero) / speed
    return zero if speed < rest_speed else scale


@njit(**INLINE)
def push(vx, vy, wish_x, wish_y, top_speed, gain, zero):
    """Velocity after one frame of pushing along a unit wish, up to the top speed along it (PM_Accelerate)."""
    missing = top_speed - (vx * wish_x + vy * wish_y)
    added = max(min(gain, missing), zero)
    return vx + added * wish_x, vy + added * wish_y


@njit(**INLINE)
def towards(value, target, most):
    """`value` after a change towards `target` of `most` at most."""
    change = target - value
    limited = value + max(min(change, most), -most)
    return target if abs(change) <= most else limited


@njit(**INLINE)
def wheel_share(speed, turn, track, max_speed, one):
    """Factor on wanted speed and yaw rate, such that the outer wheel need not go faster than it can."""
    needed = abs(speed) + abs(turn) * track / (one + one)
    return max_speed / needed if needed > max_speed else one


@njit(**INLINE)
def wrapped(yaw, real):
    """A yaw in [-pi, pi)."""
    turn = real(2 * math.pi)
    return yaw - turn * real(np.floor((yaw + real(math.pi)) / turn))


@njit(**INLINE)
def index_of(place, most):
    """The index of the cell at a place in the map with its ring, where 0 .. `most` are inside."""
    return min(max(int(place), 0), most)


@njit(**INLINE)
def is_wall(solid, layer, along, across, flipped):
    """Whether a cell is wall; `flipped` where the motion is along y."""
    return solid[layer, across, along] if flipped else solid[layer, along, across]


@njit(cache=True)
def first_wall(solid, layer, flipped, begin, end, low, high):
    """The first of the edges `begin`, next to it, .. `end` that has a wall between `low` and `high`; -1 if none has."""
    step = 1 if end >= begin else -1
    for edge in range(begin, end + step, step):
        for side in range(low, high + 1):
            if is_wall(solid, layer, edge, side, flipped):
                return edge
    return -1


@njit(**INLINE)
def slide(solid, layer, flipped, along, across, speed, half, clearance, dt, real):
    """Move along one axis (y where `flipped`) and stop at a wall; `solid` has a ring of one wall cell around the map.

    All in one precision, integers included: the next frame must round as this one did, or it would find the body in a
    wall. Every cell along the leading edge is looked at, and every edge on the way.

    Returns:
        Place along the axis, speed along it, and whether a wall was hit.
    """
    one = real(1)
    moved = along + speed * dt
    if speed == real(0):
        return moved, speed, False
    side = half if speed > real(0) else -half
    longest, widest = solid.shape[2 if flipped else 1] - 1, solid.shape[1 if flipped else 2] - 1
    low, high = index_of(across - half + one, widest), index_of(across + half + one, widest)
    wall = edge = index_of(moved + side + one, longest)
    if high - low > 1 or abs(moved - along) >= one:
        wall = first_wall(solid, layer, flipped, index_of(along + side + one, longest), edge, low, high)
    elif not (is_wall(solid, layer, edge, low, flipped) or is_wall(solid, layer, edge, high, flipped)):
        wall = -1
    if wall < 0:
        return moved, speed, False
    if speed > real(0):
        return real(wall - 1) - half - clearance, real(0), True
    return real(wall) + half + clearance, real(0), True


@njit(**INLINE)
def deflection(ahead, strafe, real):
    """Direction of a command (ahead, strafe), of length one or zero, and how far it is from rest (PM_CmdScale)."""
    length = real(math.sqrt(ahead * ahead + strafe * strafe))
    divisor = length if length > real(0) else real(1)
    return ahead / divisor, strafe / divisor, max(abs(ahead), abs(strafe))


@njit(cache=True, error_model="numpy", nogil=True)
def drive_lab(states, agent, commands, row, goals, solid, layer, reach, frames, dt, constants):
    """Drive one agent, a `dmlab` body, by `commands[row]`, see `advance`; `reach` is a squared distance."""
    real = constants.dtype.type
    half, friction, stop_speed = constants[0], constants[3], constants[4]
    rest_speed, clearance, zero = constants[5], constants[6], real(0)
    ahead, strafe, share = deflection(commands[row, 0], commands[row, 1], real)
    top_speed, gain = constants[1] * share, constants[2] * dt * constants[1] * share
    x, y, yaw, vx, vy = states[agent, 0], states[agent, 1], states[agent, 2], states[agent, 3], states[agent, 4]
    turn, goal_x, goal_y = commands[row, 2], goals[agent, 0], goals[agent, 1]
    wish_x, wish_y = zero, zero
    reached, collided = False, False
    for frame in range(frames):
        yaw += turn
        if share > zero and (frame == 0 or turn != zero):
            sine, cosine = sine_cosine(yaw)
            wish_x = cosine * ahead - sine * strafe
            wish_y = sine * ahead + cosine * strafe
        scale = friction_scale(real(math.sqrt(vx * vx + vy * vy)), friction, stop_speed, rest_speed, dt, zero)
        vx *= scale
        vy *= scale
        if share > zero:
            vx, vy = push(vx, vy, wish_x, wish_y, top_speed, gain, zero)
        x, vx, hit_x = slide(solid, layer, False, x, y, vx, half, clearance, dt, real)
        y, vy, hit_y = slide(solid, layer, True, y, x, vy, half, clearance, dt, real)
        collided = collided or hit_x or hit_y
        if (x - goal_x) * (x - goal_x) + (y - goal_y) * (y - goal_y) < reach:
            reached = True
            break
    states[agent, 0], states[agent, 1], states[agent, 2] = x, y, wrapped(yaw, real)
    states[agent, 3], states[agent, 4], states[agent, 5] = vx, vy, turn / dt
    return reached, collided


@njit(cache=True, error_model="numpy", nogil=True)
def drive_wheels(states, agent, commands, row, goals, solid, layer, reach, frames, dt, constants):
    """Drive one agent, a `diffdrive` body, by `commands[row]`, see `advance`; `reach` is a squared distance."""
    real = constants.dtype.type
    half, clearance = constants[0], constants[6]
    share = wheel_share(commands[row, 0], commands[row, 2], constants[8], constants[1], real(1))
    target, target_rate = commands[row, 0] * share, commands[row, 2] * share
    gain, turn_gain = constants[2] * dt, constants[9] * dt
    x, y, yaw, vx, vy = states[agent, 0], states[agent, 1], states[agent, 2], states[agent, 3], states[agent, 4]
    rate, goal_x, goal_y = states[agent, 5], goals[agent, 0], goals[agent, 1]
    sine, cosine = sine_cosine(yaw)
    reached, collided = False, False
    for _ in range(frames):
        speed = towards(vx * cosine + vy * sine, target, gain)
        rate = towards(rate, target_rate, turn_gain)
        yaw += rate * dt
        sine, cosine = sine_cosine(yaw)
        vx, vy = speed * cosine, speed * sine
        x, vx, hit_x = slide(solid, layer, False, x, y, vx, half, clearance, dt, real)
        y, vy, hit_y = slide(solid, layer, True, y, x, vy, half, clearance, dt, real)
        collided = collided or hit_x or hit_y
        if (x - goal_x) * (x - goal_x) + (y - goal_y) * (y - goal_y) < reach:
            reached = True
            break
    states[agent, 0], states[agent, 1], states[agent, 2] = x, y, wrapped(yaw, real)
    states[agent, 3], states[agent, 4], states[agent, 5] = vx, vy, rate
    return reached, collided


@njit(cache=True, error_model="numpy", nogil=True)
def drive_one(states, agent, commands, row, goals, solid, layer, reach, frames, dt, constants):
    """Drive one agent, with a body of either kind; whether it reached its goal, and whether it hit a wall."""
    if constants[7] == LAB_KIND:
        return drive_lab(states, agent, commands, row, goals, solid, layer, reach, frames, dt, constants)
    return drive_wheels(states, agent, commands, row, goals, solid, layer, reach, frames, dt, constants)


@njit(cache=True)
def first_unfit(choice, n):
    """The first row of `choice` int64 `[N]` that lies outside 0 .. n - 1; -1 if none does."""
    unfit = 0
    for row in range(choice.shape[0]):
        unfit |= choice[row] < 0 or choice[row] >= n
    if unfit:
        for row in range(choice.shape[0]):
            if choice[row] < 0 or choice[row] >= n:
                return row
    return -1


@njit(cache=True, error_model="numpy", nogil=True)
def advance(states, solid, layers, commands, goals, radius, frames, dt, constants, active, reached, collided):
    """Advance agents by one decision; a body that comes within `radius` of its goal stops there for good.

    Args:
        states: float32 or float64 `[N, 6]` x, y, yaw, vx, vy, yaw rate; written in place.
        solid: uint8 `[L, X + 2, Y + 2]`, world-indexed walls with a ring of wall around them.
        layers: int64 `[N]`, which map of `solid` each agent is in.
        commands: `[N, 3]` in the precision of `states`, see the kind of body.
        goals: `[N, 2]`, world position of each goal, likewise.
        radius: reach of the goal in cells; negative for no goal.
        frames: frames in the decision.
        dt: seconds a frame.
        constants: `[10]`, see `CONSTANTS`, likewise.
        active: bool `[N]`; others are left alone.
        reached: bool `[N]`, written.
        collided: bool `[N]`, written: whether the body ran into a wall in this decision.
    """
    real = constants.dtype.type
    reach, step = real(radius * abs(radius)), real(dt)
    for agent in range(states.shape[0]):
        reached[agent] = collided[agent] = False
        if active[agent]:
            reached[agent], collided[agent] = drive_one(
                states, agent, commands, agent, goals, solid, layers[agent], reach, frames, step, constants
            )


@njit(cache=True)
def tally(elapsed, limits, active, reached, timed_out):
    """Count a decision in `elapsed` int64 `[N]` of those active; `timed_out` bool `[N]` is written."""
    for agent in range(elapsed.shape[0]):
        elapsed[agent] += active[agent]
        timed_out[agent] = active[agent] & (not reached[agent]) & (elapsed[agent] >= limits[agent])
