"""How dark each pixel is, between what is light and what is dark around it: uneven light and colour taken away."""

from __future__ import annotations

import cv2
import numpy as np
from scipy import ndimage

TILES = 8
"""Tiles along the longer side, each with its own light and dark level."""
LEAST_TILE = 32
"""Pixels that a tile has at least along a side."""
FAINT = 0.35
"""A tile with less than this share of the usual contrast says nothing of its own levels."""
SPECK = 6
"""Coloured pixels that hang together at least, where colour means something."""
VIVID = 60
"""Levels between the greatest and the least channel from which on a pixel counts as coloured."""


def darkness(grey: np.ndarray) -> np.ndarray:
    """How dark each pixel is where it stands: float32 `[H, W]`, 0 as the light and 1 as the dark around it.

    Each tile of the picture has its own two levels (the 2nd and the 98th percentile of it and its surroundings), and
    between the tiles they change gradually. Tiles of one level only take those of their neighbours.

    Args:
        grey: uint8 or float32 `[H, W]`.
    """
    height, width = grey.shape
    tile = max(LEAST_TILE, -(-max(height, width) // TILES))
    rows, columns = -(-height // tile), -(-width // tile)
    low, high = np.empty((rows, columns), np.float32), np.empty((rows, columns), np.float32)
    step = max(1, tile // 64)
    for row in range(rows):
        for column in range(columns):
            top, left = row * tile - tile // 2, column * tile - tile // 2
            part = grey[max(0, top) : top + 2 * tile : step, max(0, left) : left + 2 * tile : step]
            low[row, column], high[row, column] = np.percentile(part, (2.0, 98.0))
    contrast = high - low
    usual = float(np.percentile(contrast, 75))
    known = (contrast >= FAINT * usual).astype(np.float32)
    low, high = _spread(low, known), _spread(high, known)
    light = _over(high, tile, grey.shape)
    depth = np.maximum(light - _over(low, tile, grey.shape), 1.0)
    return np.clip((light - grey.astype(np.float32)) / depth, 0.0, 1.0)


def _spread(levels: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Levels `[r, c]` with those of unknown tiles taken from the nearest known ones."""
    if known.all() or not known.any():
        return levels
    total = np.zeros_like(levels)
    weight = np.zeros_like(levels)
    for reach in (1.0, 2.0, 4.0, 16.0):
        blurred = cv2.GaussianBlur(known, (0, 0), reach, borderType=cv2.BORDER_CONSTANT)
        summed = cv2.GaussianBlur(levels * known, (0, 0), reach, borderType=cv2.BORDER_CONSTANT)
        share = 1e-3 ** np.log2(reach)
        total += summed * share
        weight += blurred * share
    return np.where(known > 0, levels, total / np.maximum(weight, 1e-12))


def _over(levels: np.ndarray, tile: int, shape: tuple[int, int]) -> np.ndarray:
    """Levels of tiles `[r, c]` as a smooth field float32 `[H, W]`."""
    rows, columns = levels.shape
    if rows == columns == 1:
        return np.full(shape, levels[0, 0], np.float32)
    return cv2.resize(levels, (columns * tile, rows * tile), interpolation=cv2.INTER_LINEAR)[: shape[0], : shape[1]]


def views(pixels: np.ndarray) -> list[np.ndarray]:
    """Ways to see a picture in grey, uint8 `[H, W]` each, the likeliest first.

    A picture in which colour plays a part is also seen with whatever is coloured taken for paper (marks and solutions
    between black walls), and as the distance from its commonest colour (coloured walls of the paper's own brightness).

    Args:
        pixels: uint8 `[H, W]` or RGB `[H, W, 3]`.
    """
    if pixels.ndim == 2:
        return [pixels]
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    spread = pixels.max(axis=-1).astype(np.int16) - pixels.min(axis=-1)
    vivid = _without_specks(spread > VIVID)
    share = float(vivid.mean())
    if share < 1e-4:
        return [grey]
    paper = _commonest(pixels)
    distance = np.sqrt(((pixels.astype(np.float32) - paper) ** 2).sum(axis=-1))
    distinct = (255.0 - 255.0 * distance / max(float(distance.max()), 1.0)).astype(np.uint8)
    if share > 0.5 or float(paper.max() - paper.min()) > VIVID:
        return [grey, distinct]
    return [_without(grey, vivid, spread > VIVID // 3), grey, distinct]


def _without_specks(mask: np.ndarray) -> np.ndarray:
    """A mask without pieces of a few pixels, which are noise."""
    if not mask.any():
        return mask
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= SPECK
    large[0] = False
    return large[labels]


def _without(grey: np.ndarray, vivid: np.ndarray, halo: np.ndarray) -> np.ndarray:
    """The picture with what is coloured painted over by whatever is beside it; its soft edge `halo` goes with it."""
    gone = vivid | (halo & (cv2.dilate(vivid.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0))
    if gone.all():
        return grey
    row, column = ndimage.distance_transform_edt(gone, return_distances=False, return_indices=True)
    return grey[row, column]


def _commonest(pixels: np.ndarray) -> np.ndarray:
    """The commonest colour, float32 `[3]`, to sixteen levels a channel."""
    step = max(1, min(pixels.shape[:2]) // 500)
    sample = pixels[::step, ::step].reshape(-1, 3).astype(np.int32)
    codes = (sample[:, 0] >> 4 << 8) | (sample[:, 1] >> 4 << 4) | (sample[:, 2] >> 4)
    top = int(np.bincount(codes, minlength=4096).argmax())
    return sample[codes == top].mean(axis=0).astype(np.float32)
