"""A level from above, as DEBUG.CAMERA.TOP_DOWN shows it."""

from __future__ import annotations

import math

import cv2
import numpy as np

from mazenav.env.lab.world import LabWorld
from mazenav.sim.sensors import GOAL
from mazenav.sim.sensors.textures import FLOOR_COLOURS, WALL_COLOURS

GROUND = (46, 52, 64)
MARGIN = 0.04
FRACTION_BITS = 4
GOLD, RED, BLUE, INK = (255, 200, 50), (214, 40, 40), (40, 96, 220), (24, 26, 32)


def top_down(world: LabWorld, width: int, height: int) -> np.ndarray:
    """The level from above, north at the top, with what is still there and the agent: uint8 `[H, W, 3]`.

    DeepMind Lab looks down through a camera; this is a plan, so that no wall hides what stands beside it.
    """
    across, up = world.level.size
    pixels = (1 - 2 * MARGIN) * min(width / across, height / up)
    picture = _plan(world, width, height, pixels)
    corner = np.array([(width - across * pixels) / 2, (height + up * pixels) / 2])
    for place, kind in zip(world.places[world.there], world.kinds[world.there], strict=True):
        _disc(picture, corner + place * [pixels, -pixels], pixels * (0.24 if kind == GOAL else 0.16), kind)
    yaw = float(world.batch.states[0, 2])
    ahead, left = np.array([math.cos(yaw), -math.sin(yaw)]), np.array([-math.sin(yaw), -math.cos(yaw)])
    at = corner + world.position() * [pixels, -pixels]
    size = max(pixels, 8.0)
    arrow = [at + size * (0.34 * ahead), *(at + size * (side * 0.22 * left - 0.24 * ahead) for side in (1, -1))]
    points = np.rint(np.array(arrow) * 2**FRACTION_BITS).astype(np.int32)
    cv2.fillConvexPoly(picture, points, BLUE, cv2.LINE_AA, FRACTION_BITS)
    cv2.polylines(picture, [points], True, INK, 1, cv2.LINE_AA, FRACTION_BITS)
    return picture


def _plan(world: LabWorld, width: int, height: int, pixels: float) -> np.ndarray:
    """Walls and floor of a level, in the middle of a picture."""
    walls = np.ascontiguousarray(world.batch.walls[0]).astype(np.uint8)
    thick = math.ceil(1.3 * world.cells_per_unit / pixels)
    if world.level.layout.thin_walls and thick > 1:  # walls of two lab units would vanish
        walls = cv2.dilate(walls, np.ones((thick, thick), np.uint8))
    styles = world.scene().looks[0, 1:-1, 1:-1].T[::-1]
    wall = (np.array(WALL_COLOURS) * 0.62).astype(np.uint8)
    plan = np.where(walls[..., None] > 0, wall[styles], np.array(FLOOR_COLOURS, np.uint8)[styles])
    across, up = world.level.size
    inner = max(1, round(across * pixels)), max(1, round(up * pixels))
    shrinks = inner[0] < plan.shape[1]
    plan = cv2.resize(np.ascontiguousarray(plan), inner, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_NEAREST)
    picture = np.full((height, width, 3), GROUND, np.uint8)
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    picture[top : top + inner[1], left : left + inner[0]] = plan
    return picture


def _disc(picture: np.ndarray, at: np.ndarray, radius: float, kind: int) -> None:
    """A goal or an apple, in place."""
    scale = 2**FRACTION_BITS
    centre = (round(at[0] * scale), round(at[1] * scale))
    wide = round(max(radius, 1.5) * scale)
    colour = GOLD if kind == GOAL else RED
    cv2.circle(picture, centre, wide, colour, cv2.FILLED, cv2.LINE_AA, FRACTION_BITS)
    if radius > 4:
        cv2.circle(picture, centre, wide, INK, 1, cv2.LINE_AA, FRACTION_BITS)
