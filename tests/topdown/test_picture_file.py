"""Files appear whole or not at all, and say in one sentence why they do not."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mazenav.files import replacing
from mazenav.topdown.picture_file import png_bytes, save_picture, small_png_bytes
from mazenav.types import MazenavError


def test_pictures_come_back_as_they_went(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (7, 11, 3), np.uint8)
    path = save_picture(picture, tmp_path / "new" / "folder" / "picture.png")
    np.testing.assert_array_equal(cv2.imread(str(path))[..., ::-1], picture)
    save_picture(picture[..., 0], path)
    np.testing.assert_array_equal(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), picture[..., 0])
    assert [entry.name for entry in path.parent.iterdir()] == ["picture.png"]


def test_small_pictures_look_the_same() -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[16:48, 16:48] = (236, 90, 72)
    decoded = cv2.imdecode(np.frombuffer(small_png_bytes(picture), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    np.testing.assert_array_equal(decoded, picture)
    assert png_bytes(picture)[:4] == small_png_bytes(picture)[:4] == b"\x89PNG"


def test_places_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    picture = np.zeros((4, 4, 3), np.uint8)
    (tmp_path / "file").write_text("here already")
    with pytest.raises(MazenavError, match="cannot write"):
        save_picture(picture, tmp_path / "file" / "picture.png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(MazenavError, match="cannot write"):
        save_picture(picture, tmp_path / "folder.png")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "folder.png"]


@pytest.mark.parametrize(
    "bad", [np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4)), np.zeros(4, np.uint8), np.zeros((0, 4), np.uint8)]
)
def test_what_is_no_picture_is_refused(tmp_path: Path, bad: np.ndarray) -> None:
    with pytest.raises(MazenavError, match="a picture must be"):
        save_picture(bad, tmp_path / "picture.png")
    with pytest.raises(MazenavError, match="ends in"):
        save_picture(np.zeros((4, 4), np.uint8), tmp_path / "picture.jpg")
    assert not list(tmp_path.iterdir())


def test_an_interrupted_write_keeps_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "data.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError), replacing(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["data.txt"]
