"""Arrays: bare walls, maze-dataset's connections and MiniGrid's encoded grids, and what tells them apart."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mazenav.layout.formats.reading import parse_layouts, read_layout, read_layouts
from mazenav.layout.formats.writing import write_layouts
from mazenav.types import Layout, LayoutError
from tests.layout.drawings import drawn, free_shapes, lattices

MAZE = "#######\n#   # #\n# # # #\n# #   #\n#######"


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def npz(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def header(text, body=b""):
    padded = text.encode() + b" " * (64 - (10 + len(text) + 1) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded + body


def formats(layouts):
    return {layout.source["format"] for layout in layouts}


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.int8, np.int64, np.float32, ">i4"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_walls_of_any_type_are_read(dtype, order):
    maze = drawn(MAZE)
    layouts = parse_layouts(npy(np.asarray(maze.walls, dtype, order=order)), "deep/a.npy")
    assert layouts == [maze]
    assert layouts[0].name == "a"
    assert formats(layouts) == {"array"}
    assert parse_layouts(npz(anything=maze.walls.astype(dtype)), "a.npz") == [maze]


@given(layouts=st.lists(free_shapes(), min_size=1, max_size=3), same=st.booleans())
def test_written_arrays_are_read_back(layouts, same, tmp_path_factory):
    path = tmp_path_factory.mktemp("array") / "a.npy"
    layouts = [layouts[0]] * len(layouts) if same else layouts
    if len({layout.shape for layout in layouts}) > 1:
        with pytest.raises(
            LayoutError, match=r"a\.npy: an array holds layouts of one shape, found \d x \d and \d x \d"
        ):
            write_layouts(layouts, path)
        return
    write_layouts(layouts, path)
    assert read_layouts(path, "array") == layouts


def test_members_with_telling_names_count_and_others_fit():
    maze = drawn(MAZE)
    other = np.array([[0, 1], [1, 0]])
    assert parse_layouts(npz(mazes=maze.walls, ends=other), "a") == [maze]
    both = parse_layouts(npz(first=maze.walls, second=other, lengths=np.array([1, 2]), seeds=np.array([[7, 8]])), "a")
    assert both == [maze, Layout(other)]
    assert [layout.name for layout in both] == ["a-first", "a-second"]
    assert [layout.name for layout in parse_layouts(npy(np.stack([other] * 3)), "a")] == ["a-0", "a-1", "a-2"]


@given(layout=lattices(), count=st.integers(1, 3))
def test_connections_are_told_from_walls(layout, count):
    connections = np.stack([~layout.walls[2::2, 1::2], ~layout.walls[1::2, 2::2]])
    one = parse_layouts(npy(connections), "a")
    many = parse_layouts(npz(connection_lists=np.stack([connections.astype(np.uint8)] * count)), "a")
    assert one == [layout]
    assert many == [layout] * count
    assert formats([*one, *many]) == {"maze_dataset"}
    assert all(each.thin_walls for each in [*one, *many])
    # Two layouts with closed borders look otherwise.
    assert formats(parse_layouts(npy(np.stack([layout.walls] * 2)), "a")) == {"array"}


@given(layouts=st.lists(lattices(), min_size=1, max_size=3))
def test_lattices_survive_as_json_of_maze_dataset(layouts, tmp_path_factory):
    path = tmp_path_factory.mktemp("json") / "a.json"
    write_layouts(layouts, path, "maze_dataset")
    read = read_layouts(path)
    assert read == layouts
    assert all(layout.thin_walls for layout in read)


def test_ends_survive_as_json_of_maze_dataset(tmp_path):
    source = {"starts": [[1, 3], [3, 3]], "goals": [[3, 1]]}
    write_layouts([drawn(MAZE, source=source)], tmp_path / "a", "maze_dataset")
    document = json.loads((tmp_path / "a").read_text())
    assert document["__muutils_format__"] == "TargetedLatticeMaze(SerializableDataclass)"
    assert (document["start_pos"]["data"], document["end_pos"]["data"]) == ([0, 1], [1, 0])
    assert document["connection_list"]["shape"] == [2, 2, 3]
    assert document["connection_list"]["data"] == [
        [[True, True, True], [False, False, False]],
        [[True, False, False], [False, True, False]],
    ]
    read = read_layout(tmp_path / "a")
    assert (read.source["starts"], read.source["goals"]) == ([[1, 3]], [[3, 1]])


def test_an_archive_of_maze_dataset_may_keep_its_arrays_beside_the_document():
    maze = drawn(MAZE)
    connections = np.stack([~maze.walls[2::2, 1::2], ~maze.walls[1::2, 2::2]])
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("__zanj__.json", json.dumps({"maze_connection_lists": {"$ref": "lists.npy"}}))
        archive.writestr("lists.npy", npy(np.stack([connections] * 2)))
    assert parse_layouts(file.getvalue(), "a.zanj") == [maze, maze]
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("more.json", "[" * 5)
    assert parse_layouts(file.getvalue(), "a.zanj") == [maze, maze]


def test_a_drawing_of_maze_dataset_or_mazelib_is_plain_text():
    solved = parse_layouts(b"#####\n#SXE#\n#####\n", "a")[0]
    assert solved == drawn("#####\n#   #\n#####")
    entrances = parse_layouts(b"#S###\n#+++#\n###E#\n", "a")[0]
    assert entrances == drawn("# ###\n#   #\n### #")
    assert (entrances.source["starts"], entrances.source["goals"]) == ([[0, 1]], [[2, 3]])


# As pprint_grid draws it: an agent that looks left, a goal, a locked and an open door, a key, a ball and lava.
GRID = "WGWGWGWGWGWG\nWG<<  LBKYWG\nWG  WG__ARWG\nWG  VRGG  WG\nWGWGWGWGWGWG"
GRID_WALLS = "######\n#    #\n# #  #\n# #  #\n######"


def test_a_drawn_grid_of_minigrid_is_read():
    layout = parse_layouts(GRID.encode(), "a")[0]
    assert layout == drawn(GRID_WALLS)
    assert layout.source["format"] == "minigrid"
    assert (layout.source["starts"], layout.source["goals"]) == ([[1, 1]], [[3, 3]])


def test_an_encoded_grid_of_minigrid_has_x_first():
    encoded = np.zeros((6, 5, 3), np.uint8)
    encoded[..., 0] = np.where(drawn(GRID_WALLS).walls.T, 2, 1)
    encoded[2, 3] = 9, 0, 0
    encoded[3, 3] = 8, 1, 0
    encoded[1, 1] = 10, 0, 2
    for content in (npy(encoded), npz(image=encoded, direction=np.array(1)), npy(encoded[None])):
        layout = parse_layouts(content, "a")[0]
        assert layout == drawn(GRID_WALLS)
        assert layout.source["format"] == "minigrid"
        assert (layout.source["starts"], layout.source["goals"]) == ([[1, 1]], [[3, 3]])


@given(layout=free_shapes(closed=True), suffix=st.sampled_from(["", ".npy"]), seed=st.integers(0, 99))
def test_grids_survive_with_goals(layout, suffix, seed, tmp_path_factory):
    free = layout.free_cells().tolist()
    goal, start = free[seed % len(free)], free[0]
    marked = Layout(layout.walls, source={"goals": [goal], "starts": [start]})
    path = tmp_path_factory.mktemp("grid") / f"a{suffix}"
    write_layouts([marked], path, "minigrid")
    read = read_layout(path)
    assert read == layout
    assert read.source["format"] == "minigrid"
    assert read.source["goals"] == ([] if goal == start and not suffix else [goal])
    assert read.source["starts"] == ([] if suffix else [start])


def test_what_a_format_cannot_hold_is_said(tmp_path):
    thick = drawn("#####\n# # #\n# ###\n#####")
    thin = drawn("#####\n#   #\n#####", thin_walls=True)
    open_border = drawn("#####\n#    \n#####")
    cases = [
        (thick, "maze_dataset", "holds mazes on a lattice"),
        (open_border, "maze_dataset", "closed border, found an opening"),
        (thin, "minigrid", "walls as thick as its cells, and this layout's are thin"),
    ]
    for layout, format, words in cases:
        with pytest.raises(LayoutError, match=words):
            write_layouts([layout], tmp_path / "a", format)
    with pytest.raises(LayoutError, match="a MiniGrid grid holds one layout, found 2"):
        write_layouts([thick, thick], tmp_path / "a", "minigrid")
    assert list(tmp_path.iterdir()) == []


HUGE = "{'descr': '|b1', 'fortran_order': False, 'shape': (60000, 60000), }"
BAD = [
    (header(HUGE), "array", r"a: the array has 0 bytes, expected 3600000000 bytes for shape \(60000, 60000\)"),
    (header(HUGE.replace("|b1", "|O")), "array", "a: found an array of object, expected booleans or numbers"),
    (
        header("{'descr': '<U9', 'fortran_order': False, 'shape': (1,), }", bytes(36)),
        "array",
        "a: found an array of <U9",
    ),
    (header("("), "array", "a: this is no array that numpy wrote"),
    (header("[" * 4000), "array", "a: this is no array that numpy wrote"),
    (header(HUGE.replace("60000", "-1"), b"\0"), "array", "a: found an array of bool"),
    (header(HUGE.replace("60000", "0")), "array", r"a: the array of shape \(0, 0\) is empty"),
    (b"\x93NUMPY", "array", "a: this is no array that numpy wrote"),
    (b"PK\x03\x04", "array", "a: the zip archive is cut off"),
    (npz(a=np.zeros((3, 3)))[:-30], "array", "a: the zip archive is"),
    (npz(), "array", "a: expected a .npy or .npz file|holds no arrays"),
    (b"text", "array", r"a: expected a \.npy or \.npz file"),
    (npy(np.array([[0, 2]])), "array", r"a: found the value 2, expected 0 \(free\) or 1 \(wall\) only"),
    (npy(np.zeros(9)), "array", r"a: found an array of shape \(9,\), expected \[R, C\] or \[N, R, C\]"),
    (npy(np.ones((3, 3), np.bool_)), "array", "has no free cell"),
    (npy(np.zeros((3, 3))), "minigrid", r"a: found float64 of shape \(3, 3\), expected whole numbers \[W, H, 3\]"),
    (npy(np.full((3, 3, 3), 11)), "minigrid", "a: found a thing of number 11, expected 0 to 10"),
    (b"WGWG\nWG  \nWGQQ\n", "minigrid", "a, line 3: found 'QQ' at character 3, expected a thing of MiniGrid"),
    (b"WGWG\nWG \n", "minigrid", "a, line 2: found 3 characters, expected 4 as in line 1"),
    (b"WGW\nWG \n", "minigrid", "a, line 1: expected two characters a cell, found an odd number of them, 3"),
    (npy(np.zeros((3, 3))), "maze_dataset", r"a: found shape \(3, 3\), expected \[2, H, W\]"),
    (npy(np.ones((2, 3, 3))), "maze_dataset", "a: a connection leads out of the last row or the last column"),
    (b'{"connection_list": [[[0, 1]], [[0]]]}', "maze_dataset", "a, a, field connection_list: expected nested lists"),
    (b'{"connection_list": [[["x"]], [[0]]]}', "maze_dataset", "expected nested lists of true and false"),
    (b'{"connection_list": [[[2]], [[0]]]}', "maze_dataset", "holds true and false"),
    (b'{"connection_list": [[0]]}', "maze_dataset", r"found shape \(1, 1\), expected \[2, H, W\]"),
    (b'{"connection_list": ' + b"[" * 10**5, None, "a: this is no JSON|nested"),
    (
        b'{"connection_list": [[[0]], [[0]]], "start_pos": [0, 1]}',
        None,
        r"start_pos: expected \[row, column\] of a maze",
    ),
    (b'{"maze_connection_lists": [[[0]], [[0]]]}', None, r"found shape \(2, 1, 1\), expected \[N, 2, H, W\]"),
    (b'{"mazes": [{"connection_list": [[[0]], [[0]]]}, 3]}', None, "a, a-1: expected an object with connection_list"),
    (b"[]", "maze_dataset", "a: expected an object with one of connection_list, .*, found a list"),
    (b"{}", "maze_dataset", "a: expected an object with one of connection_list, .*, found none"),
]


@pytest.mark.parametrize(("content", "format", "words"), BAD)
def test_bad_arrays_get_one_sentence(content, format, words):
    with pytest.raises(LayoutError, match=words) as caught:
        parse_layouts(content, "a", format)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("a")


def test_archives_that_inflate_without_end_are_refused():
    with pytest.raises(LayoutError, match=r"member 'walls\.npy': \d+ bytes out of \d+ are more than a layout file"):
        parse_layouts(npz(walls=np.zeros((5000, 5000), np.bool_)), "a", "array")
    lying = bytearray(npz(walls=np.zeros((40, 40), np.bool_)))
    place = lying.rindex(b"PK\x01\x02") + 24  # the size that the directory tells
    lying[place : place + 4] = (10**6).to_bytes(4, "little")
    with pytest.raises(LayoutError, match=r"member 'walls\.npy': found 1728 bytes, expected 1000000|broken"):
        parse_layouts(bytes(lying), "a", "array")
    with pytest.raises(LayoutError, match="more than may be"):
        parse_layouts(npy(np.zeros((4097, 4097), np.bool_)), "a", "array")
