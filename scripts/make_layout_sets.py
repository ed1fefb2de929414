"""Makes the named layout sets under layouts/ again: `python scripts/make_layout_sets.py [--out layouts]`.

Six recipes share each set equally and take turns, so that any first part of a set is as mixed as the whole. A layout
whose content hash has occurred already, in any set, is drawn again.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from mazenav.layout.formats.writing import write_layouts
from mazenav.layout.generate import generate
from mazenav.layout.manifest import make_manifest, write_manifest
from mazenav.layout.split import content_hash
from mazenav.rng import stream
from mazenav.types import Layout

COMMAND = "python scripts/make_layout_sets.py"
SEED = 20240601
SETS = {"train-20": (13, 20), "test-13": (13, 1000), "test-25": (25, 200), "test-51": (51, 100), "test-101": (101, 100)}
"""name -> side of the square layouts, how many."""

RECIPES: dict[str, tuple[str, list[dict[str, float]]]] = {
    "perfect": ("backtracker", [{"loop_ratio": 0.0}]),
    "loops": ("backtracker", [{"loop_ratio": ratio} for ratio in (0.25, 0.5, 1.0)]),
    "rooms": ("rooms", [{"smallest": 2, "largest": size, "extra": 0.4} for size in (4, 6)]),
    "clutter": ("clutter", [{"density": d, "largest": size} for d in (0.2, 0.3, 0.4) for size in (1, 2)]),
    "wide": ("wide", [{"corridor": 2, "loop_ratio": ratio} for ratio in (0.0, 0.3, 0.6)]),
    "sparse": ("clutter", [{"density": d, "largest": size} for d in (0.03, 0.08) for size in (1, 3)]),
}
"""recipe -> kind of generator, and the parameters that take turns."""


def draw(recipe: str, side: int, turn: int, *path: str | int) -> Layout:
    """One layout of a recipe."""
    kind, choices = RECIPES[recipe]
    return generate(kind, (side, side), stream(SEED, *path, turn), **choices[turn % len(choices)])


def make_set(name: str, seen: set[str]) -> Iterator[tuple[Layout, str, str]]:
    """The layouts of a set with their recipes and content hashes; `seen` grows."""
    side, count = SETS[name]
    recipes = list(RECIPES)
    for index in range(count):
        recipe, turn = recipes[index % len(recipes)], index // len(recipes)
        for attempt in range(1000):
            layout = draw(recipe, side, turn, name, recipe, attempt)
            digest = content_hash(layout)
            if digest not in seen:
                break
        else:
            raise RuntimeError(f"{recipe} gives no new layout of side {side} in 1000 attempts")
        seen.add(digest)
        yield Layout(layout.walls, f"{name}-{index:04d}", {**layout.source, "recipe": recipe}), recipe, digest


def main() -> None:
    """Write every set and its manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("layouts"), help="the folder to write to")
    out: Path = parser.parse_args().out
    seen: set[str] = set()
    for name in SETS:
        made = list(make_set(name, seen))
        write_layouts([layout for layout, _, _ in made], out / f"{name}.txt")
        notes = [{"recipe": recipe} for _, recipe, _ in made]
        manifest = make_manifest(name, [layout for layout, _, _ in made], COMMAND, SEED, notes)
        write_manifest(manifest, out / f"{name}.json")
        print(f"{name}: {len(made)} layouts")


if __name__ == "__main__":
    main()
