"""Collections keep all of a layout, its source to the last value; plain text keeps its marks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mazenav.layout.formats.reading import parse_layouts, read_layout, read_layouts
from mazenav.layout.formats.writing import write_layouts, write_text
from mazenav.types import Layout, LayoutError
from tests.layout.drawings import drawn, free_shapes, lattices

KEYS = st.text("abcdef_", min_size=1, max_size=6).filter(lambda key: key not in ("rows", "columns"))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(layout=free_shapes() | lattices(), source=st.dictionaries(KEYS, VALUES, max_size=4), size=st.floats(1e-6, 1e6))
@example(layout=Layout(np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], bool)), source={"n": 10**24}, size=1.0)
def test_a_collection_keeps_all_of_a_layout(layout, source, size, tmp_path_factory):
    layout = Layout(layout.walls, layout.name, source, size, layout.thin_walls)
    path = tmp_path_factory.mktemp("collection") / "a.txt"
    write_layouts([layout, layout], path)
    for read in read_layouts(path):
        assert read == layout
        assert (read.cell_size, read.thin_walls) == (size, layout.thin_walls)
        rows, columns = layout.shape
        assert dict(read.source) == {**source, "rows": rows, "columns": columns}
        assert {key: type(value) for key, value in read.source.items() if key in source} == {
            key: type(value) for key, value in source.items()
        }


@given(name=st.text(), key=st.text(min_size=1), value=st.text())
def test_no_name_and_no_word_breaks_a_collection(name, key, value, tmp_path_factory):
    path = tmp_path_factory.mktemp("collection") / "a.txt"
    write_layouts([drawn("# #", name=name, source={key: value})], path)
    read = read_layout(path)
    assert read == drawn("# #")
    assert read.source.get(key, value) == value or key in ("rows", "columns")
    assert not set(read.name) & set(" \n\t\0")


def test_what_json_cannot_say_is_left_out(tmp_path):
    source = {"a": np.zeros(3), "b": float("nan"), "c": {1}, "with space": 1, "d": "kept"}
    write_layouts([drawn("# #", source=source)], tmp_path / "a.txt")
    assert dict(read_layout(tmp_path / "a.txt").source) == {"d": "kept", "rows": 1, "columns": 3}


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("cell_size=0", "expected cell_size=NUMBER above 0, found 0"),
        ("cell_size=true", "expected cell_size=NUMBER above 0, found True"),
        ("cell_size=9e999", "expected cell_size=NUMBER above 0, found inf"),
        ("thin_walls=yes", "expected thin_walls=true or thin_walls=false, found 'yes'"),
        ("thin_walls=true", r"a lattice of thin walls has odd sides \(2 n \+ 1\), found 1 x 2"),
        ("x=[1", r"expected x=VALUE with a word, a number or JSON, found '\[1'"),
        ("x=" + "[" * 100_000, "expected x=VALUE with a word, a number or JSON"),
    ],
)
def test_bad_fields_are_named(field, words):
    with pytest.raises(LayoutError, match="a, line 2: " + words) as caught:
        parse_layouts(f"mazenav layouts 1\nlayout x rows=1 columns=2 {field}\n..\n".encode(), "a")
    assert len(str(caught.value)) < 200


@given(layout=free_shapes(), data=st.data())
def test_plain_text_keeps_starts_and_goals(layout, data, tmp_path_factory):
    cells = data.draw(st.lists(st.sampled_from(layout.free_cells().tolist()), unique_by=tuple, max_size=4))
    layout = Layout(layout.walls, source={"starts": sorted(cells[::2]), "goals": sorted(cells[1::2])})
    path = tmp_path_factory.mktemp("text") / "a.txt"
    write_text(layout, path)
    read = read_layout(path)
    assert read == layout
    first_row_is_marks = {tuple(cell) for cell in cells} >= {(0, column) for column in range(layout.shape[1])}
    if not first_row_is_marks:
        assert read.source.get("starts", []) == layout.source["starts"]
        assert read.source.get("goals", []) == layout.source["goals"]


def test_a_large_collection_is_read_as_it_was_written(tmp_path):
    rng = np.random.default_rng(0)
    layouts = [Layout(walls, f"m{index}") for index, walls in enumerate(rng.random((2000, 13, 13)) < 0.5)]
    write_layouts(layouts, tmp_path / "a.txt")
    assert read_layouts(tmp_path / "a.txt") == layouts
