"""Where the cells of a file lie in the world of the engine that the file is for.

A frame is x = a row + b column + c, and the same for y, with the row and the column of a cell's centre:

| format | x | y | source |
|---|---|---|---|
| `lab` | 100 (column + 0.5) | 100 (R - row - 0.5) | deepmind/lab, text_level.md: lab units, y up |
| `nav_maze` | 50 column | 50 (R - 1 - row) | the same world; a lattice has two rows for each cell |
| `maze_map` | s (column + 0.5 - C / 2) | s (R / 2 - row - 0.5) | Gymnasium-Robotics maze_v4.py, s = `cell_size` |
| `ogbench` | 4 column - 4 | 4 row - 4 | ogbench/locomaze/maze.py: y down |
| `d4rl` | row + 1 | column + 1 | d4rl/pointmaze/maze_model.py: the row is x |
| `movingai` | column | row | movingai.com/benchmarks/formats.html |
"""

from __future__ import annotations

from typing import NamedTuple

from mazenav.types import Cell, Layout, LayoutError


class Frame(NamedTuple):
    """The world of an engine: each of x and y as (factor of the row, factor of the column, constant)."""

    x: tuple[float, float, float]
    y: tuple[float, float, float]


def frame_of(layout: Layout) -> Frame:
    """The frame of the format that a layout was read from.

    Raises:
        LayoutError: if it was read from no file, or from one of a format that has no world of its own.
    """
    rows, columns = layout.shape
    size = layout.cell_size
    frames = {
        "lab": Frame((0, 100, 50), (-100, 0, 100 * rows - 50)),
        "nav_maze": Frame((0, 50, 0), (-50, 0, 50 * (rows - 1))),
        "maze_map": Frame((0, size, size * (0.5 - columns / 2)), (-size, 0, size * (rows / 2 - 0.5))),
        "ogbench": Frame((0, 4, -4), (4, 0, -4)),
        "d4rl": Frame((1, 0, 1), (0, 1, 1)),
        "movingai": Frame((0, 1, 0), (1, 0, 0)),
    }
    format = layout.source.get("format")
    if format not in frames:
        raise LayoutError(f"layout {layout.name!r} is from no file whose format has a world ({', '.join(frames)})")
    return frames[str(format)]


def position_of(layout: Layout, cell: Cell) -> tuple[float, float]:
    """The centre of a cell in the world of the layout's engine, in that engine's units.

    Raises:
        LayoutError: as `frame_of`.
    """
    x, y = frame_of(layout)
    return x[0] * cell[0] + x[1] * cell[1] + x[2], y[0] * cell[0] + y[1] * cell[1] + y[2]


def cell_at(layout: Layout, x: float, y: float) -> Cell:
    """The cell of the layout whose centre is nearest to a position in its engine's world; the inverse of `position_of`.

    Raises:
        LayoutError: as `frame_of`, or if the position lies outside the layout.
    """
    along_x, along_y = frame_of(layout)
    dx, dy = x - along_x[2], y - along_y[2]
    determinant = along_x[0] * along_y[1] - along_x[1] * along_y[0]
    row = round((dx * along_y[1] - dy * along_x[1]) / determinant)
    column = round((dy * along_x[0] - dx * along_y[0]) / determinant)
    if not (0 <= row < layout.shape[0] and 0 <= column < layout.shape[1]):
        raise LayoutError(f"the position x {x:g}, y {y:g} lies outside layout {layout.name!r}")
    return row, column
