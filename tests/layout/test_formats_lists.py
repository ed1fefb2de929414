"""Mazes as lists and strings: Gymnasium-Robotics, OGBench and D4RL, in JSON and in Python source."""

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
from mazenav.types import LayoutError
from tests.layout.drawings import drawn, free_shapes

DATA = Path(__file__).parent / "data"

U_MAZE = "#####\n#   #\n### #\n#   #\n#####"

MODULE = r'''"""Maps: 1 is wall, see [[1]] and 'maps'."""
import numpy as np

RESET = R = "r"  # it's [[1, 0]] where it begins
x = table[[1, 0]]
SIZES: list[list[int]] = []
U_MAZE: list[list[object]] = [
    [1, 1, 1, 1, 1],  # a row
    [1, R, G, C, 1],
    [1, 1, 1, 0, 1],
    # and a remark
    [1, 0, 'g', "c", 1,],
    [1, 1, 1, 1, 1],
]
def maze(kind):
    if kind == 'ring':
        maze_map = np.array([[1, 0], [0, 1]])
    elif kind == 'dot':
        maze_map = [[0]]
    pairs = [(1, 1), (6, 6)]
'''

STRINGS = r"""
def parse_maze(text):
    lines = text.strip().split('\\')
    return [line for line in lines if line != '#']
U_MAZE = \
    "#####\\"+\
    "#GOO#\\"+\
    '###O#\\'+\
    "#O0 #\\"+\
    "#####"
RAW = r"###\#O#\###"
"""


def test_a_python_module_gives_its_tables_by_name():
    layouts = parse_layouts(MODULE.encode(), "maps.py")
    assert [layout.name for layout in layouts] == ["U_MAZE", "ring", "dot"]
    assert layouts[0] == drawn(U_MAZE)
    assert layouts[0].source["starts"] == [[1, 1], [1, 3], [3, 3]]
    assert layouts[0].source["goals"] == [[1, 2], [1, 3], [3, 2], [3, 3]]
    assert layouts[1] == drawn("# \n #")


def test_a_python_module_gives_its_strings_by_name():
    layouts = parse_layouts(STRINGS.encode(), "maze_model.py")
    assert [layout.name for layout in layouts] == ["U_MAZE", "RAW"]
    assert layouts[0] == drawn(U_MAZE)
    assert layouts[0].source["goals"] == [[1, 1]]


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("[[1, 0], [0, 1]]", ["a"]),
        ("[[[1, 0]], [[0]]]", ["a", "a-2"]),
        ('{"x": [[1, 0]], "y": [[0]]}', ["x", "y"]),
        ('{"config": {"maze_map": [[1, 0]]}}', ["maze_map"]),
        ("maze = np.asarray([[1, 0]])", ["maze"]),
    ],
)
def test_lists_are_found_where_they_stand(content, names):
    layouts = parse_layouts(content.encode(), "a.json")
    assert [layout.name for layout in layouts] == names
    assert {layout.source["format"] for layout in layouts} == {"maze_map"}


def test_small_files_are_read_as_they_are_drawn():
    table = read_layout(DATA / "maze_map.json")
    assert table == read_layout(DATA / "d4rl.txt") == drawn(U_MAZE)
    assert table.source["starts"] == [[1, 1], [3, 1]]
    assert table.source["goals"] == [[1, 3], [3, 1]]
    bend, hall = read_layouts(DATA / "ogbench.json")
    assert (bend.name, bend, bend.cell_size) == ("bend", drawn("####\n#  #\n## #\n####"), 4.0)
    assert bend.source["tasks"] == [[[1, 1], [2, 2]], [[1, 2], [2, 2]]]
    assert (bend.source["starts"], bend.source["goals"]) == ([[1, 1], [1, 2]], [[2, 2]])
    assert "tasks" not in hall.source


@pytest.mark.parametrize("suffix", [".json", ".py"])
@given(layouts=st.lists(free_shapes(), min_size=1, max_size=3), data=st.data())
def test_maze_maps_survive(suffix, layouts, data, tmp_path_factory):
    def some(layout):
        cells = st.lists(st.sampled_from(layout.free_cells().tolist()), unique_by=tuple, max_size=4)
        return replace(layout, source={"starts": sorted(data.draw(cells)), "goals": sorted(data.draw(cells))})

    layouts = [some(layout) for layout in layouts]
    path = tmp_path_factory.mktemp("maps") / f"maps{suffix}"
    write_layouts(layouts, path)
    read = read_layouts(path)
    assert read == layouts
    for one, other in zip(layouts, read, strict=True):
        for key in ("starts", "goals"):
            assert other.source.get(key, []) == one.source[key]
    compile(path.read_text(), path.name, "exec")


@given(layouts=st.lists(free_shapes(), min_size=1, max_size=3), data=st.data())
def test_ogbench_mazes_survive_with_their_tasks(layouts, data, tmp_path_factory):
    ends = [st.sampled_from(layout.free_cells().tolist()) for layout in layouts]
    layouts = [
        replace(layout, name=f"m{i}", source={"tasks": data.draw(st.lists(st.lists(end, min_size=2, max_size=2)))})
        for i, (layout, end) in enumerate(zip(layouts, ends, strict=True))
    ]
    path = tmp_path_factory.mktemp("ogbench") / "mazes.json"
    write_layouts(layouts, path, "ogbench")
    read = read_layouts(path)
    assert read == layouts
    assert [layout.name for layout in read] == [layout.name for layout in layouts]
    assert [layout.source.get("tasks", []) for layout in read] == [layout.source["tasks"] for layout in layouts]
    assert {layout.source["format"] for layout in read} == {"ogbench"}


@pytest.mark.parametrize("suffix", [".txt", ".json"])
@given(layouts=st.lists(free_shapes(closed=True), min_size=1, max_size=3), data=st.data())
def test_d4rl_strings_survive(suffix, layouts, data, tmp_path_factory):
    layouts = layouts if suffix == ".json" else layouts[:1]
    goals = [
        data.draw(st.lists(st.sampled_from(x.free_cells().tolist()), unique_by=tuple, max_size=3)) for x in layouts
    ]
    layouts = [replace(each, source={"goals": sorted(at)}) for each, at in zip(layouts, goals, strict=True)]
    path = tmp_path_factory.mktemp("d4rl") / f"mazes{suffix}"
    write_layouts(layouts, path, "d4rl")
    read = read_layouts(path)
    assert read == layouts
    assert [layout.source.get("goals", []) for layout in read] == [layout.source["goals"] for layout in layouts]
    assert {layout.source["format"] for layout in read} == {"d4rl"}


BAD = [
    (b"[[1, 0], [1, 2]]", "a, line 1: expected 0, 1, 'r', 'g' or 'c', found '2"),
    (b"[[1, 0],\n [1]]", "a, line 1: row 2 of the list has 1 cells, expected 2 as in row 1"),
    (b"[[1, 0],\n\n 7]", "a, line 3: expected a row '\\[...\\]', found '7\\]'"),
    (b"[[1, 0],\n [1 0]]", "a, line 2: expected ',' or '\\]', found '0\\]\\]'"),
    (b"[[1, 0],\n [1, 0", "a, line 2: the file ends within a row"),
    (b"[[1, 0],\n", "a, line 1: the file ends within a list"),
    (b"[[1, 1], [1, 1]]", "layout 'a' has no free cell"),
    (b"[" * 100_000 + b"[[0]]", "a, line 1: lists nested more than 32 deep are no maze"),
    (b"x = '\n[[1, 0]]", "a, line 1: a string begins here and does not end"),
    (b'{"maze_map": {"x": [[1, 0], [1]]}}', "a: maze 'x': row 2 of the list has 1 cells, expected 2"),
    (b'{"maze_map": {"x": [[1, 2]]}}', "a: maze 'x': expected 0 or 1, found '2'"),
    (b'{"maze_map": {"x": [1]}}', "a: maze 'x': expected a list of rows"),
    (b'{"maze_map": {}}', "a: expected tables by name in maze_map"),
    (b'{\n"maze_map": {"x" [[0]]}}', "a, line 2: this is no JSON: Expecting ':' delimiter"),
    (b'{"maze_map": {"x": ' + b"[" * 100_000, "a: expected JSON, found lists nested too deep"),
    (b'{"maze_map": {"x": [[0]]}, "tasks_init_goal_ij": 3}', "a: expected lists of tasks by name"),
    (b'{"maze_map": {"x": [[0]]}, "tasks_init_goal_ij": {"x": 3}}', "a: maze 'x': expected a list of tasks"),
    (
        b'{"maze_map": {"x": [[0]]}, "tasks_init_goal_ij": {"x": [[[0, 0], [0, 1]]]}}',
        "expected a task as two free cells",
    ),
    (b"#####\\#GOO\\#####", "a, line 1: row 2 of the maze has 4 cells, expected 5 as in row 1"),
    (b'M = "###\\\\"+"#x#\\\\"+"###"', "a, line 1: found 'x' in row 2 of the maze, expected '#' \\(wall\\)"),
    (b"###\\###", "layout 'a' has no free cell"),
]


@pytest.mark.parametrize(("content", "words"), BAD)
def test_bad_lists_get_one_clear_sentence(content, words):
    with pytest.raises(LayoutError, match=words) as caught:
        parse_layouts(content, "a")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("format", "words"),
    [
        ("maze_map", "a, line 1: more than 500000 words and signs that are no maze"),
        ("d4rl", "a, line 1: more than 500000 words and signs that are no maze"),
        ("ogbench", "a: 10000000 bytes are more than a file of lists may have"),
    ],
)
def test_huge_files_of_other_things_are_refused(format, words):
    with pytest.raises(LayoutError, match=words):
        parse_layouts(b"a " * 5_000_000, "a", format)


def test_large_tables_are_read():
    row = b"[" + b"1, " * 999 + b"0],\n"
    layout = parse_layouts(b"[" + row * 1000 + b"]", "a")[0]
    assert layout.shape == (1000, 1000)
    assert layout.walls.sum() == 999_000


@pytest.mark.parametrize(
    "unit", ["[#", "# ", "'\\'", '"""', "'''", "[[1,", "[[#\n", "[[ ", "\\", "a=", "[\t", "(" * 9 + ")" * 9]
)
def test_no_text_makes_the_scanner_slow(unit):
    # A scanner that goes back over the text would take hours for this, not the fraction of a second.
    for format in ("maze_map", "d4rl"):
        with pytest.raises(LayoutError):
            parse_layouts((unit * (60_000 // len(unit)) + "?").encode(), "a", format)


@pytest.mark.parametrize("format", ["maze_map", "ogbench", "d4rl"])
def test_thin_walls_are_refused(format, tmp_path):
    with pytest.raises(LayoutError, match=r"a\.json: .* walls as thick as its cells"):
        write_layouts([drawn("###\n# #\n###", thin_walls=True)], tmp_path / "a.json", format)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("picture", ["# #\n# #", "###", "##\n# "])
def test_d4rl_strings_begin_with_a_row_of_walls(picture, tmp_path):
    with pytest.raises(LayoutError, match="a first row of walls"):
        write_layouts([drawn(picture)], tmp_path / "a.txt", "d4rl")


def test_real_lists_are_read_as_their_peers_read_them(external):
    folder = external / "arrays"
    tables = json.loads((folder / "gymnasium_robotics_maze_maps.json").read_text())
    layouts = read_layouts(folder / "gymnasium_robotics_maze_maps.json")
    assert [layout.name for layout in layouts] == list(tables)
    for layout, table in zip(layouts, tables.values(), strict=True):
        assert layout.walls.tolist() == [[cell == 1 for cell in row] for row in table]
        marks = np.argwhere([[cell in ("g", "c") for cell in row] for row in table]).tolist()
        assert layout.source.get("goals", []) == marks
    told = json.loads((folder / "ogbench_locomaze.json").read_text())
    layouts = read_layouts(folder / "ogbench_locomaze.json")
    assert {layout.name: layout.walls.astype(int).tolist() for layout in layouts} == told["maze_map"]
    assert {layout.name: layout.source["tasks"] for layout in layouts} == told["tasks_init_goal_ij"]
    strings = json.loads((folder / "d4rl_maze2d.json").read_text())
    layouts = read_layouts(folder / "d4rl_maze2d.json")
    assert [layout.name for layout in layouts] == list(strings)
    for layout, text in zip(layouts, strings.values(), strict=True):
        assert str(layout) == text.replace("\\", "\n").replace("O", " ").replace("G", " ")


def test_the_modules_of_this_interpreter_are_no_mazes():
    folder = Path(json.__file__).parent.parent
    for name in ("this", "ast", "string", "token", "types", "tokenize"):
        with pytest.raises(LayoutError, match="begins no layout format"):
            parse_layouts((folder / f"{name}.py").read_bytes(), name)
