"""`mazenav inspect`: the picture, the numbers, the source, the repeats; for people and as JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mazenav.cli.inspect import histogram, plain
from mazenav.layout.difficulty import MEASURES, difficulty
from mazenav.layout.formats.reading import read_layout
from mazenav.layout.split import content_hash


def pipe(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_one_layout_is_shown_with_all_that_is_known_of_it(command: Callable, mazes: Path) -> None:
    said = command("inspect", mazes / "a.txt")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0] == "a  5 x 7 cells, thick walls"
    assert lines[1:6] == ["█" * 14, "██          ██", "██  ██████  ██", "██          ██", "█" * 14]
    layout = read_layout(mazes / "a.txt")
    for name in MEASURES:
        assert any(line.startswith(name + " ") for line in lines)
    assert f"loops {difficulty(layout).loops}".split() in [line.split()[:2] for line in lines]
    assert any(line.startswith("source") and "format text" in line for line in lines)
    assert lines[-1].split() == ["hash", content_hash(layout)]


def test_a_task_is_measured_and_marked(command: Callable, mazes: Path) -> None:
    said = command("inspect", mazes / "a.txt", "--start", 1, 1, "--goal", 3, 5)
    assert "task  distance 6, turns 1, decision_points 0, dead_ends 0, detour 1" in said.out
    assert "██S         ██" in said.out and "G" in said.out


def test_several_layouts_are_spread_out_and_repeats_are_named(command: Callable, mazes: Path) -> None:
    (mazes / "d.txt").write_text("#####\n#   #\n# ###\n#   #\n#####\n")
    said = command("inspect", mazes)
    assert "4 layouts, 3 different up to rotation and reflection" in said.out
    assert "1 repeats, up to symmetry:" in said.out and "  c = d" in said.out
    assert "the same in all  rows 5" in said.out
    rows = command("inspect", mazes, "--each").out.splitlines()
    assert next(line for line in rows if line.startswith("d ")).split()[-1] == "c"


def test_json_holds_everything(command: Callable, mazes: Path) -> None:
    (mazes / "d.txt").write_text("#####\n#   #\n# ###\n#   #\n#####\n")
    found = json.loads(command("inspect", mazes, "--json").out)["layouts"]
    assert [entry["name"] for entry in found] == ["a", "b", "c", "d"]
    assert [entry["repeats"] for entry in found] == [None, None, None, "c"]
    layout = read_layout(mazes / "a.txt")
    assert found[0]["hash"] == content_hash(layout)
    assert {name: found[0][name] for name in MEASURES} == {name: getattr(difficulty(layout), name) for name in MEASURES}
    task = json.loads(command("inspect", mazes, "--name", "a", "--start", 1, 1, "--goal", 3, 5, "--json").out)["task"]
    assert task["distance"] == 6


def test_layouts_come_through_a_pipe(command: Callable, mazes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe(monkeypatch, (mazes / "b.txt").read_bytes())
    said = command("inspect", "-")
    assert said.code == 0 and "5 x 6 cells" in said.out


def test_what_cannot_be_inspected_is_one_sentence(
    refused: Callable, mazes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "none of the layouts is called 'z'" in refused("inspect", mazes, "--name", "z")
    assert "go together" in refused("inspect", mazes / "a.txt", "--start", 1, 1)
    assert "found 3; --name" in refused("inspect", mazes, "--start", 1, 1, "--goal", 1, 2)
    assert "lies in a wall" in refused("inspect", mazes / "a.txt", "--start", 0, 0, "--goal", 1, 2)
    assert "only once" in refused("inspect", "-", "-")
    pipe(monkeypatch, b"")
    assert "standard input" in refused("inspect", "-")


def test_a_name_with_brackets_is_printed_as_it_is(command: Callable, tmp_path: Path) -> None:
    (tmp_path / "[red]x.txt").write_text("####\n#  #\n####\n")
    assert command("inspect", tmp_path / "[red]x.txt").out.startswith("[red]x  3 x 4 cells")


def test_wide_layouts_are_not_printed(command: Callable, tmp_path: Path) -> None:
    (tmp_path / "wide.txt").write_text("#" * 500 + "\n" + "#" + " " * 498 + "#\n" + "#" * 500 + "\n")
    assert "500 columns are too many" in command("inspect", tmp_path / "wide.txt").out


def test_histograms_and_plain_sources() -> None:
    assert histogram(np.array([1.0, 1.0])) == "" == histogram(np.array([]))
    assert histogram(np.array([0.0, 0.0, 0.0, 1.0]), 4) == "█  ▃"
    assert plain({"a": (1, np.int64(2)), 3: {"x"}, "b": None}) == {"a": [1, 2], "3": "{'x'}", "b": None}


def test_a_long_source_is_cut_short_on_screen_and_whole_as_json(command: Callable, tmp_path: Path) -> None:
    rows = ["T" * 40] + ["T" + "." * 38 + "T"] * 5 + ["T" * 40]
    path = tmp_path / "a.map"
    path.write_text("\n".join(["type octile", "height 7", "width 40", "map", *rows]) + "\n")
    layout = read_layout(path)
    long = {key: value for key, value in layout.source.items() if len(str(value)) > 100}
    assert long
    said = command("inspect", path).out
    assert max(map(len, said.splitlines())) < 400
    for key, value in long.items():
        assert f"{key} " in said
        assert f"... ({len(str(value)):,} characters)" in " ".join(said.split())
    assert json.loads(command("inspect", path, "--json").out)["layouts"][0]["source"].keys() == layout.source.keys()
