"""Picture files as pixels; what a header claims is checked before anything is allocated for it."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from mazenav.types import LayoutError

MAX_PIXELS = 128 * 2**20
"""Pixels that a picture may have; 10,001 x 10,001 is within."""
MAX_BYTES = 512 * 2**20
"""Bytes that a picture file may have."""
LEAST_SIDE = 5
"""Pixels that a side must have at least: the smallest maze with a cell at each side of a wall, a pixel a cell."""
KINDS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")

_UNREADABLE = (
    OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, AttributeError,
    struct.error, zlib.error, MemoryError,
)  # fmt: skip


def load_picture(path: str | Path) -> np.ndarray:
    """The pixels of a picture file, RGB uint8 `[H, W, 3]`, or `[H, W]` where it has no colour.

    Raises:
        LayoutError: if the file cannot be read, is no picture, is cut off, or is larger than `MAX_PIXELS`.
    """
    path = Path(path)
    try:
        if path.is_file() and path.stat().st_size > MAX_BYTES:
            raise LayoutError(f"{path}: {path.stat().st_size} bytes are more than a picture may have ({MAX_BYTES})")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise LayoutError(f"{path}: the picture cannot be read: {reason}") from error
    return decode_picture(content, str(path))


def is_picture(content: bytes) -> bool:
    """Whether content begins as a picture of one of `KINDS` does; plain-text PPM and PGM count too."""
    starts = (b"\x89PNG", b"\xff\xd8\xff", b"BM", b"GIF8", b"II*\0", b"MM\0*")
    if content.startswith(starts) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP"):
        return True
    return len(content) > 2 and content[:1] == b"P" and content[1:2] in b"123456" and content[2:3].isspace()


def decode_picture(content: bytes, name: str) -> np.ndarray:
    """The pixels in the content of a picture file; `name` stands for the file in errors.

    A photo is turned upright as its EXIF data say; what is transparent is laid on white, or on black where the picture
    is light; of many frames the first is taken.

    Raises:
        LayoutError: as `load_picture`.
    """
    if len(content) > MAX_BYTES:
        raise LayoutError(f"{name}: more than {MAX_BYTES} bytes, which a picture may have at most")
    if not content:
        raise LayoutError(f"{name}: the file is empty, expected a picture ({', '.join(KINDS)})")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = Image.open(io.BytesIO(content), formats=KINDS)
        except Image.DecompressionBombError as error:
            raise LayoutError(f"{name}: the picture has more than the {MAX_PIXELS} pixels allowed") from error
        except _UNREADABLE as error:
            raise LayoutError(f"{name}: the content is no picture that can be read ({', '.join(KINDS)})") from error
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise LayoutError(f"{name}: {width} x {height} pixels are more than a picture may have ({MAX_PIXELS})")
        if min(width, height) < LEAST_SIDE:
            raise LayoutError(f"{name}: {width} x {height} pixels are too few for a maze (at least {LEAST_SIDE})")
        try:
            return _pixels(image)
        except _UNREADABLE as error:
            raise LayoutError(f"{name}: the picture is cut off or damaged: {str(error) or type(error).__name__}") from (
                error
            )


def _pixels(image: Image.Image) -> np.ndarray:
    """Grey or RGB, eight bits, upright and opaque."""
    image.load()
    image = ImageOps.exif_transpose(image) or image
    if image.mode.startswith(("I", "F")):
        return _stretched(np.asarray(image, np.float64))
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return _on_paper(np.asarray(image.convert("RGBA")))
    if image.mode in ("1", "L"):
        return np.array(image.convert("L"), np.uint8)
    return np.array(image.convert("RGB"), np.uint8)


def _stretched(levels: np.ndarray) -> np.ndarray:
    """Levels of more than eight bits, from their least to their greatest, as uint8."""
    levels = np.nan_to_num(levels)
    low, high = float(levels.min()), float(levels.max())
    return np.rint((levels - low) * (255.0 / max(high - low, 1e-9))).astype(np.uint8)


def _on_paper(colours: np.ndarray) -> np.ndarray:
    """RGBA uint8 `[H, W, 4]` laid on whichever of white and black differs more from what is opaque."""
    opacity = colours[..., 3:].astype(np.float32) / 255.0
    if opacity.min() >= 1.0:
        return np.ascontiguousarray(colours[..., :3])
    seen = float((colours[..., :3].mean(axis=-1, keepdims=True) * opacity).sum() / max(float(opacity.sum()), 1e-6))
    # A maze whose walls and passages are both opaque lies on either; one whose walls alone are drawn does not.
    paper = 255.0 if seen < 160.0 else 0.0
    return np.rint(colours[..., :3] * opacity + paper * (1.0 - opacity)).astype(np.uint8)
