"""Drawings for papers: sharp lines at any size, as SVG, PDF or PNG.

Walls are filled outlines, or lines where a layout's walls are thin; everything else is as in the coloured pictures.
Positions are world coordinates, in which a layout with thin walls is squeezed until its walls take up no room.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Circle, PathPatch, Rectangle
from matplotlib.path import Path as Outline

from mazenav.files import replacing
from mazenav.topdown.occupancy import cell_centre, cells_to_world
from mazenav.topdown.outline import wall_outlines, wall_strokes
from mazenav.topdown.palette import COST_RAMP, FAINT, GOAL, HALO, INK, START, TIME_RAMP, WALL, Colour, ramp
from mazenav.topdown.render import Marks, check_pixels
from mazenav.types import GOAL_RADIUS, Layout, MazenavError

SUFFIXES = (".svg", ".pdf", ".png")
"""Endings that a drawing can be written under."""
LONG_SIDE = 3.4
"""Inches that the longer side of a map takes: a column of most papers."""
LARGEST_CELL = 0.3
"""Inches that a cell takes at most."""
MARGIN = 0.06
"""Inches around a drawing."""
DOTS = 300
"""Dots an inch of a PNG."""
MOST_CELLS = 1_100_000
"""Larger layouts are refused: their drawing would have millions of corners."""
BLUE: Colour = (66, 108, 214)
"""The way that is drawn where no path was driven."""


@dataclass(frozen=True)
class Sheet:
    """Axes whose unit is a cell, and how large a cell is on them.

    Attributes:
        axes: what is drawn on.
        points: points (1/72 inch) a cell.
        layout: what is drawn.
    """

    axes: Axes
    points: float
    layout: Layout

    def place(self, xy: np.ndarray) -> np.ndarray:
        """World positions `[..., 2]` on these axes."""
        return (np.asarray(xy, np.float64) - 0.5) / 2 if self.layout.thin_walls else np.asarray(xy, np.float64)

    def centre(self, cell: tuple[int, int]) -> tuple[float, float]:
        """The centre of a cell on these axes."""
        x, y = self.place(np.array(cell_centre(cell, self.layout.shape[0])))
        return float(x), float(y)


def paper_figure(
    layout: Layout,
    marks: Marks | None = None,
    field: np.ndarray | None = None,
    *,
    unit: str = "steps to the goal",
    title: str = "",
    long_side: float = LONG_SIDE,
) -> Figure:
    """A layout as a drawing for papers.

    Args:
        layout: what is drawn.
        marks: start, goal, way and driven path, as for `draw_map`; a body is left out.
        field: `[R, C]`, one number a cell, drawn in colours with a bar; not finite is left white.
        unit: what the field's numbers are.
        title: a line above.
        long_side: inches of the longer side, unless cells would grow larger than `LARGEST_CELL`.

    Raises:
        MazenavError: if the layout is too large, or the field has another shape.
    """
    check_drawable(layout)
    if field is not None and np.shape(field) != layout.shape:
        raise MazenavError(f"a field over this layout must have shape {layout.shape}, found {np.shape(field)}")
    cell = cell_inches(layout, long_side)
    across, down = drawn_size(layout)
    bar = 0.62 if field is not None else 0.0
    head = 0.2 if title else 0.0
    width, height = across * cell + 2 * MARGIN, down * cell + 2 * MARGIN
    figure = Figure(figsize=(width + bar, height + head), facecolor="white")
    total_width, total_height = width + bar, height + head
    axes = figure.add_axes((0.0, 0.0, width / total_width, height / total_height))
    sheet = draw_sheet(axes, layout, cell)
    if field is not None:
        place = (width / total_width, MARGIN / total_height, 0.1 / total_width, (height - 2 * MARGIN) / total_height)
        _draw_field(sheet, np.asarray(field, np.float64), figure.add_axes(place), unit)
    draw_walls(sheet)
    draw_marks(sheet, marks or Marks())
    if title:
        figure.text(MARGIN / total_width, 1 - 0.13 / total_height, title, size=9, color=rgb(INK), va="center")
    return figure


def figure_bytes(figure: Figure, kind: str, dots: int = DOTS) -> bytes:
    """A drawing as the bytes of an `svg`, `pdf` or `png` file; the same drawing gives the same bytes.

    Args:
        figure: what `paper_figure` gave.
        kind: which of them.
        dots: dots an inch of a PNG.

    Raises:
        MazenavError: if there is no such kind, or the PNG would be too large.
    """
    if f".{kind}" not in SUFFIXES:
        raise MazenavError(f"drawings are written as {', '.join(SUFFIXES)}, found {kind!r}")
    if kind == "png":
        width, height = figure.get_size_inches() * dots
        check_pixels(int(height), int(width))
    # No date, no random names.
    metadata: dict[str, Any] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {"Software": None}}[kind]
    buffer = io.BytesIO()
    with rc_context({"svg.hashsalt": "mazenav", "pdf.fonttype": 42}):
        figure.savefig(buffer, format=kind, dpi=dots, metadata=metadata)
    return buffer.getvalue()


def save_figure(figure: Figure, path: str | Path, dots: int = DOTS) -> Path:
    """Write a drawing as `.svg`, `.pdf` or `.png`, through a temporary file and a rename.

    Raises:
        MazenavError: if the name ends in something else, or the file cannot be written.
    """
    target = Path(path)
    content = figure_bytes(figure, target.suffix.lower()[1:], dots)
    with replacing(target) as temporary:
        temporary.write_bytes(content)
    return target


def figure_picture(figure: Figure, dots: int = 200) -> np.ndarray:
    """A drawing as pixels, uint8 `[H, W, 3]`, RGB."""
    figure.set_dpi(dots)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.array(np.asarray(canvas.buffer_rgba())[..., :3])


def inches_of_a_unit(figure: Figure) -> float:
    """How wide a cell of a drawing is, in inches."""
    axes = figure.axes[0]
    low, high = axes.get_xlim()
    return float(axes.get_position().width * figure.get_figwidth() / (high - low))


def check_drawable(layout: Layout) -> None:
    """Raises MazenavError if a layout is too large to be drawn with lines."""
    if layout.walls.size > MOST_CELLS:
        rows, columns = layout.shape
        raise MazenavError(f"a drawing for papers has at most {MOST_CELLS:,} cells, found {rows} x {columns}")


def drawn_size(layout: Layout) -> tuple[float, float]:
    """Units across and down that a layout takes, with half the thickness of thin walls on either side."""
    rows, columns = layout.shape
    return ((columns - 1) / 2 + 0.16, (rows - 1) / 2 + 0.16) if layout.thin_walls else (columns, rows)


def cell_inches(layout: Layout, long_side: float) -> float:
    """Inches a cell so that the longer side of a layout takes `long_side`, at most `LARGEST_CELL`."""
    return min(LARGEST_CELL * (2 if layout.thin_walls else 1), long_side / max(drawn_size(layout)))


def draw_sheet(axes: Axes, layout: Layout, cell: float) -> Sheet:
    """Axes of the right extent for a layout, with `MARGIN` around it and nothing drawn yet."""
    across, down = drawn_size(layout)
    margin, edge = MARGIN / cell, 0.08 if layout.thin_walls else 0.0
    axes.set_xlim(-margin - edge, across - edge + margin)
    axes.set_ylim(-margin - edge, down - edge + margin)
    axes.set_aspect("equal")
    axes.axis("off")
    return Sheet(axes, 72 * cell, layout)


def draw_walls(sheet: Sheet, walls: np.ndarray | None = None, colour: Colour | None = None) -> None:
    """Draw walls: those of the layout, or bool `[R, C]` in their place."""
    walls = sheet.layout.walls if walls is None else walls
    rows = sheet.layout.shape[0]
    if not sheet.layout.thin_walls:
        sheet.axes.add_patch(_outlines(walls, rows, facecolor=rgb(colour or WALL), edgecolor="none", zorder=3))
        return
    strokes = wall_strokes(walls)[..., ::-1] * (1, -1) + (0, (rows - 1) // 2)
    width = max(0.5, 0.13 * sheet.points)
    lines = LineCollection(list(strokes), colors=[rgb(colour or INK)], linewidths=width, capstyle="round", zorder=5)
    sheet.axes.add_collection(lines, autolim=False)
    for row, column in np.argwhere(walls[1::2, 1::2]).tolist():
        corner = (column, (rows - 1) // 2 - row - 1)
        sheet.axes.add_patch(Rectangle(corner, 1, 1, facecolor=rgb(WALL), edgecolor="none", zorder=3))


def draw_cells(sheet: Sheet, cells: np.ndarray, **style: Any) -> None:
    """Draw the outlines of some cells, bool `[R, C]`, in a style of matplotlib's patches."""
    rows = sheet.layout.shape[0]
    for row, column in np.argwhere(cells).tolist():
        corners = sheet.place(np.array([[column, rows - row - 1], [column + 1, rows - row]]))
        (x, y), (right, top) = corners.tolist()
        sheet.axes.add_patch(Rectangle((x, y), right - x, top - y, **style))


def rgb(colour: Colour) -> tuple[float, float, float]:
    """A colour as matplotlib takes it."""
    return colour[0] / 255, colour[1] / 255, colour[2] / 255


def _outlines(walls: np.ndarray, rows: int, **style: Any) -> PathPatch:
    """All outlines of walls as one patch in world coordinates, so that no seams show between cells."""
    corners: list[np.ndarray] = []
    codes: list[np.ndarray] = []
    for outline in wall_outlines(walls):
        world = outline[:, ::-1] * (1, -1) + (0, rows)
        corners += [world, world[:1]]
        codes.append(np.r_[Outline.MOVETO, np.full(len(world) - 1, Outline.LINETO), Outline.CLOSEPOLY])
    if not corners:
        return PathPatch(Outline(np.zeros((1, 2))), visible=False)
    return PathPatch(Outline(np.concatenate(corners), np.concatenate(codes)), **style)


def _draw_field(sheet: Sheet, field: np.ndarray, bar: Axes, unit: str) -> None:
    """The field's colours under the walls, and the bar that explains them."""
    known = np.where(sheet.layout.walls, np.nan, field)
    extent = (0.0, float(field.shape[1]), 0.0, float(field.shape[0]))
    if sheet.layout.thin_walls:
        known = known[1::2, 1::2]
        extent = (0.0, float(known.shape[1]), 0.0, float(known.shape[0]))
    shown = np.ma.masked_invalid(known)
    colours = LinearSegmentedColormap.from_list("cost", [rgb(colour) for colour in COST_RAMP])
    low, high = (float(shown.min()), float(shown.max())) if shown.count() else (0.0, 1.0)
    image = sheet.axes.imshow(
        shown, cmap=colours, vmin=low, vmax=high, extent=extent, interpolation="nearest", aspect="equal", zorder=1
    )
    scale = sheet.axes.figure.colorbar(image, cax=bar)
    scale.outline.set_visible(False)
    scale.set_label(unit, size=8, color=rgb(FAINT))
    bar.tick_params(labelsize=7, colors=rgb(FAINT), length=2, width=0.5, labelcolor=rgb(INK))


def draw_marks(sheet: Sheet, marks: Marks) -> None:
    """Way, goal, driven path and start, in that order."""
    driven = marks.path is not None and len(marks.path) > 1
    if len(marks.way) > 1:
        way = sheet.place(cells_to_world(np.asarray(marks.way), sheet.layout.shape[0]))
        if not driven:
            _polyline(sheet, way, 0.26, HALO, "-")
        _polyline(sheet, way, 0.07 if driven else 0.16, FAINT if driven else BLUE, "--" if driven else "-")
    if marks.goal is not None:
        _draw_goal(sheet, marks.goal)
    if marks.path is not None and driven:
        _draw_path(sheet, sheet.place(np.asarray(marks.path, np.float64)[:, :2]), marks.span)
    if marks.start is not None:
        radius = max(0.26, 3.0 / sheet.points)
        for size, colour in ((1.2 * radius, HALO), (radius, START), (0.5 * radius, HALO)):
            sheet.axes.add_patch(Circle(sheet.centre(marks.start), size, facecolor=rgb(colour), zorder=8))


def _polyline(sheet: Sheet, points: np.ndarray, width: float, colour: Colour, style: str) -> None:
    sheet.axes.plot(
        *points.T,
        linestyle=style,
        linewidth=max(0.6, width * sheet.points),
        color=rgb(colour),
        solid_joinstyle="round",
        solid_capstyle="round",
        scalex=False,
        scaley=False,
        zorder=4,
    )


def _draw_goal(sheet: Sheet, goal: tuple[int, int]) -> None:
    """The circle that counts as reached, and a star in it."""
    centre = sheet.centre(goal)
    radius = max(GOAL_RADIUS * (0.9 if sheet.layout.thin_walls else 1.0), 4.6 / sheet.points)
    ring = max(0.4, 0.045 * sheet.points)
    inside = [0.22 * shade + 0.78 for shade in rgb(GOAL)]
    sheet.axes.add_patch(Circle(centre, radius, facecolor=tuple(inside), edgecolor=rgb(GOAL), linewidth=ring, zorder=6))
    turns = np.pi / 2 + np.arange(10) * np.pi / 5
    radii = max(0.27, 3.4 / sheet.points) * np.where(np.arange(10) % 2 == 0, 1.0, 0.44)
    star = np.stack([centre[0] + radii * np.cos(turns), centre[1] + radii * np.sin(turns)], axis=-1)
    halo = {"edgecolor": rgb(HALO), "linewidth": max(0.5, 0.07 * sheet.points), "joinstyle": "round"}
    outline = Outline(np.concatenate([star, star[:1]]), closed=True)
    sheet.axes.add_patch(PathPatch(outline, facecolor=rgb(GOAL), zorder=7, **halo))
    sheet.axes.add_patch(PathPatch(outline, facecolor=rgb(GOAL), edgecolor="none", zorder=7))


def _draw_path(sheet: Sheet, points: np.ndarray, span: int | None) -> None:
    """A driven path, coloured by time, on a white halo."""
    segments: Sequence[np.ndarray] = list(np.stack([points[:-1], points[1:]], axis=1))
    steps = span if span is not None else len(segments)
    colours = ramp(TIME_RAMP, np.arange(len(segments)) / max(steps - 1, 1)) / 255
    width = max(0.9, 0.12 * sheet.points)
    for extra, colour in ((max(0.5, 0.07 * sheet.points), np.ones((1, 3))), (0.0, colours)):
        lines = LineCollection(segments, colors=colour, linewidths=width + extra, capstyle="round", zorder=7)
        sheet.axes.add_collection(lines, autolim=False)
