"""MovingAI: maps with their terrain, scenarios with their optimal lengths."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mazenav.layout.formats.reading import parse_layouts, read_layout
from mazenav.layout.formats.scenario import lengths, parse_pairs, read_scenario, write_scenario, wrong_lengths
from mazenav.layout.formats.source_text import text_of
from mazenav.layout.formats.writing import write_layouts
from mazenav.layout.sets import resolve_layouts, resolve_scenario
from mazenav.types import LayoutError
from tests.layout.drawings import drawn, free_shapes

DATA = Path(__file__).parent / "data"


@given(layout=free_shapes(), data=st.data())
def test_a_map_survives_with_every_letter(layout, data, tmp_path_factory):
    letters = [[data.draw(st.sampled_from("@OTW" if wall else ".GS")) for wall in row] for row in layout.walls]
    terrain = ["".join(row) for row in letters]
    layout = replace(layout, source={"terrain": terrain})
    path = tmp_path_factory.mktemp("map") / "a.map"
    write_layouts([layout], path)
    assert path.read_text().split("map\n", 1)[1].split() == terrain
    read = read_layout(path)
    assert read == layout
    assert read.source.get("terrain", terrain) == terrain
    write_layouts([read], path.with_name("b.map"))
    assert path.with_name("b.map").read_bytes() == path.read_bytes()


def test_letters_that_the_walls_contradict_are_not_written(tmp_path):
    layout = read_layout(DATA / "swamp.map")
    walls = layout.walls.copy()
    walls[1, 1], walls[1, 3] = True, False
    write_layouts([replace(layout, walls=walls)], tmp_path / "a.map")
    assert (tmp_path / "a.map").read_text().splitlines()[4:] == ["..@@@", ".@S.@", "@..W.", "@O..."]


def test_real_maps_are_written_as_they_were(external, tmp_path):
    files = sorted((external / "movingai").glob("*.map"))
    assert len(files) >= 8
    for file in files:
        write_layouts([read_layout(file)], tmp_path / file.name)
        written, real = (tmp_path / file.name).read_text(), file.read_text()
        assert written.split() == real.split()


def test_a_scenario_reads_its_map_beside_it():
    scenario = read_scenario(DATA / "swamp.scen")
    assert scenario.maps == {"swamp.map": read_layout(DATA / "swamp.map")}
    first, second = scenario.pairs
    assert (first.bucket, first.start, first.goal, first.optimal, first.line) == (1, (0, 0), (3, 4), 5.82842712, 2)
    assert (second.start, second.goal) == ((2, 4), (1, 1))
    assert wrong_lengths(scenario) == []
    assert resolve_layouts(str(DATA / "swamp.scen")) == list(scenario.maps.values())
    assert resolve_scenario(str(DATA / "swamp.map")) is None


@given(layout=free_shapes(), data=st.data())
def test_a_scenario_survives(layout, data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scen")
    cell = st.sampled_from([tuple(cell) for cell in layout.free_cells().tolist()])
    ends = data.draw(st.lists(st.tuples(cell, cell), min_size=1, max_size=5))
    write_layouts([layout], folder / "a.map")
    try:
        write_scenario(layout, ends, folder / "a.scen", "a.map")
    except LayoutError as error:
        assert "no path joins" in str(error)
        return
    scenario = read_scenario(folder / "a.scen")
    assert scenario.maps == {"a.map": layout}
    assert [(pair.start, pair.goal) for pair in scenario.pairs] == ends
    assert wrong_lengths(scenario) == []
    assert [pair.bucket for pair in scenario.pairs] == (lengths(scenario) // 4).astype(int).tolist()


def test_optimal_lengths_of_all_real_maps_without_water(external):
    files = sorted((external / "movingai").glob("*.scen"))
    checked = 0
    for file in files:
        scenario = read_scenario(file)
        terrain = "".join("".join(layout.source.get("terrain", [])) for layout in scenario.maps.values())
        if not set(terrain) & set("SW"):
            assert wrong_lengths(scenario, 1e-5) == []
            checked += len(scenario.pairs)
    assert checked >= 1860


def test_a_wrong_length_is_found(tmp_path):
    write_layouts([drawn("   \n # \n   ")], tmp_path / "a.map")
    (tmp_path / "a.scen").write_text("version 1\n0 a.map 3 3 0 0 2 2 4\n0 a.map 3 3 0 0 2 2 2.82842712\n")
    assert wrong_lengths(read_scenario(tmp_path / "a.scen")) == [1]
    (tmp_path / "a.scen").write_text("version 1.0\n0 a.map 3 3 0 0 1 1 4\n")
    assert lengths(read_scenario(tmp_path / "a.scen")).tolist() == [-1.0]


LINE = "0 a.map 3 3 0 0 2 2 4"
BAD = [
    ("version 2\n" + LINE, r"line 1: expected 'version 1', found 'version 2'"),
    ("version 1\n\n", "the scenario holds no start-goal pair"),
    ("version 1\n" + LINE + "\n0 a.map 3 3\n", r"line 3: found 4 fields, expected 9 \(bucket, map, width"),
    ("version 1\n0 a.map 3 3 0 0 -2 2 4", "line 2: expected a whole number as goal x, found '-2'"),
    ("version 1\n0 a.map 3 99999999999 0 0 2 2 4", "line 2: expected a whole number as height"),
    ("version 1\n0 a.map 3 3 0 0 2 2 nan", "line 2: expected a number as optimal length, found 'nan'"),
    ("version 1\n0 a.map 3 3 0 0 2 3 4", "line 2: the goal x 2, y 3 lies outside the map of width 3 and height 3"),
    ("version 1\n0 a.map 4 3 0 0 2 2 4", "line 2: the map a.map should have 3 x 4 cells, and has 3 x 3"),
    ("version 1\n0 b.map 3 3 0 0 2 2 4", "line 2: the map 'b.map' does not lie in the folder of the scenario"),
    ("version 1\n0 ../a.map 3 3 0 0 2 2 4", r"it names '\.\./a\.map', which leads out of the folder"),
    ("version 1\n0 ..\\a.map 3 3 0 0 2 2 4", r"it names '\.\./a\.map', which leads out of the folder"),
    ("version 1\n0 /etc/passwd 3 3 0 0 2 2 4", "it names '/etc/passwd', which leads out of the folder"),
    ("version 1\n0 link.map 3 3 0 0 2 2 4", r"it names 'link\.map', which leads out of the folder"),
    ("version 1\n0 many.txt 3 3 0 0 2 2 4", "line 2: the map 'many.txt' holds 2 layouts, expected one"),
    ("version 1\n0 a.scen 3 3 0 0 2 2 4", r"a\.scen, line 1: found 'version 1', which begins no layout format"),
]


@pytest.mark.parametrize(("content", "words"), BAD)
def test_a_bad_scenario_gets_one_clear_sentence(content, words, tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    write_layouts([drawn("   \n # \n   ")], tmp_path / "a.map")
    write_layouts([drawn("   \n # \n   ")], folder / "a.map")
    write_layouts([drawn("   "), drawn(" ")], folder / "many.txt")
    (folder / "link.map").symlink_to(tmp_path / "a.map")
    (folder / "a.scen").write_text(content)
    with pytest.raises(LayoutError, match=words) as caught:
        read_scenario(folder / "a.scen")
    assert "\n" not in str(caught.value)


def test_maps_in_folders_are_looked_for_under_their_last_name(tmp_path):
    write_layouts([drawn("   \n # \n   ")], tmp_path / "a.map")
    for name in ("maps/dao/a.map", "maps\\dao\\a.map"):
        (tmp_path / "a.scen").write_text(f"version 1\n0\t{name}\t3\t3\t0\t0\t2\t2\t4\n")
        assert list(read_scenario(tmp_path / "a.scen").maps) == [name]


@given(st.lists(st.text("0123456789 .\tav-e+", max_size=30), max_size=5))
def test_random_pairs_are_read_or_refused(lines):
    try:
        pairs = parse_pairs(text_of("\n".join(["version 1", *lines]).encode(), "fuzz"))
    except LayoutError as error:
        assert str(error).startswith("fuzz")
        return
    assert len(pairs) == sum(bool(line.strip()) for line in lines)


@pytest.mark.parametrize(
    ("ends", "map", "words"),
    [
        ([], "a.map", "no start-goal pairs to write"),
        ([((0, 0), (0, 2))], "a.map", r"no path joins the start \(0, 0\) and the goal \(0, 2\)"),
        ([((0, 0), (0, 0))], "../a.map", "the map of a scenario is the name of a file beside it"),
        ([((0, 0), (0, 3))], "a.map", "lies outside the layout"),
    ],
)
def test_pairs_that_make_no_scenario_are_refused(ends, map, words, tmp_path):
    with pytest.raises(LayoutError, match=words):
        write_scenario(drawn(" # "), ends, tmp_path / "a.scen", map)
    assert list(tmp_path.iterdir()) == []


def test_thin_walls_and_several_layouts_are_refused(tmp_path):
    with pytest.raises(LayoutError, match="a MovingAI map has walls as thick as its cells"):
        write_layouts([drawn("###\n# #\n###", thin_walls=True)], tmp_path / "a.map")
    with pytest.raises(LayoutError, match="a MovingAI map holds one layout, found 2"):
        write_layouts([drawn(" "), drawn(" ")], tmp_path / "a.map")


def test_letters_are_read_in_either_case():
    layout = parse_layouts(b"type octile\nheight 1\nwidth 4\nmap\n.gtw\n", "a")[0]
    assert layout.source["terrain"] == [".GTW"]
    assert np.array_equal(layout.walls, [[False, False, True, True]])
