"""`mazenav generate`: what it prints and writes can be read again, and bad requests are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mazenav.layout.formats.reading import parse_layouts, read_layouts


def test_one_layout_is_printed_as_plain_text(command: Callable) -> None:
    said = command("generate", "backtracker", "--shape", 7, 9)
    rows = said.out.splitlines()
    assert said.code == 0
    assert len(rows) == 7
    assert {len(row) for row in rows} == {9}


def test_what_is_printed_is_what_is_written(command: Callable, tmp_path: Path) -> None:
    line = ("generate", "clutter", "--shape", 8, 11, "--count", 5, "--seed", 3, "--density", 0.3)
    printed = parse_layouts(command(*line).out.encode(), "stdout")
    assert command(*line, "--out", tmp_path / "all.txt").code == 0
    assert command(*line, "--out", tmp_path / "each").code == 0
    assert printed == read_layouts(tmp_path / "all.txt")
    assert set(printed) == set(read_layouts(tmp_path / "each"))
    assert len(set(printed)) == 5
    assert {layout.shape for layout in printed} == {(8, 11)}


def test_the_seed_decides(command: Callable) -> None:
    first, again, other = (command("generate", "rooms", "--seed", seed).out for seed in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nonsense"], "'nonsense'"),
        ([], "KIND"),
        (["open", "--shape", 4, 9], "5 to 10001"),
        (["open", "--shape", 9, 10_002], "5 to 10001"),
        (["open", "--shape", 9], "--shape"),
        (["open", "--shape", 9, "x"], "'x'"),
        (["open", "--count", 0], "--count"),
        (["open", "--count", "many"], "'many'"),
        (["open", "--seed", -1], "--seed"),
        (["open", "--loop-ratio", 0.5], "'loop_ratio'"),
        (["backtracker", "--loop-ratio", 1.5], "1.5"),
        (["backtracker", "--loop-ratio", "nan"], "nan"),
        (["wide", "--corridor", 1], "corridor"),
    ],
)
def test_bad_requests_are_refused_and_write_nothing(
    arguments: list, words: str, refused: Callable, tmp_path: Path
) -> None:
    assert words in refused("generate", *arguments, "--out", tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(refused: Callable, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    assert str(tmp_path / "file") in refused("generate", "open", "--out", tmp_path / "file")
    assert (tmp_path / "file").read_text() == "kept"
