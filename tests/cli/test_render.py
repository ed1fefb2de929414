"""`mazenav render`: pictures of the size asked for, under names that do not clash."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from mazenav.cli.render import file_names
from mazenav.evaluation.episode_file import save_episodes
from mazenav.layout.formats.reading import read_layout
from mazenav.topdown.perturb import perturbed_map
from mazenav.types import Layout
from tests.topdown.hand import drive


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


def test_drawings_for_papers_in_every_kind(command: Callable, mazes: Path, tmp_path: Path) -> None:
    for kind, begin in (("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")):
        line = ("render", mazes, "--style", "paper", "--format", kind, "--task-seed", 1, "--field")
        assert command(*line, "--out", tmp_path / kind).code == 0
        names = sorted(file.name for file in (tmp_path / kind).iterdir())
        assert names == sorted([f"a.{kind}", f"b.{kind}", f"c.{kind}", "sheet.png"])
        assert (tmp_path / kind / f"b.{kind}").read_bytes().startswith(begin)


def test_one_file_by_its_name(command: Callable, mazes: Path, tmp_path: Path) -> None:
    assert command("render", mazes / "a.txt", "--out", tmp_path / "a.svg").out == f"{tmp_path / 'a.svg'}\n"
    assert command("render", mazes, "--out", tmp_path / "all.png").code == 0
    assert sorted(file.name for file in tmp_path.iterdir() if file.is_file()) == ["a.svg", "all.png"]


def test_the_machine_sees_any_size_smooth_or_not(command: Callable, mazes: Path, tmp_path: Path) -> None:
    line = ("render", mazes / "a.txt", "--style", "machine", "--size", 33, 50)
    for name, more in (("hard", ()), ("soft", ("--antialias",))):
        assert command(*line, *more, "--out", tmp_path / f"{name}.png").code == 0
    hard, soft = (cv2.imread(str(tmp_path / f"{name}.png"), cv2.IMREAD_GRAYSCALE) for name in ("hard", "soft"))
    assert hard.shape == soft.shape == (33, 50)
    assert set(np.unique(hard)) == {0, 255}
    assert len(np.unique(soft)) > 3
    free = ~read_layout(mazes / "a.txt").walls
    assert abs(soft.mean() / 255 - free.mean()) < 0.005


def test_a_picture_goes_through_a_pipe(mazes: Path, tmp_path: Path) -> None:
    line = [sys.executable, "-m", "mazenav.cli.main", "render", "-", "--out", "-", "--format", "svg"]
    done = subprocess.run(line, input=(mazes / "a.txt").read_bytes(), capture_output=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"<?xml")
    assert [file.name for file in tmp_path.iterdir()] == ["mazes"]


def test_a_wrong_map_beside_the_truth(command: Callable, mazes: Path, tmp_path: Path) -> None:
    line = ("render", mazes / "b.txt", "--perturb", "mixed", "--ratio", 0.5, "--seed", 3)
    for name in ("one", "two"):
        assert command(*line, "--out", tmp_path / f"{name}.png").code == 0
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    machine = ("--style", "machine", "--cell-pixels", 1, "--out", tmp_path / "map.png", "--start", 1, 1, "--goal", 3, 4)
    assert command(*line, *machine).code == 0
    layout = read_layout(mazes / "b.txt")
    wrong = perturbed_map(layout, "mixed", 0.5, 3, [(1, 1), (3, 4)]).map
    shown = cv2.imread(str(tmp_path / "map.png"), cv2.IMREAD_GRAYSCALE)
    np.testing.assert_array_equal(shown == 0, wrong == 1)
    assert not np.array_equal(wrong == 1, layout.walls)


def test_episodes_are_drawn_and_filmed(command: Callable, mazes: Path, tmp_path: Path) -> None:
    layout = read_layout(mazes / "a.txt")
    episodes = [drive(layout, (1, 1), goal) for goal in ((3, 5), (1, 5), (3, 1))]
    file = save_episodes(episodes, tmp_path / "episodes.npz")
    assert command("render", "--episodes", file, "--out", tmp_path / "drawn", "--max-layouts", 2).code == 0
    names = sorted(picture.name for picture in (tmp_path / "drawn").iterdir())
    assert names == ["0000-a.png", "0001-a.png", "sheet.png"]
    assert command("render", "--episodes", file, "--style", "paper", "--out", tmp_path / "paper.png").code == 0
    said = command("render", "--episodes", file, "--film", tmp_path / "film.gif")
    assert said.code == 0 and "frames" in said.out
    assert (tmp_path / "film.gif").read_bytes().startswith(b"GIF89a")


def test_options_that_do_not_go_together_are_refused(refused: Callable, mazes: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "out")
    for options, words in (
        (("--style", "colour", "--format", "svg"), "PNG pictures"),
        (("--size", 9, 9), "--style machine"),
        (("--field",), "--field needs"),
        (("--start", 1, 1), "--start needs a --goal"),
        (("--task-seed", 1, "--goal", 1, 1), "exclude each other"),
        (("--film", "x.gif"), "--film needs --episodes"),
        (("--episodes", "x.npz"), "not both"),
        (("--perturb", "upside-down"), "no perturbation named 'upside-down'"),
        (("--perturb", "mixed", "--ratio", 2), "between 0 and 1"),
        (("--start", 0, 0, "--goal", 1, 1), "lies in a wall"),
        (("--style", "machine", "--size", 100_000, 100_000), "pixels"),
    ):
        assert words in refused("render", mazes, *options, *out)
    assert "a sheet, which is a PNG" in refused("render", mazes, "--out", tmp_path / "all.svg")
    assert ".gif, .webm, .mp4" in refused("render", "--episodes", "e.npz", "--film", "x.mov")
    assert not (tmp_path / "out").exists()
