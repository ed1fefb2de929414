"""Levels: where walls are, and where the agent, goals and apples may be.

Places are in units of 100 lab units: x to the right and y up, as in that engine.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from mazenav.env.lab.errors import LabError, LabTypeError
from mazenav.layout.formats.marks import goals_of, marked_cells, starts_of
from mazenav.layout.formats.reading import parse_layouts, read_layout
from mazenav.layout.graph import distances
from mazenav.types import Cell, Layout

DIRECTORY_VARIABLE = "MAZENAV_LAB_LEVELS"
APPLES = ("A", "apple_reward")
"""What the two formats call an apple."""
SECONDS = {"01": 60.0, "02": 150.0, "03": 300.0}
"""Length of an episode in the levels `nav_maze_*_01` and so on (game_scripts/levels); 60 in any other."""
RANDOM_GOAL = "random_goal"
SPAWN_UNITS = 4
"""A drawn spawn lies farther than this from the goal (random_goal_factory.lua: 8 steps on the lattice)."""


@dataclass(frozen=True, eq=False)
class LabLevel:
    """A level as it was read.

    Attributes:
        name: what it is called.
        layout: its walls; the lattice of a level with thin walls.
        spawns: cells where the agent may begin.
        goals: cells of its goals.
        apples: cells of its apples.
        seconds: length of an episode.
        is_drawn: whether an episode draws its goal, apples and spawns: `nav_maze_random_goal_*`, and bare mazes.
    """

    name: str
    layout: Layout
    spawns: list[Cell]
    goals: list[Cell]
    apples: list[Cell]
    seconds: float
    is_drawn: bool

    def cells(self) -> list[Cell]:
        """Where things may stand: free cells, in a lattice those that are cells of the maze."""
        free = [(int(row), int(column)) for row, column in self.layout.free_cells()]
        return [cell for cell in free if not self.layout.thin_walls or (cell[0] % 2 and cell[1] % 2)]

    def places(self, cells: list[Cell]) -> np.ndarray:
        """Centres of cells in units, float64 `[K, 2]`."""
        rows, columns = np.array(cells, float).reshape(-1, 2).T
        height = self.layout.shape[0]
        if self.layout.thin_walls:
            return np.stack([columns / 2, (height - 1 - rows) / 2], axis=1)
        return np.stack([columns + 0.5, height - 0.5 - rows], axis=1)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in units."""
        rows, columns = self.layout.shape
        return ((columns - 1) / 2, (rows - 1) / 2) if self.layout.thin_walls else (float(columns), float(rows))


@dataclass(frozen=True)
class Arrangement:
    """Where things are in one episode: cells; the agent begins in one of `spawns`."""

    goals: list[Cell]
    apples: list[Cell]
    spawns: list[Cell] = field(repr=False)


def arrange(level: LabLevel, density: float, rng: np.random.Generator) -> Arrangement:
    """Things where the level has them; else drawn as random_goal_factory.lua draws them.

    Raises:
        LabError: if no cell is left for the agent.
    """
    if not level.is_drawn:
        return Arrangement(level.goals, level.apples, level.spawns)
    cells = level.cells()
    goal = cells[rng.integers(len(cells))]
    to_go = distances(level.layout.walls, goal)
    step = 2 if level.layout.thin_walls else 1
    joined = [cell for cell in cells if to_go[cell] > 0]
    if not joined:
        raise LabError(f"{level.name}: no free cell is joined to the goal that was drawn at {goal}")
    apples = [joined[i] for i in rng.permutation(len(joined))[: int(density * len(joined) + 0.5)]]
    far = [cell for cell in joined if to_go[cell] > SPAWN_UNITS * step]
    return Arrangement([goal], apples, far or joined)


def load_level(level: str, directory: Path | None, seconds: float | None) -> LabLevel:
    """A level from its text, the path of its file, or its name.

    Args:
        level: text (of more than one line), a path, or the name of a file in `directory` without its suffix.
        directory: where names are looked up; None for what the environment variable says.
        seconds: length of an episode; None for what the level's name says.

    Raises:
        LabTypeError: if the level is not a string.
        LayoutError: if the level cannot be read; or has no room for agent and goal.
    """
    if not isinstance(level, str):
        raise LabTypeError(f"level must be str, not {type(level).__name__}")
    if "\n" in level.strip("\n"):
        layout, name = parse_layouts(level.encode(), "the text of the level", "lab")[0], "text"
    else:
        path = _path_of(level, directory)
        layout, name = read_layout(path), path.stem
    entities = layout.source.get("entities")
    named = entities if isinstance(entities, Mapping) else {}
    apples = [cell for key in APPLES for cell in marked_cells(named.get(key), layout)]
    starts, goals = starts_of(layout), goals_of(layout)
    length = seconds if seconds is not None else SECONDS.get(name[-2:] if "nav_maze" in name else "", 60.0)
    is_drawn = RANDOM_GOAL in name or not (starts or goals or apples)
    read = LabLevel(name, layout, starts, goals, apples, length, is_drawn)
    spawns = starts or [cell for cell in read.cells() if cell not in goals]
    if len(read.cells()) < 2 or not spawns:
        raise LabError(f"{name}: a level needs two free cells, one for the agent and one for the goal")
    return replace(read, spawns=spawns)


def _path_of(level: str, directory: Path | None) -> Path:
    """The file of a level; its name must not lead out of the folder.

    Raises:
        LabError: if there is no such file, saying what to set.
    """
    if os.sep in level or level.endswith(".txt"):
        return Path(level)
    if not level:
        raise LabError("a level is told by its text, the path of its file or its name, found an empty string")
    folder = directory or (Path(told) if (told := os.environ.get(DIRECTORY_VARIABLE)) else None)
    if folder is None:
        raise LabError(
            f"the level {level!r} is looked up by name: set config={{'levelDirectory': FOLDER}} or the environment "
            f"variable {DIRECTORY_VARIABLE} to the folder that holds {level}.txt, or give its text or path instead"
        )
    path = folder / f"{level}.txt"
    if not path.is_file():
        raise LabError(f"{folder}: there is no level {level!r} in this folder, which would be the file {level}.txt")
    return path
