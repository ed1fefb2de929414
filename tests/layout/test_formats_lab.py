"""DeepMind Lab: thick text levels with their things and variations, thin nav_maze levels with the file beside them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mazenav.layout.formats.reading import parse_layouts, read_layout, read_layouts
from mazenav.layout.formats.writing import write_layouts
from mazenav.types import Layout, LayoutError
from tests.layout.drawings import drawn, free_shapes, lattices

DATA = Path(__file__).parent / "data"


def marked(layout, data, keys=("starts", "goals")):
    """The layout with marks on some of its free cells, no cell twice."""
    cells = data.draw(st.lists(st.sampled_from(layout.free_cells().tolist()), unique_by=tuple, max_size=8))
    return replace(layout, source={key: cells[index :: len(keys)] for index, key in enumerate(keys)})


@given(layout=free_shapes(closed=True), data=st.data())
def test_a_level_survives_with_its_things_and_variations(layout, data, tmp_path_factory):
    layout = marked(layout, data, ("starts", "goals", "A", "I"))
    source = dict(layout.source)
    entities = {letter: source.pop(letter) for letter in "AI"}
    layer = [data.draw(st.text("AB.", min_size=layout.shape[1], max_size=layout.shape[1])) for _ in layout.walls]
    layout = replace(layout, source={**source, "entities": entities, "variations": layer})
    path = tmp_path_factory.mktemp("lab") / "level.txt"
    write_layouts([layout], path, "lab")
    read = read_layout(path)
    assert read == layout
    assert read.source["format"] == "lab"
    assert not read.thin_walls
    for key in ("starts", "goals"):
        assert sorted(read.source[key]) == sorted(source[key])
    found = read.source.get("entities", {})
    assert {letter: sorted(found.get(letter, [])) for letter in "AI"} == {k: sorted(v) for k, v in entities.items()}
    assert read.source["variations"] == layer


@given(layout=free_shapes().filter(lambda layout: layout.walls.any()), data=st.data())
def test_any_walls_survive_even_where_things_look_like_a_layer(layout, data, tmp_path_factory):
    layout = replace(layout, source={"goals": layout.free_cells().tolist()})
    path = tmp_path_factory.mktemp("lab") / "level.txt"
    write_layouts([layout], path, "lab")
    assert read_layout(path, "lab") == layout


def test_things_off_the_floor_are_not_written(tmp_path):
    source = {"starts": [[0, 0], [1, 1], [9, 9], "x", [1]], "entities": {"A": [[1, 1.5]], "long": [[1, 2]], "Z": 3}}
    write_layouts([drawn("####\n#  #\n####", source=source)], tmp_path / "a", "lab")
    assert (tmp_path / "a").read_text() == "****\n*P *\n****\n"


def test_a_thin_level_tells_its_things_from_the_file_beside_it():
    layout = read_layout(DATA / "thin.txt")
    assert layout == drawn("#######\n# #   #\n# # # #\n#   # #\n#######")
    assert layout.thin_walls
    assert layout.cell_size == 100.0
    assert layout.source["starts"] == [[3, 1]]
    assert layout.source["goals"] == [[3, 5]]
    assert layout.source["entities"] == {"apple_reward": [[1, 3]]}


def test_the_same_text_alone_is_a_thick_level():
    content = (DATA / "thin.txt").read_bytes()
    assert not parse_layouts(content, "a.txt")[0].thin_walls
    assert parse_layouts(content, "a.txt", "nav_maze")[0].thin_walls
    assert parse_layouts(content, "nav_maze_static_02.txt")[0].thin_walls
    thick = content.replace(b"* *   *", b"*P*   *")
    assert not parse_layouts(thick, "nav_maze_static_02.txt")[0].thin_walls


@given(layout=lattices(), data=st.data())
def test_thin_walls_survive(layout, data, tmp_path_factory):
    cells = np.argwhere(np.ones((layout.shape[0] // 2, layout.shape[1] // 2))) * 2 + 1
    chosen = data.draw(st.lists(st.sampled_from(cells.tolist()), unique_by=tuple, max_size=6))
    source = {"starts": chosen[::3], "goals": chosen[1::3], "entities": {"apple_reward": chosen[2::3]}}
    layout = replace(layout, source=source)
    path = tmp_path_factory.mktemp("nav") / "level.txt"
    write_layouts([layout], path, "nav_maze")
    read = read_layout(path)
    assert read == layout
    assert read.thin_walls
    assert sorted(read.source["starts"]) == sorted(source["starts"])
    assert sorted(read.source["goals"]) == sorted(source["goals"])
    assert sorted(read.source.get("entities", {}).get("apple_reward", [])) == sorted(source["entities"]["apple_reward"])


@pytest.mark.parametrize(
    ("layout", "format", "words"),
    [
        (drawn("###\n# #\n###", thin_walls=True), "lab", "walls as thick as its cells, and this layout's are thin"),
        (drawn("###\n# #\n###"), "nav_maze", "this layout's walls are as thick as its cells; the format lab"),
        (drawn("# #\n# #\n###", thin_walls=True), "nav_maze", "found an open border or a wall in place of a cell"),
        (drawn("###\n###\n###\n# #\n###", thin_walls=True), "nav_maze", "a wall in place of a cell"),
        (Layout(np.zeros((2, 2))), "lab", "is told by its walls, and this layout has none"),
    ],
)
def test_what_a_level_cannot_hold_is_refused(layout, format, words, tmp_path):
    with pytest.raises(LayoutError, match=words):
        write_layouts([layout], tmp_path / "a.txt", format)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("{", "expected the JSON of a level's things"),
        ("[" * 100_000, "expected the JSON of a level's things"),
        ("[]", r"expected cells_wh \[3, 2\], found None"),
        ('{"cells_wh": [2, 3]}', r"expected cells_wh \[3, 2\], found \[2, 3\]"),
        ('{"cells_wh": [3, 2], "entities_origin_xyz": []}', "expected lists of places by class name"),
        ('{"cells_wh": [3, 2], "entities_origin_xyz": {"goal": [[1, 2]]}}', r"expected a place \[x, y, z\] inside"),
        (
            '{"cells_wh": [3, 2], "entities_origin_xyz": {"goal": [[1, 200, 3]]}}',
            r"expected a place \[x, y, z\] inside",
        ),
        (
            '{"cells_wh": [3, 2], "entities_origin_xyz": {"goal": [[1, NaN, 3]]}}',
            r"expected a place \[x, y, z\] inside",
        ),
    ],
)
def test_a_broken_file_of_things_is_named(told, words, tmp_path):
    (tmp_path / "a.txt").write_bytes((DATA / "thin.txt").read_bytes())
    (tmp_path / "a.entities.json").write_text(told)
    with pytest.raises(LayoutError, match=r"a\.entities\.json: " + words):
        read_layout(tmp_path / "a.txt")


def test_a_thin_level_has_odd_sides():
    with pytest.raises(LayoutError, match=r"odd sides \(2 n \+ 1\), found 2 x 3"):
        parse_layouts(b"***\n* *\n", "a", "nav_maze")


def test_real_levels_are_thin_and_their_things_stand_in_cells(external):
    layouts = read_layouts(external / "dmlab")
    assert {layout.name for layout in layouts} >= {"nav_maze_random_goal_01", "nav_maze_static_01"}
    for layout in layouts:
        told = json.loads((external / "dmlab" / f"{layout.name}.entities.json").read_text())
        assert layout.thin_walls
        assert [side // 2 for side in layout.shape[::-1]] == told["cells_wh"]
        assert len(layout.source["starts"]) == len(told["entities_origin_xyz"]["info_player_start"])
        assert len(layout.source["goals"]) == 1
        assert all(layout.is_free(tuple(cell)) for cell in layout.source["starts"] + layout.source["goals"])
