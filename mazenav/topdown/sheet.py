"""Contact sheets: many pictures in one, each with a caption and a frame that says success or failure."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from mazenav.topdown.palette import FAILURE, FAINT, INK, PAPER, SUCCESS, Colour
from mazenav.topdown.render import cell_pixels_to_fill, draw_episode
from mazenav.topdown.text import shorten, text_width, write_text
from mazenav.types import Episode, MazenavError

GAP = 14
"""Pixels between tiles and around them."""
FRAME = 4
"""Width in pixels of a tile's frame."""
CAPTION = 26
"""Height in pixels of the line under a picture."""
_PLAIN: Colour = (222, 220, 213)


def contact_sheet(
    pictures: Sequence[np.ndarray],
    captions: Sequence[str] = (),
    successes: Sequence[bool | None] = (),
    *,
    columns: int | None = None,
    tile: int = 240,
    title: str = "",
) -> np.ndarray:
    """A grid of pictures.

    Args:
        pictures: RGB uint8, of any sizes; each is fitted into its tile with its shape kept.
        captions: a line under each picture; shorter than `pictures` means none for the rest.
        successes: the frame of each: green and "reached" for true, red and "failed" for false, grey for None.
        columns: tiles in a row; about 3 : 2 overall unless given.
        tile: pixels that the longer side of a picture may take.
        title: text above the sheet.

    Returns:
        uint8 `[H, W, 3]`, RGB.

    Raises:
        MazenavError: if there is no picture, or a number of columns or a tile size that is not positive.
    """
    if not pictures:
        raise MazenavError("a contact sheet needs at least one picture, found none")
    if (columns is not None and columns < 1) or tile < 16:
        raise MazenavError(
            f"a contact sheet needs one column or more and tiles of 16 pixels or more, found {columns}, {tile}"
        )
    across = min(len(pictures), columns or sheet_columns(len(pictures)))
    fitted = [fit(picture, tile, tile) for picture in pictures]
    bands = [fitted[begin : begin + across] for begin in range(0, len(fitted), across)]
    heights = [max(len(picture) for picture in band) + 2 * FRAME + CAPTION for band in bands]
    head = 40 if title else 0
    tile_width = max(picture.shape[1] for picture in fitted) + 2 * FRAME
    sheet = np.empty((head + GAP + sum(heights) + GAP * len(bands), GAP + across * (tile_width + GAP), 3), np.uint8)
    sheet[:] = PAPER
    if title:
        write_text(sheet, shorten(title, 20, sheet.shape[1] - 2 * GAP), (GAP, GAP + 14), 20)
    for index, picture in enumerate(fitted):
        row, column = divmod(index, across)
        y, x = head + GAP + sum(heights[:row]) + row * GAP, GAP + column * (tile_width + GAP)
        caption = captions[index] if index < len(captions) else ""
        success = successes[index] if index < len(successes) else None
        _draw_tile(sheet[y : y + heights[row], x : x + tile_width], picture, caption, success)
    return sheet


def episode_sheet(
    episodes: Sequence[Episode],
    captions: Sequence[str] = (),
    *,
    columns: int | None = None,
    tile: int = 240,
    title: str = "",
) -> np.ndarray:
    """A contact sheet of driven episodes, drawn at the size of their tiles so that small marks stay legible.

    Args:
        episodes: at least one.
        captions: a line under each; the layouts' names and the decisions unless given.
        columns: as for `contact_sheet`, and so are `tile` and `title`.
        tile: pixels that the longer side of a map may take.
        title: text above the sheet.

    Raises:
        MazenavError: as `contact_sheet`.
    """
    pictures = [
        draw_episode(episode, title="", cell_pixels=cell_pixels_to_fill(episode.layout.shape, tile))
        for episode in episodes
    ]
    names = [f"{episode.layout.name or 'maze'} \u00b7 {len(episode)}" for episode in episodes]
    words = [*captions, *names[len(captions) :]]
    return contact_sheet(
        pictures, words, [episode.terminated for episode in episodes], columns=columns, tile=tile, title=title
    )


def sheet_columns(count: int) -> int:
    """Tiles in a row, for a sheet somewhat wider than high with as few empty places as can be."""
    least, most = math.ceil(math.sqrt(count)), math.ceil(math.sqrt(2 * count))
    return min(range(least, most + 1), key=lambda across: (-count % across, abs(across - math.sqrt(1.5 * count))))


def fit(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """The picture as large as fits into `height` x `width`, its shape kept; crisp when enlarged by much."""
    factor = min(height / picture.shape[0], width / picture.shape[1])
    size = (max(1, round(picture.shape[1] * factor)), max(1, round(picture.shape[0] * factor)))
    method = cv2.INTER_AREA if factor <= 1 else cv2.INTER_CUBIC
    return cv2.resize(picture, size, interpolation=method)


def _draw_tile(tile: np.ndarray, picture: np.ndarray, caption: str, success: bool | None) -> None:
    """One framed picture with its line, in place in its part of the sheet."""
    height, width = tile.shape[0] - CAPTION, tile.shape[1]
    colour = _PLAIN if success is None else SUCCESS if success else FAILURE
    top, left = height - FRAME - len(picture), (width - picture.shape[1]) // 2
    tile[top - FRAME : height, left - FRAME : left + picture.shape[1] + FRAME] = colour
    tile[top : height - FRAME, left : left + picture.shape[1]] = picture
    middle = height + CAPTION // 2
    word = "" if success is None else "reached" if success else "failed"
    room = width - (text_width(word, 13) + 10 if word else 0)
    write_text(tile, shorten(caption, 13, room), (0, middle), 13, INK if word else FAINT)
    write_text(tile, word, (width, middle), 13, colour, "right")
