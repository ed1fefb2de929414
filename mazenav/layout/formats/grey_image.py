"""Images of maps as brightness, decoded by Pillow once the header has told that they are of a size to be decoded."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from typing import NamedTuple

import numpy as np

from mazenav.types import LayoutError

MAX_PIXELS = 16 * 2**20
KINDS = ("PNG", "PPM", "BMP")  # Pillow calls the whole family of PBM, PGM and PPM so
_BROKEN = (
    *(OSError, SyntaxError, ValueError, EOFError, zlib.error, struct.error, MemoryError),
    *(IndexError, KeyError, TypeError, AttributeError, OverflowError, ArithmeticError, RuntimeError, Warning),
)


class Brightness(NamedTuple):
    """An image.

    Attributes:
        colours: mean of the colour channels in [0, 1], float64 `[H, W]`, row 0 at the top.
        alpha: opacity in [0, 1], float64 `[H, W]`; None where the image has none.
        channels: how many colour channels the mean is over.
    """

    colours: np.ndarray
    alpha: np.ndarray | None
    channels: int


def brightness(content: bytes, name: str) -> Brightness:
    """Decode a PGM (P2 and P5, with comments), PNG or BMP image.

    Raises:
        LayoutError: if it is none of those, broken or cut off, or has more than 16 Mi pixels.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what Pillow only warns about is no map
            with Image.open(io.BytesIO(content), formats=KINDS) as image:
                _check_size(name, image.size)
                image.load()
                array = _as_array(image)
    except Image.DecompressionBombError as error:
        raise LayoutError(f"{name}: the image says that it has more pixels than may be ({MAX_PIXELS})") from error
    except LayoutError:
        raise
    except _BROKEN as error:
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        found = (
            "PGM, PNG or BMP image" if "cannot identify" not in reason else "PGM, PNG or BMP image (unknown content)"
        )
        raise LayoutError(f"{name}: this is no whole {found}: {reason}") from error
    if array.ndim == 2:
        return Brightness(array, None, 1)
    alpha = array[..., -1] if array.shape[2] in (2, 4) else None
    colours = array[..., : array.shape[2] - (alpha is not None)]
    return Brightness(colours.mean(axis=2, dtype=np.float64), alpha, colours.shape[2])


def _check_size(name: str, size: tuple[int, int]) -> None:
    width, height = size
    if width < 1 or height < 1 or width * height > MAX_PIXELS:
        raise LayoutError(f"{name}: an image of {width} x {height} pixels, expected 1 to {MAX_PIXELS} pixels in all")


def _as_array(image: object) -> np.ndarray:
    """Pixels in [0, 1], float64 `[H, W]` or `[H, W, channels]`."""
    from PIL import Image

    assert isinstance(image, Image.Image)
    if image.mode in ("I", "I;16", "I;16B", "I;16L"):
        return np.asarray(image).astype(np.float64) / np.float64(65535)
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif image.mode not in ("L", "LA", "RGB", "RGBA"):
        image = image.convert("L")
    return np.asarray(image).astype(np.float64) / np.float64(255)
