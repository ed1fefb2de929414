from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mazenav.layout.formats import source_file
from mazenav.layout.formats.reading import FORMATS, parse_layouts, read_layout, read_layouts
from mazenav.layout.formats.writing import write_layouts, write_text
from mazenav.layout.generate import generate, make_again
from mazenav.layout.graph import components
from mazenav.types import Layout, LayoutError, MazenavError

DATA = Path(__file__).parent / "data"

PLAIN = """\
#######
#   # #
# # # #
# #   #
#######"""

# The padded form of the level, as the engine's own documentation of text levels draws it.
LAB = """\
##############
#  #   #######
##     #   ###
 ####      ###
    #  #   ###
    #  #######
    #   ######
###### #######
#            #
##############"""

OPEN_BORDER = """\
  ##  \n\
   ###
   #  \n\
####  """

MOUSE = """\
#######
#   # #
# ### #
# #   #
# # ###
# #   #
#######"""


def drawn(picture):
    lines = picture.split("\n")
    width = min(len(line) for line in lines)
    return np.array([[letter == "#" for letter in line[:width]] for line in lines])


CASES = [
    ("plain.txt", "text", PLAIN),
    ("lab.txt", "lab", LAB),
    ("open_border.map", "movingai", OPEN_BORDER),
    ("mouse.txt", "micromouse", MOUSE),
]


@pytest.mark.parametrize(("file", "name", "picture"), CASES)
def test_a_file_is_read_as_it_is_drawn(file, name, picture):
    layout = read_layout(DATA / file)
    assert str(layout) == str(Layout(drawn(picture)))
    assert layout.source["format"] == name
    assert layout.source["file"] == str(DATA / file)
    assert layout.name == Path(file).stem


@pytest.mark.parametrize(("file", "name", "picture"), CASES)
@pytest.mark.parametrize("given_format", [True, False])
@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.replace(b"\n", b"\r\n"),
        lambda content: content.replace(b"\n", b"\r"),
        lambda content: content.rstrip(b"\n"),
        lambda content: content.rstrip(b"\n") + b"\n\n\n",
        lambda content: b"\xef\xbb\xbf" + content,
    ],
    ids=["CRLF", "CR", "no last newline", "empty lines at the end", "byte order mark"],
)
def test_line_ends_and_byte_order_marks_do_not_matter(file, name, picture, change, given_format):
    content = change((DATA / file).read_bytes())
    layouts = parse_layouts(content, file, name if given_format else None)
    assert layouts == [Layout(drawn(picture))]


def test_marks_become_starts_and_goals():
    assert read_layout(DATA / "plain.txt").source["starts"] == [[1, 1]]
    assert read_layout(DATA / "plain.txt").source["goals"] == [[3, 5]]
    assert read_layout(DATA / "lab.txt").source["starts"] == [[8, 11]]
    assert read_layout(DATA / "lab.txt").source["goals"] == [[4, 9]]
    assert read_layout(DATA / "lab.txt").cell_size == 100.0
    assert read_layout(DATA / "mouse.txt").source["starts"] == [[5, 1]]
    assert read_layout(DATA / "mouse.txt").source["goals"] == [[3, 3]]


def test_a_mouse_maze_without_marks_has_the_ends_of_the_rules():
    rows = (
        ["o---o---o---o---o"]
        + ["|               |", "o   o   o   o   o"] * 3
        + ["|               |", "o---o---o---o---o"]
    )
    layout = parse_layouts("\n".join(rows).encode(), "a")[0]
    assert layout.source["starts"] == [[7, 1]]
    assert layout.source["goals"] == [[3, 3], [3, 5], [5, 3], [5, 5]]


def test_a_variations_layer_is_no_part_of_the_level():
    layout = read_layout(DATA / "lab_variations.txt")
    assert str(layout) == "#####\n#   #\n# # #\n#   #\n#####"
    assert layout.source["starts"] == [[1, 1]]


def test_a_given_format_overrides_the_content():
    content = b"    \n *  \n    \n"
    assert parse_layouts(content, "a")[0].source["format"] == "lab"
    with pytest.raises(LayoutError, match="line 2: found '\\*' at character 2"):
        parse_layouts(content, "a", "text")
    assert parse_layouts(b"AAA\nA*A\n", "a", "lab")[0].walls.sum() == 1


@st.composite
def drawn_layouts(draw):
    rows, columns = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    cells = draw(st.lists(st.booleans(), min_size=rows * columns, max_size=rows * columns).filter(lambda x: not all(x)))
    return Layout(np.array(cells).reshape(rows, columns), draw(st.sampled_from(["a", "two words", ""])))


@given(layout=drawn_layouts())
def test_written_text_is_read_back(layout, tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "deep" / "layout.txt"
    write_text(layout, path)
    assert read_layout(path) == layout
    lines = path.read_text().splitlines()
    assert all(line == line.strip() for line in lines)
    assert [file.name for file in path.parent.iterdir()] == ["layout.txt"]


@given(layouts=st.lists(drawn_layouts(), min_size=1, max_size=4))
def test_written_collections_are_read_back(layouts, tmp_path_factory):
    path = tmp_path_factory.mktemp("collection") / "layouts.txt"
    write_layouts(layouts, path)
    assert read_layouts(path) == layouts


def test_a_collection_keeps_names_and_sources(tmp_path):
    layouts = [generate(kind, (9, 12), np.random.default_rng(0)) for kind in ("backtracker", "rooms", "clutter")]
    write_layouts(layouts, tmp_path / "a.txt")
    read = read_layouts(tmp_path / "a.txt")
    assert [layout.name for layout in read] == [layout.name for layout in layouts]
    assert [dict(layout.source) for layout in read] == [dict(layout.source) for layout in layouts]
    assert [make_again(layout.source) for layout in read] == layouts
    with pytest.raises(LayoutError, match="holds 3 layouts, expected one"):
        read_layout(tmp_path / "a.txt")


def test_writing_replaces_whole_files_or_nothing(tmp_path):
    maze = Layout(drawn(PLAIN))
    (tmp_path / "file").write_text("precious")
    with pytest.raises(MazenavError, match=r"cannot write .*layout\.txt: "):
        write_text(maze, tmp_path / "file" / "layout.txt")
    (tmp_path / "folder").mkdir()
    with pytest.raises(MazenavError, match=r"cannot write .*folder: "):
        write_text(maze, tmp_path / "folder")
    with pytest.raises(LayoutError, match="no layouts to write"):
        write_layouts([], tmp_path / "none.txt")
    assert (tmp_path / "file").read_text() == "precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


BAD = [
    (b"", "a: the layout file is empty"),
    (b"\n \r\n\n", "a: the layout file is empty"),
    (b"\xef\xbb\xbf", "a: the layout file is empty"),
    (b"\x89PNG\r\n\x1a\n\x00\x00", "binary data at byte 0"),
    (b"####\n#\x00 #\n####", "control character '\\\\x00'"),
    (b"hello\n", "a, line 1: found 'hello', which begins no layout format"),
    (b"#####\n# #\n#####\n", "a, line 2: found 3 characters, expected 5 as in line 1"),
    (b"#####\n\n#   #\n#####\n", "a, line 2: found 0 characters, expected 5"),
    (b"#####\n# q #\n#####\n", "a, line 2: found 'q' at character 3, expected '#'"),
    (b"###\n###\n###\n", "layout 'a' has no free cell, all 3 x 3 are walls"),
    (b"***\n***\n", "has no free cell"),
    (b"***\n\n*?*\n***\n", "a, line 3: found '\\?' at character 2"),
    (b"type octile\nheight 2\nwidth 3\nmap\n...\n..\n", "a, line 6: found 2 characters, expected 3 \\(width\\)"),
    (b"type octile\nheight 3\nwidth 3\nmap\n...\n...\n", "a, line 6: the map ends here after 2 rows, expected 3"),
    (b"type octile\nheight 1\nwidth 3\nmap\n...\n...\n", "a, line 6: the map ends here after 2 rows, expected 1"),
    (b"type octile\nheight 1\nwidth 3\nmap\n.x.\n", "a, line 5: found 'x' at character 2"),
    (b"type octile\nheight 1\nwidth 3\nmap\n@@@\n", "has no free cell"),
    (b"type octile\nheight two\nwidth 3\nmap\n...\n", "a, line 2: expected 'height NUMBER', found 'height two'"),
    (b"type octile\nheight 0\nwidth 3\nmap\n...\n", "a, line 2: the height must be at least 1"),
    (b"type octile\nwidth 3\nmap\n...\n", "a, line 3: the header has no height"),
    (b"type octile\nheight 1\nwidth 3\n...\n", "a, line 4: expected type, height, width or map"),
    (b"type octile\nheight 1\nwidth 3\n", "a, line 3: the header has no line 'map'"),
    (b"type octile\nheight 1\nwidth 3\nmap\n", "a, line 4: no rows follow 'map'"),
    (b"type octile\nheight 99999\nwidth 99999\nmap\n...\n", "99999 x 99999 cells are more than a layout may have"),
    (b"o---o\n|   |\n", "a, line 2: expected an odd number of lines"),
    (b"o---o\n|   |\nx---o\n", "a, line 3: expected a post \\('o'\\) at character 1, found 'x'"),
    (b"o---o\n|   |\no-- o\n", "a, line 3: expected '---' or a gap at character 2, found '-- '"),
    (b"o---o\nI   |\no---o\n", "a, line 2: expected '\\|' or a gap at character 1, found 'I'"),
    (b"o---o\n|   |   |\no---o\n", "a, line 2: found 9 characters, expected 5 as in line 1"),
    (b"mazenav layouts 2\n", "a, line 1: expected 'mazenav layouts 1', found 'mazenav layouts 2'"),
    (b"mazenav layouts 1\n", "a: the file holds no layout"),
    (b"mazenav layouts 1\nlayout x rows=1 columns=2\n", "layout x ends after 0 of 1 rows"),
    (b"mazenav layouts 1\nlayout x rows=1 columns=2\n...\n", "a, line 3: found 3 characters, expected 2 \\(columns\\)"),
    (b"mazenav layouts 1\nlayout x rows=1\n...\n", "a, line 2: the layout needs columns=NUMBER"),
    (b"mazenav layouts 1\nlayout x rows=1 columns=-1\n...\n", "a, line 2: the layout needs columns=NUMBER"),
    (b"mazenav layouts 1\n...\n", "a, line 2: expected 'layout NAME rows=R columns=C ...', found '...'"),
    (b"mazenav layouts 1\nlayout x rows=9999999 columns=9999999\n.\n", "more than a layout may have"),
    (b"mazenav layouts 1\nlayout x rows=1 columns=2\n#?\n", "a, line 3: found '\\?' at character 2"),
]


@pytest.mark.parametrize(("content", "words"), BAD)
def test_bad_content_gets_one_clear_sentence(content, words):
    with pytest.raises(LayoutError, match=words) as caught:
        parse_layouts(content, "a")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("a")


def test_gigantic_text_is_refused_before_it_is_laid_out():
    # A file of a few MB whose padded rectangle would have 10^12 cells.
    wide_and_tall = b"*" * 10**6 + b"\n*" * 10**6
    with pytest.raises(LayoutError, match="more than a layout may have"):
        parse_layouts(wide_and_tall, "a", "lab")
    with pytest.raises(LayoutError, match="more than a layout may have"):
        parse_layouts((b"." * 5000 + b"\n") * 5000, "a", "text")


def test_large_files_are_refused_unread(tmp_path):
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(source_file.MAX_BYTES + 1)
    with pytest.raises(
        LayoutError, match=r"large.txt: 67108865 bytes are more than a layout file may have \(67108864\)"
    ):
        read_layout(path)


def test_paths_that_are_no_files_are_refused(tmp_path):
    with pytest.raises(LayoutError, match=r"missing\.txt: the layout file cannot be read: No such file"):
        read_layout(tmp_path / "missing.txt")
    with pytest.raises(LayoutError, match="this is a folder"):
        read_layout(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LayoutError, match="not a regular file"):
        read_layout(tmp_path / "pipe")
    with pytest.raises(LayoutError, match="cannot be read"):
        read_layout("nul\0name")


def test_an_unknown_format_is_refused():
    with pytest.raises(LayoutError, match="no layout format is called 'png'; there are collection, set"):
        read_layout(DATA / "plain.txt", "png")


def test_a_folder_gives_its_layouts_in_the_order_of_names(tmp_path):
    for file in DATA.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    write_layouts([Layout(drawn(PLAIN), name) for name in "xy"], tmp_path / "collection.txt")
    (tmp_path / "README.md").write_text("# Mazes\n\nNot a layout: #### and ****.\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\x00")
    (tmp_path / "a.scen").write_text("version 1\n0 a.map 8 8 1 1 2 2 1.4\n")
    (tmp_path / ".hidden.txt").write_text("###\n")
    (tmp_path / "folder.txt").mkdir()
    names = [layout.name for layout in read_layouts(tmp_path)]
    mazes = ["mouse", "bend", "hall", "open_border", "plain", "swamp", "thin"]
    assert names == ["x", "y", "d4rl", "lab", "lab_variations", "maze_map", *mazes]


def test_a_folder_with_a_broken_layout_is_refused(tmp_path):
    (tmp_path / "good.txt").write_text("####\n#  #\n####\n")
    (tmp_path / "ragged.txt").write_text("####\n# #\n####\n")
    with pytest.raises(LayoutError, match=r"ragged\.txt, line 2"):
        read_layouts(tmp_path)
    (tmp_path / "ragged.txt").write_text("")
    with pytest.raises(LayoutError, match=r"ragged\.txt: the layout file is empty"):
        read_layouts(tmp_path)


def test_a_folder_without_layouts_is_refused(tmp_path):
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(LayoutError, match="none of the 1 files in this folder is a layout"):
        read_layouts(tmp_path)


FORMAT_NAMES = st.sampled_from([None, *FORMATS])
LINES = st.text(st.sampled_from("#*@.ToO|-+ SGEPX01q\t\r"), max_size=12)
HEADS = st.sampled_from(
    ["", "type octile\nheight 2\nwidth 3\nmap\n", "mazenav layouts 1\nlayout x rows=2 columns=3\n", "o---o\n", "####\n"]
)


def parse_or_refuse(content, format):
    try:
        layouts = parse_layouts(content, "fuzz", format)
    except LayoutError as error:
        assert str(error).startswith("fuzz")
        assert "\n" not in str(error)
        return
    assert layouts
    assert not any(layout.walls.all() for layout in layouts)


@given(st.binary(max_size=200), FORMAT_NAMES)
@example(b"\xff\xfe#\x00", None)
def test_random_bytes_are_read_or_refused(content, format):
    parse_or_refuse(content, format)


@given(HEADS, st.lists(LINES, max_size=8), FORMAT_NAMES)
@settings(max_examples=400)
def test_random_text_is_read_or_refused(head, lines, format):
    parse_or_refuse((head + "\n".join(lines)).encode(), format)


@given(st.sampled_from(sorted(DATA.iterdir())), st.integers(0, 10**6), st.binary(max_size=4), st.integers(0, 6))
@settings(max_examples=300)
def test_damaged_files_are_read_or_refused(file, where, insertion, removed):
    content = file.read_bytes()
    where %= len(content)
    parse_or_refuse(content[:where] + insertion + content[where + removed :], None)


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        (
            "movingai",
            {
                "Berlin_1_256": (256, 256),
                "den312d": (81, 65),
                "empty-16-16": (16, 16),
                "empty-8-8": (8, 8),
                "maze-32-32-2": (32, 32),
                "random-32-32-20": (32, 32),
                "room-32-32-4": (32, 32),
                "swampofsorrows": (512, 512),
            },
        ),
        ("dmlab", {"nav_maze_random_goal_01": (11, 21), "nav_maze_static_01": (11, 21)}),
        ("micromouse", dict.fromkeys(["1stworld", "87sin", "Japan2013ef", "UK2016-final", "apec2016"], (33, 33))),
    ],
)
def test_real_files_have_their_shapes(external, folder, expected):
    layouts = {layout.name: layout for layout in read_layouts(external / folder)}
    for name, shape in expected.items():
        assert layouts[name].shape == shape
    formats = {layout.source["format"] for layout in layouts.values()}
    assert formats == {"dmlab": {"nav_maze"}, "micromouse": {"micromouse", "maz", "mms"}}.get(folder, {folder})


def test_real_contest_mazes_are_closed_and_their_goals_can_be_reached(external):
    for layout in read_layouts(external / "micromouse"):
        assert layout.walls[[0, -1]].all()
        assert layout.walls[:, [0, -1]].all()
        labels = components(layout.walls)
        ends = [*layout.source["starts"], *layout.source["goals"]]
        assert len({int(labels[tuple(cell)]) for cell in ends}) == 1


def test_real_maps_have_as_many_free_cells_as_their_letters(external):
    for file in (external / "movingai").glob("*.map"):
        body = file.read_text().split("map\n", 1)[1].upper()
        assert len(read_layout(file).free_cells()) == sum(body.count(letter) for letter in ".GS")
