"""Pictures that nobody in this project drew, against their truth."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mazenav.layout.formats.reading import read_layout
from mazenav.picture import read_picture
from tests.picture.maker import blurred, jpeg, turned

ONE_PIXEL_A_CELL = ("small", "normal", "braid200")
DRAWN = {
    "16x16-japan2012ef": "images/16x16-japan2012ef.txt",
    "32x32-japan2014ef": "images/32x32-japan2014ef.txt",
    "maze-32-32-2": "movingai/maze-32-32-2.map",
}


@pytest.mark.parametrize("name", DRAWN)
def test_drawings_and_renderings_agree_with_their_truth(name: str, external: Path) -> None:
    reading = read_picture(external / "images" / f"{name}.png")
    truth = read_layout(external / DRAWN[name])
    assert np.array_equal(reading.layout.walls, truth.walls)
    assert reading.layout.thin_walls == truth.thin_walls
    assert reading.layout.name == name
    assert reading.confidence > 0.9


@pytest.mark.parametrize("name", ONE_PIXEL_A_CELL)
def test_pictures_of_one_pixel_a_cell(name: str, external: Path) -> None:
    pixels = cv2.imread(str(external / "images" / f"{name}.png"), cv2.IMREAD_GRAYSCALE)
    reading = read_picture(external / "images" / f"{name}.png")
    assert np.array_equal(reading.layout.walls, pixels < 128)
    assert not reading.layout.thin_walls
    assert reading.pitch == (1.0, 1.0)


@pytest.mark.parametrize("name", ["16x16-japan2012ef", "32x32-japan2014ef"])
@pytest.mark.parametrize("degrees", [-7.0, 0.0, 4.0])
def test_they_survive_a_turn_blur_and_jpeg(name: str, degrees: float, external: Path, tmp_path: Path) -> None:
    pixels = cv2.imread(str(external / "images" / f"{name}.png"))
    paper = pixels[5, 5]
    if name.startswith("32"):
        # Its last lines are cut off; on larger paper nothing would tell that there were any.
        pixels = cv2.copyMakeBorder(pixels, 0, 3, 0, 3, cv2.BORDER_CONSTANT, value=(0, 0, 0))
        paper = pixels[0, 0]
    turned_one = turned(pixels, degrees, tuple(paper.tolist())) if degrees else pixels
    cv2.imwrite(str(tmp_path / "photo.png"), jpeg(blurred(turned_one, 1.0), 40))
    truth = read_layout(external / DRAWN[name])
    assert np.array_equal(read_picture(tmp_path / "photo.png").layout.walls, truth.walls)
