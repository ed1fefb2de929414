"""Layouts and episodes made by hand: a body that slides along the shortest path."""

from __future__ import annotations

import numpy as np

from mazenav.layout.graph import shortest_path
from mazenav.topdown.occupancy import cells_to_world
from mazenav.types import Cell, Episode, Layout

CORRIDOR = """
#########
#       #
# ##### #
# #   # #
#   #   #
#########
"""


def layout_of(text: str, name: str = "") -> Layout:
    """A layout drawn with `#` for walls."""
    return Layout(np.array([[letter == "#" for letter in line] for line in text.strip().splitlines()]), name)


def drive(layout: Layout, start: Cell, goal: Cell, success: bool = True) -> Episode:
    """Two decisions a cell along the shortest path; a failed episode turns round half way."""
    cells = shortest_path(layout.walls, start, goal)
    half = cells[: len(cells) // 2]
    way = cells if success else half + half[::-1]
    centres = cells_to_world(np.array(way), layout.shape[0])
    steps = np.linspace(0, len(way) - 1, 2 * len(way) - 1)
    states = np.zeros((len(steps), 6), np.float32)
    for axis in range(2):
        states[:, axis] = np.interp(steps, np.arange(len(way)), centres[:, axis])
    ahead = np.diff(states[:, :2], axis=0)
    states[:-1, 2] = np.arctan2(ahead[:, 1], ahead[:, 0])
    states[-1, 2] = states[-2, 2]
    distance = len(cells) - 1
    return Episode(
        layout=layout,
        start=start,
        goal=goal,
        states=states,
        actions=np.full(len(states) - 1, 2),
        terminated=success,
        truncated=not success,
        limit=20 + 12 * distance,
        distance=distance,
    )
