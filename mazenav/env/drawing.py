"""Pictures and text of what an agent does, for `render`."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mazenav.env.thin import ThinBatch, on_lattice
from mazenav.sim.interface import World
from mazenav.topdown.occupancy import cell_of, world_to_cells
from mazenav.topdown.render import Marks, draw_map
from mazenav.types import Cell, MazenavError, Pose

RENDER_MODES = ("rgb_array", "ansi")
"""Of vector environments; a single one also opens a window in mode `human`."""
ARROWS = ">^<v"


def check_render_mode(mode: str | None, modes: Sequence[str] = RENDER_MODES) -> str | None:
    """`mode` itself.

    Raises:
        MazenavError: if it is none of `modes`.
    """
    if mode is not None and mode not in modes:
        raise MazenavError(f"render_mode must be one of {', '.join(modes)} or None, found {mode!r}")
    return mode


def draw(world: World, agent: int, start: Cell, trail: np.ndarray | None, cell_pixels: int | None = None) -> np.ndarray:
    """One agent on its map: uint8 `[H, W, 3]`.

    Pictures show the padded map, so that every picture of an environment has one size.

    Args:
        world: the agents.
        agent: which of them.
        start: its start cell in the padded map.
        trail: world positions `[T, 2]` since the start, if they are to be drawn.
        cell_pixels: of the map; as many as make it a good size unless given.
    """
    walls = world.walls[agent]
    x, y = _on_map(world, agent, world.states[agent : agent + 1, :2])[0].tolist()
    path = None if trail is None else _on_map(world, agent, trail)
    body = Pose(x, y, float(world.states[agent, 2]))
    return draw_map(walls, Marks(start=start, goal=_goal(world, agent), path=path, body=body), cell_pixels=cell_pixels)


def write(world: World, agent: int) -> str:
    """One agent on its map as text: `#` is wall, `G` the goal, one of `>^<v` the agent."""
    walls = world.walls[agent]
    cells = [["#" if wall else " " for wall in line] for line in walls]
    row, column = _goal(world, agent)
    cells[row][column] = "G"
    x, y = _on_map(world, agent, world.states[agent : agent + 1, :2])[0].tolist()
    here = cell_of(x, y, len(walls))
    cells[here[0]][here[1]] = ARROWS[round(float(world.states[agent, 2]) / (math.pi / 2)) % 4]
    return "\n".join("".join(line) for line in cells)


def _on_map(world: World, agent: int, positions: np.ndarray) -> np.ndarray:
    """World positions `[T, 2]` as positions on the map that is drawn."""
    if not isinstance(world, ThinBatch):
        return positions
    return on_lattice(np.repeat(world.walls[agent : agent + 1], len(positions), axis=0), positions)


def _goal(world: World, agent: int) -> Cell:
    row, column = world_to_cells(
        _on_map(world, agent, world.goals[agent : agent + 1])[0], world.walls.shape[1]
    ).tolist()
    return row, column
