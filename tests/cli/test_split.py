"""`mazenav split`: sets without overlap, merged and filtered, with manifests that tell the command."""

from __future__ import annotations

import io
import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from mazenav.layout.difficulty import difficulties
from mazenav.layout.formats.reading import parse_layouts
from mazenav.layout.manifest import read_manifest, read_set
from mazenav.layout.sets import load_set
from mazenav.layout.split import check_disjoint, content_hashes


def test_a_set_is_dealt_into_three_that_share_nothing(command: Callable, tmp_path: Path) -> None:
    said = command("split", "train-20", "--out", tmp_path / "sets")
    assert said.code == 0
    assert said.out.splitlines()[0] == "20 layouts read, 0 of them repeats, 0 filtered out"
    sets = {name: read_set(tmp_path / "sets" / f"{name}.txt") for name in ("train", "validation", "test")}
    assert [len(layouts) for layouts in sets.values()] == [16, 2, 2]
    check_disjoint(sets)
    assert {layout.name for layouts in sets.values() for layout in layouts} == {
        one.name for one in load_set("train-20")
    }


def test_the_manifest_tells_the_command_that_makes_it_again(
    command: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    line = ["test-13", "--out", "sets", "--train", "9", "--test", "1.0", "--seed", "4", "--max-layouts", "40"]
    assert command("split", *line, "--keep", "loops>=1", "turns<20", "--stratify", "kind", "--format", "npz").code == 0
    files = {file.name: file.read_bytes() for file in Path("sets").iterdir()}
    assert sorted(files) == ["test.json", "test.npz", "train.json", "train.npz"]
    manifest = read_manifest("sets/train.json")
    assert (len(manifest.layouts), manifest.seed, manifest.set) == (9, 4, "train")
    assert manifest.layouts[0].notes.keys() == {"kind"}
    assert command(*shlex.split(manifest.command)[1:]).code == 0
    assert {name: Path("sets", name).read_bytes() for name in files if name.endswith("json")} == {
        name: content for name, content in files.items() if name.endswith("json")
    }


def test_sets_are_merged_and_filtered_into_one_file(command: Callable, mazes: Path, tmp_path: Path) -> None:
    (mazes / "d.txt").write_text("#####\n#   #\n# ###\n#   #\n#####\n")
    said = command("split", mazes, "train-20", mazes, "--out", tmp_path / "one.txt", "--keep", "dead_ends>=2")
    assert said.code == 0, said
    assert "28 layouts read, 5 of them repeats" in said.out
    layouts = read_set(tmp_path / "one.txt")
    assert len(set(content_hashes(layouts))) == len(layouts) == len({layout.name for layout in layouts})
    assert (difficulties(layouts)["dead_ends"] >= 2).all()
    assert json.loads((tmp_path / "one.json").read_text())["set"] == "one"


def test_layouts_go_through_a_pipe(command: Callable, mazes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO((mazes / "c.txt").read_bytes())))
    said = command("split", "-", mazes / "a.txt", "--out", "-")
    assert "2 layouts read" in said.err
    assert [layout.shape for layout in parse_layouts(said.out.encode(), "x")] == [(5, 5), (5, 7)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--keep", "dead_ends"], "such as dead_ends>=3, found 'dead_ends'"),
        (["--keep", "beauty>3"], "no measure of a layout is called 'beauty'"),
        (["--keep", "dead_ends>99"], "none of the 20 different layouts meets dead_ends>99"),
        (["--train", "0.8", "--test", "0.3"], "add up to 1.1"),
        (["--train", "30"], "ask for 30 layouts, but there are only 20"),
        (["--stratify", "beauty"], "not 'beauty'"),
        (["--seed", "-1"], "--seed must be at least 0"),
        (["--train", "many"], "many"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_writes_nothing(
    options: list[str], words: str, command: Callable, tmp_path: Path
) -> None:
    said = command("split", "train-20", "--out", tmp_path / "sets", *options)
    assert said.code == 2 and "Traceback" not in said.err
    assert len(said.err.splitlines()) == 1 and words in said.err
    assert not (tmp_path / "sets").exists()


def test_parts_need_a_folder(refused: Callable, tmp_path: Path) -> None:
    assert "need a folder" in refused("split", "train-20", "--train", "0.5", "--out", tmp_path / "one.txt")
