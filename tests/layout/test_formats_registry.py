"""Every format against every other: told from the content, written by the suffix, and never outside its own folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mazenav.layout.formats.reading import FORMATS, format_of, parse_layouts, read_layout, read_layouts
from mazenav.layout.formats.registry import format_for
from mazenav.layout.formats.source_file import SourceFile, load_file
from mazenav.layout.formats.writing import write_layouts
from mazenav.types import Layout, LayoutError
from tests.layout.drawings import drawn

DATA = Path(__file__).parent / "data"
WRITTEN = [name for name, format in FORMATS.items() if format.write is not None]
EXPECTED = {
    "d4rl.txt": "d4rl",
    "lab.txt": "lab",
    "lab_variations.txt": "lab",
    "maze_map.json": "maze_map",
    "mouse.txt": "micromouse",
    "ogbench.json": "ogbench",
    "open_border.map": "movingai",
    "plain.txt": "text",
    "swamp.map": "movingai",
    "swamp.scen": None,
    "thin.entities.json": None,
    "thin.txt": "nav_maze",
}
OVERLAPS = {"nav_maze": {"nav_maze", "lab"}, "ogbench": {"ogbench", "maze_map"}}
"""Files that a format asked later takes too, since they are its own with more said: walls that are thin, tasks."""


def contest_maze(thin):
    """A closed maze of 16 x 16 cells, which every format can hold."""
    rng = np.random.default_rng(0)
    walls = rng.random((33, 33)) < 0.4
    walls[1::2, 1::2] = False
    walls[::2, ::2] = walls[[0, -1]] = walls[:, [0, -1]] = True
    return Layout(walls, "maze", thin_walls=thin)


def written(name, path):
    """A file of the format with the maze, whose walls are thin if the format can hold that."""
    for thin in (True, False):
        layout = contest_maze(thin)
        try:
            write_layouts([layout], path, name)
        except LayoutError:
            continue
        return layout
    raise AssertionError(f"{name} can hold neither")


@pytest.mark.parametrize("name", WRITTEN)
def test_a_written_file_is_told_from_its_content_by_one_format_only(name, tmp_path):
    layout = written(name, tmp_path / "maze")
    source = load_file(tmp_path / "maze")
    assert {other for other, format in FORMATS.items() if format.recognise(source)} == OVERLAPS.get(name, {name})
    assert format_of(source) == name
    read = read_layout(tmp_path / "maze")
    assert read == layout
    assert read.source.get("format") == name or name in ("collection", "set")


def test_thin_walls_survive_wherever_they_are_not_refused(tmp_path):
    keep = set()
    for name in WRITTEN:
        layout = written(name, tmp_path / name)
        read = read_layout(tmp_path / name, name)
        assert read == layout
        if layout.thin_walls and read.thin_walls:
            keep.add(name)
    assert keep >= {"collection", "nav_maze", "micromouse"}


@pytest.mark.parametrize("file", sorted(path.name for path in DATA.iterdir()))
def test_the_small_files_are_told_from_their_content(file):
    assert format_of(load_file(DATA / file)) == EXPECTED[file]


def test_binary_content_is_shown_to_every_format():
    for content in (b"", b"\0", b"\x89PNG\r\n\x1a\n" + bytes(64), bytes(range(256)) * 4, b"PK\x03\x04", b"\x93NUMPY"):
        source = SourceFile("a", content)
        assert not any(format.recognise(source) for format in FORMATS.values() if format_of(source) is None)
        with pytest.raises(LayoutError, match=r"^a"):
            parse_layouts(content, "a")


@pytest.mark.parametrize(
    ("path", "name"), [("a.txt", "collection"), ("a.MAP", "movingai"), ("a.b.json", "maze_map"), ("a.py", "maze_map")]
)
def test_the_suffix_tells_the_format(path, name):
    assert format_for(path) == name


def test_a_suffix_belongs_to_one_format():
    suffixes = [suffix for format in FORMATS.values() for suffix in format.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in suffixes)


@pytest.mark.parametrize("path", ["maze", "maze.jpeg", "maze.lab"])
def test_a_suffix_that_tells_nothing_is_refused(path, tmp_path):
    with pytest.raises(LayoutError, match=r"does not tell a layout format \(.*\.map, .*\.txt"):
        write_layouts([drawn("# #")], tmp_path / path)
    with pytest.raises(LayoutError, match="no layout format is called 'jpeg'; there are collection, "):
        write_layouts([drawn("# #")], tmp_path / path, "jpeg")


def test_a_format_that_is_only_read_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(FORMATS, "text", FORMATS["text"]._replace(write=None))
    with pytest.raises(
        LayoutError, match="layouts in the format text are read but not written; written are collection"
    ):
        write_layouts([drawn("# #")], tmp_path / "a", "text")


def test_links_out_of_the_folder_are_refused(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    for place in (tmp_path, folder):
        write_layouts([drawn("####\n#  #\n####")], place / "real.txt")
    (folder / "within.txt").symlink_to("real.txt")
    assert read_layout(folder / "within.txt") == drawn("####\n#  #\n####")
    assert len(read_layouts(folder)) == 2
    for target in (tmp_path / "real.txt", Path("../real.txt")):
        link = folder / "link.dat"
        link.symlink_to(target)
        for path in (folder, link):
            with pytest.raises(LayoutError, match=r"link\.dat: this is a symbolic link out of its folder"):
                read_layouts(path)
        link.unlink()
    (tmp_path / "alias").symlink_to(folder)
    assert len(read_layouts(tmp_path / "alias")) == 2, "a folder may be reached by a link"


def test_links_that_lead_nowhere_are_refused(tmp_path):
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    (tmp_path / "gone.txt").symlink_to("nothing")
    for name in ("loop.txt", "gone.txt"):
        with pytest.raises(LayoutError, match="the layout file cannot be read"):
            read_layout(tmp_path / name)


@pytest.mark.parametrize("name", ["", "..", "../a", "/etc/passwd", "b/../../a", "nul\0", "x" * 5000, "link"])
def test_a_file_may_not_name_what_lies_elsewhere(name, tmp_path):
    (tmp_path / "a").write_text("secret")
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "link").symlink_to("../a")
    with pytest.raises(LayoutError, match=r"it names|cannot be read"):
        SourceFile("a.scen", b"", folder).sibling(name)
    with pytest.raises(LayoutError, match="its own folder is not known"):
        SourceFile("a.scen", b"").sibling(name)


def test_a_file_may_name_what_lies_beside_or_below_it(tmp_path):
    (tmp_path / "below").mkdir()
    for name in ("beside", "below/file", "below/../beside"):
        (tmp_path / name).write_text("x")
        assert SourceFile("a.scen", b"", tmp_path).sibling(name).content == b"x"
