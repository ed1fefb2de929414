"""Pictures as files and as bytes; a file appears whole or not at all."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from mazenav.files import replacing
from mazenav.types import MazenavError


def png_bytes(picture: np.ndarray) -> bytes:
    """A grey `[H, W]` or RGB `[H, W, 3]` uint8 picture as the bytes of a PNG file.

    Raises:
        MazenavError: if the picture has another shape or type.
    """
    _check_picture(picture)
    coded = picture if picture.ndim == 2 else cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2BGR)
    done, buffer = cv2.imencode(".png", coded, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    if not done:
        raise MazenavError(f"OpenCV could not code a picture of shape {picture.shape} as PNG")
    return buffer.tobytes()


def small_png_bytes(picture: np.ndarray, colours: int = 128) -> bytes:
    """An RGB picture as PNG with at most `colours` colours: a third of the size, for pages with many pictures.

    Raises:
        MazenavError: if the picture has another shape or type.
    """
    _check_picture(picture)
    image = Image.fromarray(np.ascontiguousarray(picture)).quantize(colours, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def save_picture(picture: np.ndarray, path: str | Path) -> Path:
    """Write a grey `[H, W]` or RGB `[H, W, 3]` uint8 picture as a PNG file, through a temporary file and a rename.

    Raises:
        MazenavError: if the name does not end in `.png`, the picture is none, or the file cannot be written.
    """
    target = Path(path)
    if target.suffix.lower() != ".png":
        raise MazenavError(f"pictures are written as PNG: expected a name that ends in .png, found {target.name!r}")
    coded = png_bytes(picture)
    with replacing(target) as temporary:
        temporary.write_bytes(coded)
    return target


def _check_picture(picture: np.ndarray) -> None:
    shape = picture.shape
    good = len(shape) == 2 or (len(shape) == 3 and shape[2] == 3)
    if not good or picture.dtype != np.uint8 or picture.size == 0:
        raise MazenavError(
            f"a picture must be uint8 of shape [H, W] or [H, W, 3], found {picture.dtype} of shape {shape}"
        )
