"""Pictures under better light: shadows evened out, and what lies around a sheet of paper taken away."""

from __future__ import annotations

import cv2
import numpy as np
from scipy import ndimage

from mazenav.picture.lattice import thickness

WIDE = 3
"""Strokes that fit into the window in which the lightest level is that of the paper."""
NARROW = 0.06
"""Such a window, as a share of the picture's shorter side, where shadows hide how wide strokes are."""
DIMMEST = 0.35
"""Share of the light that falls on the darkest place of the paper at least; what is darker is ink."""
EVEN = 0.85
"""Share of the light at the dimmest tenth, compared with the brightest, from which on light is even."""
SHEET = 0.1
"""Share of the picture that a sheet of paper covers at least."""
CONVEX = 0.93
"""Share of its convex hull that a sheet covers at least."""
EDGE = 0.015
"""What is cut off a sheet at its edges, or left around it, as a share of its shorter side."""


def evened(grey: np.ndarray, dark: np.ndarray) -> np.ndarray | None:
    """The picture with shadows on its paper evened out, uint8 `[H, W]`; None if there are none.

    Args:
        grey: uint8 `[H, W]`, dark walls on light paper.
        dark: its darkness, float32 of that shape.
    """
    stroke = max(1.0, min(thickness(dark > 0.5), thickness(dark <= 0.5)))
    side = 2 * round(WIDE * stroke / 2) + 3
    if side >= min(grey.shape) // 4:
        # No stroke is as wide as that: shadows were measured.
        side = 2 * round(NARROW * min(grey.shape) / 2) + 3
    paper = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8)).astype(np.float32)
    paper = cv2.GaussianBlur(paper, (0, 0), side / 4)
    dim, bright = np.percentile(paper, (10.0, 98.0))
    if dim >= EVEN * bright:
        return None
    return np.clip(grey * (235.0 / np.maximum(paper, DIMMEST * bright + 1.0)), 0, 255).astype(np.uint8)


def sheets(grey: np.ndarray, dark: np.ndarray) -> list[np.ndarray]:
    """The picture with paper all around a sheet that lies on something dark, uint8 `[H, W]`; none if none does.

    The first keeps what is just beyond the sheet's edge, which is the border of a maze that was cut out along its
    walls. The second leaves out the edge.
    """
    side = max(3, round(0.02 * min(grey.shape))) | 1
    light = cv2.morphologyEx((dark < 0.5).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(light, connectivity=4)
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()) if count > 1 else 0
    left, top, width, height, area = stats[largest].tolist()
    touches = left == 0 or top == 0 or left + width == grey.shape[1] or top + height == grey.shape[0]
    if count < 2 or touches or area < SHEET * grey.size:
        return []
    points = np.argwhere(labels == largest)[:, ::-1].astype(np.int32)
    hull = cv2.fillConvexPoly(np.zeros(grey.shape, np.uint8), cv2.convexHull(points), 1)
    if ndimage.binary_fill_holes(labels == largest).sum() < CONVEX * hull.sum():
        return []
    edge = 2 * max(1, round(EDGE * min(width, height))) + 1
    kernel = np.ones((edge, edge), np.uint8)
    inner = cv2.erode(hull, kernel)
    paper = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((2 * side + 1, 2 * side + 1), np.uint8))
    row, column = ndimage.distance_transform_edt(
        cv2.erode(inner, kernel) == 0, return_distances=False, return_indices=True
    )
    around = paper[row, column]
    return [np.where(mask > 0, grey, around) for mask in (cv2.dilate(hull, kernel), inner)]
