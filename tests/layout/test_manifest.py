"""A manifest notices every change of its set, and is itself read with care."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mazenav.data import data_folder
from mazenav.layout.formats.reading import read_layouts
from mazenav.layout.formats.writing import write_layouts
from mazenav.layout.manifest import (
    check_manifest,
    make_manifest,
    manifest_path,
    read_manifest,
    read_set,
    write_manifest,
    write_set,
)
from mazenav.layout.sets import load_set, resolve_layouts, set_names
from mazenav.rng import stream
from mazenav.types import Layout, LayoutError


@pytest.fixture
def layouts() -> list[Layout]:
    return [Layout(stream(seed, "set").random((6, 7)) < 0.4, f"maze-{seed}") for seed in range(5)]


@pytest.mark.parametrize("name", ["set.txt", "set.npz"])
def test_a_set_is_read_as_it_was_written(layouts: list[Layout], name: str, tmp_path: Path) -> None:
    write_set(layouts, tmp_path / name, "mazenav split x", 7, [{"kind": "drawn"}] * 5)
    assert read_set(tmp_path / name) == layouts
    assert resolve_layouts(str(tmp_path)) == layouts
    manifest = read_manifest(manifest_path(tmp_path / name))
    assert (manifest.set, manifest.command, manifest.seed) == ("set", "mazenav split x", 7)
    assert [entry.name for entry in manifest.layouts] == [layout.name for layout in layouts]
    assert manifest.layouts[0].notes == {"kind": "drawn"}
    assert manifest == make_manifest("set", layouts, "mazenav split x", 7, [{"kind": "drawn"}] * 5)


def changed(layouts: list[Layout], number: int, walls: np.ndarray) -> list[Layout]:
    return [Layout(walls, each.name) if index == number else each for index, each in enumerate(layouts)]


def test_any_changed_cell_is_noticed(layouts: list[Layout], tmp_path: Path) -> None:
    path = tmp_path / "set.txt"
    write_set(layouts, path, "x")
    for cell in np.ndindex(layouts[3].shape):
        walls = layouts[3].walls.copy()
        walls[cell] ^= True
        write_layouts(changed(layouts, 3, walls), path)
        for reader in (read_set, resolve_layouts):
            with pytest.raises(LayoutError, match=r"set\.txt: layout 4, 'maze-3', has the content hash \w+, but"):
                reader(str(path))
    with pytest.raises(LayoutError, match="'maze-3'"):
        read_set(tmp_path)


def test_what_a_content_hash_overlooks_is_noticed_too(layouts: list[Layout], tmp_path: Path) -> None:
    path = tmp_path / "set.txt"
    write_set(layouts, path, "x")
    for wrong, words in (
        (changed(layouts, 1, layouts[1].walls[::-1]), "turned or mirrored"),
        (layouts[:4], "holds 4 layouts, but its manifest has 5"),
        ([layouts[1], layouts[0], *layouts[2:]], "layout 1 is 'maze-1', but its manifest has 'maze-0'"),
    ):
        write_layouts(wrong, path)
        with pytest.raises(LayoutError, match=words):
            read_set(path)


def test_a_json_file_that_is_no_manifest_is_passed_over(layouts: list[Layout], tmp_path: Path) -> None:
    write_layouts(layouts, tmp_path / "set.txt")
    for content in ("[1, 2]", "{}", '{"results": 1}', ""):
        (tmp_path / "set.json").write_text(content)
        assert read_set(tmp_path / "set.txt") == layouts


@pytest.mark.parametrize("name", set_names())
def test_shipped_sets_have_manifests_that_hold_and_are_written_again_alike(name: str, tmp_path: Path) -> None:
    file = data_folder("layouts") / f"{name}.json"
    manifest = read_manifest(file)
    check_manifest(read_layouts(file.with_suffix(".txt")), manifest, file)
    assert manifest.digest and manifest.seed is not None
    write_manifest(manifest, tmp_path / "again.json")
    assert (tmp_path / "again.json").read_text() == file.read_text()


def test_a_changed_shipped_set_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for suffix in (".txt", ".json"):
        (tmp_path / f"train-20{suffix}").write_text((data_folder("layouts") / f"train-20{suffix}").read_text())
    monkeypatch.setattr("mazenav.layout.sets.data_folder", lambda kind: tmp_path)
    assert len(load_set("train-20")) == 20
    text = (tmp_path / "train-20.txt").read_text()
    place = text.rindex("\n#", 0, len(text) - 20) + 2
    (tmp_path / "train-20.txt").write_text(text[:place] + (" " if text[place] == "#" else "#") + text[place + 1 :])
    with pytest.raises(LayoutError, match=r"train-20\.txt: layout 20, 'train-20-0019'"):
        load_set("train-20")


BAD: dict[str, tuple[str, str]] = {
    "no JSON": ('{"set": ', "not a manifest, which is JSON"),
    "a list": ("[]", 'which has a list "layouts"'),
    "no layouts": ('{"set": "a", "command": "b"}', 'which has a list "layouts"'),
    "no name": ('{"set": 3, "command": "b", "layouts": []}', "'set' of a manifest must be text, found 3"),
    "no command": ('{"set": "a", "layouts": []}', "'command' of a manifest must be text, found None"),
    "a wrong seed": ('{"set": "a", "command": "b", "seed": true, "layouts": []}', "whole number as seed"),
    "a wrong digest": ('{"set": "a", "command": "b", "digest": 3, "layouts": []}', "text as digest"),
    "a wrong entry": ('{"set": "a", "command": "b", "layouts": [{"name": "x"}]}', "entry 1 of the manifest"),
    "too deep": ('{"set": ' + "[" * 100_000, "not a manifest, which is JSON"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_manifests_are_one_sentence(case: str, layouts: list[Layout], tmp_path: Path) -> None:
    content, words = BAD[case]
    write_layouts(layouts, tmp_path / "set.txt")
    (tmp_path / "set.json").write_text(content)
    with pytest.raises(LayoutError, match=words) as caught:
        read_manifest(tmp_path / "set.json")
    assert "set.json" in str(caught.value) and "\n" not in str(caught.value)


def test_bytes_that_are_no_text_and_files_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"set": \xff\xfe}')
    with pytest.raises(LayoutError, match="not a manifest"):
        read_manifest(tmp_path / "a.json")
    with pytest.raises(LayoutError, match=r"b\.json: the manifest cannot be read: No such file"):
        read_manifest(tmp_path / "b.json")
    with (tmp_path / "c.json").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(LayoutError, match="larger than"):
        read_manifest(tmp_path / "c.json")


def test_a_set_cannot_take_the_name_of_its_manifest(layouts: list[Layout], tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="another ending"):
        write_set(layouts, tmp_path / "set.json", "x")
    assert list(tmp_path.iterdir()) == []


def test_a_manifest_is_plain_json_with_a_line_for_each(layouts: list[Layout], tmp_path: Path) -> None:
    write_set(layouts, tmp_path / "set.txt", 'mazenav "x"')
    text = (tmp_path / "set.json").read_text()
    assert json.loads(text)["command"] == 'mazenav "x"'
    assert "seed" not in json.loads(text)
    assert text.count("\n") == 5 + len(layouts) + 2
