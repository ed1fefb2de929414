"""The nouns of the package: layouts, poses, task contexts, transitions and episodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

Cell = tuple[int, int]
"""A grid cell as (row, column); row 0 is the top row."""

GOAL_RADIUS = 0.4
"""The goal is reached when the body's centre is closer than this to the goal cell's centre, in cells."""


class MazenavError(ValueError):
    """Input that cannot be used; the message is one sentence fit to be shown to a person."""


class LayoutError(MazenavError):
    """A layout, a layout file, a start or a goal that cannot be used."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Walls and free cells of a discrete maze, without start or goal.

    Attributes:
        walls: bool `[R, C]`, true where a cell is wall; row 0 is the top. Read-only after construction.
        name: what a person calls it; may be empty.
        source: how it was made (generator, its parameters and seed, or the file it was read from).
        cell_size: how many metres or lab units one cell stands for.
        thin_walls: the layout is the `(2n+1)` lattice of a maze whose walls have no thickness: cells at odd rows and
            odd columns are its cells, those at even rows or columns stand for posts, walls and passages between them.

    Raises:
        LayoutError: if `walls` is not a two-dimensional array with at least one cell, or has an even side although it
            is said to be a lattice of thin walls.
    """

    walls: np.ndarray
    name: str = ""
    source: Mapping[str, object] = field(default_factory=dict)
    cell_size: float = 1.0
    thin_walls: bool = False

    def __post_init__(self) -> None:
        walls = np.array(self.walls, dtype=np.bool_, order="C")
        if walls.ndim != 2 or walls.size == 0:
            raise LayoutError(f"a layout needs a two-dimensional array of cells, found shape {walls.shape}")
        if self.thin_walls and not (walls.shape[0] % 2 and walls.shape[1] % 2):
            raise LayoutError(
                f"a lattice of thin walls has odd sides (2n + 1), found {walls.shape[0]} x {walls.shape[1]}"
            )
        walls.flags.writeable = False
        object.__setattr__(self, "walls", walls)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.walls.shape[0], self.walls.shape[1]

    def free_cells(self) -> np.ndarray:
        """All free cells as int64 `[F, 2]`, (row, column), in reading order."""
        return np.argwhere(~self.walls)

    def is_free(self, cell: Cell) -> bool:
        """Whether `cell` lies inside the layout and is not a wall."""
        row, column = cell
        return 0 <= row < self.shape[0] and 0 <= column < self.shape[1] and not self.walls[row, column]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Layout) and np.array_equal(self.walls, other.walls)

    def __hash__(self) -> int:
        return hash((self.shape, self.walls.tobytes()))

    def __str__(self) -> str:
        return "\n".join("".join("#" if wall else " " for wall in row) for row in self.walls)


class Pose(NamedTuple):
    """Where a body is: world x (right), world y (up), in cells; yaw in radians counter-clockwise from +x."""

    x: float
    y: float
    yaw: float


@dataclass(frozen=True, eq=False)
class TaskContext:
    """All that the hypermodel reads: an abstract top-down map, a start and a goal.

    Attributes:
        map: float32 `[R, C]`, occupancy in [0, 1], 1 is wall; it may be wrong on purpose.
        start: the start cell (row, column).
        goal: the goal cell (row, column).
    """

    map: np.ndarray
    start: Cell
    goal: Cell


class Transition(NamedTuple):
    """One decision: state `[6]`, action index, next state `[6]`, and how it ended."""

    state: np.ndarray
    action: int
    next_state: np.ndarray
    terminated: bool
    truncated: bool


@dataclass(frozen=True, eq=False)
class Episode:
    """A trajectory in the simulator.

    Attributes:
        layout: the layout it was driven in.
        start: start cell (row, column).
        goal: goal cell (row, column).
        states: float32 `[T + 1, 6]`: x, y, yaw, vx, vy, yaw rate (cells, cells/s, radians, radians/s).
        actions: int64 `[T]`.
        terminated: the goal was reached at the last state.
        truncated: the time limit ended it.
        limit: the time limit in decisions.
        distance: shortest path from start to goal in cells, on the true layout.
    """

    layout: Layout
    start: Cell
    goal: Cell
    states: np.ndarray
    actions: np.ndarray
    terminated: bool
    truncated: bool
    limit: int
    distance: int

    def __len__(self) -> int:
        return len(self.actions)
