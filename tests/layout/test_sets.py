from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest

from mazenav.data import data_folder
from mazenav.layout.generate import make_again
from mazenav.layout.graph import components
from mazenav.layout.sets import load_set, resolve_layouts, set_names
from mazenav.layout.split import check_disjoint, content_hash, duplicates
from mazenav.types import LayoutError, MazenavError

SIZES = {
    "train-20": (20, 13),
    "test-13": (1000, 13),
    "test-25": (200, 25),
    "test-51": (100, 51),
    "test-101": (100, 101),
}
LABMAZE = "test-labmaze"


@pytest.fixture(scope="module")
def sets():
    return {name: load_set(name) for name in SIZES}


def test_the_shipped_sets_are_these(sets):
    assert set(set_names()) == {*SIZES, LABMAZE}
    for name, (count, side) in SIZES.items():
        assert len(sets[name]) == count
        assert {layout.shape for layout in sets[name]} == {(side, side)}


def test_sets_share_no_layout_and_hold_none_twice(sets):
    check_disjoint({**sets, LABMAZE: load_set(LABMAZE)})
    assert all(duplicates(layouts) == [] for layouts in sets.values())


def test_kinds_take_turns_in_equal_shares(sets):
    for layouts in sets.values():
        recipes = [layout.source["recipe"] for layout in layouts]
        assert len(set(recipes[:6])) == 6
        assert recipes == [recipes[index % 6] for index in range(len(recipes))]
    kinds = Counter(layout.source["generator"] for layout in sets["test-13"])
    assert set(kinds) == {"backtracker", "rooms", "clutter", "wide"}


def test_every_layout_is_closed_of_one_piece_and_made_by_its_source(sets):
    for layouts in sets.values():
        for layout in layouts:
            assert layout.walls[[0, -1]].all()
            assert layout.walls[:, [0, -1]].all()
            assert components(layout.walls).max() == 0
            assert np.array_equal(make_again(layout.source).walls, layout.walls)


def test_labmaze_mazes_are_a_hundred_of_each_size_and_closed():
    layouts = load_set(LABMAZE)
    assert Counter(layout.shape for layout in layouts) == {(side, side): 100 for side in range(5, 22, 2)}
    for layout in layouts:
        assert layout.walls[[0, -1]].all() and layout.walls[:, [0, -1]].all()
        assert components(layout.walls).max() == 0 and len(layout.free_cells()) > 1
    assert len({content_hash(layout) for layout in layouts if layout.shape[0] >= 13}) >= 490


@pytest.mark.parametrize("name", [*SIZES, LABMAZE])
def test_the_manifest_tells_the_hash_of_every_layout(sets, name):
    manifest = json.loads((data_folder("layouts") / f"{name}.json").read_text())
    layouts = sets[name] if name in sets else load_set(name)
    script = "make_labmaze_set" if name == LABMAZE else "make_layout_sets"
    assert manifest["set"] == name
    assert manifest["command"].startswith(f"python scripts/{script}.py")
    assert [entry["name"] for entry in manifest["layouts"]] == [layout.name for layout in layouts]
    assert [entry["hash"] for entry in manifest["layouts"]] == [content_hash(layout) for layout in layouts]


def test_names_files_and_folders_are_resolved(tmp_path):
    (tmp_path / "b.txt").write_text("####\n#  #\n####\n")
    (tmp_path / "a.txt").write_text("type octile\nheight 1\nwidth 2\nmap\n..\n")
    assert len(resolve_layouts("train-20")) == 20
    assert [layout.name for layout in resolve_layouts(str(tmp_path))] == ["a", "b"]
    assert [layout.name for layout in resolve_layouts(str(tmp_path / "b.txt"))] == ["b"]


@pytest.mark.parametrize("spec", ["test-14", "no/such/file.txt", "nul\0name"])
def test_what_is_neither_is_refused(spec):
    with pytest.raises(LayoutError, match=r"is neither a file or folder nor a shipped set \(.*test-13"):
        resolve_layouts(spec)


def test_an_unknown_set_is_refused():
    with pytest.raises(LayoutError, match="no shipped set of layouts is called 'test-14'; there are test-101, test-13"):
        load_set("test-14")


def test_a_missing_data_folder_is_one_sentence():
    with pytest.raises(MazenavError, match="no folder of films"):
        data_folder("films")
