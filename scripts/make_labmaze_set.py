"""Makes the set test-labmaze again: `python scripts/make_labmaze_set.py [--out layouts]`; needs labmaze.

100 mazes of labmaze's RandomMaze, its own defaults, of each odd side from 5 to 21, the sizes of Brunner et al.
(arXiv 1711.07479). There are few different small ones: a maze of side 5 is always the same room. Where labmaze leaves
a border open, as it sometimes does in the smallest, it is closed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import labmaze
import numpy as np

from mazenav.layout.formats.writing import write_layouts
from mazenav.layout.manifest import make_manifest, write_manifest
from mazenav.types import Layout

NAME, COMMAND = "test-labmaze", "python scripts/make_labmaze_set.py"
SIDES = range(5, 22, 2)
EACH = 100


def make_set() -> Iterator[Layout]:
    """The layouts, by size; the number of a maze among those of its size is its random seed."""
    for side in SIDES:
        for number in range(EACH):
            maze = labmaze.RandomMaze(height=side, width=side, random_seed=number)
            walls = np.array([[cell == "*" for cell in line] for line in str(maze.entity_layer).splitlines()], np.bool_)
            walls[[0, -1]] = walls[:, [0, -1]] = True
            yield Layout(walls, f"{NAME}-{side:02d}-{number:03d}", {"labmaze_seed": number})


def main() -> None:
    """Write the set and its manifest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("layouts"), help="the folder to write to")
    out: Path = parser.parse_args().out
    layouts = list(make_set())
    write_layouts(layouts, out / f"{NAME}.txt")
    write_manifest(make_manifest(NAME, layouts, COMMAND, 0), out / f"{NAME}.json")
    print(f"{NAME}: {len(layouts)} layouts")


if __name__ == "__main__":
    main()
