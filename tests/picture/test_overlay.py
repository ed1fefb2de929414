"""The overlay shows, in the maze's own colour, each wall where it was read, and in red what is doubtful."""

from __future__ import annotations

import numpy as np
import pytest

from mazenav.picture import draw_overlay, read_pixels
from mazenav.picture.overlay import AROUND, TITLE
from mazenav.topdown.palette import FAILURE, START
from tests.picture.maker import Manner, draw, turned
from tests.picture.mazes import maze


def near(overlay: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """Where an overlay has about a colour, bool `[H, W]`."""
    return np.abs(overlay.astype(int) - np.asarray(colour)).max(axis=-1) < 60


@pytest.mark.parametrize("line", [0.0, 2.5], ids=["thick", "thin"])
def test_walls_are_painted_where_they_are(line: float) -> None:
    rng = np.random.default_rng(1)
    walls = maze(rng, 6, 7)
    pixels = turned(draw(walls, Manner(pitch=16, line=line, margin=16), rng), 6.0)
    reading = read_pixels(pixels, "picture")
    overlay = draw_overlay(pixels, reading)
    rows, columns = walls.shape if line == 0 else (6, 7)
    cell = (overlay.shape[1] - 1) / (columns + 2 * AROUND)
    assert (overlay.shape[0] - TITLE) / (rows + 2 * AROUND) == pytest.approx(cell, rel=0.02)
    painted = near(overlay, START)
    step, half = (cell, 0.5) if line == 0 else (cell / 2, 0.0)
    for row, column in np.ndindex(walls.shape):
        if line > 0 and (row + column) % 2 == 0:
            continue
        y, x = ((place + half) * step + AROUND * cell for place in (row, column))
        part = painted[TITLE + round(y) - 1 : TITLE + round(y) + 2, round(x) - 1 : round(x) + 2]
        assert part.any() == walls[row, column]


def test_doubt_is_ringed() -> None:
    rng = np.random.default_rng(2)
    walls = maze(rng, 6, 7)
    clear = draw(walls, Manner(pitch=20, line=3, margin=20), rng)
    row, column = next((r, c) for r, c in np.argwhere(walls[1:-1, 1:-1]) + 1 if r % 2 == 0 and c % 2 == 1)
    x, y = 21.5 + 10 * column, 21.5 + 10 * row
    faint = clear.copy()
    part = np.s_[round(y - 2) : round(y + 2) + 1, round(x - 8) : round(x + 8) + 1]
    faint[part] = 255 - (255 - faint[part].astype(int)) // 2
    rings = [near(draw_overlay(each, read_pixels(each, "picture", None, 0.0)), FAILURE) for each in (clear, faint)]
    # The title's bar may be of that colour too.
    assert not rings[0][TITLE:].any()
    assert rings[1][TITLE:].any()


def test_grey_pictures_and_one_pixel_a_cell() -> None:
    walls = maze(np.random.default_rng(3), 10, 10)
    pixels = np.where(walls, 0, 255).astype(np.uint8)
    overlay = draw_overlay(pixels, read_pixels(pixels, "picture"))
    assert overlay.ndim == 3
    assert 600 < overlay.shape[1] < 2000
