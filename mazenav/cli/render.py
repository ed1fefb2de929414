"""`mazenav render`: layouts and episodes as pictures, drawings for papers, heat maps, comparisons and films."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, arg

from mazenav.cli.choices import STANDARD_INPUT, at_least, choose_layouts
from mazenav.cli.drawing import Drawing, as_bytes, as_pixels, draw, draw_driven, write
from mazenav.cli.progress import bar
from mazenav.types import Episode, Layout, MazenavError

EXAMPLE = "mazenav render test-13 --max-layouts 12 --task-seed 1 --out pictures"
NONE = "(default: none)"
SHEET_TILES = 48
"""Pictures on a contact sheet."""
FILM_PANELS = 6
"""Episodes side by side in a film."""
KINDS = (".png", ".svg", ".pdf")
FILMS = (".gif", ".webm", ".mp4")


@dataclass(frozen=True)
class Options:
    """Draw layouts, or the episodes of a rollout: a picture each and a sheet of the first 48, or a film."""

    layouts: Annotated[Positional[tuple[str, ...]], arg(metavar="LAYOUTS...", help_behavior_hint="(required)")] = ()
    """Shipped sets (test-13, -25, -51, -101, -labmaze, train-20), files, folders, or - for standard input."""
    out: Annotated[str, arg(metavar="DIR|FILE|-")] = "pictures"
    """A folder; a file ending in .png, .svg or .pdf for one picture, .png for a sheet of several; or - to pipe it."""
    style: Annotated[
        Literal["colour", "paper", "machine"] | None,
        arg(help_behavior_hint="(default: colour; paper for svg, pdf and thin walls)"),
    ] = None
    """For people, for papers (sharp lines, thin walls as lines), or the grey occupancy image that an agent reads."""
    format: Literal["png", "svg", "pdf"] = "png"
    """How pictures in a folder or a pipe are written; svg and pdf are drawings for papers."""
    cell_pixels: Annotated[int | None, arg(metavar="INT", help_behavior_hint="(default: by size)")] = None
    """Pixels a cell of a PNG."""
    size: Annotated[tuple[int, int] | None, arg(metavar="HEIGHT WIDTH", help_behavior_hint=NONE)] = None
    """Style machine: the picture's size in pixels, whatever the layout's."""
    antialias: bool = False
    """Style machine: pixels across several cells get their mean; else each is black or white."""
    task_seed: Annotated[int | None, arg(metavar="INT", help_behavior_hint=NONE)] = None
    """Draw a start, a goal and the shortest way between them by this seed."""
    start: Annotated[tuple[int, int] | None, arg(metavar="ROW COLUMN", help_behavior_hint=NONE)] = None
    """With --goal: this start, and the shortest way from it."""
    goal: Annotated[tuple[int, int] | None, arg(metavar="ROW COLUMN", help_behavior_hint=NONE)] = None
    """This goal."""
    field: bool = False
    """A heat map of the steps to the goal."""
    perturb: Annotated[str | None, arg(metavar="KIND", help_behavior_hint=NONE)] = None
    """The truth beside a wrong map: wall-to-corridor, corridor-to-wall, mixed, erased, shift, rotation, scale, blur or
    wobble; style machine: the wrong map alone."""
    ratio: float = 0.2
    """How wrong that map is, 0 to 1."""
    seed: int = 0
    """Decides what is wrong in it."""
    episodes: Annotated[Path | None, arg(metavar="FILE.npz", help_behavior_hint=NONE)] = None
    """Instead of layouts: the episodes that mazenav rollout wrote, with the paths that were driven."""
    film: Annotated[Path | None, arg(metavar="FILE", help_behavior_hint=NONE)] = None
    """With --episodes: a film of the first 6 as .gif, .webm or .mp4, and no pictures."""
    max_layouts: Annotated[int | None, arg(metavar="INT", help_behavior_hint="(default: all)")] = None
    """Of each set, file or folder only the first so many; with --episodes so many episodes."""


def run(options: Options) -> None:
    """Draw everything that was asked for."""
    check(options)
    if options.film is not None:
        make_film(options, options.film)
        return
    if options.episodes is not None:
        episodes = read_episodes(options)
        jobs = [f"{number:04d}-{episode.layout.name}" for number, episode in enumerate(episodes)]
        names = plain_names(jobs)
        drawings = (draw_driven(episode, options) for episode in episodes)
    else:
        layouts = choose_layouts(options.layouts, options.max_layouts)
        names = file_names(layouts)
        drawings = (draw(layout, index, options) for index, layout in enumerate(layouts))
    single = options.out == STANDARD_INPUT or Path(options.out).suffix.lower() in KINDS
    kept: list[Drawing] = []
    with bar("drawing", "pictures") as show:
        for index, drawing in enumerate(drawings):
            if not single:
                write(drawing, Path(options.out) / f"{names[index]}.{options.format}", options)
            if index < SHEET_TILES:
                kept.append(drawing)
            show(index + 1, len(names), names[index])
    deliver(kept, names, options, single)


def check(options: Options) -> None:
    """Raises MazenavError for numbers out of range and for options that do not go together."""
    if options.cell_pixels is not None:
        at_least("--cell-pixels", options.cell_pixels, 1)
    if options.task_seed is not None:
        at_least("--task-seed", options.task_seed, 0)
    if options.max_layouts is not None:
        at_least("--max-layouts", options.max_layouts, 1)
    at_least("--seed", options.seed, 0)
    vector = options.format != "png" or Path(options.out).suffix.lower() in (".svg", ".pdf")
    styled = vector and options.style in ("colour", "machine")
    sized = options.size is not None or options.antialias
    machine, on_episodes = options.style == "machine", options.episodes is not None
    conflicts = {
        "--style colour and machine are PNG pictures, not svg or pdf": styled,
        "--size and --antialias are for --style machine": sized and not machine,
        "--size and --cell-pixels exclude each other": options.size is not None and options.cell_pixels is not None,
        "--start needs a --goal": options.start is not None and options.goal is None,
        "--task-seed and --goal exclude each other": options.task_seed is not None and options.goal is not None,
        "--field needs --task-seed or --goal": options.field and options.task_seed is None and options.goal is None,
        "--field is for people, not for --style machine": options.field and machine,
        "--field and --perturb exclude each other": options.field and options.perturb is not None,
        "give layouts or --episodes, not both": on_episodes and bool(options.layouts),
        "--episodes cannot be drawn in --style machine": on_episodes and machine,
        "--perturb, --field and --task-seed are for layouts, not for --episodes": on_episodes
        and (options.perturb is not None or options.field or options.task_seed is not None or options.goal is not None),
        "--film needs --episodes": options.film is not None and not on_episodes,
        f"--film must name a file that ends in {', '.join(FILMS)}": options.film is not None
        and options.film.suffix.lower() not in FILMS,
    }
    for words, found in conflicts.items():
        if found:
            raise MazenavError(words)


def deliver(drawings: Sequence[Drawing], names: Sequence[str], options: Options, single: bool) -> None:
    """Write what a whole run gives besides single files, and say where everything is."""
    from mazenav.topdown.picture_file import save_picture
    from mazenav.topdown.sheet import contact_sheet

    many = len(drawings) > 1
    sheet = contact_sheet([as_pixels(each) for each in drawings], names[: len(drawings)]) if many else None
    kind = Path(options.out).suffix.lower()[1:] or options.format
    if single and many and kind != "png":
        raise MazenavError(f"{len(names)} pictures make a sheet, which is a PNG; for {kind} give a folder as --out")
    if options.out == STANDARD_INPUT:
        sys.stdout.buffer.write(as_bytes(drawings[0] if sheet is None else sheet, kind, options))
    elif single:
        write(drawings[0] if sheet is None else sheet, Path(options.out), options)
        print(options.out)
    elif sheet is None:
        print(Path(options.out) / f"{names[0]}.{options.format}")
    else:
        print(f"{len(names)} pictures drawn in {options.out}")
        print(save_picture(sheet, Path(options.out) / "sheet.png"))


def read_episodes(options: Options) -> list[Episode]:
    """The episodes of `--episodes`, the first `--max-layouts` of them."""
    from mazenav.evaluation.episode_file import load_episodes

    assert options.episodes is not None
    return load_episodes(options.episodes)[: options.max_layouts]


def make_film(options: Options, path: Path) -> None:
    """A film of the first few episodes side by side."""
    from mazenav.topdown.film import Film, save_film

    episodes = read_episodes(options)
    with bar("filming", "frames") as show:
        film = Film(episodes[: options.max_layouts or FILM_PANELS])
        show(0, len(film), "")
        saved = save_film(film, path)
    print(f"{saved.path}: {saved.frames} frames, {saved.codec}, {saved.size / 1e6:.1f} MB")


def file_names(layouts: Sequence[Layout]) -> list[str]:
    """A name for each layout's file, all different, without anything that a path could trip over."""
    return plain_names([layout.name for layout in layouts])


def plain_names(wished: Sequence[str]) -> list[str]:
    """Names for files, as near to those wished for as can be."""
    names: list[str] = []
    taken = {"sheet"}
    for index, wish in enumerate(wished):
        plain = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in wish).strip(".-")
        name = plain if plain and plain.lower() not in taken else f"{plain or 'layout'}-{index}"
        taken.add(name.lower())
        names.append(name)
    return names
