"""Drawings for papers: the right thing in the right place, in files that parse and never change."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest

from mazenav.layout.generate import generate
from mazenav.layout.graph import distances
from mazenav.rng import stream
from mazenav.topdown.comparison import INVENTED, MISSING, comparison_figure
from mazenav.topdown.palette import COST_RAMP, GOAL, INK, START, WALL, Colour
from mazenav.topdown.paper import MARGIN, figure_bytes, figure_picture, inches_of_a_unit, paper_figure, save_figure
from mazenav.topdown.perturb import perturbed_map
from mazenav.topdown.render import Marks
from mazenav.types import Layout, MazenavError
from tests.topdown.hand import drive

DOTS = 100


def near(picture: np.ndarray, colour: Colour, within: float = 30.0) -> np.ndarray:
    return np.linalg.norm(picture.astype(float) - np.array(colour), axis=-1) < within


def centres(picture: np.ndarray, shape: tuple[int, int], unit: float) -> np.ndarray:
    """The pixels in the middle of each cell, `[R, C, 3]`; cells are `unit` inches and begin after the margin."""
    rows = picture.shape[0] - 1 - np.rint((MARGIN + (np.arange(shape[0])[::-1] + 0.5) * unit) * DOTS).astype(int)
    columns = np.rint((MARGIN + (np.arange(shape[1]) + 0.5) * unit) * DOTS).astype(int)
    return picture[np.ix_(rows, columns)]


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (13, 13), (7, 21), (60, 40)])
def test_every_cell_is_drawn_as_what_it_is(shape: tuple[int, int]) -> None:
    layout = Layout(stream(shape[0]).random(shape) < 0.5)
    figure = paper_figure(layout)
    picture = figure_picture(figure, DOTS)
    middles = centres(picture, shape, inches_of_a_unit(figure))
    np.testing.assert_array_equal(near(middles, WALL), layout.walls)
    np.testing.assert_array_equal(near(middles, (255, 255, 255)), ~layout.walls)


def test_thin_walls_are_lines_between_open_cells() -> None:
    layout = Layout(generate("backtracker", (13, 17), stream(0)).walls, thin_walls=True)
    picture = figure_picture(paper_figure(layout), DOTS)
    assert near(picture, INK).mean() < 0.25, "lines, not blocks"
    dark = picture.mean(axis=-1) < 128
    unit = inches_of_a_unit(paper_figure(layout)) * DOTS
    edge = MARGIN * DOTS + 0.08 * unit
    for row in range(13):
        for column in range(17):
            y = picture.shape[0] - 1 - round(edge + (12 - row) / 2 * unit)
            assert dark[y, round(edge + column / 2 * unit)] == layout.walls[row, column], (row, column)


def test_marks_lie_where_they_belong(layout: Layout) -> None:
    figure = paper_figure(layout, Marks(start=(1, 1), goal=(4, 7), way=((1, 1), (1, 2), (1, 3))))
    picture = figure_picture(figure, DOTS)
    unit = inches_of_a_unit(figure) * DOTS
    for colour, (row, column) in {START: (1, 1), GOAL: (4, 7)}.items():
        found = np.argwhere(near(picture, colour, 20)) - (picture.shape[0] - MARGIN * DOTS - 6 * unit, MARGIN * DOTS)
        assert len(found) > 20
        assert np.all(np.floor(found / unit) == (row, column))


def test_a_field_goes_from_light_at_the_goal_to_dark(layout: Layout) -> None:
    field = distances(layout.walls, (1, 1)).astype(float)
    field[field < 0] = np.inf
    figure = paper_figure(layout, None, field, unit="steps to go", title="corridor")
    middles = centres(figure_picture(figure, DOTS)[26:], layout.shape, inches_of_a_unit(figure))
    assert near(middles[1:2, 1:2], COST_RAMP[0]).all()
    far = np.unravel_index(np.argmax(np.where(np.isfinite(field), field, -1)), field.shape)
    assert near(middles[far][None, None], COST_RAMP[-1]).all()
    assert b"steps" not in figure_bytes(figure, "png")
    with pytest.raises(MazenavError, match="must have shape"):
        paper_figure(layout, None, np.zeros((2, 2)))
    assert figure_picture(paper_figure(layout, None, np.full(layout.shape, np.nan)), DOTS).size > 0


@pytest.mark.parametrize("kind", ["svg", "pdf", "png"])
def test_the_same_drawing_is_the_same_file(kind: str, layout: Layout, tmp_path: Path) -> None:
    episode = drive(layout, (1, 1), (4, 7))
    marks = Marks(start=(1, 1), goal=(4, 7), path=episode.states[:, :2])
    files = [save_figure(paper_figure(layout, marks, title="<a & b>"), tmp_path / f"{n}.{kind}") for n in (1, 2)]
    first, second = (file.read_bytes() for file in files)
    assert first == second
    assert first[:8] == {"svg": b"<?xml ve", "pdf": b"%PDF-1.4", "png": b"\x89PNG\r\n\x1a\n"}[kind]


def test_an_svg_parses_and_is_as_large_as_it_says(layout: Layout) -> None:
    root = ElementTree.fromstring(figure_bytes(paper_figure(layout), "svg"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert float(root.attrib["width"].removesuffix("pt")) == pytest.approx(72 * (9 * 0.3 + 2 * MARGIN), abs=0.1)
    fills = [path.attrib.get("style", "") for path in root.iter("{http://www.w3.org/2000/svg}path")]
    assert sum("#4e5b7a" in style for style in fills) == 1, "all walls are one shape, so no seams show"


def test_bad_names_and_sizes_are_refused(layout: Layout, tmp_path: Path) -> None:
    with pytest.raises(MazenavError, match=r"\.svg, \.pdf, \.png"):
        save_figure(paper_figure(layout), tmp_path / "maze.gif")
    with pytest.raises(MazenavError, match="pixels"):
        save_figure(paper_figure(layout), tmp_path / "maze.png", dots=100_000)
    with pytest.raises(MazenavError, match="at most"):
        paper_figure(Layout(np.ones((1200, 1200), bool)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("thin", [False, True])
def test_wrong_cells_are_marked_beside_the_truth(thin: bool) -> None:
    maze = generate("backtracker", (13, 13), stream(1))
    wrong = perturbed_map(Layout(maze.walls, "maze", thin_walls=thin), "mixed", 0.2, 0)
    figure = comparison_figure(wrong)
    picture = figure_picture(figure, DOTS)
    half = picture.shape[1] // 2
    assert not near(picture[:, :half], INVENTED).any() and not near(picture[:, :half], MISSING).any()
    right = figure.axes[1].get_position()
    top, bottom = ((1 - edge) * picture.shape[0] for edge in (right.y1, right.y0))
    panel = picture[round(top) : round(bottom), round(right.x0 * picture.shape[1]) :]
    middles = centres(panel, maze.shape, inches_of_a_unit(figure))
    np.testing.assert_array_equal(near(middles, INVENTED), wrong.invented)
    assert near(panel, MISSING, 60).sum() > 20 * wrong.missing.sum()


def test_a_blurred_map_is_drawn_in_shades(layout: Layout) -> None:
    figure = comparison_figure(perturbed_map(layout, "blur", 0.5, 0), Marks(start=(1, 1), goal=(4, 7)))
    colours = {tuple(colour) for colour in figure_picture(figure, DOTS).reshape(-1, 3).tolist()}
    assert len(colours) > 100
