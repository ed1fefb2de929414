"""`mazenav split`: sets that share no layout, filtered, merged, with manifests that are held against them."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, arg

from mazenav.cli.choices import STANDARD_INPUT, at_least, check_writable, choose_layouts
from mazenav.cli.progress import bar
from mazenav.types import Layout, MazenavError

EXAMPLE = "mazenav split mazes --out sets --train 0.8 --test 0.2 --keep dead_ends>=3 --stratify kind"
DEFAULT_PARTS: Mapping[str, float] = {"train": 0.8, "validation": 0.1, "test": 0.1}
NOTHING = "(default: 0.8, 0.1, 0.1 if none is given)"


@dataclass(frozen=True)
class Options:
    """Deal layouts into sets that share none, not even turned or mirrored; or filter and merge them into one set."""

    layouts: Annotated[Positional[tuple[str, ...]], arg(metavar="LAYOUTS...", help_behavior_hint="(required)")] = ()
    """Shipped sets, files, folders, or - for standard input. What occurs twice is taken once."""
    out: Annotated[str, arg(metavar="DIR|FILE|-")] = "sets"
    """A folder for train, validation and test; a file, or - for the screen, for one set of everything kept."""
    train: Annotated[int | float | None, arg(metavar="SHARE|COUNT", help_behavior_hint=NOTHING)] = None
    """A share such as 0.8 of what counts leave over, or a whole number of layouts."""
    validation: Annotated[int | float | None, arg(metavar="SHARE|COUNT", help_behavior_hint=NOTHING)] = None
    """As --train."""
    test: Annotated[int | float | None, arg(metavar="SHARE|COUNT", help_behavior_hint=NOTHING)] = None
    """As --train."""
    seed: int = 0
    """Decides which layout goes where, whatever order they come in."""
    keep: Annotated[tuple[str, ...], arg(metavar="CONDITION...", help_behavior_hint="(default: all)")] = ()
    """Keep layouts of which all are true, such as "dead_ends>=3" "loops<9"; mazenav inspect shows the measures."""
    stratify: Annotated[str | None, arg(metavar="LABEL", help_behavior_hint="(default: not)")] = None
    """Give every set its share of each kind, of each size, or of each quarter of a measure such as diameter."""
    format: Literal["txt", "npz"] = "txt"
    """How sets in a folder are written."""
    max_layouts: Annotated[int | None, arg(metavar="INT", help_behavior_hint="(default: all)")] = None
    """Of each set, file or folder only the first so many."""


def run(options: Options) -> None:
    """Read, filter, merge, deal and write."""
    from mazenav.layout.selection import keep_layouts, merge, parse_condition

    at_least("--seed", options.seed, 0)
    conditions = [parse_condition(text) for text in options.keep]
    target = Path(options.out)
    one = options.out == STANDARD_INPUT or target.suffix != ""
    if one and given_parts(options):
        raise MazenavError("--train, --validation and --test need a folder as --out, not one file")
    found = choose_layouts(options.layouts, options.max_layouts)
    merged = merge([found])
    with bar("measuring", "layouts") as show:
        kept = keep_layouts(merged, conditions, lambda done, total: show(done, total, ""))
    if not kept:
        raise MazenavError(f"none of the {len(merged)} different layouts meets {' and '.join(options.keep)}")
    say = sys.stderr if options.out == STANDARD_INPUT else sys.stdout
    dropped, left = len(found) - len(merged), len(merged) - len(kept)
    print(f"{len(found):,} layouts read, {dropped:,} of them repeats, {left:,} filtered out", file=say)
    if options.out == STANDARD_INPUT:
        from mazenav.layout.formats.collection import lines_of_all

        sys.stdout.write("\n".join(lines_of_all(kept)) + "\n")
    elif one:
        write_one(kept, target, options)
    else:
        write_parts(kept, target, options)


def write_one(layouts: Sequence[Layout], path: Path, options: Options) -> None:
    """One set with its manifest."""
    from mazenav.layout.manifest import manifest_path, write_set

    check_writable("--out", path.resolve().parent)
    write_set(layouts, path, again(options), notes=notes_of(layouts))
    print(f"{len(layouts):,} layouts written to {path}, their hashes to {manifest_path(path)}")


def write_parts(layouts: Sequence[Layout], folder: Path, options: Options) -> None:
    """Train, validation and test, each with its manifest, after a last look that they share nothing."""
    from mazenav.layout.manifest import write_set
    from mazenav.layout.selection import labels
    from mazenav.layout.split import check_disjoint, split_layouts
    from mazenav.rng import stream

    strata = None if options.stratify is None else labels(layouts, options.stratify)
    parts = given_parts(options) or DEFAULT_PARTS
    dealt = split_layouts(layouts, parts, stream(options.seed, "split"), strata)
    check_disjoint(dealt)
    check_writable("--out", folder)
    for name, part in dealt.items():
        path = folder / f"{name}.{options.format}"
        if not part:
            print(f"{name}: no layouts, so no file")
            continue
        write_set(part, path, again(options), options.seed, notes_of(part))
        print(f"{path}: {len(part):,} layouts ({summary(part)})")


def given_parts(options: Options) -> dict[str, float]:
    """The parts that the command line names."""
    return {name: part for name in DEFAULT_PARTS if (part := getattr(options, name)) is not None}


def notes_of(layouts: Sequence[Layout]) -> list[dict[str, object]]:
    """What the manifest notes of each layout besides its hash: its kind."""
    from mazenav.layout.selection import kind_of

    return [{"kind": kind_of(layout)} for layout in layouts]


def summary(layouts: Sequence[Layout], most: int = 6) -> str:
    """How many of each kind, the most frequent first."""
    from mazenav.layout.selection import kind_of

    counts = Counter(kind_of(layout) for layout in layouts)
    words = [f"{count:,} {kind}" for kind, count in counts.most_common(most)]
    return ", ".join([*words, "..."] if len(counts) > most else words)


def again(options: Options) -> str:
    """The command line that does the same again."""
    words: list[object] = ["mazenav", "split", *options.layouts, "--out", options.out]
    for name, part in given_parts(options).items():
        words += [f"--{name}", part]
    words += ["--seed", options.seed]
    words += ["--keep", *options.keep] if options.keep else []
    words += ["--stratify", options.stratify] if options.stratify is not None else []
    words += ["--format", options.format] if options.format != "txt" else []
    words += ["--max-layouts", options.max_layouts] if options.max_layouts is not None else []
    return shlex.join(str(word) for word in words)
