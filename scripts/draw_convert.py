"""The figure of docs/pictures.md: a photo of a maze, and what `mazenav convert` draws over it.

Example: python scripts/draw_convert.py docs/pictures/convert.png
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mazenav.layout.generate import generate_batch
from mazenav.picture import draw_overlay, read_pixels
from mazenav.topdown.palette import PAPER
from mazenav.topdown.picture_file import save_picture
from tests.picture.maker import Manner, draw
from tests.picture.mazes import longest_way
from tests.picture.protocol import DISTURBANCES

HEIGHT, GAP = 480, 20
"""Pixels of each half's height, and between the two."""


def main() -> None:
    """Draw, photograph, read, and set both beside each other."""
    rng = np.random.default_rng(6)
    walls = np.array(generate_batch("backtracker", (27, 27), 1, rng, loop_ratio=0.15)[0].walls)
    walls[0, 1] = walls[-1, -2] = False
    manner = Manner(pitch=30, line=3, margin=40, way=longest_way(walls)[-24:], marks=True, caption=True)
    photo = DISTURBANCES["photo"](draw(walls, manner, rng), rng, (255, 255, 255))
    reading = read_pixels(photo, "photo")
    assert np.array_equal(reading.layout.walls, walls)
    halves = [
        cv2.resize(each, (round(each.shape[1] * HEIGHT / each.shape[0]), HEIGHT), interpolation=cv2.INTER_AREA)
        for each in (photo, draw_overlay(photo, reading))
    ]
    between = np.full((HEIGHT, GAP, 3), PAPER, np.uint8)
    save_picture(np.concatenate([halves[0], between, halves[1]], axis=1), Path(sys.argv[1]))


if __name__ == "__main__":
    main()
