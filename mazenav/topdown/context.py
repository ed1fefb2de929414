"""Task contexts, and the two control maps that tell a map-reader from an agent that ignores its map."""

from __future__ import annotations

import numpy as np

from mazenav.layout.graph import check_task
from mazenav.topdown.occupancy import occupancy
from mazenav.types import Cell, Layout, MazenavError, TaskContext


def make_context(layout: Layout, start: Cell, goal: Cell, map: np.ndarray | None = None) -> TaskContext:
    """The task of driving from `start` to `goal` in a layout, with the map that the agent is given.

    Args:
        layout: the true layout; start and goal are checked against it.
        start: start cell (row, column).
        goal: goal cell (row, column).
        map: float `[R, C]` in [0, 1], 1 is wall; the true occupancy unless given. It may be wrong on purpose.

    Raises:
        LayoutError: if start or goal lie outside, in a wall, on each other, or are cut off from each other.
        MazenavError: if the map has not the layout's shape, or numbers outside [0, 1].
    """
    check_task(layout, start, goal)
    given = occupancy(layout) if map is None else np.array(map, np.float32)
    if given.shape != layout.shape:
        raise MazenavError(f"the map must have the layout's shape {layout.shape}, found {given.shape}")
    if not bool(np.all((given >= 0) & (given <= 1))):
        raise MazenavError("the map must hold occupancy between 0 and 1 in every cell, found other numbers")
    given.flags.writeable = False
    return TaskContext(given, (int(start[0]), int(start[1])), (int(goal[0]), int(goal[1])))


def interior(shape: tuple[int, int]) -> np.ndarray:
    """The cells that are not on the border, bool `[R, C]`; none if a side is shorter than 3."""
    inside = np.zeros(shape, np.bool_)
    inside[1:-1, 1:-1] = True
    return inside


def blank_map(layout: Layout) -> np.ndarray:
    """The control that says nothing: float32 `[R, C]`, a wall all around and free cells inside."""
    return (~interior(layout.shape)).astype(np.float32)


def shuffled_map(layout: Layout, rng: np.random.Generator) -> np.ndarray:
    """The control that misleads: float32 `[R, C]`, the layout's interior cells permuted, its border kept."""
    grid = occupancy(layout)
    inside = interior(layout.shape)
    grid[inside] = rng.permutation(grid[inside])
    return grid
