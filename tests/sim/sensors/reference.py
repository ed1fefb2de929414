"""Slow, exact casting of single rays in float64, written from geometry alone: boxes, a plane and ellipsoids."""

from __future__ import annotations

import math

import numpy as np

from mazenav.sim.sensors import Camera
from mazenav.sim.sensors.things import PART_STARTS, PARTS


def box_distance(low: np.ndarray, high: np.ndarray, origin: np.ndarray, direction: np.ndarray) -> float:
    """How far along a ray the first of the boxes `[K, D]` lies (slab method); infinity if it meets none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        one, two = (low - origin) / direction, (high - origin) / direction
    enter = np.minimum(one, two).max(axis=1)
    leave = np.maximum(one, two).min(axis=1)
    hits = enter[(enter <= leave) & (enter >= 0)]
    return float(hits.min()) if len(hits) else math.inf


def wall_boxes(solid: np.ndarray, height: float) -> tuple[np.ndarray, np.ndarray]:
    """Low and high corners `[K, 3]` of the wall cells of one grid with its ring."""
    cells = np.argwhere(solid).astype(float) - 1
    low = np.concatenate([cells, np.zeros((len(cells), 1))], axis=1)
    return low, low + np.array([1, 1, height])


def ellipsoid_distance(centre: np.ndarray, radii: np.ndarray, origin: np.ndarray, direction: np.ndarray) -> float:
    """How far along a ray an ellipsoid lies: a unit sphere after scaling; infinity if the ray misses it."""
    o, d = (origin - centre) / radii, direction / radii
    roots = np.roots([d @ d, 2 * o @ d, o @ o - 1])
    real = [root.real for root in roots if abs(root.imag) < 1e-12 and root.real > 0]
    return min(real, default=math.inf)


def pixel_ray(camera: Camera, yaw: float, pitch: float, row: float, column: float) -> np.ndarray:
    """Direction through a pixel (fractions allowed), with one unit along the optical axis."""
    left = (camera.width / 2 - 0.5 - column) * camera.pixel
    up = (camera.height / 2 - 0.5 - row) * camera.pixel
    forward = np.array([math.cos(pitch) * math.cos(yaw), math.cos(pitch) * math.sin(yaw), math.sin(pitch)])
    leftward = np.array([-math.sin(yaw), math.cos(yaw), 0.0])
    return forward + left * leftward + up * np.cross(forward, leftward)


def depth_along(camera: Camera, solid: np.ndarray, things: np.ndarray, eye: np.ndarray, direction: np.ndarray) -> float:
    """Depth of the first surface on a ray; `camera.far` for the sky."""
    nearest = box_distance(*wall_boxes(solid, camera.wall_height), eye, direction)
    if direction[2] < 0:
        nearest = min(nearest, -eye[2] / direction[2])
    for x, y, kind in things:
        for part in range(*PART_STARTS[int(kind) : int(kind) + 2]) if kind >= 0 else ():
            height, radius, half = (float(value) for value in PARTS[part, :3])
            centre, radii = np.array([x, y, height]), np.array([radius, radius, half])
            nearest = min(nearest, ellipsoid_distance(centre, radii, eye, direction))
    return min(nearest, camera.far)
