"""The promise itself: known layouts, drawn in every manner and disturbed in every way, come back exact in each cell."""

from __future__ import annotations

import numpy as np
import pytest

from mazenav.picture import read_pixels
from tests.picture.maker import Manner, draw
from tests.picture.mazes import maze
from tests.picture.protocol import DISTURBANCES, LINES_ONLY, MANNERS, compare, make_case, outcome

KINDS = pytest.mark.parametrize("is_thin", [True, False], ids=["thin", "thick"])


@KINDS
@pytest.mark.parametrize("disturbance", DISTURBANCES)
@pytest.mark.parametrize("seed", range(3))
def test_plain_drawings_are_read_exactly(disturbance: str, is_thin: bool, seed: int) -> None:
    case = make_case("plain", disturbance, is_thin, seed)
    found = outcome(case)
    assert found.is_exact
    assert found.confidence > 0.6


@KINDS
@pytest.mark.parametrize("disturbance", ["nothing", "all but noise"])
@pytest.mark.parametrize("manner", [name for name in MANNERS if name != "plain"])
def test_every_manner_of_drawing_is_read_exactly(manner: str, disturbance: str, is_thin: bool) -> None:
    if not is_thin and manner in LINES_ONLY:
        manner = "plain"
    assert outcome(make_case(manner, disturbance, is_thin, 0)).is_exact


@pytest.mark.parametrize("pitch", [5.0, 7.3, 11.1, 23.7, 46.6, 71.3])
@pytest.mark.parametrize("width", [0.08, 0.2, 0.26])
def test_lines_of_any_pitch_and_width(pitch: float, width: float) -> None:
    rng = np.random.default_rng(5)
    walls = maze(rng, 7, 9, loops=0.1, ways_out=2)
    line = max(1.0, width * pitch)
    reading = read_pixels(draw(walls, Manner(pitch=pitch, line=line, margin=15), rng), "picture")
    assert reading.layout.thin_walls
    assert np.array_equal(reading.layout.walls, walls)
    assert reading.pitch == pytest.approx((pitch, pitch), rel=0.01)


@pytest.mark.parametrize("pitch", [3.0, 4.5, 9.7, 26.4, 50.2])
def test_cells_of_any_pitch(pitch: float) -> None:
    rng = np.random.default_rng(6)
    walls = maze(rng, 8, 6, loops=0.1)
    reading = read_pixels(draw(walls, Manner(pitch=pitch, line=0, margin=2 * pitch), rng), "picture")
    assert not reading.layout.thin_walls
    assert np.array_equal(reading.layout.walls, walls)


@KINDS
def test_turned_and_mirrored_pictures_give_turned_and_mirrored_layouts(is_thin: bool) -> None:
    case = make_case("plain", "blur", is_thin, 11)
    for turns in range(4):
        for mirrored in (False, True):
            pixels, walls = np.rot90(case.pixels, turns), np.rot90(case.walls, turns)
            if mirrored:
                pixels, walls = pixels[:, ::-1], walls[:, ::-1]
            reading = read_pixels(np.ascontiguousarray(pixels), "picture")
            assert np.array_equal(reading.layout.walls, walls)


@KINDS
def test_a_negative_shows_the_same_maze(is_thin: bool) -> None:
    case = make_case("plain", "nothing", is_thin, 4)
    assert compare(read_pixels(255 - case.pixels, "picture"), case)


def test_a_large_maze() -> None:
    rng = np.random.default_rng(8)
    walls = maze(rng, 100, 120)
    reading = read_pixels(draw(walls, Manner(pitch=9.3, line=1.6, margin=12), rng), "picture")
    assert np.array_equal(reading.layout.walls, walls)
