"""What shows no rectangular maze is refused in one sentence, and confidence tells good readings from bad ones."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from mazenav.picture import read_pixels
from mazenav.types import LayoutError
from tests.picture.maker import Manner, blurred, draw, jpeg, turned
from tests.picture.mazes import maze
from tests.picture.others import OTHERS
from tests.picture.protocol import reaches_every_side


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("photographed", [False, True], ids=["drawn", "photographed"])
def test_pictures_of_other_things_are_refused(name: str, photographed: bool) -> None:
    rng = np.random.default_rng(1)
    pixels = OTHERS[name](rng)
    if photographed:
        pixels = jpeg(blurred(turned(pixels, rng.uniform(-8, 8)), 0.8), 60)
    with pytest.raises(LayoutError, match=r"^holiday\.jpg: the picture shows no rectangular maze") as caught:
        read_pixels(pixels, "holiday.jpg")
    assert "\n" not in str(caught.value)


def test_confidence_falls_as_a_picture_gets_worse() -> None:
    rng = np.random.default_rng(2)
    walls = maze(rng, 9, 9)
    drawn = draw(walls, Manner(pitch=12, line=2.4, margin=12), rng)
    sigmas = (0.5, 2.5, 3.5, 6.0)
    found = [read_pixels(blurred(drawn, sigma), "picture", None, 0.0).confidence for sigma in sigmas]
    assert found[0] > 0.9
    assert found[-1] < 0.3
    assert all(later <= before + 0.02 for before, later in pairwise(found))


def test_least_confidence_decides_what_is_refused() -> None:
    rng = np.random.default_rng(2)
    drawn = draw(maze(rng, 9, 9), Manner(pitch=12, line=2.4, margin=12), rng)
    sure = read_pixels(drawn, "picture").confidence
    assert 0.9 < sure < 1.0
    with pytest.raises(LayoutError, match=f"confidence {sure:.2f}"):
        read_pixels(drawn, "picture", None, 0.999)


def test_a_faint_wall_is_doubtful() -> None:
    rng = np.random.default_rng(3)
    walls = maze(rng, 8, 8)
    drawn = draw(walls, Manner(pitch=20, line=3, margin=20), rng)
    row, column = next((r, c) for r, c in np.argwhere(walls[1:-1, 1:-1]) + 1 if r % 2 == 0 and c % 2 == 1)
    x, y = 20 + 1.5 + 20 * column / 2, 20 + 1.5 + 20 * row / 2
    part = np.s_[round(y - 2) : round(y + 2) + 1, round(x - 8) : round(x + 8) + 1]
    drawn[part] = 255 - (255 - drawn[part].astype(int)) // 2
    reading = read_pixels(drawn, "picture", None, 0.0)
    assert reading.doubtful[row, column]
    assert reading.doubtful.sum() == 1


def test_sides_that_are_not_drawn_are_named() -> None:
    rng = np.random.default_rng(5)
    walls = maze(rng, 10, 10)
    assert reaches_every_side(walls)
    reading = read_pixels(draw(walls, Manner(pitch=17, line=2, margin=20, border=False), rng), "picture")
    assert set(reading.assumed) == {"top", "bottom", "left", "right"}
    assert np.array_equal(reading.layout.walls, walls)


def test_a_maze_among_many_is_not_taken_for_the_picture() -> None:
    rng = np.random.default_rng(5)
    drawn = [draw(maze(rng, 6, 6), Manner(pitch=15, line=2, margin=19), rng) for _ in range(16)]
    sheet = np.concatenate([np.concatenate(drawn[4 * row : 4 * row + 4], axis=1) for row in range(4)])
    with pytest.raises(LayoutError, match="no rectangular maze"):
        read_pixels(sheet, "sheet")


def test_corners_lie_where_the_maze_was_drawn() -> None:
    rng = np.random.default_rng(6)
    walls = maze(rng, 7, 12)
    manner = Manner(pitch=18.5, line=2.5, margin=30)
    reading = read_pixels(draw(walls, manner, rng), "picture")
    left = manner.margin + manner.line / 2
    right, bottom = left + 12 * manner.pitch, left + 7 * manner.pitch
    assert reading.corners == pytest.approx(
        np.asarray([[left, left], [right, left], [right, bottom], [left, bottom]]), abs=0.7
    )


def test_kinds_of_walls_can_be_told() -> None:
    rng = np.random.default_rng(7)
    walls = maze(rng, 6, 6)
    drawn = draw(walls, Manner(pitch=12, line=0, margin=12), rng)
    assert not read_pixels(drawn, "picture", "thick").layout.thin_walls
    lattice = read_pixels(drawn, "picture", "thin", 0.0).layout
    assert lattice.thin_walls
    assert np.array_equal(lattice.walls, walls)
