"""What `mazenav render` draws of one layout or episode, and how that becomes a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mazenav.types import Cell, Episode, Layout

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from mazenav.cli.render import Options

Drawing = Any
"""Pixels uint8 `[H, W]` or `[H, W, 3]`, or a figure of matplotlib, which is imported only where one is drawn."""


def draw(layout: Layout, index: int, options: Options) -> Drawing:
    """One picture as the options ask for; start and goal by seed depend on the layout's place in the list."""
    from mazenav.topdown.heat import draw_field
    from mazenav.topdown.render import Marks, draw_map

    style = style_of(layout, options)
    start, goal = task_of(layout, index, options)
    if options.perturb is not None or style == "machine":
        return draw_for_machine(layout, start, goal, options, style)
    marks = Marks(start=start, goal=goal, way=way_of(layout, start, goal))
    field = steps_to(layout, goal) if options.field and goal is not None else None
    if style == "paper":
        from mazenav.topdown.paper import paper_figure

        return paper_figure(layout, marks, field)
    if field is not None:
        return draw_field(layout, field, marks, unit="steps to the goal", cell_pixels=options.cell_pixels)
    return draw_map(layout, marks, cell_pixels=options.cell_pixels)


def draw_for_machine(layout: Layout, start: Cell | None, goal: Cell | None, options: Options, style: str) -> Drawing:
    """The occupancy map as an agent reads it, true or wrong; for people the wrong one is drawn beside the truth."""
    from mazenav.topdown.occupancy import occupancy
    from mazenav.topdown.perturb import perturbed_map
    from mazenav.topdown.render import Marks, cell_pixels_for, machine_picture

    grid = occupancy(layout)
    if options.perturb is not None:
        keep = [cell for cell in (start, goal) if cell is not None]
        wrong = perturbed_map(layout, options.perturb, options.ratio, options.seed, keep)
        if style != "machine":
            from mazenav.topdown.comparison import comparison_figure

            return comparison_figure(wrong, Marks(start=start, goal=goal, way=way_of(layout, start, goal)))
        grid = wrong.map
    pixels = options.cell_pixels or cell_pixels_for(layout.shape)
    size = options.size or (layout.shape[0] * pixels, layout.shape[1] * pixels)
    return machine_picture(grid, size, antialias=options.antialias)


def draw_driven(episode: Episode, options: Options) -> Drawing:
    """One episode with the path that was driven."""
    from mazenav.topdown.render import cell_pixels_for, draw_episode, episode_marks, outcome_words

    if style_of(episode.layout, options) == "paper":
        from mazenav.topdown.paper import paper_figure

        title = f"{episode.layout.name or 'maze'}: {outcome_words(episode)}"
        return paper_figure(episode.layout, episode_marks(episode), title=title)
    return draw_episode(episode, cell_pixels=options.cell_pixels or cell_pixels_for(episode.layout.shape))


def style_of(layout: Layout, options: Options) -> str:
    """The style asked for, or the one that fits the files and the walls."""
    if options.style is not None:
        return options.style
    vector = options.format != "png" or Path(options.out).suffix.lower() in (".svg", ".pdf")
    return "paper" if vector or layout.thin_walls else "colour"


def task_of(layout: Layout, index: int, options: Options) -> tuple[Cell | None, Cell | None]:
    """Start and goal: given, drawn by the seed, or none.

    Raises:
        LayoutError: if the ones given cannot be a start and a goal in this layout.
    """
    from mazenav.layout.graph import check_task, distances, sample_task
    from mazenav.rng import stream

    if options.task_seed is not None:
        start, goal, _ = sample_task(layout, stream(options.task_seed, "render", index))
        return start, goal
    if options.start is not None and options.goal is not None:
        check_task(layout, options.start, options.goal)
    elif options.goal is not None:
        distances(layout.walls, options.goal)
    return options.start, options.goal


def way_of(layout: Layout, start: Cell | None, goal: Cell | None) -> tuple[Cell, ...]:
    """The shortest way with the fewest turns, if there is a start and a goal."""
    from mazenav.layout.difficulty import plain_path

    return () if start is None or goal is None else tuple(plain_path(layout, start, goal))


def steps_to(layout: Layout, goal: Cell) -> np.ndarray:
    """Steps to the goal float64 `[R, C]`, infinite where there is no way; passages of thin walls are not counted."""
    from mazenav.layout.graph import distances

    steps = distances(layout.walls, goal).astype(np.float64)
    steps[steps < 0] = np.inf
    return steps / 2 if layout.thin_walls else steps


def write(drawing: Drawing, path: Path, options: Options) -> None:
    """Write a drawing to the file of this name, in the kind that its ending tells."""
    from mazenav.files import replacing

    content = as_bytes(drawing, path.suffix.lower()[1:], options)
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def as_bytes(drawing: Drawing, kind: str, options: Options) -> bytes:
    """A drawing as the bytes of a file."""
    from mazenav.topdown.picture_file import png_bytes

    if isinstance(drawing, np.ndarray):
        return png_bytes(drawing)
    from mazenav.topdown.paper import figure_bytes

    return figure_bytes(drawing, kind, dots_of(drawing, options))


def as_pixels(drawing: Drawing) -> np.ndarray:
    """A drawing as pixels for a sheet, uint8 `[H, W, 3]`."""
    if isinstance(drawing, np.ndarray):
        return np.repeat(drawing[..., None], 3, axis=-1) if drawing.ndim == 2 else drawing
    from mazenav.topdown.paper import figure_picture

    return figure_picture(drawing)


def dots_of(figure: Figure, options: Options) -> int:
    """Dots an inch so that a cell takes the pixels asked for."""
    from mazenav.topdown.paper import DOTS, inches_of_a_unit

    return DOTS if options.cell_pixels is None else max(1, round(options.cell_pixels / inches_of_a_unit(figure)))
