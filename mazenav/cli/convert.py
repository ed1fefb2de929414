"""`mazenav convert`: layouts from pictures, and from any format that can be read into any that can be written."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from tyro.conf import Positional, arg

from mazenav.cli.choices import STANDARD_INPUT
from mazenav.cli.layout_output import put_layouts
from mazenav.cli.progress import bar
from mazenav.cli.render import plain_names
from mazenav.types import Layout, MazenavError

EXAMPLE = "mazenav convert picture.png --out maze.txt --overlay check.png"
PICTURE = "picture"
"""The format of whatever is no layout file."""


@dataclass(frozen=True)
class Options:
    """Turn pictures of rectangular mazes into layouts, and layouts of one format into another.

    A picture is a drawing, a rendering, a screenshot or a photo; how sure its reading is, is printed beside it.
    """

    inputs: Annotated[Positional[tuple[str, ...]], arg(metavar="FILES...", help_behavior_hint="(required)")] = ()
    """Pictures, layout files, folders of either, shipped sets, or - for standard input."""
    out: Annotated[str, arg(metavar="FILE|DIR|-")] = "-"
    """A file for all layouts, a folder (a name without suffix) for a file each, or - for standard output."""
    format: Annotated[str | None, arg(metavar="NAME", help_behavior_hint="(default: told from the content)")] = None
    """What the input is: a layout format, or picture."""
    to: Annotated[str | None, arg(metavar="NAME", help_behavior_hint="(default: told from the suffix)")] = None
    """Layout format of the output: collection, text, movingai, micromouse, set and others."""
    overlay: Annotated[str | None, arg(metavar="FILE.png|DIR", help_behavior_hint="(default: none)")] = None
    """Draw what was read over each picture, to check it by eye."""
    walls: Annotated[
        Literal["thin", "thick"] | None, arg(metavar="thin|thick", help_behavior_hint="(default: seen)")
    ] = None
    """Whether a picture's walls are lines between cells or cells themselves."""
    min_confidence: float = 0.3
    """A picture that is read with less is refused."""
    cell_size: Annotated[float | None, arg(metavar="METRES", help_behavior_hint="(default: the coarsest)")] = None
    """Of a robot's map: the size that cells get."""


class Source(NamedTuple):
    """Something to be read: its name, its content where it came through a pipe, and whether it is a picture."""

    name: str
    content: bytes | None
    is_picture: bool


class Found(NamedTuple):
    """The layouts of a source, and what there is to say of them."""

    layouts: list[Layout]
    words: str | None


def run(options: Options) -> None:
    """Read everything, write everything."""
    from mazenav.layout.formats.registry import format_by_name

    if not options.inputs:
        raise MazenavError("name at least one picture, layout file or folder to convert")
    if not 0.0 <= options.min_confidence <= 1.0:
        raise MazenavError(f"--min-confidence must be from 0 to 1, found {options.min_confidence:g}")
    if options.to is not None:
        format_by_name(options.to)
    sources = [source for name in options.inputs for source in sources_of(name, options.format)]
    overlays = overlay_paths(sources, options.overlay)
    layouts: list[Layout] = []
    said: list[str] = []
    refused: list[str] = []
    with bar("reading", "files") as show:
        for number, source in enumerate(sources):
            try:
                found = read_source(source, options, overlays.get(number))
            except MazenavError as error:
                if len(sources) == 1:
                    raise
                refused.append(str(error))
            else:
                layouts += found.layouts
                said += [] if found.words is None else [f"{source.name}: {found.words}"]
            show(number + 1, len(sources), source.name)
    if not layouts:
        raise MazenavError(f"none of the {len(sources)} files could be read; the first: {refused[0]}")
    put_layouts(layouts, options.out, options.to)
    for sentence in [*said, *(f"left out: {sentence}" for sentence in refused)]:
        print(sentence, file=sys.stderr)


def sources_of(name: str, format: str | None) -> list[Source]:
    """What a name on the command line stands for; a folder stands for the pictures and the layout files in it.

    Raises:
        MazenavError: if a folder holds neither, or standard input holds too much.
    """
    from mazenav.picture.load import MAX_BYTES, is_picture

    if name == STANDARD_INPUT:
        content = sys.stdin.buffer.read(MAX_BYTES + 1)
        return [Source("standard input", content, format == PICTURE or (format is None and is_picture(content)))]
    path = Path(name)
    if not path.is_dir():
        return [Source(name, None, format == PICTURE or (format is None and is_picture(_beginning(path))))]
    try:
        files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
    except OSError as error:
        raise MazenavError(f"{path}: the folder cannot be read: {error.strerror or error}") from error
    sources = []
    for file in files:
        source = Source(str(file), None, is_picture(_beginning(file)))
        if source.is_picture:
            wanted = format in (None, PICTURE) and not _is_map_of_robot(file, files)
        else:
            wanted = format != PICTURE and (format is not None or _is_layout(file))
        if wanted:
            sources.append(source)
    if not sources:
        raise MazenavError(f"{path}: none of the {len(files)} files in this folder is a picture or a layout file")
    return sources


def _beginning(path: Path) -> bytes:
    """The first bytes of a file, none if it cannot be read; reading it says why."""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(16)
    except (OSError, ValueError):
        return b""


def _is_layout(path: Path) -> bool:
    """Whether a file begins like a layout, or claims by its suffix to be one."""
    from mazenav.layout.formats.reading import format_of
    from mazenav.layout.formats.source_file import load_file

    try:
        return path.suffix.lower() in (".txt", ".map") or format_of(load_file(path)) is not None
    except MazenavError:
        return False


def _is_map_of_robot(picture: Path, files: Sequence[Path]) -> bool:
    """Whether a yaml file in the folder names this picture: the two are one map, which is read by the yaml."""
    for file in files:
        if file.suffix.lower() in (".yaml", ".yml"):
            with contextlib.suppress(OSError), file.open("rb") as opened:
                if picture.name.encode() in opened.read(65536):
                    return True
    return False


def read_source(source: Source, options: Options, overlay: Path | None) -> Found:
    """The layouts of one source; a picture's overlay is drawn at once, so that no pixels are kept.

    Raises:
        MazenavError: if it cannot be read as what it is.
    """
    from mazenav.layout.formats.reading import parse_layouts, read_layouts
    from mazenav.layout.sets import resolve_layouts

    if source.is_picture:
        return _read_picture(source, options, overlay)
    if source.content is not None:
        return Found(parse_layouts(source.content, source.name, options.format), None)
    if options.format is None and options.cell_size is None:
        return Found(resolve_layouts(source.name), None)
    return Found(read_layouts(source.name, options.format, cell_size=options.cell_size), None)


def _read_picture(source: Source, options: Options, overlay: Path | None) -> Found:
    from mazenav.picture import draw_overlay, read_pixels
    from mazenav.picture.load import decode_picture, load_picture
    from mazenav.picture.words import describe
    from mazenav.topdown.picture_file import save_picture

    name, content = source.name, source.content
    pixels = load_picture(name) if content is None else decode_picture(content, name)
    reading = read_pixels(pixels, name, options.walls, options.min_confidence)
    if overlay is not None:
        save_picture(draw_overlay(pixels, reading), overlay)
    return Found([reading.layout], describe(reading))


def overlay_paths(sources: Sequence[Source], target: str | None) -> dict[int, Path]:
    """Where the overlay of each picture goes, by its number among the sources: a file, or a folder for several.

    Raises:
        MazenavError: if there is no picture, or several are to go to one file.
    """
    if target is None:
        return {}
    numbers = [number for number, source in enumerate(sources) if source.is_picture]
    if not numbers:
        raise MazenavError("--overlay is for pictures, and there is none among the inputs")
    if target.lower().endswith(".png"):
        if len(numbers) > 1:
            raise MazenavError(f"--overlay needs a folder for {len(numbers)} pictures, found the file {target}")
        return {numbers[0]: Path(target)}
    names = plain_names([Path(sources[number].name).stem for number in numbers])
    return {number: Path(target) / f"{name}.png" for number, name in zip(numbers, names, strict=True)}
