"""Procedural textures of walls, floors and the sky, drawn once from a seed, with their smaller versions (mipmaps).

Texels are packed as 0xRRGGBB. A texture's levels lie one behind the other: level l has `SIZE >> l` texels a side and
begins at `LEVEL_STARTS[l]`; texture k begins at `k * TEXELS`.
"""

from __future__ import annotations

from functools import cache

import numpy as np

SIZE = 128
LEVELS = SIZE.bit_length()
LEVEL_STARTS = np.array([sum((SIZE >> level) ** 2 for level in range(last)) for last in range(LEVELS)], np.int64)
TEXELS = int(sum((SIZE >> level) ** 2 for level in range(LEVELS)))

SEED = 7
STYLES = 8
"""Kinds of wall, each with a floor of its own: texture s is the wall of style s, texture STYLES + s its floor."""
SKY = 2 * STYLES
"""The texture of the sky."""

WALL_COLOURS = (
    (196, 110, 72),  # terracotta bricks
    (92, 142, 158),  # teal panels
    (214, 178, 96),  # sandstone blocks
    (142, 112, 168),  # violet tiles
    (116, 152, 92),  # mossy stones
    (206, 134, 142),  # rose bricks
    (112, 128, 176),  # slate blue blocks
    (176, 140, 100),  # timber
)
FLOOR_COLOURS = (
    (150, 138, 122),
    (128, 134, 138),
    (162, 144, 112),
    (132, 124, 140),
    (128, 136, 116),
    (152, 132, 126),
    (126, 130, 146),
    (146, 132, 114),
)


def _noise(rng: np.random.Generator, coarse: int) -> np.ndarray:
    """Smooth noise that tiles, about -1 .. 1, float `[SIZE, SIZE]`, with `coarse` bumps a side."""
    bumps = rng.uniform(-1, 1, (coarse, coarse))
    at = np.arange(SIZE) * coarse / SIZE
    low = at.astype(int)
    share = at - low
    share = share * share * (3 - 2 * share)
    high = (low + 1) % coarse
    rows = bumps[low] * (1 - share)[:, None] + bumps[high] * share[:, None]
    return rows[:, low] * (1 - share) + rows[:, high] * share


def _grain(rng: np.random.Generator) -> np.ndarray:
    """Noise of several sizes, about -1 .. 1."""
    return 0.5 * _noise(rng, 8) + 0.3 * _noise(rng, 24) + 0.2 * _noise(rng, 64)


def _blocks(
    rng: np.random.Generator, rows: int, columns: int, joint: int, shift: float = 0.5
) -> tuple[np.ndarray, np.ndarray]:
    """Courses of blocks that tile: relief (-1 in joints, + at lit edges, 0 on faces) and a shade for each block."""
    row, column = np.indices((SIZE, SIZE))
    course = row * rows // SIZE
    offset = (course % 2) * int(shift * SIZE / columns)
    along = (column + offset) % SIZE
    block = along * columns // SIZE
    high, wide = SIZE // rows, SIZE // columns
    from_top, from_left = row % high, along % wide
    relief = np.zeros((SIZE, SIZE))
    relief[(from_top == joint) | (from_left == joint)] = 0.35
    relief[(from_top == high - 1) | (from_left == wide - 1)] = -0.35
    relief[(from_top < joint) | (from_left < joint)] = -1
    shades = rng.uniform(-1, 1, (rows, columns))
    return relief, shades[course, block]


def _painted(colour: tuple[int, int, int], light: np.ndarray) -> np.ndarray:
    """A colour under a light of 1 +- something, `[SIZE, SIZE, 3]`."""
    return np.array(colour, float) * light[..., None]


def _timber(rng: np.random.Generator, colour: tuple[int, int, int]) -> np.ndarray:
    """Upright planks with grain."""
    column = np.indices((SIZE, SIZE))[1]
    plank = column * 5 // SIZE
    bend = np.rint(3 * _noise(rng, 4)).astype(int)
    fibres = rng.uniform(-1, 1, SIZE)[(column + bend) % SIZE]
    light = 1 + 0.1 * rng.uniform(-1, 1, 5)[plank] + 0.07 * fibres + 0.08 * _noise(rng, 6)
    light[(column * 5 % SIZE) < 5] *= 0.6
    return _painted(colour, light)


def _wall(rng: np.random.Generator, style: int) -> np.ndarray:
    """The wall of a style, with a dark skirting at its foot and a light coping at its top; row 0 is the top."""
    colour = WALL_COLOURS[style]
    if style == STYLES - 1:
        face = _timber(rng, colour)
    else:
        rows, columns, joint = ((8, 4, 2), (2, 2, 2), (4, 2, 2), (4, 4, 2), (5, 3, 3), (8, 4, 2), (4, 3, 2))[style]
        relief, shade = _blocks(rng, rows, columns, joint, 0.0 if style in (1, 3) else 0.5)
        face = _painted(colour, 1 + 0.25 * np.minimum(relief, 0.4) + 0.09 * shade + 0.09 * _grain(rng))
    height = np.linspace(1, 0, SIZE)[:, None]
    face *= (0.82 + 0.22 * height)[..., None]
    skirting = SIZE - SIZE // 14
    face[skirting:] = _painted(colour, 0.52 + 0.04 * _grain(rng))[skirting:]
    face[skirting - 1] *= 1.25
    face[: SIZE // 18] = _painted(colour, 1.22 + 0.05 * _grain(rng))[: SIZE // 18]
    face[SIZE // 18] *= 0.62
    return face


def _floor(rng: np.random.Generator, style: int) -> np.ndarray:
    """The floor of a style: slabs, with a joint along each cell's border."""
    count = 2 if style % 2 else 4
    relief, shade = _blocks(rng, count, count, 1, 0.0)
    return _painted(FLOOR_COLOURS[style], 1 + 0.16 * np.minimum(relief, 0.3) + 0.07 * shade + 0.10 * _grain(rng))


def _sky(rng: np.random.Generator) -> np.ndarray:
    """Clouds on blue."""
    cloud = np.clip(1.4 * (0.6 * _noise(rng, 3) + 0.3 * _noise(rng, 7) + 0.16 * _noise(rng, 17)) + 0.02, 0, 1)
    blue, white = np.array([84.0, 144.0, 214.0]), np.array([250.0, 250.0, 252.0])
    return blue + (white - blue) * (cloud * (1.6 - 0.6 * cloud))[..., None]


def _levels(picture: np.ndarray) -> np.ndarray:
    """All levels of a texture, packed, uint32 `[TEXELS]`."""
    levels = []
    for _ in range(LEVELS):
        channels = np.clip(np.rint(picture), 0, 255).astype(np.uint32)
        levels.append((channels[..., 0] << 16 | channels[..., 1] << 8 | channels[..., 2]).ravel())
        if len(picture) > 1:
            picture = (picture[::2, ::2] + picture[1::2, ::2] + picture[::2, 1::2] + picture[1::2, 1::2]) / 4
    return np.concatenate(levels)


@cache
def atlas(seed: int = SEED) -> np.ndarray:
    """All textures with all their levels, packed, uint32 `[(2 * STYLES + 1) * TEXELS]`; drawn once and read-only."""
    rng = np.random.default_rng(seed)
    pictures = [_wall(rng, style) for style in range(STYLES)]
    pictures += [_floor(rng, style) for style in range(STYLES)]
    pictures.append(_sky(rng))
    packed = np.concatenate([_levels(picture) for picture in pictures])
    packed.flags.writeable = False
    return packed


def region_styles(columns: int, rows: int, patch: int, seed: int = SEED) -> np.ndarray:
    """A style for every cell, uint8 `[X, Y]`: squares of `patch` cells of one style, no two alike side by side.

    Args:
        columns: X.
        rows: Y.
        patch: cells a side of a square.
        seed: which styles come first.
    """
    order = np.random.default_rng(seed).permutation(STYLES)
    across, up = np.arange(columns) // patch, np.arange(rows) // patch
    return order[(across[:, None] * 3 + up[None, :] * 5) % STYLES].astype(np.uint8)
