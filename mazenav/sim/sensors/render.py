"""First-person pictures and depths of a batch of agents, and range scans: the calls that reach the kernels."""

from __future__ import annotations

import math

import numpy as np

from mazenav.sim.batch import AgentBatch
from mazenav.sim.sensors.camera import Camera
from mazenav.sim.sensors.rays import scan
from mazenav.sim.sensors.scene import Scene, scene_of
from mazenav.sim.sensors.textures import atlas
from mazenav.sim.sensors.view import STRIDE, draw_views
from mazenav.types import MazenavError

USUAL = Camera()
MAX_RAYS = 100_000


def render_rgb(seen: Scene | AgentBatch, camera: Camera = USUAL, out: np.ndarray | None = None) -> np.ndarray:
    """What each agent sees: uint8 `[N, H, W, 3]`, row 0 at the top, red first.

    Args:
        seen: a scene, or a batch, whose goals are seen too.
        camera: the same for all.
        out: where to draw, instead of a new array.

    Raises:
        MazenavError: if an agent stands outside of its grid, or `out` has another shape.
    """
    scratch = np.empty((1, camera.height, camera.width), np.float32)
    return _draw(_scene(seen), camera, out, scratch)


def render_depth(seen: Scene | AgentBatch, camera: Camera = USUAL) -> np.ndarray:
    """How far away is what each agent sees: float32 `[N, H, W]`, in cells of the maze, up to `camera.far` (as the sky).

    This is the depth along the optical axis (z-depth), which is the same all over a wall that faces the camera; times
    `camera.ray_lengths()` it is the distance from the eye (range).

    Raises:
        MazenavError: if an agent stands outside of its grid.
    """
    return render_rgbd(seen, camera)[1]


def render_rgbd(seen: Scene | AgentBatch, camera: Camera = USUAL) -> tuple[np.ndarray, np.ndarray]:
    """`render_rgb` and `render_depth` at once.

    Raises:
        MazenavError: if an agent stands outside of its grid.
    """
    scene = _scene(seen)
    depths = np.empty((len(scene.states), camera.height, camera.width), np.float32)
    pictures = _draw(scene, camera, None, depths)
    depths /= np.float32(scene.cells_per_unit)
    return pictures, np.minimum(depths, np.float32(camera.far), out=depths)


def range_scan(
    seen: Scene | AgentBatch,
    n_rays: int = 64,
    fov: float = 360.0,
    reach: float = math.inf,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """How far each agent is from walls all around: float32 `[N, n]`, in cells of the maze, at most `reach`.

    Ray i points `((i + 0.5) / n - 0.5) * fov` degrees to the left of the body's heading: from right to left.

    Args:
        seen: a scene or a batch.
        n_rays: n.
        fov: degrees that the rays share.
        reach: in cells of the maze.
        out: where to write, instead of a new array.

    Raises:
        MazenavError: if an argument is out of range, or an agent stands outside of its grid.
    """
    scene = _scene(seen)
    if not 1 <= n_rays <= MAX_RAYS:
        raise MazenavError(f"n_rays must be 1 to {MAX_RAYS}, found {n_rays}")
    if not 0 < fov <= 360:
        raise MazenavError(f"fov must lie above 0 and not above 360 degrees, found {fov}")
    if not reach > 0:
        raise MazenavError(f"reach must be above 0 cells, found {reach}")
    angles = ((np.arange(n_rays) + 0.5) / n_rays - 0.5) * math.radians(fov)
    base = np.array([np.cos(angles), np.sin(angles)], np.float32)
    stride = max(1, min(STRIDE, math.ceil(170 * n_rays / fov) - 1))
    ranges = _checked_out(out, (len(scene.states), n_rays), np.dtype(np.float32))
    limit = np.float32(min(reach * scene.cells_per_unit, 1e9))
    scan(scene.checked_states(), scene.solid, scene.grid_of, base, stride, limit, ranges)
    if scene.cells_per_unit != 1:
        ranges /= np.float32(scene.cells_per_unit)
    return ranges


def _scene(seen: Scene | AgentBatch) -> Scene:
    return seen if isinstance(seen, Scene) else scene_of(seen)


def _checked_out(out: np.ndarray | None, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    if out is None:
        return np.empty(shape, dtype)
    if out.shape != shape or out.dtype != dtype or not out.flags.c_contiguous:
        raise MazenavError(f"out must be contiguous {dtype} of shape {shape}, found {out.dtype} of shape {out.shape}")
    return out


def _draw(scene: Scene, camera: Camera, out: np.ndarray | None, depths: np.ndarray) -> np.ndarray:
    """Draw into `out` or a new array; depths, in cells of the grid, into `depths`."""
    n, scale = len(scene.states), scene.cells_per_unit
    pictures = _checked_out(out, (n, camera.height, camera.width, 3), np.dtype(np.uint8))
    poses = np.zeros((n, 4), np.float32)
    poses[:, :3] = scene.checked_states()[:, :3]
    if scene.pitches is not None:
        if not (np.abs(scene.pitches) < math.pi / 2).all():
            raise MazenavError("pitches must lie between -pi / 2 and pi / 2")
        poses[:, 3] = scene.pitches
    lens = np.array(
        [camera.pixel, camera.eye_height * scale, camera.wall_height * scale, camera.far * scale], np.float32
    )
    left, up = camera.offsets()
    draw_views(
        poses,
        scene.solid,
        scene.grid_of,
        scene.looks,
        scene.checked_things(),
        np.float32(1 / scale),
        lens,
        left,
        up,
        atlas(),
        pictures,
        depths,
    )
    return pictures
