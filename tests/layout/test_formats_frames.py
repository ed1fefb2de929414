"""Cells in the worlds of the engines: the numbers that those engines' sources give."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mazenav.layout.formats.frames import cell_at, position_of
from mazenav.layout.formats.reading import parse_layouts, read_layout, read_layouts
from mazenav.types import LayoutError
from tests.layout.drawings import drawn

FILES = {
    "lab": b"****\n*  *\n****\n",
    "nav_maze": b"*****\n*   *\n*****\n",
    "maze_map": b"[[1, 1, 1, 1], [1, 0, 0, 1], [1, 1, 1, 1]]",
    "ogbench": b'{"maze_map": {"a": [[1, 1, 1, 1], [1, 0, 0, 1], [1, 1, 1, 1]]}}',
    "d4rl": b"####\\#OO#\\####",
    "movingai": b"type octile\nheight 3\nwidth 4\nmap\n@@@@\n@..@\n@@@@\n",
}


def layout_of(format):
    return parse_layouts(FILES[format], "a", format)[0]


@pytest.mark.parametrize(
    ("format", "cell", "position"),
    [
        ("lab", (1, 2), (250, 150)),
        ("lab", (2, 0), (50, 50)),
        ("nav_maze", (1, 3), (150, 50)),
        ("maze_map", (1, 2), (0.5, 0)),
        ("maze_map", (0, 0), (-1.5, 1)),
        ("ogbench", (1, 1), (0, 0)),
        ("ogbench", (1, 2), (4, 0)),
        ("ogbench", (2, 1), (0, 4)),
        ("d4rl", (1, 2), (2, 3)),
        ("movingai", (1, 2), (2, 1)),
    ],
)
def test_a_cell_lies_where_its_engine_puts_it(format, cell, position):
    assert position_of(layout_of(format), cell) == position


@given(format=st.sampled_from(sorted(FILES)), row=st.integers(0, 2), column=st.integers(0, 3))
def test_the_cell_of_a_position_is_the_cell(format, row, column):
    layout = layout_of(format)
    cell = (row, min(column, layout.shape[1] - 1))
    assert cell_at(layout, *position_of(layout, cell)) == cell


def test_what_has_no_world_is_refused():
    with pytest.raises(LayoutError, match=r"is from no file whose format has a world \(lab, nav_maze"):
        position_of(drawn("# #"), (0, 1))
    with pytest.raises(LayoutError, match="the position x 9, y 9 lies outside layout 'a'"):
        cell_at(layout_of("movingai"), 9, 9)


def test_d4rl_worlds_are_their_drawings_turned_by_a_quarter(external):
    for layout in read_layouts(external / "arrays" / "d4rl_maze2d.json"):
        positions = [position_of(layout, tuple(cell)) for cell in layout.free_cells().tolist()]
        rows, columns = layout.shape
        seen = [["#"] * rows for _ in range(columns)]
        for x, y in positions:
            seen[columns - int(y)][int(x) - 1] = " "
        turned = ["".join(row) for row in zip(*str(layout).split("\n"), strict=True)][::-1]
        assert ["".join(row) for row in seen] == turned


def test_the_things_of_real_thin_levels_stand_where_the_level_says(external):
    layout = read_layout(external / "dmlab" / "nav_maze_static_01.txt")
    told = json.loads((external / "dmlab" / "nav_maze_static_01.entities.json").read_text())["entities_origin_xyz"]
    found = [position_of(layout, tuple(cell)) for cell in layout.source["starts"]]
    assert found == [tuple(origin[:2]) for origin in told["info_player_start"]]
