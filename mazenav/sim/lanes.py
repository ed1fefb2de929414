"""Compiled physics of many agents at once: `kernels.advance` for narrow bodies in float32, bit for bit, but faster.

Agents are taken in blocks of `LANES`. A block's numbers lie in rows, one number of every agent beside the next, and the
frames are the outer loop, so that the inner loops run over agents without a branch and LLVM turns them into vector
instructions (16 agents a step with AVX-512, 8 with AVX2, 4 with NEON). What would need a branch or a gather is hoisted:

- Walls: an agent reads 25 bits, the 5 x 5 cells around its own, out of a table made when it was placed, and shifts
  them. That is good for as many frames as it cannot leave them.
- An agent that reaches its goal, or is faster than its body can be, is noted and driven once more by itself from where
  the decision began.

Every operation rounds as in `kernels` (no fused or reordered arithmetic), so results depend neither on the block nor on
the place in it nor on the width of the machine's vectors.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from mazenav.sim.kernels import (
    INLINE,
    LAB_KIND,
    deflection,
    drive_one,
    friction_scale,
    push,
    short_sine_cosine,
    towards,
    wheel_share,
    wrapped,
)

LANES = 128
"""Agents in a block: enough to hide what an instruction takes, few enough for the nearest cache."""

X, Y, YAW, VX, VY, RATE, TURN, AHEAD, STRAFE, AIM_X, AIM_Y, TOP, GAIN, GOAL_X, GOAL_Y = (
    LANES * row for row in range(15)
)
FLOATS = 15 * LANES
"""Where each row of a block's float32 numbers begins. `AIM` is the direction of the wish, or the heading."""
CELLS, BASE, FREE, HIT = (LANES * row for row in range(4))
WHOLES = 4 * LANES
"""Where each row of its int32 numbers begins. `FREE` is 1 while an agent runs on, `HIT` 1 once it met a wall."""

SIDE, REACH = 5, 2
"""Cells along a side of the neighbourhood, and how many there are to each side of an agent's own."""
ALL_WALL, LAST_STRIP = (1 << (SIDE * SIDE)) - 1, (1 << SIDE) - 1
"""The bits of a neighbourhood, and of one of its strips, if all is wall."""
F32, I32 = np.float32, np.int32
ZERO, ONE, NONE, YES, NO = F32(0), F32(1), F32(-0.0), I32(1), I32(0)
"""`NONE` added changes no number, zeros of either sign included."""
ACROSS, ALONG, LAST = I32(SIDE), I32(1), I32(31)

LANE = {"cache": True, "error_model": "numpy", "nogil": True}


@njit(cache=True, nogil=True)
def look_around(solid, index, neighbours):
    """Write the neighbourhoods of all cells of the maps `index` `[K]`.

    Args:
        solid: uint8 `[L, X + 2, Y + 2]`, walls with a ring of wall around them; beyond it everything is wall.
        index: int64 `[K]`.
        neighbours: int32 `[L, X + 2, Y + 2]`, written; bit `5 a + b` is the wall at `(x + a - 2, y + b - 2)`.
    """
    _, longest, widest = solid.shape
    columns = np.empty(widest, np.int64)
    for layer in index:
        columns[:] = ALL_WALL
        for x in range(-REACH, longest):  # the column x + 2 comes in, x - 3 goes out
            strip = ALL_WALL
            for y in range(-REACH, widest):  # likewise along y, of the new column
                u, v = x + REACH, y + REACH
                wall = 1 if u >= longest or v >= widest or solid[layer, u, v] != 0 else 0
                strip = (strip & LAST_STRIP) >> 1 | wall << (SIDE - 1)
                if y >= 0:
                    columns[y] = columns[y] >> SIDE | strip << (SIDE * (SIDE - 1))
                    if x >= 0:
                        neighbours[layer, x, y] = columns[y]


@njit(**INLINE)
def slide_lane(cells, base, stride, stride_across, along, across, speed, half, clearance, dt):
    """`kernels.slide` without a branch, the walls in the bits of `cells`."""
    backwards = speed < ZERO
    side = -half if backwards else half
    gap = -clearance if backwards else clearance
    moved = along + speed * dt
    edge = I32(moved + side + ONE)
    row = I32(I32(edge * stride) - base)
    low = I32(I32(row + I32(I32(across - half + ONE) * stride_across)) & LAST)
    high = I32(I32(row + I32(I32(across + half + ONE) * stride_across)) & LAST)
    wall = I32(I32(I32(cells >> low) | I32(cells >> high)) & YES)
    before = edge if backwards else I32(edge - YES)
    stopped = F32(before) - side - gap
    hit = (wall != NO) & (speed != ZERO)
    return stopped if hit else moved, ZERO if hit else speed, hit


@njit(**INLINE)
def move_lane(floats, wholes, lane, vx, vy, half, clearance, dt, reach):
    """Slide along x, then along y, with the velocity given, and note goals and walls."""
    cells, base = wholes[CELLS + lane], wholes[BASE + lane]
    x, y = floats[X + lane], floats[Y + lane]
    x, vx, hit_x = slide_lane(cells, base, ACROSS, ALONG, x, y, vx, half, clearance, dt)
    y, vy, hit_y = slide_lane(cells, base, ALONG, ACROSS, y, x, vy, half, clearance, dt)
    floats[X + lane], floats[Y + lane] = x, y
    floats[VX + lane], floats[VY + lane] = vx, vy
    right, up = x - floats[GOAL_X + lane], y - floats[GOAL_Y + lane]
    wholes[HIT + lane] |= I32(hit_x | hit_y)
    wholes[FREE + lane] &= I32(right * right + up * up >= reach)


@njit(**LANE)
def turn_lab(floats, lanes):
    """One frame of turning of `dmlab` bodies."""
    for lane in range(lanes):
        floats[YAW + lane] += floats[TURN + lane]


@njit(**LANE)
def aim_lab(floats, lanes):
    """The direction that each wishes to go in."""
    for lane in range(lanes):
        sine, cosine = short_sine_cosine(floats[YAW + lane])
        ahead, strafe = floats[AHEAD + lane], floats[STRAFE + lane]
        stands = floats[TOP + lane] == ZERO
        x, y = cosine * ahead - sine * strafe, sine * ahead + cosine * strafe
        floats[AIM_X + lane] = NONE if stands else x
        floats[AIM_Y + lane] = NONE if stands else y


@njit(**LANE)
def frame_lab(floats, wholes, lanes, constants, dt, reach):
    """One frame of `dmlab` bodies, once they have turned."""
    half, friction, stop_speed, rest_speed = constants[0], constants[3], constants[4], constants[5]
    clearance = constants[6]
    for lane in range(lanes):
        vx, vy = floats[VX + lane], floats[VY + lane]
        scale = friction_scale(F32(math.sqrt(vx * vx + vy * vy)), friction, stop_speed, rest_speed, dt, ZERO)
        aim_x, aim_y = floats[AIM_X + lane], floats[AIM_Y + lane]
        vx, vy = push(vx * scale, vy * scale, aim_x, aim_y, floats[TOP + lane], floats[GAIN + lane], ZERO)
        move_lane(floats, wholes, lane, vx, vy, half, clearance, dt, reach)


@njit(**LANE)
def aim_wheels(floats, lanes):
    """The heading of each."""
    for lane in range(lanes):
        floats[AIM_Y + lane], floats[AIM_X + lane] = short_sine_cosine(floats[YAW + lane])


@njit(**LANE)
def turn_wheels(floats, lanes, constants, dt):
    """One frame of turning of `diffdrive` bodies; `TOP` becomes the speed ahead."""
    gain, turn_gain = constants[2] * dt, constants[9] * dt
    for lane in range(lanes):
        ahead = floats[VX + lane] * floats[AIM_X + lane] + floats[VY + lane] * floats[AIM_Y + lane]
        floats[TOP + lane] = towards(ahead, floats[AHEAD + lane], gain)
        rate = towards(floats[RATE + lane], floats[TURN + lane], turn_gain)
        floats[RATE + lane] = rate
        floats[YAW + lane] += rate * dt


@njit(**LANE)
def frame_wheels(floats, wholes, lanes, constants, dt, reach):
    """One frame of `diffdrive` bodies, once they have turned."""
    half, clearance = constants[0], constants[6]
    for lane in range(lanes):
        speed = floats[TOP + lane]
        vx, vy = speed * floats[AIM_X + lane], speed * floats[AIM_Y + lane]
        move_lane(floats, wholes, lane, vx, vy, half, clearance, dt, reach)


@njit(**LANE)
def load(floats, wholes, states, goals, first, lanes, bound):
    """States and goals of agents `first` .. into rows; who is faster than `bound` is not `FREE` from the beginning."""
    for lane in range(lanes):
        agent = first + lane
        floats[X + lane], floats[Y + lane], floats[YAW + lane] = states[agent, 0], states[agent, 1], states[agent, 2]
        floats[VX + lane], floats[VY + lane], floats[RATE + lane] = states[agent, 3], states[agent, 4], states[agent, 5]
    for lane in range(lanes):
        floats[GOAL_X + lane], floats[GOAL_Y + lane] = goals[first + lane, 0], goals[first + lane, 1]
    for lane in range(lanes):
        vx, vy = floats[VX + lane], floats[VY + lane]
        wholes[FREE + lane] = I32(vx * vx + vy * vy <= bound * bound)
        wholes[HIT + lane] = NO


@njit(**LANE)
def command_lab(floats, table, choice, first, lanes, constants, dt):
    """What is asked of `dmlab` bodies, into rows; whether somebody turns and moves at once."""
    top_speed, gain = constants[1], constants[2] * dt * constants[1]
    for lane in range(lanes):
        chosen = choice[first + lane]
        floats[AHEAD + lane], floats[STRAFE + lane] = table[chosen, 0], table[chosen, 1]
        floats[TURN + lane] = table[chosen, 2]
    curves = NO
    for lane in range(lanes):
        ahead, strafe, share = deflection(floats[AHEAD + lane], floats[STRAFE + lane], F32)
        floats[AHEAD + lane], floats[STRAFE + lane] = ahead, strafe
        floats[TOP + lane], floats[GAIN + lane] = top_speed * share, gain * share
        curves |= I32((share != ZERO) & (floats[TURN + lane] != ZERO))
    return curves != NO


@njit(**LANE)
def command_wheels(floats, table, choice, first, lanes, constants):
    """What is asked of `diffdrive` bodies, into rows."""
    max_speed, track = constants[1], constants[8]
    for lane in range(lanes):
        chosen = choice[first + lane]
        floats[AHEAD + lane], floats[TURN + lane] = table[chosen, 0], table[chosen, 2]
    for lane in range(lanes):
        share = wheel_share(floats[AHEAD + lane], floats[TURN + lane], track, max_speed, ONE)
        floats[AHEAD + lane] *= share
        floats[TURN + lane] *= share


@njit(**LANE)
def read_walls(floats, wholes, neighbours, layers, first, lanes):
    """The neighbourhood of each agent's present cell."""
    longest, widest = I32(neighbours.shape[1] - 1), I32(neighbours.shape[2] - 1)
    for lane in range(lanes):
        x = min(max(I32(floats[X + lane] + ONE), NO), longest)
        y = min(max(I32(floats[Y + lane] + ONE), NO), widest)
        wholes[CELLS + lane] = neighbours[layers[first + lane], x, y]
        wholes[BASE + lane] = SIDE * (x - REACH) + y - REACH


@njit(**LANE)
def store(floats, wholes, states, first, lanes, active, reached, collided):
    """Rows back to the states of those that are active and have run on to the end; whether all of the active have."""
    all_free = YES
    for lane in range(lanes):
        agent = first + lane
        floats[YAW + lane] = wrapped(floats[YAW + lane], F32)
        reached[agent] = False
        collided[agent] = active[agent] & (wholes[HIT + lane] != NO)
        all_free &= wholes[FREE + lane] | I32(not active[agent])
    for lane in range(lanes):
        agent = first + lane
        if active[agent] & (wholes[FREE + lane] != NO):
            states[agent, 0], states[agent, 1], states[agent, 2] = (
                floats[X + lane],
                floats[Y + lane],
                floats[YAW + lane],
            )
            states[agent, 3], states[agent, 4] = floats[VX + lane], floats[VY + lane]
            states[agent, 5] = floats[RATE + lane]
    return all_free != NO


@njit(**LANE)
def drive_block(floats, wholes, neighbours, layers, first, lanes, curves, reach, frames, span, dt, constants):
    """All frames of a decision for one block; the walls are read anew every `span` frames."""
    lab = constants[7] == LAB_KIND
    if not lab:
        aim_wheels(floats, lanes)
    for frame in range(frames):
        if frame % span == 0:
            read_walls(floats, wholes, neighbours, layers, first, lanes)
        if lab:
            turn_lab(floats, lanes)
            if curves or frame == 0:
                aim_lab(floats, lanes)
            frame_lab(floats, wholes, lanes, constants, dt, reach)
        else:
            turn_wheels(floats, lanes, constants, dt)
            aim_wheels(floats, lanes)
            frame_wheels(floats, wholes, lanes, constants, dt, reach)
    if lab:
        for lane in range(lanes):
            floats[RATE + lane] = floats[TURN + lane] / dt


@njit(**LANE)
def advance_lanes(
    states, solid, neighbours, layers, table, choice, goals, radius, frames, dt, constants, bound, active, reached,
    collided, begin, end,
):  # fmt: skip
    """Advance agents `begin` .. `end - 1` by one decision, as `kernels.advance` does.

    Args:
        states: float32 `[N, 6]`, written in place.
        solid: uint8 `[L, X + 2, Y + 2]`, as there.
        neighbours: int32 `[L, X + 2, Y + 2]`, from `look_around`.
        layers: int64 `[N]`, which map each agent is in.
        table: float32 `[A, 3]`, commands.
        choice: int64 `[N]`, the row of `table` that each agent is given.
        goals: float32 `[N, 2]`.
        radius: reach of the goal in cells; negative for no goal.
        frames: frames in the decision.
        dt: seconds a frame.
        constants: float32 `[10]`, of a body that `is_narrow`.
        bound: no body is faster than this by itself, cells/s.
        active: bool `[N]`; others are left alone.
        reached: bool `[N]`, written.
        collided: bool `[N]`, written.
        begin: the first agent.
        end: one past the last.
    """
    step, reach, fastest = F32(dt), F32(radius * abs(radius)), F32(bound)
    # Until the leading edge may leave the 5 x 5 cells; rounding takes far less than 0.05 of a cell.
    span = max(1, int((REACH - 0.05 - constants[0]) / (bound * dt)))
    floats, wholes = np.empty(FLOATS, F32), np.empty(WHOLES, I32)
    for first in range(begin, end, LANES):
        lanes = min(LANES, end - first)
        load(floats, wholes, states, goals, first, lanes, fastest)
        curves = False
        if constants[7] == LAB_KIND:
            curves = command_lab(floats, table, choice, first, lanes, constants, step)
        else:
            command_wheels(floats, table, choice, first, lanes, constants)
        drive_block(floats, wholes, neighbours, layers, first, lanes, curves, reach, frames, span, step, constants)
        if store(floats, wholes, states, first, lanes, active, reached, collided):
            continue
        for lane in range(lanes):
            agent = first + lane
            if wholes[FREE + lane] == NO and active[agent]:
                reached[agent], collided[agent] = drive_one(
                    states, agent, table, choice[agent], goals, solid, layers[agent], reach, frames, step, constants
                )
