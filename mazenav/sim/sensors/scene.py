"""What sensors look at: agents, the grids of wall that they are in, and what stands about."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from mazenav.sim.batch import AgentBatch
from mazenav.sim.sensors.textures import SEED, STYLES, region_styles
from mazenav.sim.sensors.things import GOAL, PART_STARTS
from mazenav.types import MazenavError

PATCH = 5
"""Cells of the maze a side of the squares whose walls look alike."""


@dataclass(frozen=True)
class Scene:
    """N agents, each in one of L grids; the arrays are looked at, never copied or written.

    Attributes:
        states: float32 `[N, 3 or more]`, x, y (cells of the grid), yaw (radians) and whatever else.
        solid: uint8 `[L, X + 2, Y + 2]`, walls by (x, y) with a ring of wall, as `AgentBatch.solid`; C-contiguous.
        layers: int64 `[N]`, which grid each agent is in; None if agent i is in grid i.
        things: float32 `[N, E, 3]`, x, y and kind (`things.GOAL`, `things.APPLE`, -1 for none) of what stands about.
        pitches: float32 `[N]`, how far each looks up, in radians; None for straight ahead.
        styles: uint8 `[1 or L, X + 2, Y + 2]`, how walls and floor of each cell look, 0 .. `textures.STYLES` - 1; None
            for squares of `PATCH` cells of the maze.
        cells_per_unit: cells of the grid in one cell of the maze, where thin walls make it finer (layout.lattice).

    Raises:
        MazenavError: if the arrays do not fit together.
    """

    states: np.ndarray
    solid: np.ndarray
    layers: np.ndarray | None = None
    things: np.ndarray | None = None
    pitches: np.ndarray | None = None
    styles: np.ndarray | None = None
    cells_per_unit: float = 1.0

    def __post_init__(self) -> None:
        n, solid = len(self.states), self.solid
        if self.states.ndim != 2 or self.states.shape[1] < 3:
            raise MazenavError(f"states need the shape (agents, 3 or more), found {self.states.shape}")
        if solid.ndim != 3 or solid.dtype != np.uint8 or not solid.flags.c_contiguous or min(solid.shape) < 1:
            raise MazenavError(f"solid must be contiguous uint8 [L, X + 2, Y + 2], found {solid.dtype} {solid.shape}")
        if self.layers is None and n != len(solid):
            raise MazenavError(f"without layers there must be a grid for each of the {n} agents, found {len(solid)}")
        if self.layers is not None and self.layers.shape != (n,):
            raise MazenavError(f"layers need one index for each of the {n} agents, found {self.layers.shape}")
        if self.things is not None and (self.things.ndim != 3 or self.things.shape[::2] != (n, 3)):
            raise MazenavError(f"things need the shape ({n}, any, 3), found {self.things.shape}")
        if self.pitches is not None and self.pitches.shape != (n,):
            raise MazenavError(f"pitches need one angle for each of the {n} agents, found {self.pitches.shape}")
        if self.styles is not None and self.styles.shape not in {solid.shape, (1, *solid.shape[1:])}:
            raise MazenavError(f"styles need the shape {solid.shape} or one layer of it, found {self.styles.shape}")
        if not 0 < self.cells_per_unit < 1e4:
            raise MazenavError(f"cells_per_unit must lie between 0 and 10,000, found {self.cells_per_unit}")

    def checked_states(self) -> np.ndarray:
        """The states in float32, once every agent is known to stand inside its grid.

        Raises:
            MazenavError: naming the first that does not.
        """
        states = self.states.astype(np.float32, copy=False)
        sides = np.array(self.solid.shape[1:], np.float32) - 2
        inside = ((states[:, :2] >= 0) & (states[:, :2] < sides)).all(1) & np.isfinite(states[:, 2])
        if not inside.all():
            agent = int(np.argmin(inside))
            raise MazenavError(
                f"agent {agent} must stand inside of its grid, found x, y, yaw {states[agent, :3].tolist()}"
            )
        return states

    @cached_property
    def grid_of(self) -> np.ndarray:
        """int64 `[N]`: which grid each agent is in.

        Raises:
            MazenavError: if there is no such grid.
        """
        if self.layers is None:
            return np.arange(len(self.states))
        layers = self.layers.astype(np.int64, copy=False)
        if len(layers) and not (layers.min() >= 0 and layers.max() < len(self.solid)):
            raise MazenavError(
                f"layers must lie from 0 to {len(self.solid) - 1}, found {layers.min()} .. {layers.max()}"
            )
        return layers

    @cached_property
    def looks(self) -> np.ndarray:
        """`styles`, or the usual ones.

        Raises:
            MazenavError: if there is no such style.
        """
        if self.styles is None:
            return usual_styles(*self.solid.shape[1:], max(1, round(PATCH * self.cells_per_unit)))
        if self.styles.dtype != np.uint8 or self.styles.max() >= STYLES:
            raise MazenavError(f"styles must be uint8 from 0 to {STYLES - 1}")
        return np.ascontiguousarray(self.styles)

    def checked_things(self) -> np.ndarray:
        """`things` in float32, empty if there are none.

        Raises:
            MazenavError: if there is no such kind.
        """
        if self.things is None:
            return np.empty((len(self.states), 0, 3), np.float32)
        things = np.ascontiguousarray(self.things, np.float32)
        there = things[..., 2] >= 0
        if not (things[there] < 1e9).all() or not (things[there][:, 2] < len(PART_STARTS) - 1).all():
            raise MazenavError(f"things need finite places and kinds from -1 to {len(PART_STARTS) - 2}")
        return things


@lru_cache(maxsize=16)
def usual_styles(columns: int, rows: int, patch: int) -> np.ndarray:
    """Styles in squares of `patch` cells, uint8 `[1, X, Y]`, read-only."""
    styles = region_styles(columns, rows, patch, SEED)[None]
    styles.flags.writeable = False
    return styles


def scene_of(batch: AgentBatch, cells_per_unit: float = 1.0) -> Scene:
    """The agents of a batch, each with its goal to see."""
    goals = np.full((len(batch), 1, 3), GOAL, np.float32)
    goals[:, 0, :2] = batch.goals
    return Scene(batch.states, batch.solid, things=goals, cells_per_unit=cells_per_unit)
