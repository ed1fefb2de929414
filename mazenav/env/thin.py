"""Mazes whose walls are thin: driven in a fine grid, told in the units and the lattice of the maze.

World coordinates count the maze's cells: cell (i, j) of an H x W maze has its centre at x = j + 0.5, y = H - i - 0.5,
and is entry (2 i + 1, 2 j + 1) of the lattice bool `[2H + 1, 2W + 1]`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mazenav.layout.lattice import expand
from mazenav.sim.batch import AgentBatch, Outcome
from mazenav.sim.body import Body
from mazenav.sim.sensors import Scene, scene_of
from mazenav.topdown.occupancy import pad_maps, world_to_cells
from mazenav.types import GOAL_RADIUS, MazenavError

CORRIDOR, WALL = 49, 1
"""Thin walls are 2 lab units thick, corridors 98 wide (brushes of the maps): a grid of 2 lab units a cell."""
SCALE = float(CORRIDOR + WALL)
"""Cells of the fine grid in a cell of the maze."""
ORIGIN = WALL / 2
"""Cells of the fine grid at which the maze's x and y begin."""
INSIDE = 0.499
"""How far from its middle a position in an entry of the lattice may be; 0.5 would be the one beside."""


def grid_shape(lattice: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of the fine grid for a lattice's."""
    rows, columns = lattice
    return (rows // 2) * (CORRIDOR + WALL) + WALL, (columns // 2) * (CORRIDOR + WALL) + WALL


class ThinBatch:
    """N agents among thin walls, with the surface of `sim.batch.AgentBatch`.

    Attributes:
        body: as it is in the maze's cells.
        walls: bool `[N, R, C]`, lattices, padded with walls at the top and on the right.
        grid: the agents in the fine grid.
    """

    def __init__(self, n: int, rows: int, columns: int, body: Body) -> None:
        """Room for lattices of R x C.

        Raises:
            MazenavError: if there is no room for an agent, or the body cannot be had so much larger.
        """
        if not (rows % 2 and columns % 2):
            raise MazenavError(f"a shape for lattices of thin walls has odd sides (2n + 1), found {rows} x {columns}")
        self.body = body
        self.walls = np.ones((n, rows, columns), np.bool_)
        self.grid = AgentBatch(n, *grid_shape((rows, columns)), body.rescaled(SCALE), goal_radius=GOAL_RADIUS * SCALE)

    def __len__(self) -> int:
        return len(self.walls)

    @property
    def states(self) -> np.ndarray:
        """float32 `[N, 6]`, x, y, yaw, vx, vy, yaw rate; cells of the maze."""
        states = self.grid.states / np.array([SCALE, SCALE, 1, SCALE, SCALE, 1], np.float32)
        states[:, :2] -= np.float32(ORIGIN / SCALE)
        return states

    @property
    def goals(self) -> np.ndarray:
        """float32 `[N, 2]`, world position of each goal."""
        return self.grid.goals / np.float32(SCALE) - np.float32(ORIGIN / SCALE)

    @property
    def elapsed(self) -> np.ndarray:
        """int64 `[N]`, decisions since the agent was placed."""
        return self.grid.elapsed

    @property
    def limits(self) -> np.ndarray:
        """int64 `[N]`, decisions that it may take."""
        return self.grid.limits

    @property
    def collided(self) -> np.ndarray:
        """Whether the agent ran into a wall in the last decision, bool `[N]`."""
        return self.grid.collided

    def place(
        self,
        index: np.ndarray,
        walls: Sequence[np.ndarray] | np.ndarray,
        starts: np.ndarray,
        goals: np.ndarray,
        yaws: np.ndarray,
        limits: np.ndarray,
    ) -> None:
        """Put agents `index` `[K]` at rest at starts `[K, 2]`, entries of lattices; see `AgentBatch.place`."""
        if not len(index):
            return
        self.walls[index] = pad_maps([np.ones(self.walls.shape[1:], np.bool_), *walls])[1:]
        fine = [expand(np.asarray(lattice, np.bool_), CORRIDOR, WALL) for lattice in walls]
        self.grid.place(index, fine, _fine(starts), _fine(goals), yaws, limits)

    def step(self, actions: np.ndarray, active: np.ndarray | None = None) -> Outcome:
        """One decision; see `AgentBatch.step`."""
        return self.grid.step(actions, active)

    def step_commands(self, commands: np.ndarray, active: np.ndarray | None = None) -> Outcome:
        """One decision by commands, in cells of the maze; see `AgentBatch.step_commands`."""
        stretched = self.grid.body.full_command / np.where(self.body.full_command == 0, 1, self.body.full_command)
        return self.grid.step_commands(np.asarray(commands) * stretched, active)

    def scene(self) -> Scene:
        """What sensors look at."""
        return scene_of(self.grid, SCALE)


def on_lattice(walls: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Where positions lie if the lattice is looked at as a map of thick walls: float64 `[N, 2]`, x right, y up.

    Half of a cell's width becomes the entry of the cell and a quarter on each side half of the entry beside it, unless
    that is wall; so nobody stands in a wall, and the middle of a cell is the middle of its entry.

    Args:
        walls: `[N, R, C]`, 1 or true is wall.
        positions: `[N, 2]` in cells of the maze.
    """
    n, rows, columns = walls.shape
    cells = np.clip(np.floor(np.asarray(positions, np.float64)), 0, (columns // 2 - 1, rows // 2 - 1))
    middles = 2 * cells + 1.5
    off = np.clip(2 * (np.asarray(positions, np.float64) - cells - 0.5), -1, 1)
    sideways = np.abs(off[:, 0]) > np.abs(off[:, 1])
    agents = np.arange(n)
    for axis in (0, 1):
        beside = middles.copy()
        beside[:, axis] += np.sign(off[:, axis])
        entry = world_to_cells(beside, rows)
        blocked = (walls[agents, entry[:, 0], entry[:, 1]] != 0) | (sideways == bool(axis))
        off[:, axis] = np.where(blocked, np.clip(off[:, axis], -INSIDE, INSIDE), off[:, axis])
    return middles + off


def _fine(entries: np.ndarray) -> np.ndarray:
    """The cell of the fine grid in the middle of an odd entry of the lattice."""
    return (np.asarray(entries) // 2) * (CORRIDOR + WALL) + WALL + CORRIDOR // 2
