"""Draws every kind of layout and the shared knobs: `python scripts/draw_kinds.py [--out docs/pictures/kinds.png]`."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from mazenav.layout.generate import GENERATORS, generate
from mazenav.topdown.picture_file import save_picture
from mazenav.topdown.render import cell_pixels_to_fill, draw_map
from mazenav.topdown.sheet import contact_sheet

SIDE, TILE, SEED = 33, 231, 5
COLUMNS = 7
SIDES = {"wide": 34, "wall": 31}
"""Sides that corridors and walls of more than one cell fill without a rest, by kind or knob."""
LARGE: dict[str, dict[str, float]] = {
    "rooms": {"smallest": 4, "largest": 8},
    "clutter": {"largest": 3},
    "lab": {"rooms": 9, "extra": 0.1},
    "caves": {"density": 0.48},
}
"""Knobs that suit the size of the pictures."""
SHARED: tuple[dict[str, float], ...] = ({"loop_ratio": 0.8}, {"corridor": 3}, {"wall": 3})


def main() -> None:
    """Draw the sheet and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/pictures/kinds.png"))
    options = parser.parse_args()
    made = [(kind, kind, LARGE.get(kind, {}), SIDES.get(kind, SIDE)) for kind in GENERATORS]
    for knob in SHARED:
        [(name, value)] = knob.items()
        made.append((f"kruskal, {name} {value}", "kruskal", knob, SIDES.get(name, SIDE)))
    pictures = []
    for _, kind, knobs, side in made:
        layout = generate(kind, (side, side), np.random.default_rng(SEED), **knobs)
        pictures.append(draw_map(layout, cell_pixels=cell_pixels_to_fill(layout.shape, TILE)))
    save_picture(contact_sheet(pictures, [caption for caption, *_ in made], columns=COLUMNS, tile=TILE), options.out)


if __name__ == "__main__":
    main()
