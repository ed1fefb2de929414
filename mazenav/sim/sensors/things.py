"""Compiled drawing of what stands in a maze: goals and apples, made of ellipsoids with exact outlines and occlusion."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

GOAL, APPLE = range(2)
"""Kinds of things."""
PARTS = np.array(
    [
        # height, radius, half height, red, green, blue, glow
        (0.045, 0.20, 0.045, 96, 92, 104, 0.15),
        (0.36, 0.165, 0.165, 255, 196, 44, 0.45),
        (0.36, 0.235, 0.022, 255, 240, 190, 0.55),
        (0.20, 0.120, 0.112, 214, 32, 36, 0.10),
        (0.322, 0.012, 0.036, 96, 66, 36, 0.10),
        (0.335, 0.052, 0.016, 84, 170, 58, 0.20),
    ],
    np.float32,
)
"""Ellipsoids: centre above the floor, radius, half height (cells of the maze), colour, light of its own."""
PART_STARTS = np.array([0, 3, 6], np.int64)
"""Parts of kind k are PART_STARTS[k] .. PART_STARTS[k + 1] - 1."""
SHADOWS = np.array([0.30, 0.17], np.float32)
"""Radius of the shadow of each kind."""
SUN = np.array([-0.46, 0.34, 0.82], np.float32)
"""Unit vector towards the sun."""
HAZE = np.array([212, 224, 238], np.float32)
HAZE_REACH = np.float32(26.0)


@njit(cache=True, error_model="numpy")
def bounds(across, ahead, radius, offsets, pixel):
    """First and last + 1 pixel along one side of the picture that a sphere may touch.

    Args:
        across: of its centre, in the direction of `offsets`.
        ahead: of its centre.
        radius: of the sphere.
        offsets: float32 `[n]`, falling by `pixel`.
        pixel: from one offset to the next.
    """
    n = len(offsets)
    far = math.hypot(across, ahead)
    if far <= radius:
        return 0, n
    middle, half = math.atan2(across, ahead), math.asin(radius / far)
    limit = 0.5 * math.pi - 0.01
    if middle - half > limit or middle + half < -limit:
        return 0, 0
    high, low = math.tan(min(middle + half, limit)), math.tan(max(middle - half, -limit))
    first = math.floor(max(min((offsets[0] - high) / pixel, n + 1.0), -1.0))
    last = math.ceil(max(min((offsets[0] - low) / pixel, n + 1.0), -2.0)) + 1
    return max(first, 0), min(last, n)


@njit(cache=True, error_model="numpy")
def box(east, north, above, cosine, sine, tilt, rise, radius, pixel, left, up):
    """The pixels (first and last + 1 row, first and last + 1 column) that a sphere off the camera may touch."""
    forward, leftward = cosine * east + sine * north, cosine * north - sine * east
    ahead, upward = tilt * forward + rise * above, tilt * above - rise * forward
    if ahead < -radius:
        return 0, 0, 0, 0
    first_row, last_row = bounds(upward, ahead, radius, up, pixel)
    first_column, last_column = bounds(leftward, ahead, radius, left, pixel)
    return first_row, last_row, first_column, last_column


@njit(cache=True, error_model="numpy")
def draw_shadow(east, north, cosine, sine, tilt, rise, radius, eye, pixel, left, up, picture, depth):
    """Darken the floor under a thing that stands `east` and `north` of the camera."""
    first_row, last_row, first_column, last_column = box(
        east, north, -eye, cosine, sine, tilt, rise, radius, pixel, left, up
    )
    for line in range(first_row, last_row):
        slope, ahead = rise + up[line] * tilt, tilt - up[line] * rise
        if slope >= 0:
            continue
        below = -eye / slope
        for column in range(first_column, last_column):
            if depth[line, column] != below:
                continue
            dx, dy = cosine * ahead - sine * left[column], sine * ahead + cosine * left[column]
            off_x, off_y = below * dx - east, below * dy - north
            share = (off_x * off_x + off_y * off_y) / (radius * radius)
            if share < 1:
                light = np.float32(1) - np.float32(0.6) * (np.float32(1) - share)
                for channel in range(3):
                    picture[line, column, channel] = np.uint8(picture[line, column, channel] * light)


@njit(cache=True, inline="always", error_model="numpy")
def lit(part, nx, ny, nz, dx, dy, slope):
    """Light on a point of a part (diffuse) and the sun's mirror image in it, from its normal and the ray."""
    cosine = nx * SUN[0] + ny * SUN[1] + nz * SUN[2]
    light = PARTS[part, 6] + np.float32(0.42) + np.float32(0.62) * max(cosine, np.float32(0)) + np.float32(0.12) * nz
    inward = dx * nx + dy * ny + slope * nz
    toward = (dx - 2 * inward * nx) * SUN[0] + (dy - 2 * inward * ny) * SUN[1] + (slope - 2 * inward * nz) * SUN[2]
    mirror = max(toward, np.float32(0)) / np.float32(math.sqrt(dx * dx + dy * dy + slope * slope))
    mirror *= mirror
    mirror *= mirror
    mirror *= mirror
    mirror *= mirror
    return light, np.float32(150) * mirror


@njit(cache=True, error_model="numpy")
def draw_part(part, east, north, cosine, sine, tilt, rise, scale, lens, left, up, picture, depth):
    """Draw one ellipsoid of a thing that stands `east` and `north` of the camera, where nothing is nearer."""
    size = np.float32(1) / scale
    pixel, eye = lens[0], lens[1]
    radius, half = PARTS[part, 1] * size, PARTS[part, 2] * size
    above = PARTS[part, 0] * size - eye
    squash = radius / half
    off = east * east + north * north + above * above * squash * squash - radius * radius
    first_row, last_row, first_column, last_column = box(
        east, north, above, cosine, sine, tilt, rise, max(radius, half), pixel, left, up
    )
    for line in range(first_row, last_row):
        slope, ahead = rise + up[line] * tilt, tilt - up[line] * rise
        for column in range(first_column, last_column):
            dx, dy = cosine * ahead - sine * left[column], sine * ahead + cosine * left[column]
            square = dx * dx + dy * dy + slope * slope * squash * squash
            toward = dx * east + dy * north + slope * above * squash * squash
            root = toward * toward - square * off
            if root <= 0 or toward <= 0:
                continue
            t = (toward - np.float32(math.sqrt(root))) / square
            if t <= 0 or t >= depth[line, column]:
                continue
            nx, ny, nz = (t * dx - east) / radius, (t * dy - north) / radius, (t * slope - above) * squash / half
            length = np.float32(1) / np.float32(math.sqrt(nx * nx + ny * ny + nz * nz))
            light, mirror = lit(part, nx * length, ny * length, nz * length, dx, dy, slope)
            haze = t * scale / (t * scale + HAZE_REACH)
            depth[line, column] = t
            for channel in range(3):
                colour = min(PARTS[part, 3 + channel] * light + mirror, np.float32(255))
                picture[line, column, channel] = np.uint8(colour + (HAZE[channel] - colour) * haze)


@njit(cache=True, error_model="numpy")
def draw_things(x, y, cosine, sine, tilt, rise, things, scale, lens, left, up, picture, depth):
    """Draw things over one agent's view; arguments as in `view.draw_views`, for one agent.

    Walls alone can stand before a thing, and another thing: `depth` holds both.
    """
    size = np.float32(1) / scale
    for thing in range(len(things)):
        kind = int(things[thing, 2])
        if things[thing, 2] < 0:
            continue
        east, north = things[thing, 0] - x, things[thing, 1] - y
        draw_shadow(
            east, north, cosine, sine, tilt, rise, SHADOWS[kind] * size, lens[1], lens[0], left, up, picture, depth
        )
        for part in range(PART_STARTS[kind], PART_STARTS[kind + 1]):
            draw_part(part, east, north, cosine, sine, tilt, rise, scale, lens, left, up, picture, depth)
