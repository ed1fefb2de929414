"""Pictures show what they claim: walls dark, floor light, marks in their colours where they belong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mazenav.topdown.palette import BODY, FAILURE, GOAL, START, SUCCESS, TIME_RAMP, Colour, ramp
from mazenav.topdown.render import (
    Marks,
    cell_pixels_for,
    draw_episode,
    draw_map,
    machine_picture,
    outcome_words,
    with_title,
)
from mazenav.types import Layout, MazenavError, Pose
from tests.topdown.hand import drive


def near(picture: np.ndarray, colour: Colour, within: float = 40.0) -> np.ndarray:
    """Bool `[H, W]`: which pixels are about this colour."""
    return np.linalg.norm(picture.astype(float) - np.array(colour), axis=-1) < within


def centres(shape: tuple[int, int], pixels: int) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.indices(shape)
    return rows * pixels + pixels // 2, columns * pixels + pixels // 2


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(4, 20), st.integers(0, 10**6))
def test_every_cell_is_drawn_as_what_it_is(rows: int, columns: int, pixels: int, seed: int) -> None:
    walls = np.random.default_rng(seed).random((rows, columns)) < 0.5
    picture = draw_map(Layout(walls), cell_pixels=pixels)
    assert picture.shape == (rows * pixels, columns * pixels, 3) and picture.dtype == np.uint8
    light = picture[centres(walls.shape, pixels)].mean(axis=-1)
    assert np.all(light[walls] < 140)
    assert np.all(light[~walls] > 170)


@pytest.mark.parametrize("shape", [(5, 5), (13, 25), (201, 201), (6, 201), (1, 1)])
def test_layouts_of_any_size_are_drawn(shape: tuple[int, int]) -> None:
    walls = np.random.default_rng(0).random(shape) < 0.4
    picture = draw_map(Layout(walls), Marks(start=(0, 0), goal=(shape[0] - 1, shape[1] - 1)))
    pixels = cell_pixels_for(shape)
    assert picture.shape == (shape[0] * pixels, shape[1] * pixels, 3)
    assert near(picture, GOAL).any()


def test_marks_lie_where_they_belong(layout: Layout) -> None:
    plain = draw_map(layout, cell_pixels=40)
    picture = draw_map(layout, Marks(start=(1, 1), goal=(4, 7), body=Pose(3.5, 4.5, 0.0)), cell_pixels=40)
    for colour, (row, column) in {START: (1, 1), GOAL: (4, 7), BODY: (1, 3)}.items():
        found = np.argwhere(near(picture, colour, 12) & ~near(plain, colour, 12))
        assert len(found) > 50
        assert np.all(found // 40 == (row, column))


def test_the_goal_circle_has_the_radius_that_counts(layout: Layout) -> None:
    changed = (draw_map(layout, Marks(goal=(1, 4)), cell_pixels=40) != draw_map(layout, cell_pixels=40)).any(axis=-1)
    distance = np.linalg.norm(np.argwhere(changed) + 0.5 - (60.0, 180.0), axis=-1)
    assert 0.38 * 40 < distance.max() < 0.4 * 40 + 3


def test_the_arrow_points_along_the_yaw(layout: Layout) -> None:
    def weight(yaw: float) -> np.ndarray:
        picture = draw_map(layout, Marks(body=Pose(4.5, 4.5, yaw)), cell_pixels=80)
        arrow = np.argwhere(near(picture, BODY, 12))
        return arrow.max(axis=0) + arrow.min(axis=0)

    middle = np.array([2 * 120, 2 * 360])
    right, up, left, down = (weight(turn * np.pi / 2) - middle for turn in range(4))
    assert right[1] > 2 and left[1] < -2 and abs(right[0]) <= 2 and abs(left[0]) <= 2
    assert up[0] < -2 and down[0] > 2 and abs(up[1]) <= 2 and abs(down[1]) <= 2


def test_the_path_runs_from_the_start_colour_to_the_goal_colour(layout: Layout) -> None:
    path = np.stack([np.linspace(1.5, 7.5, 60), np.full(60, 4.5)], axis=-1)
    picture = draw_map(layout, Marks(path=path), cell_pixels=40)
    drawn = picture[60, 64:296:8].astype(float)
    expected = ramp(TIME_RAMP, (np.arange(64, 296, 8) - 60) / 240)
    assert np.abs(drawn - expected).max() < 16
    early = draw_map(layout, Marks(path=path[:30], span=59), cell_pixels=40)
    np.testing.assert_array_equal(early[:, :150], picture[:, :150])


def test_a_path_of_one_state_and_no_marks_change_nothing(layout: Layout) -> None:
    plain = draw_map(layout)
    np.testing.assert_array_equal(draw_map(layout, Marks(path=np.array([[1.5, 4.5]]))), plain)


def test_the_way_to_compare_with_is_drawn(layout: Layout) -> None:
    plain = draw_map(layout, cell_pixels=20)
    picture = draw_map(layout, Marks(way=((1, 1), (1, 2), (1, 3))), cell_pixels=20)
    changed = np.argwhere((picture != plain).any(axis=-1)) // 20
    assert {tuple(cell) for cell in changed.tolist()} == {(1, 1), (1, 2), (1, 3)}


@pytest.mark.parametrize(("success", "colour"), [(True, SUCCESS), (False, FAILURE)])
def test_an_episode_says_how_it_ended(layout: Layout, success: bool, colour: Colour) -> None:
    episode = drive(layout, (1, 1), (4, 7), success)
    pixels = cell_pixels_for(layout.shape)
    picture = draw_episode(episode)
    strip = len(picture) - layout.shape[0] * pixels
    assert strip > 15
    assert near(picture[:strip], colour, 30).sum() > 30
    assert ("reached" if success else "failed") in outcome_words(episode)
    assert len(draw_episode(episode, title="")) == layout.shape[0] * pixels


@pytest.mark.parametrize("title", ["", "a", "a long name " * 40, "<b>&\n\t\u4e2d\u6587 \U0001f600"])
def test_any_title_keeps_the_width(title: str) -> None:
    picture = np.zeros((10, 60, 3), np.uint8)
    titled = with_title(picture, title, "a note that is too long for this picture")
    assert titled.shape[1] == 60
    np.testing.assert_array_equal(titled[-10:], picture)


def test_the_machine_picture_is_the_map() -> None:
    grid = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 1.0]])
    np.testing.assert_array_equal(machine_picture(grid), [[0, 255, 128], [255, 0, 0]])
    enlarged = machine_picture(grid, (6, 9))
    np.testing.assert_array_equal(enlarged, np.kron(machine_picture(grid), np.ones((3, 3), np.uint8)))
    assert machine_picture(np.eye(9), (4, 7)).shape == (4, 7)
    np.testing.assert_array_equal(machine_picture(np.kron(grid, np.ones((4, 4))), (2, 3)), machine_picture(grid))


def test_what_cannot_be_drawn_is_refused(layout: Layout) -> None:
    for size in ((0, 5), (5, -1), (10**6, 10**6)):
        with pytest.raises(MazenavError, match="pixels"):
            machine_picture(layout.walls, size)
    with pytest.raises(MazenavError, match="two-dimensional"):
        machine_picture(np.zeros((2, 2, 2)))
    with pytest.raises(MazenavError, match="two-dimensional"):
        draw_map(np.zeros((0, 3)))
    for pixels in (0, -3, 10**5):
        with pytest.raises(MazenavError, match="pixels"):
            draw_map(layout, cell_pixels=pixels)
