"""Picture files: whatever is in them, they are read as they were meant or refused in one sentence, before they cost."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mazenav.picture import read_picture
from mazenav.picture.load import decode_picture, is_picture, load_picture
from mazenav.types import LayoutError
from tests.picture.mazes import maze

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
WALLS = maze(np.random.default_rng(0), 7, 9)
GREY = np.where(WALLS, 0, 255).astype(np.uint8).repeat(8, 0).repeat(8, 1)


def encoded(image: Image.Image, format: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises pixels and holds none."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    begins = struct.pack(">I", 100) + b"IDAT" + zlib.compress(bytes(100))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head)) + begins


@pytest.mark.parametrize("format", FORMATS)
def test_every_kind_of_file_holds_the_same_maze(format: str, tmp_path: Path) -> None:
    path = tmp_path / "maze.picture"
    path.write_bytes(encoded(Image.fromarray(GREY).convert("RGB"), format))
    assert is_picture(path.read_bytes()[:16])
    reading = read_picture(path)
    assert np.array_equal(reading.layout.walls, WALLS)
    assert reading.layout.source["format"] == "picture"


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "I;16", "F", "CMYK"])
def test_every_mode_of_pixels_is_the_same_maze(mode: str) -> None:
    if mode == "I;16":
        content = encoded(Image.fromarray(GREY.astype(np.uint16) * 100))
    else:
        content = encoded(Image.fromarray(GREY).convert(mode), "TIFF" if mode in ("F", "CMYK") else "PNG")
    pixels = decode_picture(content, "maze")
    grey = pixels if pixels.ndim == 2 else pixels.mean(axis=-1)
    assert pixels.dtype == np.uint8
    assert np.array_equal(grey < 128, GREY < 128)


@pytest.mark.parametrize("colour", [0, 255])
def test_walls_on_nothing_are_laid_on_paper(colour: int) -> None:
    layers = np.zeros((*GREY.shape, 4), np.uint8)
    layers[..., :3] = colour
    layers[..., 3] = 255 - GREY
    pixels = decode_picture(encoded(Image.fromarray(layers)), "maze")
    assert np.array_equal(pixels[..., 0] == colour, GREY == 0)


def test_a_photo_is_turned_upright() -> None:
    image = Image.fromarray(GREY)
    exif = image.getexif()
    exif[0x0112] = 6
    upright = decode_picture(encoded(image.rotate(90, expand=True), "JPEG", exif=exif, quality=95), "photo")
    assert np.array_equal(upright < 128, GREY < 128)


def test_the_first_of_many_frames_is_read() -> None:
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert np.array_equal(decode_picture(content, "film").reshape(*GREY.shape, -1)[..., 0] < 128, GREY < 128)


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (2**31 - 1, 1), (4, 100)])
def test_absurd_sizes_are_refused_unread(width: int, height: int) -> None:
    with pytest.raises(LayoutError, match=r"^huge: .*pixels") as caught:
        decode_picture(png_header(width, height), "huge")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("format", FORMATS)
def test_files_that_are_cut_off_are_refused(format: str) -> None:
    content = encoded(Image.fromarray(GREY).convert("RGB"), format)
    for share in (0.05, 0.3, 0.7, 0.95):
        cut = content[: int(share * len(content))]
        try:
            pixels = decode_picture(cut, "cut")
        except LayoutError as error:
            assert str(error).startswith("cut: ")
            assert "\n" not in str(error)
        else:
            # A decoder may take the beginning for all there is, but never for a picture of another size.
            assert pixels.shape[:2] == GREY.shape


@pytest.mark.parametrize("content", [b"", b"#####\n", b"\x89PNG\r\n\x1a\n", b"%PDF-1.4", bytes(1000)])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(LayoutError, match=r"^thing: "):
        decode_picture(content, "thing")


def test_files_that_cannot_be_opened_are_named(tmp_path: Path) -> None:
    loop = tmp_path / "loop.png"
    loop.symlink_to(loop)
    dangling = tmp_path / "dangling.png"
    dangling.symlink_to(tmp_path / "nowhere")
    for path in (tmp_path, loop, dangling, tmp_path / "missing.png", tmp_path / ("long" * 100), Path("nul\0.png")):
        with pytest.raises(LayoutError, match="the picture cannot be read"):
            load_picture(path)


def test_symlinks_and_odd_names_are_followed(tmp_path: Path) -> None:
    real = tmp_path / "\N{SNOWMAN} 'maze'\n%s.png"
    real.write_bytes(encoded(Image.fromarray(GREY)))
    link = tmp_path / "link"
    link.symlink_to(real)
    for path in (real, link):
        assert np.array_equal(read_picture(path).layout.walls, WALLS)


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(10 * 2**30)
    with pytest.raises(LayoutError, match=str(10 * 2**30)):
        load_picture(path)


@given(st.sampled_from(FORMATS), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=20))
def test_damaged_files_are_read_or_refused(format: str, damage: list[tuple[float, int]]) -> None:
    content = bytearray(encoded(Image.fromarray(GREY).convert("RGB"), format))
    for place, value in damage:
        content[int(place * (len(content) - 1))] = value
    try:
        pixels = decode_picture(bytes(content), "damaged")
    except LayoutError as error:
        assert str(error).startswith("damaged: ")
    else:
        assert pixels.dtype == np.uint8
        assert min(pixels.shape[:2]) >= 5
