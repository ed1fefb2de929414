"""Top-down maps as pictures: the machine's grey image, and the coloured map with a driven path for people."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from mazenav.topdown.canvas import SUPERSAMPLE, Canvas
from mazenav.topdown.occupancy import cell_centre, cells_to_world
from mazenav.topdown.palette import (
    BODY,
    FAILURE,
    FLOOR,
    GOAL,
    GRID,
    HALO,
    INK,
    PAPER,
    START,
    SUCCESS,
    TIME_RAMP,
    WALL,
    WALL_SHADE,
    WAY,
    Colour,
    ramp,
)
from mazenav.topdown.text import shorten, text_width, write_text
from mazenav.types import GOAL_RADIUS, Cell, Episode, Layout, MazenavError, Pose

LONG_SIDE = 640
"""Pixels that the longer side of a map takes unless the caller asks for another size."""
MAX_PIXELS = 64_000_000
"""More pixels than this are refused: a mistyped size should not take the machine's memory."""


@dataclass(frozen=True)
class Marks:
    """What is drawn on a map: any of start, goal, a driven path, the body, and a way to compare with.

    Attributes:
        start: start cell.
        goal: goal cell, drawn with the circle that counts as reached.
        path: world positions `[T, 2]` (or states `[T, 6]`) in order of time.
        span: decisions that the colours of the path spread over; the path's own length unless given.
        body: the body, drawn as an arrow along its yaw.
        way: cells of a way to compare with, such as the shortest path, drawn thin.
    """

    start: Cell | None = None
    goal: Cell | None = None
    path: np.ndarray | None = None
    span: int | None = None
    body: Pose | None = None
    way: tuple[Cell, ...] = ()


def machine_picture(grid: np.ndarray, size: tuple[int, int] | None = None, *, antialias: bool = False) -> np.ndarray:
    """An occupancy map as the grey image a machine reads: black walls, white corridors.

    Args:
        grid: `[R, C]` in [0, 1], 1 is wall.
        size: (height, width) in pixels, any; one pixel a cell unless given.
        antialias: a pixel across several cells gets their mean, by how much of it each covers. Else it gets the cell
            in its middle, as long as there are no fewer pixels than cells.

    Returns:
        uint8 `[height, width]`.

    Raises:
        MazenavError: if the map is not `[R, C]` or the size is not positive or too large.
    """
    occupied = _as_map(grid)
    height, width = size or (occupied.shape[0], occupied.shape[1])
    check_pixels(height, width)
    grey = np.rint((1.0 - np.clip(occupied, 0.0, 1.0)) * 255).astype(np.uint8)
    if antialias:
        across, down = _overlap(width, grey.shape[1]), _overlap(height, grey.shape[0])
        return np.rint(down @ grey.astype(np.float32) @ across.T).astype(np.uint8)
    shrinks = height < grey.shape[0] or width < grey.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_NEAREST_EXACT
    return cv2.resize(grey, (width, height), interpolation=method)


def _overlap(pixels: int, cells: int) -> np.ndarray:
    """Which share of each pixel along a side each cell covers: float32 `[pixels, cells]`, rows that add up to 1."""
    edges = np.arange(pixels + 1) * (cells / pixels)
    places = np.arange(cells)
    ends = np.minimum(edges[1:, None], places + 1)
    begins = np.maximum(edges[:-1, None], places)
    return (np.clip(ends - begins, 0.0, None) * (pixels / cells)).astype(np.float32)


def cell_pixels_for(shape: tuple[int, int], long_side: int = LONG_SIDE) -> int:
    """Pixels a cell so that the longer side of a map takes about `long_side`: at least 3, at most 48."""
    return int(np.clip(long_side // max(shape), 3, 48))


def cell_pixels_to_fill(shape: tuple[int, int], side: int) -> int:
    """Fewest pixels a cell that make the longer side of a map at least `side`, so that it need not be enlarged."""
    return max(1, math.ceil(side / max(shape)))


def draw_map(
    layout: Layout | np.ndarray,
    marks: Marks | None = None,
    *,
    title: str = "",
    note: str = "",
    note_colour: Colour = INK,
    cell_pixels: int | None = None,
) -> np.ndarray:
    """The coloured top-down map for people.

    Args:
        layout: a layout, or an occupancy map `[R, C]` (a cell of 0.5 or more is drawn as wall).
        marks: what is drawn on it.
        title: text in a strip above the map, at the left; no strip if neither title nor note is given.
        note: text in that strip, at the right.
        note_colour: colour of the note.
        cell_pixels: pixels a cell; chosen by the size of the map unless given.

    Returns:
        uint8 `[H, W, 3]`, RGB, of R * cell_pixels rows (and the strip's) by C * cell_pixels columns.

    Raises:
        MazenavError: if the map or the size in pixels cannot be drawn.
    """
    canvas = map_canvas(layout, cell_pixels)
    draw_marks(canvas, marks or Marks())
    picture = canvas.finish()
    return with_title(picture, title, note, note_colour) if title or note else picture


def draw_episode(episode: Episode, *, title: str | None = None, cell_pixels: int | None = None) -> np.ndarray:
    """An episode on the map of its layout: start, goal, driven path, body where it ended, how it ended.

    Args:
        episode: what was driven.
        title: the layout's name unless given; "" leaves the strip away.
        cell_pixels: pixels a cell; chosen by the size of the map unless given.
    """
    strip = title != ""
    name = (episode.layout.name or "maze") if title is None else title
    return draw_map(
        episode.layout,
        episode_marks(episode),
        title=name,
        note=outcome_words(episode) if strip else "",
        note_colour=SUCCESS if episode.terminated else FAILURE,
        cell_pixels=cell_pixels,
    )


def episode_marks(episode: Episode) -> Marks:
    """What is drawn of an episode: start, goal, its path, and the body where it ended."""
    x, y, yaw = (float(value) for value in episode.states[-1, :3])
    return Marks(start=episode.start, goal=episode.goal, path=episode.states[:, :2], body=Pose(x, y, yaw))


def outcome_words(episode: Episode) -> str:
    """How an episode ended, in a few words."""
    if episode.terminated:
        return f"reached in {len(episode)}"
    return f"failed: time is up at {len(episode)}" if episode.truncated else f"under way at {len(episode)}"


def map_canvas(layout: Layout | np.ndarray, cell_pixels: int | None = None) -> Canvas:
    """A canvas with walls and floor: corners rounded, walls bevelled, a soft shadow on the floor."""
    occupied = _as_map(layout.walls if isinstance(layout, Layout) else layout)
    rows, columns = occupied.shape
    pixels = cell_pixels_for((rows, columns)) if cell_pixels is None else cell_pixels
    check_pixels(rows * pixels, columns * pixels)
    scale = pixels * SUPERSAMPLE
    cover = wall_cover(occupied >= 0.5, scale)
    picture = _shaded_floor(cover, scale) * (1.0 - cover[..., None]) + _bevelled_walls(cover, scale) * cover[..., None]
    return Canvas(np.clip(np.rint(picture), 0, 255).astype(np.uint8), scale, rows)


def wall_cover(walls: np.ndarray, scale: int) -> np.ndarray:
    """How much of each canvas pixel is wall, float32 `[R * scale, C * scale]` in [0, 1], with rounded corners."""
    rows, columns = walls.shape
    blocks = cv2.resize(walls.astype(np.float32), (columns * scale, rows * scale), interpolation=cv2.INTER_NEAREST)
    # Blurring and cutting at one half rounds corners and leaves straight edges where they are.
    sigma = 0.12 * scale
    soft = cv2.GaussianBlur(blocks, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    steepness = math.sqrt(2 * math.pi) * sigma / 1.5
    return np.clip((soft - 0.5) * steepness + 0.5, 0.0, 1.0)


def _shaded_floor(cover: np.ndarray, scale: int) -> np.ndarray:
    """The floor float32 `[H, W, 3]`: faint lines between cells, and the shadow that the walls throw down and right."""
    floor = np.empty((*cover.shape, 3), np.float32)
    floor[:] = FLOOR
    line = max(1, round(0.03 * scale))
    if scale >= 10 * SUPERSAMPLE:
        for offset in range(line):
            floor[offset::scale] = GRID
            floor[:, offset::scale] = GRID
    shift = np.array([[1, 0, 0.07 * scale], [0, 1, 0.10 * scale]], np.float64)
    height, width = cover.shape
    shadow = cv2.warpAffine(cover, shift, (width, height), borderMode=cv2.BORDER_REPLICATE)
    shadow = cv2.GaussianBlur(shadow, (0, 0), 0.11 * scale, borderType=cv2.BORDER_REPLICATE)
    strength = 0.30 * shadow[..., None]
    return floor * (1.0 - strength) + np.asarray(WALL_SHADE, np.float32) * strength


def _bevelled_walls(cover: np.ndarray, scale: int) -> np.ndarray:
    """Wall colour float32 `[H, W, 3]`, lighter along upper left edges and darker along lower right ones."""
    soft = cv2.GaussianBlur(cover, (0, 0), 0.06 * scale, borderType=cv2.BORDER_REPLICATE)
    slope = cv2.Sobel(soft, cv2.CV_32F, 1, 0, ksize=3) + cv2.Sobel(soft, cv2.CV_32F, 0, 1, ksize=3)
    light = np.clip(slope * scale / 30.0, -1.0, 1.0)[..., None]
    return np.asarray(WALL, np.float32) + light * 26.0


def draw_marks(canvas: Canvas, marks: Marks) -> None:
    """Draw way, goal, path, start and body on a canvas, in that order, in place."""
    if len(marks.way) > 1:
        canvas.line(cells_to_world(np.asarray(marks.way), canvas.rows), max(0.07, canvas.cells(1)), WAY)
    if marks.goal is not None:
        draw_goal(canvas, marks.goal)
    if marks.path is not None:
        draw_path(canvas, marks.path, marks.span)
    if marks.start is not None:
        draw_start(canvas, marks.start)
    if marks.body is not None:
        draw_body(canvas, marks.body)


def draw_start(canvas: Canvas, start: Cell) -> None:
    """A ring around the centre of the start cell."""
    centre = cell_centre(start, canvas.rows)
    radius = max(0.30, canvas.cells(4.5))
    canvas.disc(centre, radius + 0.04, HALO)
    canvas.disc(centre, radius, START)
    canvas.disc(centre, 0.55 * radius, HALO)


def draw_goal(canvas: Canvas, goal: Cell) -> None:
    """The circle of 0.4 cells that counts as reached, with a star in it; a wider ring where cells are tiny."""
    centre = cell_centre(goal, canvas.rows)
    canvas.disc(centre, GOAL_RADIUS, GOAL, opacity=0.24)
    canvas.ring(centre, GOAL_RADIUS, max(0.045, canvas.cells(1)), GOAL)
    if canvas.cells(6) > GOAL_RADIUS:
        canvas.ring(centre, canvas.cells(8), canvas.cells(3.5), HALO)
        canvas.ring(centre, canvas.cells(8), canvas.cells(2), GOAL)
    turns = np.pi / 2 + np.arange(10) * np.pi / 5
    radii = max(0.25, canvas.cells(3)) * np.where(np.arange(10) % 2 == 0, 1.0, 0.44)
    star = np.stack([centre[0] + radii * np.cos(turns), centre[1] + radii * np.sin(turns)], axis=-1)
    canvas.polygon(star, GOAL)


def draw_path(canvas: Canvas, path: np.ndarray, span: int | None = None) -> None:
    """A driven path, `[T, 2]` or more columns, coloured from start to goal by time, on a white halo."""
    points = np.asarray(path, np.float64)[:, :2]
    if len(points) < 2:
        return
    steps = span if span is not None else len(points) - 1
    colours = ramp(TIME_RAMP, np.arange(len(points) - 1) / max(steps - 1, 1))
    width = max(0.115, canvas.cells(1.6))
    canvas.line(points, width + 2 * max(0.03, canvas.cells(0.6)), HALO)
    canvas.line(points, width, colours)


def draw_body(canvas: Canvas, body: Pose) -> None:
    """The body as an arrow head along its yaw."""
    size = max(0.34, canvas.cells(6.5))
    shape = size * np.array([[1.0, 0.0], [-0.72, 0.70], [-0.36, 0.0], [-0.72, -0.70]])
    cosine, sine = math.cos(body.yaw), math.sin(body.yaw)
    points = shape @ np.array([[cosine, sine], [-sine, cosine]]) + np.array([body.x, body.y])
    canvas.polygon(points, BODY, outline=HALO, width=max(0.05, canvas.cells(1.2)))


def with_title(picture: np.ndarray, title: str, note: str = "", note_colour: Colour = INK) -> np.ndarray:
    """The picture under a strip with a title at the left and a note at the right, shortened where they do not fit."""
    width = picture.shape[1]
    size = int(np.clip(width // 30, 11, 18))
    strip = np.empty((round(2.1 * size), width, 3), np.uint8)
    strip[:] = PAPER
    pad, middle = size // 2, len(strip) / 2
    right = shorten(note, size, width - 2 * pad)
    left = shorten(title, size, width - 3 * pad - text_width(right, size))
    write_text(strip, left, (pad, middle), size)
    write_text(strip, right, (width - pad, middle), size, note_colour, "right")
    return np.concatenate([strip, picture])


def _as_map(grid: np.ndarray) -> np.ndarray:
    occupied = np.asarray(grid, np.float32)
    if occupied.ndim != 2 or occupied.size == 0:
        raise MazenavError(
            f"a map to draw must be two-dimensional with at least one cell, found shape {occupied.shape}"
        )
    return occupied


def check_pixels(height: int, width: int) -> None:
    """Raises MazenavError unless a picture of this size has at least one and at most `MAX_PIXELS` pixels."""
    if height < 1 or width < 1 or height * width > MAX_PIXELS:
        raise MazenavError(
            f"a picture must have at least one and at most {MAX_PIXELS:,} pixels, asked for {height} x {width}"
        )
