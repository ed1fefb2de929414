"""Compiled first-person views: walls, floor and sky from one fan of rays, or one for every row under a pitched camera.

A pixel's ray is `forward + up * (how far up) + left * (how far left)`, so that its parameter t is the depth along the
optical axis. Seen from above, the rays of one row of pixels make a fan: where it meets walls, the row's slope tells
whether it passes below (floor), above (sky) or through the wall. Any pitch is seen in true perspective.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.sim.sensors.rays import cast_fan
from mazenav.sim.sensors.textures import LEVEL_STARTS, LEVELS, SIZE, SKY, STYLES, TEXELS
from mazenav.sim.sensors.things import draw_things

STRIDE = 4
"""Searched rays of a fan: neighbouring pixels are far less than half a turn apart."""
HAZE = np.array([212, 224, 238], np.uint32)
HAZE_REACH = np.float32(26.0)
"""At so many cells half of what is seen is haze."""
LIGHT = np.array([1.0, 0.82], np.float32)
"""Light on faces across x and across y."""
SKY_SCALE = np.float32(0.4)
"""Textures of sky per unit of slope."""
SKY_BEND = np.float32(0.16)
"""Keeps the clouds of the horizon from shrinking to nothing."""
RED_BLUE, GREEN = np.uint32(0xFF00FF), np.uint32(0x00FF00)
WRAP = np.float32(512.0)
"""Whole textures added before rounding down, since conversion rounds towards zero."""


@njit(cache=True, inline="always", error_model="numpy")
def haze_share(distance):
    """Share of haze, of 256, in what is seen at a distance in cells of the maze."""
    return np.uint32(np.float32(256) * distance / (distance + HAZE_REACH))


@njit(cache=True, inline="always")
def level_of(texels):
    """The level of a texture at which so many texels of level 0 make about one pixel."""
    level = 0
    while texels > np.float32(1.5) and level < LEVELS - 1:
        texels *= np.float32(0.5)
        level += 1
    return level


@njit(cache=True, inline="always")
def blend(texel, share, red_blue, green):
    """`share` of 256 of a texel, and haze that is already multiplied by its own share."""
    both = ((texel & RED_BLUE) * share + red_blue) >> np.uint32(8)
    middle = ((texel & GREEN) * share + green) >> np.uint32(8)
    return (both & RED_BLUE) | (middle & GREEN)


@njit(cache=True, error_model="numpy")
def cast_columns(x, y, cosine, sine, ahead, left, grid, width, directions, inverses, faces, depths):
    """Cast the fan of a row of pixels whose rays go `ahead` a unit of depth; the last four arrays are written."""
    tiny, one = np.float32(1e-30), np.float32(1)
    for column in range(len(left)):
        dx, dy = cosine * ahead - sine * left[column], sine * ahead + cosine * left[column]
        directions[0, column], directions[1, column] = dx, dy
        inverses[0, column] = one / (dx if dx != 0 else tiny)
        inverses[1, column] = one / (dy if dy != 0 else tiny)
    cast_fan(grid, width, x + one, y + one, inverses, STRIDE, faces, depths)


@njit(cache=True, error_model="numpy")
def paint_columns(x, y, pixel, scale, style, directions, inverses, faces, depths, texel_of, tint):
    """What the wall in each column looks like.

    Args:
        x: of the camera.
        y: likewise.
        pixel: side of a pixel one unit ahead.
        scale: cells of the maze in one cell of the grid.
        style: uint8 `[X * Y]`.
        directions: float32 `[2, W]`.
        inverses: float32 `[2, W]`.
        faces: int32 `[W]`.
        depths: float32 `[W]`.
        texel_of: int64 `[2, W]`, written: the texel at the top of the column, and the level.
        tint: uint32 `[3, W]`, written: share of the texel, haze of red and blue, haze of green.
    """
    half, one = np.float32(0.5), np.float32(1)
    haze_red_blue, haze_green = HAZE[0] << np.uint32(16) | HAZE[2], HAZE[1] << np.uint32(8)
    for column in range(len(depths)):
        face, depth = faces[column], depths[column]
        axis = face & 1
        along = (x + depth * directions[0, column] if axis else y + depth * directions[1, column]) * scale
        size = depth * scale * pixel * np.float32(SIZE)
        level = level_of(size * half * (one + min(abs(inverses[axis, column]), np.float32(8))))
        wide = SIZE >> level
        texel = int((along - np.floor(along)) * np.float32(wide)) & (wide - 1)
        share = haze_share(depth * scale)
        texel_of[0, column] = style[face >> 1] * TEXELS + LEVEL_STARTS[level] + texel
        texel_of[1, column] = level
        tint[0, column] = np.uint32(np.float32(256 - share) * LIGHT[axis])
        tint[1, column] = haze_red_blue * share
        tint[2, column] = haze_green * share


@njit(cache=True, error_model="numpy")
def shade_walls(slope, limit, eye, tall, texels, depths, texel_of, tint, row_depth, row):
    """Paint the pixels of a row whose ray meets the wall, before the floor or the sky at depth `limit`."""
    for column in range(len(depths)):
        if depths[column] > limit:
            continue
        level = texel_of[1, column]
        high = np.int64(SIZE) >> level
        down = int((tall - eye - depths[column] * slope) / tall * np.float32(high))
        down = min(max(down, 0), high - 1)
        texel = texels[texel_of[0, column] + (down << (LEVELS - 1 - level))]
        row[column] = blend(texel, tint[0, column], tint[1, column], tint[2, column])
        row_depth[column] = depths[column]


@njit(cache=True, error_model="numpy")
def shade_floor(depth, x, y, pixel, eye, scale, grid_width, style, texels, directions, depths, row_depth, row):
    """Paint the pixels of a row whose ray comes down to the floor, at `depth`, before it meets the wall."""
    one, half = np.float32(1), np.float32(0.5)
    level = level_of(half * np.float32(SIZE) * scale * pixel * depth * (one + depth / eye))
    wide = SIZE >> level
    start = LEVEL_STARTS[level] + STYLES * TEXELS
    share = haze_share(depth * scale)
    rest = np.uint32(256) - share
    red_blue, green = (HAZE[0] << np.uint32(16) | HAZE[2]) * share, (HAZE[1] << np.uint32(8)) * share
    for column in range(len(depths)):
        if depths[column] > depth:
            at_x, at_y = x + depth * directions[0, column], y + depth * directions[1, column]
            kind = style[int(at_x + one) * grid_width + int(at_y + one)]
            across = int((at_x * scale + WRAP) * np.float32(wide)) & (wide - 1)
            along = int((at_y * scale + WRAP) * np.float32(wide)) & (wide - 1)
            texel = texels[start + kind * TEXELS + along * wide + across]
            row[column] = blend(texel, rest, red_blue, green)
            row_depth[column] = depth


@njit(cache=True, error_model="numpy")
def shade_sky(slope, depth, far, pixel, texels, directions, depths, row_depth, row):
    """Paint the pixels of a row whose ray has risen above the wall, at `depth`, before it meets it."""
    one = np.float32(1)
    spread = SKY_SCALE / (slope + SKY_BEND)
    level = level_of(np.float32(SIZE) * pixel * spread * np.float32(0.7) * (one + spread))
    wide = SIZE >> level
    start = LEVEL_STARTS[level] + SKY * TEXELS
    share = np.uint32(np.float32(256) * np.float32(0.3) / (slope + np.float32(0.3)))
    rest = np.uint32(256) - share
    red_blue, green = (HAZE[0] << np.uint32(16) | HAZE[2]) * share, (HAZE[1] << np.uint32(8)) * share
    for column in range(len(depths)):
        if depths[column] > depth:
            across = int((directions[0, column] * spread + WRAP) * np.float32(wide)) & (wide - 1)
            along = int((directions[1, column] * spread + WRAP) * np.float32(wide)) & (wide - 1)
            row[column] = blend(texels[start + along * wide + across], rest, red_blue, green)
            row_depth[column] = far


@njit(cache=True, nogil=True, error_model="numpy")
def draw_views(poses, solid, layers, styles, things, scale, lens, left, up, texels, pictures, depths):
    """First-person views of N agents.

    Args:
        poses: float32 `[N, 4]`, x, y (cells of the grid), yaw and pitch (radians; up is positive).
        solid: uint8 `[L, X + 2, Y + 2]`, world-indexed walls with a ring of wall around them.
        layers: int64 `[N]`, which map of `solid` each agent is in.
        styles: uint8 `[1 or L, X + 2, Y + 2]`, the style of walls and floor in each cell.
        things: float32 `[N, E, 3]`, x, y and kind of what stands about; kinds below 0 are not there.
        scale: cells of the maze in one cell of the grid.
        lens: float32 `[4]`: side of a pixel one unit ahead; eye height, wall height and farthest depth in grid cells.
        left: float32 `[W]`, see `Camera.offsets`.
        up: float32 `[H]`, likewise.
        texels: uint32, see `textures.atlas`.
        pictures: uint8 `[N, H, W, 3]`, written.
        depths: float32 `[N, H, W]`, or `[1, H, W]` as scratch; written: depth along the optical axis, in grid cells.
    """
    pixel, eye, tall, far = lens[0], lens[1], lens[2], lens[3]
    wide, width = len(left), solid.shape[2]
    directions, inverses = np.empty((2, wide), np.float32), np.empty((2, wide), np.float32)
    faces, walls = np.empty(wide, np.int32), np.empty(wide, np.float32)
    texel_of, tint, row = np.empty((2, wide), np.int64), np.empty((3, wide), np.uint32), np.empty(wide, np.uint32)
    for agent in range(len(poses)):
        x, y = poses[agent, 0], poses[agent, 1]
        cosine, sine = np.float32(np.cos(poses[agent, 2])), np.float32(np.sin(poses[agent, 2]))
        tilt, rise = np.float32(np.cos(poses[agent, 3])), np.float32(np.sin(poses[agent, 3]))
        grid = solid[layers[agent]].reshape(-1)
        style = styles[min(layers[agent], len(styles) - 1)].reshape(-1)
        depth = depths[min(agent, len(depths) - 1)]
        picture = pictures[agent]
        for line in range(len(up)):
            slope, ahead = rise + up[line] * tilt, tilt - up[line] * rise
            if line == 0 or rise != 0:
                cast_columns(x, y, cosine, sine, ahead, left, grid, width, directions, inverses, faces, walls)
                paint_columns(x, y, pixel, scale, style, directions, inverses, faces, walls, texel_of, tint)
            limit = -eye / slope if slope < 0 else ((tall - eye) / slope if slope > 0 else np.float32(np.inf))
            shade_walls(slope, limit, eye, tall, texels, walls, texel_of, tint, depth[line], row)
            if slope < 0:
                shade_floor(limit, x, y, pixel, eye, scale, width, style, texels, directions, walls, depth[line], row)
            elif slope > 0:
                shade_sky(slope, limit, far, pixel, texels, directions, walls, depth[line], row)
            for column in range(wide):
                picture[line, column, 0] = row[column] >> np.uint32(16)
                picture[line, column, 1] = row[column] >> np.uint32(8) & np.uint32(255)
                picture[line, column, 2] = row[column] & np.uint32(255)
        draw_things(x, y, cosine, sine, tilt, rise, things[agent], scale, lens, left, up, picture, depth)
