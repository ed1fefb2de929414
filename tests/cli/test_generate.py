"""`mazenav generate`: what it prints and writes can be read again, and bad requests are refused."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from mazenav.layout.formats.reading import parse_layouts, read_layouts
from mazenav.layout.generate import GENERATORS, make_again

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"(?:^|(?<=`))mazenav (generate [^`\n]+)", README, re.MULTILINE)


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
        (["prim", "--set", "wall"], "KNOB=VALUE"),
        (["prim", "--set", "wall=thick"], "wall= takes a number, true or false, found 'thick'"),
        (["prim", "--set", "wall=inf"], "wall must be a whole number from 1 to 20, found inf"),
        (["prim", "--set", "wall=nan"], "wall must be a whole number from 1 to 20, found nan"),
        (["prim", "--set", "wall=2", "wall=3"], "the knob wall is set twice"),
        (["prim", "--corridor", 2, "--set", "corridor=3"], "the knob corridor is set twice"),
        (["prim", "--set", "density=0.3"], "prim has no parameter 'density'; it has loop_ratio, corridor, wall"),
        (["prim", "--threads", 0], "--threads"),
        (["prim", "--format", "papyrus"], "'papyrus'"),
        (["open", "--shape", 10_001, 10_001, "--count", 10_000], "more than one call can hold"),
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


def test_kinds_are_shown_with_their_knobs_and_named_in_the_help(command: Callable) -> None:
    shown, told = command("generate", "kinds").out, command("generate", "--help").out
    for kind, generator in GENERATORS.items():
        assert f"\n{kind} " in f"\n{shown}"
        assert re.search(rf"\b{kind}\b", told), kind
        assert all(f"{knob}=" in shown for knob in generator.parameters)


def test_set_turns_any_knob(command: Callable, tmp_path: Path) -> None:
    knobs = ("loop_ratio=0.5", "corridor=2", "wall=2")
    assert command("generate", "prim", "--shape", 22, 26, "--set", *knobs, "--out", tmp_path / "a.txt").code == 0
    [layout] = read_layouts(tmp_path / "a.txt")
    assert dict(layout.source) | {"loop_ratio": 0.5, "corridor": 2, "wall": 2} == layout.source
    assert make_again(layout.source) == layout
    own = command("generate", "prim", "--shape", 22, 26, "--loop-ratio", 0.5, "--corridor", 2, "--set", "wall=2").out
    assert parse_layouts(own.encode(), "stdout") == [layout]


def test_thin_walls_stay_thin(command: Callable, tmp_path: Path) -> None:
    line = ("generate", "wilson", "--set", "thin_walls=true", "--count", 2)
    [one, two] = parse_layouts(command(*line).out.encode(), "stdout")
    assert command(*line, "--out", tmp_path / "each").code == 0
    assert {one, two} == set(read_layouts(tmp_path / "each"))
    assert all(layout.thin_walls for layout in (one, two, *read_layouts(tmp_path / "each")))


@pytest.mark.parametrize("name", ["set.npz", "all.txt"])
def test_many_go_into_one_file_whatever_the_threads(name: str, command: Callable, tmp_path: Path) -> None:
    made = []
    for threads in (1, 3):
        line = ("generate", "kruskal", "--count", 300, "--threads", threads, "--out", tmp_path / name)
        assert command(*line).out == f"300 layouts written to {tmp_path / name}\n"
        made.append(read_layouts(tmp_path / name))
    assert made[0] == made[1]
    assert [layout.source for layout in made[0]] == [layout.source for layout in made[1]]


def test_the_format_may_be_named(command: Callable, tmp_path: Path) -> None:
    assert command("generate", "lab", "--set", "max_variations=5", "--format", "lab").out.startswith("*************\n")
    assert command("generate", "prim", "--format", "movingai", "--out", tmp_path / "each", "--count", 2).code == 0
    assert {file.suffix for file in (tmp_path / "each").iterdir()} == {".map"}
    assert len(set(read_layouts(tmp_path / "each"))) == 2


@pytest.mark.parametrize("line", SHOWN)
def test_what_the_readme_generates_is_made(
    line: str, command: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = command(*shlex.split(line))
    assert said.code == 0
    assert said.out
    assert all(read_layouts(file) for file in tmp_path.iterdir())
