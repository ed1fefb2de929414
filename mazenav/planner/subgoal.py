"""Subgoals on the way to a far goal: down a field of decisions to go, or from landmark to landmark of a path.

Zhao & Wong (arXiv 2412.12024) drive to far goals with an agent for near ones, by landmarks that are given to it. Here
the field that an agent predicts for the far goal can take their place.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mazenav.types import Cell


def descend(field: np.ndarray, start: Cell, cells: int) -> list[Cell]:
    """The steepest way down a field, from cell to cell beside it; ties go up, down, left, right in this order.

    It has no diagonal steps, since a field does not tell whether a wall stands in their corner.

    Args:
        field: what is left to go from every cell, float `[R, C]`; infinite or NaN where no way may lead.
        start: where it begins, whatever the field holds there.
        cells: steps after which it ends; it ends sooner where no neighbour lies lower.

    Returns:
        The cells of the way, `start` first.
    """
    rows, columns = field.shape
    way = [start]
    for _ in range(cells):
        row, column = way[-1]
        lowest, step = field[row, column], None
        if np.isnan(lowest):
            lowest = np.inf
        for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            if 0 <= r < rows and 0 <= c < columns and field[r, c] < lowest:
                lowest, step = field[r, c], (r, c)
        if step is None:
            break
        way.append(step)
    return way


def next_subgoal(field: np.ndarray, cell: Cell, goal: Cell, reach: int) -> Cell:
    """The subgoal of a body in a cell: `reach` cells down the field, or the goal where it is nearer.

    Where the field leads nowhere from the cell, as in a dip that is not the goal's, it is the goal too.
    """
    end = descend(field, cell, reach)[-1]
    return goal if end == cell else end


def is_passed(field: np.ndarray, cell: Cell, subgoal: Cell, ahead: int) -> bool:
    """Whether a body in a cell has no more left to go than from its subgoal, or comes to it within `ahead` cells."""
    return bool(field[cell] <= field[subgoal]) or subgoal in descend(field, cell, ahead)


def landmarks(path: Sequence[Cell], spacing: int) -> list[Cell]:
    """Every `spacing`-th cell of a path, its start left out, and its end."""
    return [*path[spacing:-1:spacing], path[-1]]


def next_landmark(steps: Sequence[int], current: int) -> int:
    """Which landmark to drive to: a later one once the current is reached, or where a later one is nearer by path.

    Args:
        steps: how far it is from the body to each landmark, in cells along a shortest path; -1 where there is no way.
        current: index of the landmark that it drives to.
    """
    for later in range(current + 1, len(steps)):
        if steps[current] == 0 or 0 <= steps[later] < steps[current]:
            current = later
    return current
