"""Micromouse mazes: drawings, bytes and lines of numbers tell the same maze."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mazenav.layout.formats.reading import parse_layouts, read_layout
from mazenav.layout.formats.writing import write_layouts
from mazenav.types import Layout, LayoutError
from tests.layout.drawings import drawn, free_shapes, lattices

FORMATS = ["micromouse", "mms", "maz"]

# Two cells side by side, a wall between them but none above the right one.
LINES = b"0 0 1 1 1 1\n1 0 0 1 1 1\n"


def test_lines_tell_north_east_south_west():
    layout = parse_layouts(LINES, "a")[0]
    assert layout == drawn("### #\n# # #\n#####")
    assert layout.thin_walls
    tall = parse_layouts(b"0 1 1 1 0 1\n0 0 0 0 1 1", "a")[0]
    assert tall == drawn("###\n# #\n# #\n#  \n###")


def test_bytes_count_from_the_bottom_left_upwards():
    content = bytearray(256)
    content[0 * 16 + 1] = 1  # north of (0, 1)
    content[0 * 16 + 2] = 4  # and that is south of (0, 2)
    content[15 * 16 + 0] = 2  # east of (15, 0), the border
    layout = parse_layouts(bytes(content), "a")[0]
    walls = np.zeros((33, 33), np.bool_)
    walls[::2, ::2] = True
    walls[33 - 1 - 4, 1] = walls[33 - 1 - 1, 32] = True
    assert layout == Layout(walls)
    assert layout.source["format"] == "maz"
    assert layout.source["starts"] == [[31, 1]]
    assert layout.source["goals"] == [[15, 15], [15, 17], [17, 15], [17, 17]]


@pytest.mark.parametrize("format", ["micromouse", "mms"])
@given(layout=lattices(closed=False))
def test_any_lattice_survives_in_text(format, layout, tmp_path_factory):
    path = tmp_path_factory.mktemp("mouse") / "maze"
    write_layouts([layout], path, format)
    read = read_layout(path)
    assert read == layout
    assert read.thin_walls
    assert read.source["format"] == format


@given(layout=st.sampled_from([16, 32]).flatmap(lambda side: lattices(closed=False, sides=st.just(side))))
def test_any_maze_of_16_or_32_cells_survives_in_bytes(layout, tmp_path_factory):
    path = tmp_path_factory.mktemp("mouse") / "maze.maz"
    write_layouts([layout], path)
    read = read_layout(path)
    assert read == layout
    assert read.thin_walls


def test_marks_survive_in_drawings(tmp_path):
    source = {"starts": [[1, 3]], "goals": [[3, 1], [3, 3], [2, 2], "x"]}
    layout = drawn("#####\n#   #\n# # #\n#   #\n#####", source=source)
    write_layouts([layout], tmp_path / "a", "micromouse")
    assert (tmp_path / "a").read_text() == "o---o---o\n|     S |\no   o   o\n| G   G |\no---o---o\n"
    read = read_layout(tmp_path / "a")
    assert read.source["starts"] == [[1, 3]]
    assert read.source["goals"] == [[3, 1], [3, 3]]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_drawings_of_32_cells_with_any_line_end(end, tmp_path):
    posts = np.pad(np.zeros((63, 63), np.bool_), 1, constant_values=True)
    posts[::2, ::2] = True
    write_layouts([Layout(posts, thin_walls=True)], tmp_path / "a", "micromouse")
    content = (tmp_path / "a").read_bytes().replace(b"\n", end)
    assert parse_layouts(content, "a")[0] == Layout(posts)


@pytest.mark.parametrize("format", FORMATS)
@given(layout=free_shapes())
def test_free_shapes_are_refused(format, layout, tmp_path_factory):
    is_lattice = all(side % 2 and side >= 3 for side in layout.shape)
    is_lattice = is_lattice and not layout.walls[1::2, 1::2].any() and layout.walls[::2, ::2].all()
    path = tmp_path_factory.mktemp("mouse") / "maze"
    if is_lattice and format != "maz":
        write_layouts([layout], path, format)
        assert read_layout(path) == layout
        return
    with pytest.raises(LayoutError, match=r"lattice|16 x 16"):
        write_layouts([layout], path, format)
    assert not path.exists()


BAD = [
    (
        b"0 0 1 1 1 1\n1 0 1 1 1 0\n",
        "mms",
        r"a: cells \(0, 0\) and \(1, 0\) disagree .* \(0, 0\) has it, \(1, 0\) does",
    ),
    (
        b"0 0 0 1 1 1\n0 1 1 1 1 1\n",
        "mms",
        r"a: cells \(0, 0\) and \(0, 1\) disagree .* \(0, 1\) has it, \(0, 0\) does",
    ),
    (b"0 0 1 1 1 1\n0 0 1 1 1 1\n", "mms", r"a, line 2: cell \(0, 0\) was told in line 1 already"),
    (b"0 0 1 1 1 1\n1 1 1 1 1 1\n", "mms", r"a, line 2: no line tells cell \(0, 1\), expected all 2 x 2 cells"),
    (
        b"0 0 1 1 1 1\n1 0 1 1 1\n",
        "mms",
        "a, line 2: expected a cell as 'x y N E S W', each wall 0 or 1, found '1 0 1 1 1'",
    ),
    (b"0 0 1 1 1 2\n", "mms", "a, line 1: expected a cell"),
    (b"99999 99999 1 1 1 1\n", "mms", "a: a maze of 100000 x 100000 cells is more than a layout may have"),
    (bytes(255), "maz", r"a: a binary micromouse maze has 256 bytes \(16x16\) or 1024 \(32x32\), found 255"),
    (bytes(17) + b"\x1f" + bytes(238), "maz", r"a: byte 17 is 31, expected 0 to 15, one bit a wall of cell \(1, 1\)"),
    (b"\x02" + bytes(255), "maz", r"a: cells \(0, 0\) and \(1, 0\) disagree on the wall between them: \(0, 0\) has it"),
]


@pytest.mark.parametrize(("content", "format", "words"), BAD)
def test_bad_mazes_get_one_sentence(content, format, words):
    with pytest.raises(LayoutError, match=words) as caught:
        parse_layouts(content, "a", format)
    assert "\n" not in str(caught.value)


def test_real_bytes_are_the_maze_of_the_drawing_beside_them(external):
    folder = external / "micromouse"
    for name in ("1stworld", "87sin", "Japan2013ef", "UK2016-final"):
        binary, text = read_layout(folder / f"{name}.maz"), read_layout(folder / f"{name}.txt")
        assert binary == text
        assert binary.source["format"] == "maz"
    assert read_layout(folder / "APEC2016.MAZ") == read_layout(folder / "apec2016.txt")
    apec = read_layout(folder / "apec2002.mms.maz")
    assert apec.source["format"] == "mms"
    assert apec.shape == (33, 33)
