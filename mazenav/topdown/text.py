"""Anti-aliased text on pictures: a font that travels with Pillow, measured, shortened and drawn."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mazenav.topdown.palette import INK, Colour

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@lru_cache(maxsize=32)
def _font(size: int) -> Font:
    return ImageFont.load_default(size)


def text_width(text: str, size: int) -> int:
    """Width of one line of text in pixels."""
    return int(np.ceil(_font(size).getlength(text)))


def shorten(text: str, size: int, width: int) -> str:
    """`text` if it fits into `width` pixels, else as much of its beginning as fits, with three dots behind."""
    text = " ".join(text.split())
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "...", size) > width:
        text = text[:-1]
    return text.rstrip() + "..." if text else ""


def write_text(
    picture: np.ndarray,
    text: str,
    position: tuple[float, float],
    size: int = 14,
    colour: Colour = INK,
    anchor: Literal["left", "middle", "right"] = "left",
) -> None:
    """Write one line into an RGB picture `[H, W, 3]`, in place.

    Args:
        picture: uint8 `[H, W, 3]`; text that does not fit is cut at its edges.
        text: one line.
        position: (x, y) in pixels of the line's left, middle or right end, at half its height.
        size: font size in pixels.
        colour: RGB.
        anchor: which end `position` means.
    """
    x, y = position
    # Only the rows of this line go through Pillow, so that a caption on a large sheet stays cheap.
    top = max(0, int(y) - size)
    band = picture[top : int(y) + size + 1]
    if band.size == 0:
        return
    image = Image.fromarray(np.ascontiguousarray(band))
    letter = {"left": "l", "middle": "m", "right": "r"}[anchor]
    ImageDraw.Draw(image).text((x, y - top), text, fill=colour, font=_font(size), anchor=letter + "m")
    band[:] = np.asarray(image)
