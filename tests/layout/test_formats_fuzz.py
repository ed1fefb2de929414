"""Every reader against a corpus of good and once bad files, and against damage done to them.

`tests/layout/corpus/FORMAT` holds examples of each format, made by hand or by the format's writer;
`tests/layout/corpus/FORMAT/bad` what `scripts/fuzz_readers.py` found to go wrong, or worth keeping. A file of `ros` is
the yaml, the separator of that script, and the image that the yaml names `image.png`.
"""

from __future__ import annotations

import io
import os
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mazenav.layout.formats.reading import FORMATS, format_of, parse_file, read_layout, read_layouts
from mazenav.layout.formats.source_file import MAX_NAME, SourceFile
from mazenav.types import LayoutError
from scripts.fuzz_readers import SEPARATOR

CORPUS = Path(__file__).parent / "corpus"
EXAMPLES = sorted(path for path in CORPUS.glob("*/*") if path.is_file())
BAD = sorted(CORPUS.glob("*/bad/*"))
FORMAT_NAMES = st.sampled_from([None, *FORMATS])


def source_of(content, folder, name="fuzz"):
    text, separator, image = content.partition(SEPARATOR)
    if separator:
        (folder / "image.png").write_bytes(image)
    return SourceFile(name, text, folder)


def read_or_refuse(content, folder, format):
    """What may come out: layouts with free cells, or one sentence about the file."""
    try:
        layouts = parse_file(source_of(content, folder), format)
    except LayoutError as error:
        assert str(error).startswith(("fuzz", str(folder)))
        assert "\n" not in str(error)
        assert len(str(error)) < 1000
        return
    assert layouts
    assert not any(layout.walls.all() for layout in layouts)


def folder_of(factory):
    """A folder that all examples of a test share; hypothesis has no fixture for each."""
    return factory.getbasetemp()


def test_every_format_has_examples():
    assert {path.parent.name for path in EXAMPLES} == set(FORMATS)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_an_example_is_recognised_as_its_own_format(path, tmp_path):
    source = source_of(path.read_bytes(), tmp_path, path.name)
    own = path.parent.name
    assert format_of(source) == own
    layouts = parse_file(source)
    assert {layout.source.get("format", own) for layout in layouts} == {own} or own in ("collection", "set")
    # A collection and the tables of the peers hold rows that others would read too; they come first in the table.
    others = [name for name, format in FORMATS.items() if name != own and format.recognise(source)]
    assert others == [] or (own, others) in OVERLAPS


OVERLAPS = [("collection", ["maze_map"]), ("ogbench", ["maze_map"]), ("nav_maze", ["lab"])]
"""Formats whose files others would read as well, were they not asked first."""


@pytest.mark.parametrize("format", FORMATS)
def test_every_example_is_read_or_refused_by_every_reader(format, tmp_path):
    for path in [*EXAMPLES, *BAD]:
        read_or_refuse(path.read_bytes(), tmp_path, format)
        read_or_refuse(path.read_bytes(), tmp_path, None)


@st.composite
def damaged(draw):
    """A file of the corpus with a few bytes changed, cut out, repeated or put in, or cut off; and its format."""
    path = draw(st.sampled_from(EXAMPLES))
    content = bytearray(path.read_bytes())
    for _ in range(draw(st.integers(1, 3))):
        place, length = draw(st.integers(0, len(content))), draw(st.integers(0, 8))
        how = draw(st.sampled_from(["change", "cut", "repeat", "insert", "end", "number"]))
        if how == "change":
            content[place : place + 1] = draw(st.binary(min_size=1, max_size=1))
        elif how == "cut":
            del content[place : place + length]
        elif how == "repeat":
            content[place:place] = content[place : place + length] * draw(st.integers(1, 20))
        elif how == "insert":
            content[place:place] = draw(st.binary(max_size=8) | st.text(max_size=3).map(str.encode))
        elif how == "end":
            del content[place:]
        else:
            huge = draw(st.sampled_from([0, 1, 255, 60_000, 2**31 - 1, 2**32 - 1]))
            content[place : place + 4] = struct.pack(draw(st.sampled_from("<>")) + "I", huge)
    return bytes(content), path.parent.name


@given(damaged(), st.booleans())
@settings(max_examples=2000)
def test_damaged_files_are_read_or_refused(tmp_path_factory, case, told):
    content, format = case
    read_or_refuse(content, folder_of(tmp_path_factory), format if told else None)


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"\x93NUMPY\x01\x00", b"PK\x03\x04", b"P5\n", b"{"]), FORMAT_NAMES
)
@settings(max_examples=400)
def test_random_bytes_are_read_or_refused(tmp_path_factory, content, head, format):
    read_or_refuse(head + content, folder_of(tmp_path_factory), format)


@settings(max_examples=30)
@given(
    stem=st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40)
    | st.binary(min_size=1, max_size=40).map(lambda name: os.fsdecode(name.replace(b"/", b"_").replace(b"\0", b"_")))
)
def test_odd_names_of_files_stay_on_one_line(stem, tmp_path_factory):
    folder = tmp_path_factory.mktemp("names")
    (folder / f"x{stem}.txt").write_text("###\n# #\n###\n")
    layout = read_layouts(folder)[0]
    assert layout.name.isprintable()
    (folder / f"x{stem}.txt").write_text("###\n#?#\n###\n")
    with pytest.raises(LayoutError, match="line 2: found") as caught:
        read_layouts(folder)
    assert str(caught.value).isprintable()
    str(caught.value).encode("utf-8")


def test_names_too_long_for_the_file_system_are_refused(tmp_path):
    with pytest.raises(LayoutError, match="cannot be read: File name too long") as caught:
        read_layout(tmp_path / ("a" * 5000))
    assert len(str(caught.value)) < MAX_NAME + 100


def test_links_out_of_the_folder_are_refused(tmp_path):
    (tmp_path / "secret.txt").write_text("###\n# #\n###\n")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "loop.txt").symlink_to(folder / "loop.txt")
    for path in (folder / "a.txt", folder):
        with pytest.raises(LayoutError, match=r"a\.txt: this is a symbolic link out of its folder"):
            read_layouts(path)
    with pytest.raises(LayoutError, match=r"loop\.txt: the layout file cannot be read"):
        read_layout(folder / "loop.txt")
    (folder / "a.txt").unlink()
    (folder / "loop.txt").unlink()
    (folder / "b.txt").write_text("###\n# #\n###\n")
    (folder / "a.txt").symlink_to(folder / "b.txt")
    assert len(read_layouts(folder)) == 2


def bomb(members, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


HEADER = b"\x93NUMPY\x01\x00\x76\x00" + b"{'descr': '|u1', 'fortran_order': False, 'shape': (%d,), }"
MEBI = 2**20
BOMBS = {
    "a member of 40 MiB": lambda: bomb({"maze.npy": bytes(40 * MEBI)}),
    "the same in bzip2": lambda: bomb({"maze.npy": bytes(40 * MEBI)}, zipfile.ZIP_BZIP2),
    "a document of 40 MiB": lambda: bomb({"__zanj__.json": b"[" * (40 * MEBI)}),
    "10,000 members": lambda: bomb(dict.fromkeys(map(str, range(10_000)), b"")),
    "a set that names 2**31 layouts": lambda: bomb({"mazenav_layouts.npy": b"", "shapes.npy": HEADER % 2**31}),
    "deep lists": lambda: b'{"connection_list": ' + b"[" * 10**6,
    "a wide text": lambda: b"#" * (17 * MEBI),
    "many numbers": lambda: b"60000 60000 1 1 1 1\n" * 10,
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_in_bounded_memory(name, tmp_path):
    content = BOMBS[name]()
    tracemalloc.start()
    try:
        for format in [None, "array", "set", "maze_dataset", "mms", "text"]:
            with pytest.raises(LayoutError):
                parse_file(SourceFile("fuzz", content, tmp_path), format)
        assert tracemalloc.get_traced_memory()[1] < 10 * len(content) + 64 * MEBI
    finally:
        tracemalloc.stop()
