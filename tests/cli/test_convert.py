"""`mazenav convert`: pictures, folders and pipes in, any format out; what cannot be read is named in one sentence."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from mazenav.cli.convert import Options
from mazenav.layout.formats.reading import parse_layouts, read_layout, read_layouts
from mazenav.picture.reading import LEAST_CONFIDENCE
from tests.picture.maker import Manner, draw, turned
from tests.picture.mazes import maze
from tests.picture.others import text_page
from tests.picture.test_load import png_header

THIN = maze(np.random.default_rng(1), 6, 8)
THICK = maze(np.random.default_rng(2), 5, 5)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder with a drawing of thin walls, a photo of thick ones, a layout file, and what is neither."""
    folder = tmp_path / "in"
    folder.mkdir()
    rng = np.random.default_rng(3)
    cv2.imwrite(str(folder / "thin.png"), draw(THIN, Manner(pitch=18, line=2, margin=18), rng))
    photo = turned(draw(THICK, Manner(pitch=12, line=0, margin=20), rng), 5.0)
    cv2.imwrite(str(folder / "thick.jpg"), photo)
    (folder / "plain.txt").write_text("#####\n#   #\n#####\n")
    (folder / "notes.md").write_text("mazes that I like\n")
    return folder


def pipe(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(content)))


def test_a_picture_becomes_a_file(command: Callable, pictures: Path, tmp_path: Path) -> None:
    picture, out, check = pictures / "thin.png", tmp_path / "maze.txt", tmp_path / "check.png"
    said = command("convert", picture, "--out", out, "--overlay", check)
    assert said.code == 0
    assert f"{picture}: 6 x 8 cells, thin walls, confidence 0.9" in said.err
    layout = read_layout(out)
    assert layout.thin_walls
    assert np.array_equal(layout.walls, THIN)
    overlay = cv2.imread(str(check))
    assert min(overlay.shape[:2]) > 300


def test_thick_walls_are_printed_as_text(command: Callable, pictures: Path) -> None:
    said = command("convert", pictures / "thick.jpg")
    assert said.code == 0
    assert np.array_equal(parse_layouts(said.out.encode(), "stdout")[0].walls, THICK)


def test_a_folder_of_pictures_and_layouts(command: Callable, pictures: Path, tmp_path: Path) -> None:
    said = command("convert", pictures, "--out", tmp_path / "out", "--overlay", tmp_path / "checks")
    assert said.code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["plain.txt", "thick.txt", "thin.txt"]
    assert sorted(path.name for path in (tmp_path / "checks").iterdir()) == ["thick.png", "thin.png"]
    assert np.array_equal(read_layouts(tmp_path / "out" / "thin.txt")[0].walls, THIN)
    assert "3 layouts written" in said.out


def test_what_is_left_out_of_a_folder_is_said(command: Callable, pictures: Path, tmp_path: Path) -> None:
    cv2.imwrite(str(pictures / "words.png"), text_page(np.random.default_rng(4)))
    said = command("convert", pictures, "--out", tmp_path / "all.npz", "--format", "picture")
    assert said.code == 0
    assert f"left out: {pictures / 'words.png'}: the picture shows no rectangular maze" in said.err
    assert {layout.name for layout in read_layouts(tmp_path / "all.npz")} == {"thin", "thick"}


@pytest.mark.parametrize("format", ["micromouse", "mms", "maze_dataset", "nav_maze", "collection"])
def test_thin_walls_go_into_every_format_that_holds_them(
    format: str, command: Callable, pictures: Path, tmp_path: Path
) -> None:
    assert command("convert", pictures / "thin.png", "--to", format, "--out", tmp_path / "maze.file").code == 0
    assert np.array_equal(read_layout(tmp_path / "maze.file", format).walls, THIN)


def test_a_picture_through_a_pipe(command: Callable, pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe(monkeypatch, (pictures / "thick.jpg").read_bytes())
    said = command("convert", "-")
    assert np.array_equal(parse_layouts(said.out.encode(), "stdout")[0].walls, THICK)
    assert said.err.startswith("standard input: 11 x 11 cells")


def test_a_layout_through_a_pipe(command: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe(monkeypatch, b"#####\n#   #\n#####\n")
    assert command("convert", "-", "--to", "movingai").out.startswith("type octile\nheight 3\nwidth 5\n")


def test_what_a_picture_is_can_be_overridden(command: Callable, pictures: Path, refused: Callable) -> None:
    assert "binary data" in refused("convert", pictures / "thin.png", "--format", "text")
    assert "no picture" in refused("convert", pictures / "plain.txt", "--format", "picture")
    assert "thick walls" in command("convert", pictures / "thick.jpg", "--walls", "thick").err


def test_the_command_refuses_what_the_library_refuses() -> None:
    assert Options().min_confidence == LEAST_CONFIDENCE


def test_odd_names_and_symlinks(command: Callable, pictures: Path, tmp_path: Path) -> None:
    odd = tmp_path / "\N{SNOWMAN} a b\n%s'\".png"
    odd.symlink_to(pictures / "thin.png")
    assert command("convert", odd, "--out", tmp_path / "maze.txt").code == 0
    assert np.array_equal(read_layout(tmp_path / "maze.txt").walls, THIN)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "name at least one picture"),
        (["thin.png", "--min-confidence", 2], "from 0 to 1, found 2"),
        (["thin.png", "--min-confidence", 0.999], "confidence 0.9"),
        (["thin.png", "--walls", "wavy"], "wavy"),
        (["thin.png", "--to", "nonsense"], "nonsense"),
        (["plain.txt", "--overlay", "o.png"], "there is none among"),
        (["thin.png", "thick.jpg", "--overlay", "o.png"], "needs a folder for 2 pictures"),
        (["missing.png"], "missing.png"),
        (["loop.png"], "loop.png"),
        (["huge.png"], "huge.png: the picture has more than the"),
        (["cut.png"], "cut.png: the picture is cut off or damaged"),
        (["words.png"], "words.png: the picture shows no rectangular maze"),
        (["empty"], "none of the 0 files in this folder"),
    ],
)
def test_bad_requests_and_bad_files_are_refused(
    arguments: list[str], words: str, refused: Callable, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pictures)
    Path("loop.png").symlink_to("loop.png")
    Path("huge.png").write_bytes(png_header(60_000, 60_000))
    Path("cut.png").write_bytes(Path("thin.png").read_bytes()[:500])
    Path("empty").mkdir()
    cv2.imwrite("words.png", text_page(np.random.default_rng(4))[:300])
    before = {path.name for path in Path().iterdir()}
    assert words in refused("convert", *arguments)
    assert {path.name for path in Path().iterdir()} == before
