"""Layout files that cannot be used: every command that reads layouts says one sentence, and writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

BAD_FILES: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "empty": (b"", ("empty",)),
    "blank": (b"\n\n  \n", ("empty",)),
    "binary": (bytes(range(256)) * 8, ("text",)),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(64), ("text",)),
    "ragged": (b"#####\n#   #\n# #\n#####\n", ("line 3", "3", "5")),
    "walls only": (b"#####\n#####\n#####\n", ("no free cell",)),
    "prose": (b"Dear maze, where do you end?\n", ("line 1",)),
    "an unknown letter": (b"#####\n# ? #\n#####\n", ("line 2", "'?'")),
    "a gigantic promise": (b"type octile\nheight 999999999\nwidth 999999999\nmap\n", ("no rows",)),
    "a broken promise": (b"type octile\nheight 4\nwidth 5\nmap\n.....\n", ("4", "1")),
}

COMMANDS = {
    "inspect": ["inspect", "LAYOUT"],
    "split": ["split", "LAYOUT", "--out", "OUT"],
    "render": ["render", "LAYOUT", "--out", "OUT"],
    "rollout": ["rollout", "oracle", "LAYOUT", "--out", "OUT/e.npz"],
    "evaluate": ["evaluate", "oracle", "LAYOUT", "--json", "OUT/e.json", "--report", "OUT/report"],
}


def _line(name: str, layout: object, out: Path) -> list[str]:
    return [part.replace("LAYOUT", str(layout)).replace("OUT", str(out)) for part in COMMANDS[name]]


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_named_with_what_is_wrong(name: str, case: str, refused: Callable, tmp_path: Path) -> None:
    content, words = BAD_FILES[case]
    path = tmp_path / "maze.txt"
    path.write_bytes(content)
    sentence = refused(*_line(name, path, tmp_path / "out"))
    assert str(path) in sentence
    assert all(word in sentence for word in words), sentence
    assert [file.name for file in tmp_path.iterdir()] == ["maze.txt"]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_large_file_is_refused_unread(name: str, refused: Callable, tmp_path: Path) -> None:
    path = tmp_path / "maze.txt"
    with path.open("wb") as file:
        file.truncate(10 * 2**30)
    assert str(10 * 2**30) in refused(*_line(name, path, tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_more_cells_than_a_layout_may_have(refused: Callable, tmp_path: Path) -> None:
    path = tmp_path / "maze.txt"
    path.write_bytes((b"." * 4200 + b"\n") * 4200)
    assert "4200 x 4200" in refused(*_line("render", path, tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_layout_that_is_not_there(name: str, refused: Callable, tmp_path: Path) -> None:
    assert "nowhere" in refused(*_line(name, "nowhere", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_folder_without_layouts(name: str, refused: Callable, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "empty" in refused(*_line(name, tmp_path / "empty", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", COMMANDS)
def test_no_layout_named(name: str, refused: Callable, tmp_path: Path) -> None:
    line = [part for part in _line(name, "", tmp_path / "out") if part]
    assert "at least one" in refused(*line)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["rollout", "evaluate"])
@pytest.mark.parametrize("cells", ["#####\n# ###\n#####\n", "#####\n# # #\n#####\n"])
def test_a_layout_without_two_connected_cells(name: str, cells: str, refused: Callable, tmp_path: Path) -> None:
    path = tmp_path / "lonely.txt"
    path.write_text(cells)
    assert "connected" in refused(*_line(name, path, tmp_path / "out"))
    assert not (tmp_path / "out").exists()
