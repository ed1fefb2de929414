"""ROS map_server and Nav2: a yaml that names an image and says what its brightness means.

All three modes are read: trinary (occupied, free, unknown), scale (percentages between the thresholds) and raw (the
brightness is the percentage). A pixel is free below 50 %. Such maps are far finer than mazes: a cell gets the size that
is asked for, else the one that the yaml tells as `cell_size` (mazenav writes it, other readers pass it over), else the
coarsest that keeps the free space together, see `coarse_grid`; the layout is cropped to what is free. Its source keeps
the map's resolution, and as `origin` [x, y, yaw] where the layout's lower left corner lies in the frame of the map.
Source: nav2_map_server/src/map_io.cpp.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from mazenav.files import write_bytes_whole, write_text_whole
from mazenav.layout.formats.coarse_grid import Coarse, Pixels
from mazenav.layout.formats.grey_image import Brightness, brightness
from mazenav.layout.formats.limits import check_thick, only_one
from mazenav.layout.formats.source_file import SourceFile
from mazenav.layout.formats.source_text import MAX_CELLS, SourceText
from mazenav.types import Layout, LayoutError

MAX_YAML = 16 * 2**10
OCCUPIED, FREE, UNKNOWN = 0, 254, 205
FREE_BELOW = 50
WRITTEN_RESOLUTION, WRITTEN_PIXELS = 0.05, 20
_KEY = r"""^\s*["']?{}["']?\s*:"""
_TRUTH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
_MODES = ("trinary", "scale", "raw")


@dataclass(frozen=True)
class MapInfo:
    """What the yaml says; see the README of map_server for the meaning.

    Attributes:
        image: the image's name, relative to the yaml.
        resolution: metres a pixel.
        origin: x, y and yaw of the lower left pixel's corner.
        occupied_thresh: occupancy above it is a wall.
        free_thresh: occupancy below it is free.
        negate: whether white is occupied.
        mode: trinary, scale or raw.
        cell_size: metres a cell, if mazenav wrote the map.
    """

    image: str
    resolution: float
    origin: tuple[float, float, float]
    occupied_thresh: float
    free_thresh: float
    negate: bool = False
    mode: str = "trinary"
    cell_size: float | None = None


class _Loader(yaml.BaseLoader):
    """The safest of the loaders: lists, mappings and text only. Aliases, which yaml bombs are made of, are refused."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="found an alias", problem_mark=self.peek_event().start_mark)
        return super().compose_node(parent, index)


def recognise(text: SourceText) -> bool:
    """Whether one line begins with `image:` and another with `resolution:`."""
    lines = text.lines[:200]
    return all(any(re.match(_KEY.format(key), line[:99]) for line in lines) for key in ("image", "resolution"))


def parse(source: SourceFile) -> Layout:
    """The layout of a map.

    Raises:
        LayoutError: naming the field of the yaml that is missing or wrong, or what is wrong with the image; or if no
            cell of the wanted size is free.
    """
    info = map_info(source)
    occupancy = occupancy_of(
        brightness(source.sibling(info.image).content, f"{source.name}, image {info.image!r}"), info
    )
    is_free, is_wall = (occupancy >= 0) & (occupancy < FREE_BELOW), occupancy >= FREE_BELOW
    if not is_free.any():
        raise LayoutError(f"{source.name}: no pixel of the image is free, all are occupied or unknown")
    coarse = _coarsened(Pixels(is_free, is_wall), info, source)
    if coarse.walls.all():
        size = coarse.pixels * info.resolution
        raise LayoutError(f"{source.name}: no cell of {size:g} m is free, the map asks for smaller ones")
    bottom = occupancy.shape[0] - (coarse.top + len(coarse.walls) * coarse.pixels)
    x, y, yaw = info.origin
    right, up = coarse.left * info.resolution, bottom * info.resolution
    corner = [x + right * math.cos(yaw) - up * math.sin(yaw), y + right * math.sin(yaw) + up * math.cos(yaw), yaw]
    kept = {"file": source.name, "format": "ros", "image": info.image, "mode": info.mode}
    found = {**kept, "resolution": info.resolution, "origin": [round(number, 9) for number in corner]}
    return Layout(coarse.walls, source.stem, found, cell_size=round(coarse.pixels * info.resolution, 12))


def write(layouts: Sequence[Layout], path: Path) -> None:
    """Write one layout as a trinary map: the yaml, and beside it a PGM of the same name.

    A cell gets as many pixels as make 5 cm each, at most 20 and as many as keep the image at 16 Mi pixels. The cell's
    size is taken to be in metres.

    Raises:
        LayoutError: if there are several, or walls are thin.
        MazenavError: if a file cannot be written.
    """
    layout = only_one(layouts, path, "a ROS map")
    check_thick(layout, path, "a ROS map")
    rows, columns = layout.shape
    pixels = min(
        WRITTEN_PIXELS, round(layout.cell_size / WRITTEN_RESOLUTION), math.isqrt(MAX_CELLS // (rows * columns))
    )
    pixels = max(1, pixels)
    values = np.where(layout.walls, OCCUPIED, FREE).astype(np.uint8)
    image = values.repeat(pixels, axis=0).repeat(pixels, axis=1)
    header = f"P5\n# made by mazenav, {pixels} pixels a cell\n{image.shape[1]} {image.shape[0]}\n255\n"
    picture = path.with_suffix(".pgm")
    if picture == path:
        raise LayoutError(f"{path}: a ROS map is named by its yaml, the image gets the suffix .pgm beside it")
    fields = {
        "image": picture.name,
        "mode": "trinary",
        "resolution": float(layout.cell_size / pixels),
        "origin": _written_origin(layout),
        "negate": 0,
        "occupied_thresh": 0.65,
        "free_thresh": 0.196,
        "cell_size": float(layout.cell_size),
    }
    write_bytes_whole(picture, header.encode() + image.tobytes())
    write_text_whole(path, yaml.safe_dump(fields, sort_keys=False, default_flow_style=None))


def _written_origin(layout: Layout) -> list[float]:
    """The origin that the layout was read with, or zeros."""
    origin = layout.source.get("origin")
    if (
        isinstance(origin, (list, tuple))
        and len(origin) == 3
        and all(isinstance(each, (int, float)) for each in origin)
    ):
        return [float(each) for each in origin]
    return [0.0, 0.0, 0.0]


def map_info(source: SourceFile) -> MapInfo:
    """What the yaml says.

    Raises:
        LayoutError: naming the line or the field that is wrong.
    """
    fields = _fields(source)
    for key in ("image", "resolution", "occupied_thresh", "free_thresh"):
        if key not in fields:
            raise LayoutError(f"{source.name}: the yaml of a ROS map needs the field {key}, found none")
    image = fields["image"]
    if not isinstance(image, str):
        raise LayoutError(f"{source.name}, field image: expected the name of a file")
    resolution = _number(source, "resolution", fields["resolution"])
    cell_size = _number(source, "cell_size", fields["cell_size"]) if "cell_size" in fields else None
    if resolution <= 0 or (cell_size is not None and cell_size < resolution):
        raise LayoutError(f"{source.name}: expected a resolution above 0, and no cell_size below it")
    occupied, free = (_number(source, key, fields[key]) for key in ("occupied_thresh", "free_thresh"))
    if not 0 <= free <= occupied <= 1:
        raise LayoutError(
            f"{source.name}: expected 0 <= free_thresh <= occupied_thresh <= 1, found {free} and {occupied}"
        )
    places = fields.get("origin", ["0", "0", "0"])
    if not isinstance(places, list) or len(places) != 3:
        raise LayoutError(f"{source.name}, field origin: expected [x, y, yaw], found {str(places)[:40]!r}")
    x, y, yaw = (_number(source, "origin", place) for place in places)
    negate = _TRUTH.get(str(fields.get("negate", "0")).lower())
    if negate is None:
        raise LayoutError(
            f"{source.name}, field negate: expected 0, 1, true or false, found {str(fields['negate'])[:40]!r}"
        )
    mode = str(fields.get("mode", "trinary")).lower()
    if mode not in _MODES:
        raise LayoutError(f"{source.name}, field mode: expected {', '.join(_MODES)}, found {mode[:40]!r}")
    return MapInfo(image, resolution, (x, y, yaw), occupied, free, negate, mode, cell_size)


def occupancy_of(image: Brightness, info: MapInfo) -> np.ndarray:
    """The occupancy of every pixel in percent, int8 `[H, W]`, -1 where unknown; row 0 at the top."""
    shade = image.colours
    if info.mode == "raw":
        level = np.rint(shade * 255)
        return np.where(level <= 100, level, -1).astype(np.int8)
    if info.mode == "trinary" and image.alpha is not None:
        shade = (shade * image.channels + image.alpha) / (image.channels + 1)
    occupancy = shade if info.negate else 1 - shade
    is_wall, is_free = occupancy > info.occupied_thresh, occupancy < info.free_thresh
    if info.mode == "trinary":
        return np.where(is_wall, 100, np.where(is_free, 0, -1)).astype(np.int8)
    span = max(info.occupied_thresh - info.free_thresh, 1e-9)
    between = np.rint(np.clip((occupancy - info.free_thresh) / span, 0, 1) * 100)
    percent = np.where(is_wall, 100, np.where(is_free, 0, between))
    if image.alpha is not None:
        percent = np.where(image.alpha < 1, -1, percent)
    return percent.astype(np.int8)


def _coarsened(pixels: Pixels, info: MapInfo, source: SourceFile) -> Coarse:
    """The cells of the wanted size, of the size that the yaml tells, or of the coarsest that will do."""
    if source.cell_size is None and info.cell_size is not None:
        count = info.cell_size / info.resolution
        if abs(count - round(count)) < 1e-6 * count:
            return pixels.whole(round(count))
    wanted = source.cell_size or info.cell_size
    if wanted is None:
        found = pixels.coarsest()
    elif wanted < info.resolution * (1 - 1e-9):
        raise LayoutError(
            f"{source.name}: cells of {wanted:g} m are finer than the map's {info.resolution:g} m a pixel"
        )
    else:
        count = wanted / info.resolution
        found = pixels.cropped(float(round(count)) if abs(count - round(count)) < 1e-6 else count)
    if found.walls.size > MAX_CELLS:
        rows, columns = found.walls.shape
        raise LayoutError(
            f"{source.name}: {rows} x {columns} cells are more than a layout may have; ask for larger ones"
        )
    return found


def _fields(source: SourceFile) -> dict[str, object]:
    """The yaml's mapping, every value as text."""
    text = source.text
    if len(source.content) > MAX_YAML:
        raise LayoutError(
            f"{source.name}: {len(source.content)} bytes are more than the yaml of a map may have ({MAX_YAML})"
        )
    try:
        fields = yaml.load("\n".join(text.lines), _Loader)  # more careful than safe_load, see the class
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = " ".join(str(getattr(error, "problem", None) or "it is nested too deeply").split())[:120]
        raise text.error(mark.line if mark is not None else 0, f"this is no yaml of a map: {problem}") from error
    if not isinstance(fields, dict):
        raise text.error(text.first(), "expected the fields of a map as 'image: NAME', 'resolution: NUMBER', ...")
    return {str(key): value for key, value in fields.items()}


def _number(source: SourceFile, key: str, word: object) -> float:
    """A field as a finite number of ordinary size."""
    try:
        number = float(word) if isinstance(word, str) else math.nan
    except ValueError:
        number = math.nan
    if not abs(number) < 1e9:
        raise LayoutError(f"{source.name}, field {key}: expected a number, found {str(word)[:40]!r}")
    return number
