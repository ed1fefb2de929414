"""Films of episodes: the map, the path so far, the body with its heading and a decision counter; side by side."""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from mazenav.files import replacing
from mazenav.topdown.canvas import SUPERSAMPLE, Canvas
from mazenav.topdown.palette import (
    BODY,
    FAILURE,
    FAINT,
    GOAL,
    INK,
    PAPER,
    START,
    SUCCESS,
    TIME_RAMP,
    Colour,
    ramp,
)
from mazenav.topdown.render import cell_pixels_to_fill, draw_body, draw_goal, draw_path, draw_start, map_canvas
from mazenav.topdown.sheet import fit, sheet_columns
from mazenav.topdown.text import shorten, text_width, write_text
from mazenav.types import Episode, MazenavError, Pose

GAP = 10
"""Pixels between panels and around them."""
STRIP = 24
"""Height in pixels of the line under a panel."""
HOLD = 14
"""Frames that the last picture stands for before a film starts again."""
CODECS: dict[str, tuple[str, ...]] = {".webm": ("VP80", "VP90"), ".mp4": ("avc1", "mp4v")}
"""Video codecs to try by file name, the one to prefer first (VP9 is ten times slower to write)."""


@dataclass(frozen=True)
class SavedFilm:
    """A film on disk: where, how it was coded, how many frames, how many bytes."""

    path: Path
    codec: str
    frames: int
    size: int


class Film:
    """Episodes side by side, all starting together; each panel stands still once its episode has ended.

    Attributes:
        episodes: what is shown.
        steps: frames shown for each decision; in between, the body moves evenly.
        stride: decisions skipped from one frame to the next, where an episode is too long for `max_frames`.
    """

    def __init__(
        self,
        episodes: Sequence[Episode],
        captions: Sequence[str] = (),
        *,
        columns: int | None = None,
        panel: int = 208,
        steps: int = 2,
        max_frames: int = 240,
    ) -> None:
        """Lay the panels out and draw what never changes.

        Args:
            episodes: at least one.
            captions: a name for each panel; the layouts' names unless given.
            columns: panels in a row; about 3 : 2 overall unless given.
            panel: pixels that the longer side of a map takes.
            steps: frames for each decision.
            max_frames: long films show every second, third ... moment so as to stay below this.

        Raises:
            MazenavError: if there is no episode, or a number that is not positive.
        """
        if not episodes:
            raise MazenavError("a film needs at least one episode, found none")
        if min(panel, steps, max_frames) < 1 or (columns is not None and columns < 1):
            raise MazenavError(
                "panel, steps, max_frames and columns of a film must be positive, "
                f"found {panel}, {steps}, {max_frames}, {columns}"
            )
        self.episodes = tuple(episodes)
        names = list(captions) + [episode.layout.name for episode in self.episodes[len(captions) :]]
        self._names = names[: len(self.episodes)]
        self._across = min(len(episodes), columns or sheet_columns(len(episodes)))
        self._grounds = [_ground(episode, panel) for episode in self.episodes]
        sizes = [_fitted_size(ground, panel) for ground in self._grounds]
        self._height, self._width = max(size[0] for size in sizes), max(size[1] for size in sizes)
        moments = steps * max(len(episode) for episode in self.episodes)
        self.steps, self.stride = steps, max(1, math.ceil(moments / max(1, max_frames - 1)))
        self._frames = math.ceil(moments / self.stride) + 1

    def __len__(self) -> int:
        return self._frames

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self.frame(index) for index in range(len(self)))

    @property
    def seconds_per_frame(self) -> float:
        """How long a frame is shown: 0.16 s a decision, hastened for long films, at most 25 frames a second."""
        return max(0.04, 0.16 / self.steps)

    def frame(self, index: int) -> np.ndarray:
        """One frame, uint8 `[H, W, 3]`, RGB; the last one shows how every episode ended.

        Raises:
            IndexError: if there is no such frame.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"this film has frames 0 to {len(self) - 1}, asked for {index}")
        across, down = self._across, math.ceil(len(self.episodes) / self._across)
        height, width = self._height + STRIP, self._width
        frame = np.empty((GAP + down * (height + GAP), GAP + across * (width + GAP), 3), np.uint8)
        frame[:] = PAPER
        for number, episode in enumerate(self.episodes):
            row, column = divmod(number, across)
            y, x = GAP + row * (height + GAP), GAP + column * (width + GAP)
            moment = min(index * self.stride / self.steps, float(len(episode)))
            self._draw_panel(frame[y : y + height, x : x + width], number, moment)
        # Video codecs halve the colour planes, so both sides must be even.
        return np.ascontiguousarray(frame[: len(frame) // 2 * 2, : frame.shape[1] // 2 * 2])

    def _draw_panel(self, panel: np.ndarray, number: int, moment: float) -> None:
        """An episode at a moment (in decisions), in place in its part of the frame."""
        episode, canvas = self.episodes[number], self._grounds[number].copy()
        path, body = _until(episode, moment)
        draw_path(canvas, path, span=max(1, len(episode)))
        draw_start(canvas, episode.start)
        draw_body(canvas, body)
        picture = fit(canvas.finish(), self._height, self._width)
        left = (self._width - picture.shape[1]) // 2
        top = self._height - len(picture)
        panel[top : self._height, left : left + picture.shape[1]] = picture
        words, colour = _status(episode, moment)
        middle, size = self._height + STRIP // 2, 13
        write_text(panel, words, (self._width - left, middle), size, colour, "right")
        room = picture.shape[1] - text_width(words, size) - 10
        write_text(panel, shorten(self._names[number], size, max(0, room)), (left, middle), size, INK)


def save_film(film: Film, path: str | Path) -> SavedFilm:
    """Write a film as an animated GIF, WebM or MP4, by the name's ending, through a temporary file and a rename.

    Raises:
        MazenavError: if the ending is another, no codec for it is at hand, or the file cannot be written.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix != ".gif" and suffix not in CODECS:
        raise MazenavError(f"a film is written as .gif, {' or '.join(CODECS)}, found the name {target.name!r}")
    with replacing(target) as temporary:
        codec = _write_gif(film, temporary) if suffix == ".gif" else _write_video(film, temporary, CODECS[suffix])
    return SavedFilm(target, codec, len(film), target.stat().st_size)


def save_film_everywhere(film: Film, folder: str | Path, stem: str) -> list[SavedFilm]:
    """Write a film as GIF, and as WebM and MP4 as far as this machine's OpenCV can; says what was written.

    Raises:
        MazenavError: if the folder or the GIF cannot be written.
    """
    saved = [save_film(film, Path(folder) / f"{stem}.gif")]
    for suffix in CODECS:
        with contextlib.suppress(CodecMissing):
            saved.append(save_film(film, Path(folder) / f"{stem}{suffix}"))
    return saved


class CodecMissing(MazenavError):
    """This machine's OpenCV cannot write that kind of video."""


def _ground(episode: Episode, panel: int) -> Canvas:
    """Walls, floor and goal of an episode: what stays the same in every frame."""
    canvas = map_canvas(episode.layout, cell_pixels_to_fill(episode.layout.shape, panel))
    draw_goal(canvas, episode.goal)
    return canvas


def _fitted_size(canvas: Canvas, panel: int) -> tuple[int, int]:
    height, width = canvas.pixels.shape[0] // SUPERSAMPLE, canvas.pixels.shape[1] // SUPERSAMPLE
    factor = panel / max(height, width)
    return max(1, round(height * factor)), max(1, round(width * factor))


def _until(episode: Episode, moment: float) -> tuple[np.ndarray, Pose]:
    """The path `[T, 2]` up to a moment, its last point between two states, and the body there."""
    states = np.asarray(episode.states, np.float64)
    before = min(int(moment), len(states) - 1)
    after, share = min(before + 1, len(states) - 1), moment - int(moment)
    x, y = states[before, :2] * (1 - share) + states[after, :2] * share
    turn = (states[after, 2] - states[before, 2] + math.pi) % (2 * math.pi) - math.pi
    path = np.concatenate([states[: before + 1, :2], [[x, y]]])
    return path, Pose(float(x), float(y), float(states[before, 2] + share * turn))


def _status(episode: Episode, moment: float) -> tuple[str, Colour]:
    if moment < len(episode):
        return f"{int(moment)} / {episode.limit}", FAINT
    if episode.terminated:
        return f"reached in {len(episode)}", SUCCESS
    return (f"failed at {len(episode)}", FAILURE) if episode.truncated else (f"{len(episode)} / {episode.limit}", FAINT)


def _write_gif(film: Film, path: Path) -> str:
    """One palette for all frames, without dither, so that what stands still costs nothing."""
    palette = _palette(film.frame(0))
    frames = [Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE) for frame in film]
    usual = round(1000 * film.seconds_per_frame / 10) * 10
    times = [usual] * (len(frames) - 1) + [usual * HOLD]
    # Pillow leaves out of a frame what did not change only when it is asked to optimize.
    frames[0].save(path, "GIF", save_all=True, append_images=frames[1:], duration=times, loop=0, optimize=True)
    return "GIF"


def _palette(first: np.ndarray) -> Image.Image:
    """The colours of a GIF: those of marks and text, with shades towards white, and the map's from its first frame.

    Thin lines would get none of their own from the frames alone, which are floor and wall nearly everywhere.
    """
    path = ramp(TIME_RAMP, np.linspace(0.0, 1.0, 40))
    marks = np.asarray([START, GOAL, BODY, INK, FAINT, SUCCESS, FAILURE], np.float32)
    shades = [marks * share + 252.0 * (1.0 - share) for share in (1.0, 0.75, 0.5, 0.25)]
    chosen = np.concatenate([path, path[::2] * 0.5 + 127.0, *shades]).round().astype(np.uint8)
    ground = Image.fromarray(first).quantize(96, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    colours = np.concatenate([chosen, np.asarray(ground.getpalette(), np.uint8).reshape(-1, 3)])
    palette = Image.new("P", (1, 1))
    palette.putpalette(colours.tobytes())
    return palette


def _write_video(film: Film, path: Path, codecs: tuple[str, ...]) -> str:
    last = film.frame(len(film) - 1)
    for codec in codecs:
        writer = _open_writer(path, codec, 1.0 / film.seconds_per_frame, (last.shape[1], last.shape[0]))
        if writer is None:
            continue
        for frame in itertools.chain(film, itertools.repeat(last, HOLD)):
            writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
        writer.release()
        return codec
    raise CodecMissing(
        f"this machine's OpenCV has no codec for {path.suffix} films ({', '.join(codecs)}): write a .gif"
    )


def _open_writer(path: Path, codec: str, rate: float, size: tuple[int, int]) -> cv2.VideoWriter | None:
    """A writer for this codec, or None where OpenCV has none.

    Raises:
        OSError: if no file can be made there at all, which OpenCV would call a missing codec.
    """
    path.touch()
    with _quiet():
        writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*codec), rate, size)
    return writer if writer.isOpened() else None


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """FFmpeg writes of every codec that it tries to standard error, past Python; a person need not read that."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
