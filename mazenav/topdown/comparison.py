"""Truth and wrong map side by side, with every wrong cell marked by colour and by shape."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mazenav.topdown.palette import FAINT, INK, WALL, Colour
from mazenav.topdown.paper import (
    MARGIN,
    Sheet,
    cell_inches,
    check_drawable,
    draw_cells,
    draw_marks,
    draw_sheet,
    draw_walls,
    drawn_size,
    rgb,
)
from mazenav.topdown.perturb import PerturbedMap
from mazenav.topdown.render import Marks
from mazenav.types import Layout

INVENTED: Colour = (230, 140, 20)
"""A wall that the map shows and that is not there."""
MISSING: Colour = (38, 110, 200)
"""A wall that the map does not show."""
SIDE = 3.4
"""Inches of the longer side of each map."""
GAP = 0.22
"""Inches between the two."""
HEAD, FOOT = 0.24, 0.28
"""Inches of the titles above and of the legend below."""


def comparison_figure(wrong: PerturbedMap, marks: Marks | None = None, *, long_side: float = SIDE) -> Figure:
    """The true layout at the left, the wrong map at the right.

    Args:
        wrong: the wrong map with the truth beside it.
        marks: start, goal and way, drawn on both.
        long_side: inches of the longer side of each map, unless cells would grow larger than 0.3 inches.

    Raises:
        MazenavError: if the layout is too large to be drawn with lines.
    """
    # A wrong map is one of cells, thin walls or not: what is wrong may be a post, or the middle of a passage.
    layout = Layout(wrong.layout.walls, wrong.layout.name)
    check_drawable(layout)
    cell = cell_inches(layout, long_side)
    across, down = drawn_size(layout)
    width, height = across * cell + 2 * MARGIN, down * cell + 2 * MARGIN
    total_width, total_height = 2 * width + GAP, height + HEAD + FOOT
    figure = Figure(figsize=(total_width, total_height), facecolor="white")
    titles = (layout.name or "truth", f"{wrong.kind} {wrong.strength:g}, seed {wrong.seed}")
    for index, title in enumerate(titles):
        left = index * (width + GAP)
        place = (left / total_width, FOOT / total_height, width / total_width, height / total_height)
        sheet = draw_sheet(figure.add_axes(place), layout, cell)
        if index == 0:
            draw_walls(sheet)
        else:
            _draw_wrong(sheet, wrong)
        draw_marks(sheet, marks or Marks())
        x, y = (left + MARGIN) / total_width, 1 - HEAD / 2 / total_height
        figure.text(x, y, title, size=9, color=rgb(INK), va="center")
    _legend(figure, wrong, total_width, total_height)
    return figure


def _draw_wrong(sheet: Sheet, wrong: PerturbedMap) -> None:
    """The map as it is given, its wrong cells marked: invented walls filled, missing ones crossed out."""
    shade = np.asarray(wrong.map, np.float64)
    if np.all((shade == 0) | (shade == 1)):
        draw_walls(sheet, wrong.map >= 0.5)
    else:
        _draw_shades(sheet, shade)
    edge = max(0.5, 0.06 * sheet.points)
    draw_cells(sheet, wrong.invented, facecolor=rgb(INVENTED), edgecolor="none", zorder=4)
    draw_cells(
        sheet,
        wrong.missing,
        facecolor=(*rgb(MISSING), 0.12),
        edgecolor=rgb(MISSING),
        linewidth=edge,
        hatch="/" * (6 if sheet.points > 8 else 3),
        zorder=4,
    )


def _draw_shades(sheet: Sheet, shade: np.ndarray) -> None:
    """A map with numbers between wall and corridor, as shades of the walls' colour."""
    amount = shade[..., None]
    colours = amount * np.array(rgb(WALL)) + (1 - amount)
    rows, columns = shade.shape
    corners = sheet.place(np.array([[0.0, 0.0], [columns, rows]]))
    extent = (*corners[:, 0].tolist(), *corners[:, 1].tolist())
    sheet.axes.imshow(colours, extent=extent, interpolation="nearest", aspect="equal", zorder=1)


def _legend(figure: Figure, wrong: PerturbedMap, width: float, height: float) -> None:
    """What the marks mean and how many there are, under the right map."""
    shown = (
        (INVENTED, f"{int(wrong.invented.sum()):,} walls invented", 1.0, ""),
        (MISSING, f"{int(wrong.missing.sum()):,} walls missing", 0.12, "//////"),
    )
    x = width / 2 + GAP / 2 + MARGIN
    y = FOOT / 2
    for colour, words, opacity, hatch in shown:
        corner = (x / width, (y - 0.055) / height)
        box = Rectangle(
            corner,
            0.11 / width,
            0.11 / height,
            facecolor=(*rgb(colour), opacity),
            edgecolor=rgb(colour),
            linewidth=0.6,
            hatch=hatch,
        )
        figure.add_artist(box)
        figure.text((x + 0.16) / width, y / height, words, size=7.5, color=rgb(INK), va="center_baseline")
        x += 1.32
    error = float(np.abs(wrong.map - wrong.layout.walls).mean())
    share = f"{100 * wrong.wrong_share:.1f} % of the cells inside are wrong"
    if np.any((wrong.map > 0) & (wrong.map < 1)):
        share += f", mean error {error:.2f}"
    figure.text(MARGIN / width, y / height, share, size=7.5, color=rgb(FAINT), va="center_baseline")
