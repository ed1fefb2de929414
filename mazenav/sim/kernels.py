"""Compiled physics of the `dmlab` body (bg_pmove.c: friction, acceleration, slide), arrays in and out."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

CONSTANTS = ("half_width", "max_speed", "acceleration", "friction", "stop_speed", "rest_speed", "clearance")
"""What the entries of `Body.constants()` mean, in this order."""


@njit(cache=True, inline="always")
def friction_scale(speed, friction, stop_speed, rest_speed, dt):
    """Factor on the velocity after one frame of ground friction (PM_Friction)."""
    if speed < rest_speed:
        return np.float32(0.0)
    left = speed - max(speed, stop_speed) * friction * dt
    return max(left, np.float32(0.0)) / speed


@njit(cache=True, inline="always")
def push(vx, vy, wish_x, wish_y, top_speed, gain):
    """Velocity after one frame of pushing along a unit wish, up to the top speed along it (PM_Accelerate)."""
    missing = top_speed - (vx * wish_x + vy * wish_y)
    added = max(min(gain, missing), np.float32(0))
    return vx + added * wish_x, vy + added * wish_y


@njit(cache=True, inline="always")
def slide_x(solid, layer, x, y, vx, half, clearance, dt):
    """Move along x and stop at a wall; `solid` has a ring of one wall cell around the map.

    All in float32, integers included: the next frame must round as this one did, or it would find the body in a wall.
    """
    moved, one = x + vx * dt, np.float32(1)
    low, high = int(y - half + one), int(y + half + one)
    if vx > 0:
        edge = int(moved + half + one)
        if solid[layer, edge, low] or solid[layer, edge, high]:
            return np.float32(edge - 1) - half - clearance, np.float32(0)
    elif vx < 0:
        edge = int(moved - half + one)
        if solid[layer, edge, low] or solid[layer, edge, high]:
            return np.float32(edge) + half + clearance, np.float32(0)
    return moved, vx


@njit(cache=True, inline="always")
def slide_y(solid, layer, x, y, vy, half, clearance, dt):
    """Move along y and stop at a wall."""
    moved, one = y + vy * dt, np.float32(1)
    low, high = int(x - half + one), int(x + half + one)
    if vy > 0:
        edge = int(moved + half + one)
        if solid[layer, low, edge] or solid[layer, high, edge]:
            return np.float32(edge - 1) - half - clearance, np.float32(0)
    elif vy < 0:
        edge = int(moved - half + one)
        if solid[layer, low, edge] or solid[layer, high, edge]:
            return np.float32(edge) + half + clearance, np.float32(0)
    return moved, vy


@njit(cache=True, nogil=True)
def advance(states, solid, layers, commands, goals, radius, frames, dt, constants, active, reached):
    """Advance agents by one decision; a body that comes within `radius` of its goal stops there for good.

    Args:
        states: float32 `[N, 6]` x, y, yaw, vx, vy, yaw rate; written in place.
        solid: uint8 `[L, X + 2, Y + 2]`, world-indexed walls with a ring of wall around them.
        layers: int64 `[N]`, which map of `solid` each agent is in.
        commands: float32 `[N, 3]`, move ahead, strafe left, yaw radians per frame.
        goals: float32 `[N, 2]`, world position of each goal.
        radius: reach of the goal in cells; negative for no goal.
        frames: frames in the decision.
        dt: seconds a frame.
        constants: float32 `[7]`, see `CONSTANTS`.
        active: bool `[N]`; others are left alone.
        reached: bool `[N]`, written.
    """
    half, max_speed, acceleration = constants[0], constants[1], constants[2]
    friction, stop_speed, rest_speed, clearance = constants[3], constants[4], constants[5], constants[6]
    step = np.float32(dt)
    gain = acceleration * step * max_speed
    reach = np.float32(radius * abs(radius))
    pi, turn = np.float32(math.pi), np.float32(2 * math.pi)
    for agent in range(states.shape[0]):
        reached[agent] = False
        if not active[agent]:
            continue
        x, y, yaw = states[agent, 0], states[agent, 1], states[agent, 2]
        vx, vy = states[agent, 3], states[agent, 4]
        ahead, strafe, turn_rate = commands[agent, 0], commands[agent, 1], commands[agent, 2]
        length = np.float32(math.sqrt(ahead * ahead + strafe * strafe))
        if length > 0:
            ahead /= length
            strafe /= length
        goal_x, goal_y, layer = goals[agent, 0], goals[agent, 1], layers[agent]
        wish_x = np.float32(0.0)
        wish_y = np.float32(0.0)
        for frame in range(frames):
            yaw += turn_rate
            if length > 0 and (frame == 0 or turn_rate != 0):
                cosine, sine = np.float32(math.cos(yaw)), np.float32(math.sin(yaw))
                wish_x = cosine * ahead - sine * strafe
                wish_y = sine * ahead + cosine * strafe
            speed = np.float32(math.sqrt(vx * vx + vy * vy))
            scale = friction_scale(speed, friction, stop_speed, rest_speed, step)
            vx *= scale
            vy *= scale
            if length > 0:
                vx, vy = push(vx, vy, wish_x, wish_y, max_speed, gain)
            x, vx = slide_x(solid, layer, x, y, vx, half, clearance, step)
            y, vy = slide_y(solid, layer, x, y, vy, half, clearance, step)
            if (x - goal_x) * (x - goal_x) + (y - goal_y) * (y - goal_y) < reach:
                reached[agent] = True
                break
        yaw -= turn * np.float32(math.floor((yaw + pi) / turn))
        states[agent, 0], states[agent, 1], states[agent, 2] = x, y, yaw
        states[agent, 3], states[agent, 4] = vx, vy
        states[agent, 5] = turn_rate / step
