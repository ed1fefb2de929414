"""`mazenav render`: layouts as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from tyro.conf import Positional, arg

from mazenav.cli.choices import at_least, choose_layouts
from mazenav.types import Layout

EXAMPLE = "mazenav render test-13 --max-layouts 12 --task-seed 1 --out pictures"


@dataclass(frozen=True)
class Options:
    """Draw layouts as PNG pictures, one each, and a sheet of the first 48."""

    layouts: Annotated[Positional[tuple[str, ...]], arg(metavar="LAYOUTS...", help_behavior_hint="(required)")] = ()
    """Shipped sets (test-13, test-25, test-51, train-20), files or folders."""
    out: Annotated[Path, arg(metavar="DIR")] = Path("pictures")
    """Folder that the pictures go to."""
    style: Literal["colour", "machine"] = "colour"
    """For people, or the grey occupancy image that an agent reads."""
    cell_pixels: Annotated[int | None, arg(metavar="INT", help_behavior_hint="(default: by size)")] = None
    """Pixels a cell."""
    task_seed: Annotated[int | None, arg(metavar="INT", help_behavior_hint="(default: none drawn)")] = None
    """Draw a start, a goal and the shortest way between them by this seed."""
    max_layouts: Annotated[int | None, arg(metavar="INT", help_behavior_hint="(default: all)")] = None
    """Of each set, file or folder only the first so many."""


SHEET_TILES = 48


def run(options: Options) -> None:
    """Draw every layout."""
    from mazenav.topdown.picture_file import save_picture
    from mazenav.topdown.sheet import contact_sheet

    if options.cell_pixels is not None:
        at_least("--cell-pixels", options.cell_pixels, 1)
    if options.task_seed is not None:
        at_least("--task-seed", options.task_seed, 0)
    layouts = choose_layouts(options.layouts, options.max_layouts)
    names = file_names(layouts)
    pictures = []
    for index, layout in enumerate(layouts):
        picture = draw(layout, index, options)
        save_picture(picture, options.out / f"{names[index]}.png")
        if index < SHEET_TILES:
            pictures.append(picture)
    print(f"{len(layouts)} pictures drawn in {options.out}" if len(layouts) > 1 else options.out / f"{names[0]}.png")
    if len(pictures) > 1:
        colour = [np.repeat(each[..., None], 3, axis=-1) if each.ndim == 2 else each for each in pictures]
        print(save_picture(contact_sheet(colour, names[: len(colour)]), options.out / "sheet.png"))


def draw(layout: Layout, index: int, options: Options) -> np.ndarray:
    """One picture in the style that the options ask for; start and goal depend on the layout's place in the list."""
    from mazenav.layout.graph import sample_task, shortest_path
    from mazenav.rng import stream
    from mazenav.topdown.occupancy import occupancy
    from mazenav.topdown.render import Marks, cell_pixels_for, draw_map, machine_picture

    if options.style == "machine":
        rows, columns = layout.shape
        pixels = options.cell_pixels or cell_pixels_for(layout.shape)
        return machine_picture(occupancy(layout), (rows * pixels, columns * pixels))
    marks = None
    if options.task_seed is not None:
        start, goal, _ = sample_task(layout, stream(options.task_seed, "render", index))
        marks = Marks(start=start, goal=goal, way=tuple(shortest_path(layout.walls, start, goal)))
    return draw_map(layout, marks, cell_pixels=options.cell_pixels)


def file_names(layouts: list[Layout]) -> list[str]:
    """A name for each layout's file, all different, without anything that a path could trip over."""
    names: list[str] = []
    taken = {"sheet"}
    for index, layout in enumerate(layouts):
        plain = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in layout.name).strip(".-")
        name = plain if plain and plain.lower() not in taken else f"{plain or 'layout'}-{index}"
        taken.add(name.lower())
        names.append(name)
    return names
