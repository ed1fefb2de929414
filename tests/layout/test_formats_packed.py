"""Sets of many layouts, a bit a cell: everything that a layout is survives."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mazenav.layout.formats import packed
from mazenav.layout.formats.reading import parse_layouts, read_layouts
from mazenav.layout.formats.writing import write_layouts
from mazenav.types import Layout, LayoutError
from tests.layout.drawings import drawn, free_shapes, lattices

SOURCES = st.dictionaries(
    st.text(max_size=5),
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.lists(st.integers()),
    max_size=3,
)


@st.composite
def any_layouts(draw):
    layout = draw(free_shapes() | lattices(closed=False))
    size = draw(st.floats(1e-3, 1e3))
    return Layout(layout.walls, draw(st.text(max_size=9)), draw(SOURCES), size, layout.thin_walls)


def all_of(layouts):
    return [(each.walls.tolist(), each.name, each.source, each.cell_size, each.thin_walls) for each in layouts]


@given(layouts=st.lists(any_layouts(), min_size=1, max_size=4))
@settings(max_examples=50)
def test_everything_survives(layouts, tmp_path_factory):
    path = tmp_path_factory.mktemp("set") / "a.npz"
    write_layouts(layouts, path)
    assert all_of(read_layouts(path)) == all_of(layouts)


def test_many_layouts_of_mixed_shapes_keep_their_order(tmp_path):
    rng = np.random.default_rng(0)
    shapes = rng.integers(1, 12, (3000, 2))
    layouts = [Layout(np.pad(rng.random(shape) < 0.5, ((0, 1), (0, 0))), str(n)) for n, shape in enumerate(shapes)]
    write_layouts(layouts, tmp_path / "a.npz")
    assert all_of(read_layouts(tmp_path / "a.npz")) == all_of(layouts)
    assert (tmp_path / "a.npz").stat().st_size < 40 * len(layouts)


def test_the_same_layouts_give_the_same_file(tmp_path):
    layouts = [drawn("###\n# #\n###", source={"seed": np.int64(3), "shape": np.array([3, 3])})]
    for name in ("a.npz", "b.npz"):
        write_layouts(layouts, tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert read_layouts(tmp_path / "a.npz")[0].source == {"seed": 3, "shape": [3, 3]}


def test_what_json_cannot_hold_is_said(tmp_path):
    with pytest.raises(LayoutError, match=r"a\.npz: the source of a layout holds what JSON cannot: set is neither"):
        write_layouts([drawn("# #", source={"seen": {1, 2}})], tmp_path / "a.npz")
    assert list(tmp_path.iterdir()) == []


def test_too_many_layouts_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(packed, "MAX_SET_CELLS", 8)
    layouts = [drawn("# #")] * 3
    with pytest.raises(LayoutError, match="3 layouts of 9 cells in all are more than a set may hold"):
        write_layouts(layouts, tmp_path / "a.npz")
    monkeypatch.undo()
    write_layouts(layouts, tmp_path / "a.npz")
    monkeypatch.setattr(packed, "MAX_LAYOUTS", 2)
    with pytest.raises(LayoutError, match="3 layouts are more than a set may hold"):
        read_layouts(tmp_path / "a.npz")


def as_bytes(entries):
    return np.frombuffer(json.dumps(entries).encode(), np.uint8)


def with_members(**changed):
    """A set of two layouts, 1 x 3 and 2 x 2, with some members changed; None leaves one out."""
    members = {
        "mazenav_layouts": np.array([1]),
        "shapes": np.array([[1, 3], [2, 2]], np.int32),
        "walls": np.packbits([[1, 0, 1, 0, 0, 0, 0, 0], [1, 0, 0, 1, 0, 0, 0, 0]]),
        "cell_sizes": np.ones(2),
        "thin_walls": np.zeros(2, np.bool_),
        "names": as_bytes(["a", "b"]),
        "sources": as_bytes([{}, {}]),
    }
    file = io.BytesIO()
    np.savez(file, **{name: array for name, array in (members | changed).items() if array is not None})
    return file.getvalue()


def test_the_layout_of_the_file_is_as_documented():
    assert parse_layouts(with_members(), "a") == [drawn("# #"), drawn("# \n #")]


BAD = [
    ({"mazenav_layouts": np.array([2])}, r"a: expected a set of version 1, found \[2\]"),
    ({"shapes": None}, "a: the archive has no member 'shapes.npy'"),
    ({"shapes": np.array([1, 3])}, r"member 'shapes\.npy': found int64 of shape \(2,\), expected rows and columns"),
    ({"shapes": np.array([[1, 3], [0, 2]])}, "rows and columns lie between 1 and 16777216"),
    ({"shapes": np.array([[1, 3], [60000, 60000]])}, "3600000000 cells in one layout"),
    ({"shapes": np.array([[1, 3], [3, 3]])}, r"member 'walls\.npy': found uint8 of shape \(2,\), expected 3 bytes"),
    ({"walls": np.zeros(2)}, r"member 'walls\.npy': found float64"),
    ({"walls": np.array([np.array([1, None])], object)}, "objects|object, expected booleans or numbers|broken"),
    ({"cell_sizes": np.array([1.0, np.nan])}, "cells have sizes above 0"),
    ({"cell_sizes": np.ones(3)}, r"member 'cell_sizes\.npy': found float64 of shape \(3,\), expected 2 numbers"),
    ({"thin_walls": np.array([False, True])}, "a lattice of thin walls has odd sides"),
    ({"names": as_bytes(["a"])}, r"member 'names\.npy': found 1, expected a list of 2 entries"),
    ({"names": as_bytes(["a", 3])}, "the names of a set are texts"),
    ({"names": as_bytes("ab")}, r"member 'names\.npy': found str, expected a list of 2"),
    ({"sources": np.frombuffer(b"[" * 10**5, np.uint8)}, r"member 'sources\.npy': this is no JSON"),
    ({"sources": np.frombuffer(b"\xff", np.uint8)}, r"member 'sources\.npy': this is no JSON"),
    ({"sources": np.zeros(3)}, "expected the bytes of a JSON list"),
]


@pytest.mark.parametrize(("changed", "words"), BAD)
def test_broken_sets_get_one_sentence(changed, words):
    with pytest.raises(LayoutError, match=words) as caught:
        parse_layouts(with_members(**changed), "a")
    assert "\n" not in str(caught.value)
