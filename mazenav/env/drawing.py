"""Pictures and text of what an agent does, for `render`."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mazenav.sim.interface import World
from mazenav.topdown.occupancy import cell_of, world_to_cells
from mazenav.topdown.render import Marks, draw_map
from mazenav.types import Cell, MazenavError, Pose

RENDER_MODES = ("rgb_array", "ansi")
ARROWS = ">^<v"


def check_render_mode(mode: str | None, modes: Sequence[str] = RENDER_MODES) -> str | None:
    """`mode` itself.

    Raises:
        MazenavError: if it is none of `modes`.
    """
    if mode is not None and mode not in modes:
        raise MazenavError(f"render_mode must be one of {', '.join(modes)} or None, found {mode!r}")
    return mode


def draw(batch: World, agent: int, start: Cell, trail: np.ndarray | None, mode: str) -> np.ndarray | str:
    """One agent in its layout: uint8 `[H, W, 3]` for `rgb_array`, text for `ansi`.

    Pictures show the padded map, so that every picture of an environment has one size.

    Args:
        batch: the agents.
        agent: which of them.
        start: its start cell in the padded map.
        trail: world positions `[T, 2]` since the start, if they are to be drawn.
        mode: one of `RENDER_MODES`.
    """
    walls = batch.walls[agent]
    x, y, yaw = (float(value) for value in batch.states[agent, :3])
    row, column = world_to_cells(batch.goals[agent], len(walls)).tolist()
    if mode == "rgb_array":
        return draw_map(walls, Marks(start=start, goal=(row, column), path=trail, body=Pose(x, y, yaw)))
    cells = [["#" if wall else " " for wall in line] for line in walls]
    cells[row][column] = "G"
    here = cell_of(x, y, len(walls))
    cells[here[0]][here[1]] = ARROWS[round(yaw / (math.pi / 2)) % 4]
    return "\n".join("".join(line) for line in cells)
