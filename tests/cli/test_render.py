"""`mazenav render`: pictures of the size asked for, under names that do not clash."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from mazenav.cli.render import file_names
from mazenav.layout.formats.reading import read_layout
from mazenav.types import Layout


def test_the_machine_sees_black_walls(command: Callable, mazes: Path, tmp_path: Path) -> None:
    line = ("render", mazes / "a.txt", "--style", "machine", "--cell-pixels", 1, "--out", tmp_path / "out")
    said = command(*line)
    assert (said.code, said.out) == (0, f"{tmp_path / 'out' / 'a.png'}\n")
    picture = cv2.imread(str(tmp_path / "out" / "a.png"), cv2.IMREAD_GRAYSCALE)
    np.testing.assert_array_equal(picture == 0, read_layout(mazes / "a.txt").walls)


def test_a_folder_gives_a_picture_each_and_a_sheet(command: Callable, mazes: Path, tmp_path: Path) -> None:
    assert command("render", mazes, "--cell-pixels", 20, "--out", tmp_path / "out").code == 0
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["a.png", "b.png", "c.png", "sheet.png"]
    assert cv2.imread(str(tmp_path / "out" / "b.png")).shape == (100, 120, 3)


def test_a_task_is_drawn_where_one_is_asked_for(command: Callable, mazes: Path, tmp_path: Path) -> None:
    pictures = []
    for folder, seed in (("plain", []), ("task", ["--task-seed", 1]), ("again", ["--task-seed", 1])):
        assert command("render", mazes / "a.txt", *seed, "--out", tmp_path / folder).code == 0
        pictures.append((tmp_path / folder / "a.png").read_bytes())
    plain, task, again = pictures
    assert plain != task
    assert task == again


def test_numbers_out_of_range_are_refused(refused: Callable, mazes: Path, tmp_path: Path) -> None:
    for option, value in (("--cell-pixels", 0), ("--task-seed", -1), ("--max-layouts", 0)):
        assert option in refused("render", mazes, option, value, "--out", tmp_path / "out")
    assert "pixels" in refused("render", mazes, "--cell-pixels", 100_000, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_file_names_differ_and_stay_in_their_folder() -> None:
    walls = np.zeros((1, 2), np.bool_)
    names = file_names(
        [Layout(walls, name) for name in ("a", "A", "a", "../x", "", "", "sheet", "über/b c.txt", "a-2")]
    )
    assert len({name.lower() for name in names}) == len(names)
    assert all("/" not in name and not name.startswith(".") for name in names)
    assert names[0] == "a"
    assert "sheet" not in names
