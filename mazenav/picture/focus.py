"""Where in a picture the maze is: the boxes that ink closes all around, among words, window frames and table tops."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

CLOSED = 0.8
"""Share of a box's rim that ink runs along, from which on it is closed; a maze has ways out."""
SMALLEST = 0.04
"""Share of the picture that a maze fills at least."""
MOST = 3
"""Boxes looked at, the largest first."""


class Box(NamedTuple):
    """A part of a straightened picture, in pixels; right and bottom exclusive."""

    left: int
    top: int
    right: int
    bottom: int


def closed_boxes(ink: np.ndarray) -> list[Box]:
    """The largest connected pieces of ink (float32 `[H, W]`) that close a box all around, the largest first."""
    count, _, stats, _ = cv2.connectedComponentsWithStats((ink > 0.5).astype(np.uint8), connectivity=8)
    area = stats[:, cv2.CC_STAT_WIDTH].astype(np.int64) * stats[:, cv2.CC_STAT_HEIGHT]
    order = sorted(range(1, count), key=lambda number: -int(area[number]))[: 40 * MOST]
    pieces = [Box(int(x), int(y), int(x + w), int(y + h)) for x, y, w, h, _ in stats[order]]
    boxes: list[Box] = []
    for piece in pieces[: 4 * MOST]:
        box = _with_overlapping(piece, pieces)
        size = box.right - box.left, box.bottom - box.top
        if size[0] * size[1] >= SMALLEST * ink.size and min(size) >= 12 and box not in boxes and is_closed(ink, box):
            boxes.append(box)
    return boxes[:MOST]


def _with_overlapping(box: Box, pieces: list[Box]) -> Box:
    """A box with all pieces that overlap it, but for those around it: two ways out cut a maze's walls in two."""
    for _ in range(3):
        for other in pieces:
            apart = (
                other.left >= box.right or other.right <= box.left or other.top >= box.bottom or other.bottom <= box.top
            )
            around = (
                other.left < box.left and other.top < box.top and other.right > box.right and other.bottom > box.bottom
            )
            if not apart and not around:
                box = Box(
                    min(box.left, other.left), min(box.top, other.top),
                    max(box.right, other.right), max(box.bottom, other.bottom),
                )  # fmt: skip
    return box


def is_closed(ink: np.ndarray, box: Box) -> bool:
    """Whether ink runs along all four sides of a box, give or take a fiftieth of its sides, with a way out or two."""
    part = ink[box.top : box.bottom, box.left : box.right] > 0.5
    depth = max(2, min(part.shape) // 50)
    sides = part[:depth].any(0), part[-depth:].any(0), part[:, :depth].any(1), part[:, -depth:].any(1)
    return all(float(side.mean()) >= CLOSED for side in sides)


def only_within(ink: np.ndarray, box: Box, paper: float = 0.0) -> np.ndarray:
    """The picture with nothing but paper outside a box and a hair's breadth around it."""
    pad = max(2, min(box.right - box.left, box.bottom - box.top) // 100)
    part = np.s_[max(0, box.top - pad) : box.bottom + pad, max(0, box.left - pad) : box.right + pad]
    kept = np.full_like(ink, paper)
    kept[part] = ink[part]
    return kept
