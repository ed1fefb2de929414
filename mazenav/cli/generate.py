"""`mazenav generate`: new layouts of a kind, in any format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, arg

from mazenav.cli.choices import at_least
from mazenav.cli.layout_output import put_layouts
from mazenav.cli.progress import bar
from mazenav.types import Layout, MazenavError

if TYPE_CHECKING:
    from mazenav.layout.generators.making import Generator

EXAMPLE = "mazenav generate kruskal --shape 25 25 --count 10 --set loop_ratio=0.2 corridor=2 --out mazes"
OWN = "(default: the generator's own)"
LIST = "kinds"
"""In the place of a kind: show them all."""
KNOBS = ("loop_ratio", "density", "corridor", "smallest", "largest", "extra")
"""The knobs that have an option of their own."""
CELLS_A_STEP = 1 << 26
"""Cells that are made between two movements of the progress bar."""
SWITCH = {"true": True, "false": False}


@dataclass(frozen=True)
class Options:
    """Make new layouts of a kind.

    Mazes: backtracker, kruskal, prim, wilson, aldous_broder, eller, hunt_and_kill, sidewinder, binary_tree, division,
    growing_tree, spiral, wide. Others: rooms, lab, caves, clutter, open. `mazenav generate kinds` shows what each looks
    like and the knobs that --set turns.
    """

    kind: Annotated[Positional[str], arg(metavar="KIND")]
    """Which generator makes them; kinds shows all of them."""
    shape: Annotated[tuple[int, int], arg(metavar="ROWS COLUMNS")] = (13, 13)
    """Rows and columns, 5 to 10001 each."""
    count: int = 1
    """How many."""
    seed: int = 0
    """The same seed makes the same layouts."""
    out: Annotated[str, arg(metavar="DIR|FILE|-")] = "-"
    """A folder for a collection (.txt) a layout, a file for all of them (.txt, .npz, ...), or - for the screen."""
    format: Annotated[str | None, arg(metavar="NAME", help_behavior_hint="(default: told from the suffix)")] = None
    """Layout format of what is written: collection, set, text, movingai, lab, micromouse and others."""
    threads: Annotated[int | None, arg(metavar="INT", help_behavior_hint="(default: one a core)")] = None
    """Threads that share the work; the layouts are the same whatever their number."""
    set: Annotated[tuple[str, ...], arg(metavar="KNOB=VALUE...", help_behavior_hint="(default: none)")] = ()
    """Any knob of the kind, such as loop_ratio=0.2 corridor=2 wall=2 thin_walls=true."""
    loop_ratio: Annotated[float | None, arg(metavar="FLOAT", help_behavior_hint=OWN)] = None
    """Mazes: share of dead ends that are opened into loops."""
    density: Annotated[float | None, arg(metavar="FLOAT", help_behavior_hint=OWN)] = None
    """clutter, caves: share of cells that begin as walls."""
    corridor: Annotated[int | None, arg(metavar="INT", help_behavior_hint=OWN)] = None
    """Mazes: cells across a corridor."""
    smallest: Annotated[int | None, arg(metavar="INT", help_behavior_hint=OWN)] = None
    """rooms, lab: shortest side of a room in cells."""
    largest: Annotated[int | None, arg(metavar="INT", help_behavior_hint=OWN)] = None
    """rooms, lab, clutter: longest side of a room or an obstacle in cells."""
    extra: Annotated[float | None, arg(metavar="FLOAT", help_behavior_hint=OWN)] = None
    """rooms, lab: chance of one more way between two rooms."""


def run(options: Options) -> None:
    """Make the layouts and write or print them."""
    from mazenav.layout.formats.registry import format_by_name
    from mazenav.layout.generate import generator_of

    if options.kind == LIST:
        print(all_kinds())
        return
    at_least("--count", options.count, 1)
    at_least("--seed", options.seed, 0)
    if options.threads is not None:
        at_least("--threads", options.threads, 1)
    if options.format is not None:
        format_by_name(options.format)
    generator = generator_of(options.kind)
    put_layouts(make(generator, knobs_of(options), options), options.out, options.format)


def make(generator: Generator, knobs: dict[str, float], options: Options) -> list[Layout]:
    """The layouts that are asked for, with a bar while they are made."""
    from mazenav.layout.generators.making import check_size, checked_shape, draw_seeds
    from mazenav.rng import stream

    rows, columns = checked_shape(options.shape)
    check_size(options.count, rows, columns)
    seeds = draw_seeds(stream(options.seed, "generate"), options.count)
    step = max(1, CELLS_A_STEP // (rows * columns))
    layouts: list[Layout] = []
    with bar(generator.kind, "layouts") as show:
        for begin in range(0, options.count, step):
            layouts += generator.layouts((rows, columns), seeds[begin : begin + step], options.threads, **knobs)
            show(len(layouts), options.count, "")
    return layouts


def knobs_of(options: Options) -> dict[str, float]:
    """The knobs that the command line turns.

    Raises:
        MazenavError: if a setting is not KNOB=VALUE with a number, true or false, or turns a knob a second time.
    """
    return read_settings(options.set, {name: value for name in KNOBS if (value := getattr(options, name)) is not None})


def read_settings(settings: Sequence[str], given: Mapping[str, float] | None = None) -> dict[str, float]:
    """Knobs by their names from settings KNOB=VALUE, besides those that were given otherwise.

    Raises:
        MazenavError: as `knobs_of`.
    """
    knobs = dict(given or {})
    for setting in settings:
        name, equals, word = setting.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or not name:
            raise MazenavError(f"--set takes KNOB=VALUE, such as loop_ratio=0.2, found {setting!r}")
        if name in knobs:
            raise MazenavError(f"the knob {name} is set twice")
        knobs[name] = _number(name, word.strip())
    return knobs


def _number(name: str, word: str) -> float:
    """A whole number, another number, true or false."""
    if word.lower() in SWITCH:
        return SWITCH[word.lower()]
    try:
        number = float(word)
    except ValueError:
        raise MazenavError(f"--set {name}= takes a number, true or false, found {word!r}") from None
    return int(number) if number.is_integer() else number


def all_kinds() -> str:
    """What `mazenav generate kinds` prints: every kind, what it looks like, and its knobs with their defaults."""
    from mazenav.layout.generate import GENERATORS

    lines = []
    for kind, generator in GENERATORS.items():
        knobs = [f"{name}={str(value).lower()}" for name, value in generator.parameters.items()]
        lines += [f"{kind:<14} {generator.what}", *wrapped(knobs)]
    return "\n".join(lines)


def wrapped(words: Sequence[str], width: int = 100) -> list[str]:
    """Words in indented lines."""
    import textwrap

    indent = " " * 15
    return textwrap.wrap(" ".join(words), width, initial_indent=indent, subsequent_indent=indent)
