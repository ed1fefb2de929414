"""Every format by its name: how to tell it from the others, how to read it and how to write it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from mazenav.layout.formats import (
    arrays,
    collection,
    d4rl,
    lab,
    maze_dataset,
    maze_map,
    micromouse,
    minigrid,
    mouse_binary,
    mouse_lines,
    movingai,
    nav_maze,
    ogbench,
    packed,
    ros,
    text,
)
from mazenav.layout.formats.source_file import SourceFile
from mazenav.layout.formats.source_text import SourceText
from mazenav.types import Layout, LayoutError


class Format(NamedTuple):
    """One format of layout files.

    Attributes:
        recognise: whether a file begins like one of this format; it raises nothing, and binary files are shown to it.
        parse: the layouts of a file, at least one; raises LayoutError naming file, line and expectation.
        write: writes layouts to a path, whole or not at all; raises LayoutError for what the format cannot hold. None
            for a format that is only read.
        suffixes: lower-case suffixes, dot included, by which `write_layouts` chooses this format; the first format
            of the table with a suffix gets it.
    """

    recognise: Callable[[SourceFile], bool]
    parse: Callable[[SourceFile], list[Layout]]
    write: Callable[[Sequence[Layout], Path], None] | None = None
    suffixes: tuple[str, ...] = ()


def in_text(recognise: Callable[[SourceText], bool]) -> Callable[[SourceFile], bool]:
    """A test of the text as a test of the file: no binary file passes it."""
    return lambda source: source.is_text and recognise(source.text)


def one(parse: Callable[[SourceText], Layout]) -> Callable[[SourceFile], list[Layout]]:
    """A parser of the one layout in a text as a parser of a file."""
    return lambda source: [parse(source.text)]


FORMATS: dict[str, Format] = {
    "collection": Format(
        in_text(collection.recognise), lambda source: collection.parse_all(source.text), collection.write, (".txt",)
    ),
    "set": Format(packed.recognise, packed.parse_all, packed.write, (".npz",)),
    "movingai": Format(in_text(movingai.recognise), one(movingai.parse), movingai.write, (".map",)),
    "micromouse": Format(in_text(micromouse.recognise), one(micromouse.parse), micromouse.write),
    "ros": Format(in_text(ros.recognise), lambda source: [ros.parse(source)], ros.write, (".yaml", ".yml")),
    "maz": Format(mouse_binary.recognise, lambda source: [mouse_binary.parse(source)], mouse_binary.write, (".maz",)),
    "mms": Format(in_text(mouse_lines.recognise), one(mouse_lines.parse), mouse_lines.write),
    "maze_dataset": Format(maze_dataset.recognise, maze_dataset.parse_all, maze_dataset.write),
    "minigrid": Format(minigrid.recognise, minigrid.parse_all, minigrid.write),
    "array": Format(lambda source: arrays.convention(source) == "walls", arrays.parse_all, arrays.write, (".npy",)),
    "ogbench": Format(in_text(ogbench.recognise), ogbench.parse, ogbench.write),
    "maze_map": Format(in_text(maze_map.recognise), maze_map.parse, maze_map.write, (".json", ".py")),
    "d4rl": Format(in_text(d4rl.recognise), d4rl.parse, d4rl.write),
    "text": Format(in_text(text.recognise), one(text.parse), text.write),
    "nav_maze": Format(nav_maze.recognise, nav_maze.parse, nav_maze.write),
    "lab": Format(in_text(lab.recognise), one(lab.parse), lab.write),
}
"""Every format by its name, in the order in which they are tried."""

RESAMPLED = ("ros",)
"""The formats that are finer than mazes, whose cells get a wanted size."""


def format_of(source: SourceFile) -> str | None:
    """The name of the format that a file is recognised as, or None."""
    return next((name for name, format in FORMATS.items() if format.recognise(source)), None)


def format_by_name(name: str) -> Format:
    """A format by its name.

    Raises:
        LayoutError: if there is none of that name.
    """
    if name not in FORMATS:
        raise LayoutError(f"no layout format is called {name!r}; there are {', '.join(FORMATS)}")
    return FORMATS[name]


def format_for(path: str | Path) -> str:
    """The name of the format that a file to be written gets by its suffix.

    Raises:
        LayoutError: if the suffix decides nothing.
    """
    suffix = Path(path).suffix.lower()
    for name, format in FORMATS.items():
        if suffix in format.suffixes and format.write is not None:
            return name
    known = sorted({each for format in FORMATS.values() if format.write is not None for each in format.suffixes})
    raise LayoutError(
        f"{path}: the suffix {suffix!r} does not tell a layout format ({', '.join(known)} do); give the format's name"
    )
