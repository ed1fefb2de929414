"""Contact sheets: every picture is on them, framed by how it ended."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mazenav.topdown.palette import FAILURE, SUCCESS
from mazenav.topdown.sheet import CAPTION, FRAME, GAP, contact_sheet, episode_sheet, fit, sheet_columns
from mazenav.types import Layout, MazenavError
from tests.topdown.hand import drive

COLOURS = [(200, 0, 200), (0, 200, 200), (200, 200, 0), (120, 60, 10), (10, 60, 120)]


def plain(colour: tuple[int, int, int], height: int = 50, width: int = 50) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)


def count(sheet: np.ndarray, colour: tuple[int, int, int]) -> int:
    return int((sheet == np.array(colour)).all(axis=-1).sum())


def test_every_picture_is_there_in_its_full_size() -> None:
    sheet = contact_sheet([plain(colour) for colour in COLOURS], tile=60)
    for colour in COLOURS:
        assert count(sheet, colour) == 60 * 60


def test_frames_say_success_or_failure() -> None:
    sheet = contact_sheet([plain(colour) for colour in COLOURS[:3]], ["a", "b", "c"], [True, False, None], columns=3)
    third = sheet.shape[1] // 3
    ring = 4 * FRAME * (240 + FRAME)
    assert count(sheet[:, :third], SUCCESS) >= ring and count(sheet[:, :third], FAILURE) == 0
    assert count(sheet[:, third : 2 * third], FAILURE) >= ring and count(sheet[:, third : 2 * third], SUCCESS) == 0
    assert count(sheet[:, 2 * third :], FAILURE) == count(sheet[:, 2 * third :], SUCCESS) == 0


def test_captions_and_title_are_written() -> None:
    bare = contact_sheet([plain((255, 255, 255))])
    captioned = contact_sheet([plain((255, 255, 255))], ["a name"])
    assert bare.shape == captioned.shape and (bare != captioned).any()
    titled = contact_sheet([plain((255, 255, 255))], title="a title")
    assert titled.shape[0] > bare.shape[0]


def test_shapes_of_any_kind_share_a_sheet() -> None:
    sheet = contact_sheet([plain((9, 9, 9), 500, 100), plain((99, 9, 9), 10, 400), plain((9, 99, 9), 1, 1)], columns=2)
    assert sheet.shape[1] == GAP + 2 * (240 + 2 * FRAME + GAP)
    assert count(sheet, (9, 9, 9)) == 240 * 48 and count(sheet, (99, 9, 9)) == 6 * 240


@given(st.integers(1, 200))
def test_columns_leave_less_than_a_row_empty(number: int) -> None:
    across = sheet_columns(number)
    assert 1 <= across <= number
    assert across >= -(-number // across) - 1


@given(st.integers(1, 90), st.integers(1, 90), st.integers(16, 90), st.integers(16, 90))
def test_fitting_touches_one_side_and_passes_none(height: int, width: int, room_high: int, room_wide: int) -> None:
    fitted = fit(np.zeros((height, width, 3), np.uint8), room_high, room_wide)
    assert fitted.shape[0] <= room_high and fitted.shape[1] <= room_wide
    assert fitted.shape[0] == room_high or fitted.shape[1] == room_wide


def test_episodes_fill_their_tiles_and_are_framed(layout: Layout) -> None:
    episodes = [drive(layout, (1, 1), (4, 7)), drive(layout, (1, 1), (1, 4), success=False)]
    sheet = episode_sheet(episodes, ["one"], columns=2, tile=90)
    assert sheet.shape[1] == GAP + 2 * (90 + 2 * FRAME + GAP)
    half = sheet.shape[1] // 2
    assert count(sheet[:, :half], SUCCESS) > 500 and count(sheet[:, half:], FAILURE) > 500
    assert count(sheet[:, :half], FAILURE) == count(sheet[:, half:], SUCCESS) == 0
    assert sheet.shape[0] == GAP + 60 + 2 * FRAME + CAPTION + GAP


def test_nothing_to_show_is_refused() -> None:
    with pytest.raises(MazenavError, match="at least one picture"):
        contact_sheet([])
    with pytest.raises(MazenavError, match="one column"):
        contact_sheet([plain((1, 2, 3))], columns=0)
