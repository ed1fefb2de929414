"""The map around an agent, as seen from above: what a local planner or a mapping sensor works on."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.sim.batch import AgentBatch
from mazenav.sim.sensors.scene import Scene, scene_of
from mazenav.types import MazenavError

MAX_SIDE = 4096


@njit(cache=True, nogil=True, error_model="numpy")
def crop(
    states: np.ndarray, solid: np.ndarray, layers: np.ndarray, step: np.float32, rotated: bool, crops: np.ndarray
) -> None:
    """Cut squares out of grids, around and along agents; arguments as in `local_map`."""
    side = crops.shape[1]
    across, along = solid.shape[1], solid.shape[2]
    half = np.float32(0.5) * np.float32(side - 1)
    for agent in range(len(states)):
        sine, cosine = np.float32(1), np.float32(0)
        if rotated:
            sine, cosine = np.float32(np.sin(states[agent, 2])), np.float32(np.cos(states[agent, 2]))
        x, y = states[agent, 0] + np.float32(1), states[agent, 1] + np.float32(1)
        for row in range(side):
            ahead = (half - np.float32(row)) * step
            for column in range(side):
                right = (np.float32(column) - half) * step
                i = np.floor(x + cosine * ahead + sine * right)
                j = np.floor(y + sine * ahead - cosine * right)
                inside = 0 <= i < across and 0 <= j < along
                crops[agent, row, column] = solid[layers[agent], int(i), int(j)] if inside else 1


def local_map(
    seen: Scene | AgentBatch, side: int = 9, cells_per_pixel: float = 1.0, rotated: bool = True
) -> np.ndarray:
    """The walls around each agent: uint8 `[N, S, S]`, 1 is wall, as is all that lies outside of the layout.

    Each pixel tells of its centre; the agent is at the centre of the picture.

    Args:
        seen: a scene or a batch.
        side: S, pixels a side.
        cells_per_pixel: cells of the maze a side of a pixel.
        rotated: row 0 lies ahead of the agent; otherwise it lies north (towards +y).

    Raises:
        MazenavError: if an argument is out of range, or an agent stands outside of its grid.
    """
    scene = seen if isinstance(seen, Scene) else scene_of(seen)
    if not 1 <= side <= MAX_SIDE:
        raise MazenavError(f"side must be 1 to {MAX_SIDE} pixels, found {side}")
    if not 0 < cells_per_pixel <= 1000:
        raise MazenavError(f"cells_per_pixel must lie above 0 and not above 1000, found {cells_per_pixel}")
    crops = np.empty((len(scene.states), side, side), np.uint8)
    step = np.float32(cells_per_pixel * scene.cells_per_unit)
    crop(scene.checked_states(), scene.solid, scene.grid_of, step, rotated, crops)
    return crops
