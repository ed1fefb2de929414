"""What `Lab` lets an agent see, by the names, types and shapes of docs/users/observations.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mazenav.env.lab.errors import LabError, LabTypeError, NotOfferedError
from mazenav.env.lab.settings import FPS, Settings
from mazenav.env.lab.top_down import top_down
from mazenav.env.lab.world import LabWorld
from mazenav.layout.formats.lab import lines_of
from mazenav.sim.sensors import Camera, render_rgb, render_rgbd

DEPTH_STEPS = 20.0
"""A byte of depth counts twentieths of a cell (5 lab units) along the optical axis; 255 is 12.75 cells or more, or sky.

How the engine scales its own is not documented."""
NOT_OFFERED = ("TEAM.", "DEBUG.PLAYERS.", "DEBUG.FLAGS.", "DEBUG.RAYCASTS", "DEBUG.TOP_LEFT")
"""Beginnings of names that the engine has and mazenav has not: there are no teams, flags, bots or other players."""
RETICLE = 3
RETICLE_GREY = 200


@dataclass(frozen=True)
class Moment:
    """What observations are made from.

    Attributes:
        world: the level and the agent.
        settings: sizes.
        frames_left: until the end of the episode.
        frames: since its beginning.
    """

    world: LabWorld
    settings: Settings
    frames_left: int
    frames: int


@dataclass(frozen=True)
class Observation:
    """One that can be asked for: its type, the shape for given settings, and how it is made."""

    dtype: type
    shape: Callable[[Settings], tuple[int, ...]]
    make: Callable[[Moment], Any]


def camera_of(settings: Settings) -> Camera:
    """DeepMind Lab's camera: 90 degrees from left to right, at eye height."""
    return Camera(settings.width, settings.height)


def rgbd(moment: Moment) -> np.ndarray:
    """Red, green, blue and depth: uint8 `[H, W, 4]`."""
    picture, depth = render_rgbd(moment.world.scene(), camera_of(moment.settings))
    steps = np.minimum(depth[0] * DEPTH_STEPS, 255).astype(np.uint8)
    return np.dstack([picture[0], steps])


def rgb(moment: Moment) -> np.ndarray:
    """Red, green and blue: uint8 `[H, W, 3]`."""
    return render_rgb(moment.world.scene(), camera_of(moment.settings))[0]


def player_view(moment: Moment) -> np.ndarray:
    """The first-person view in the size of the debugging cameras."""
    settings = moment.settings
    return render_rgb(moment.world.scene(), Camera(settings.alt_width, settings.alt_height))[0]


def player_view_with_reticle(moment: Moment) -> np.ndarray:
    """The same with a small grey square in its middle (debug_observations.lua)."""
    picture = player_view(moment)
    top, left = (max(side // 2 - RETICLE // 2, 0) for side in picture.shape[:2])
    picture[top : top + RETICLE, left : left + RETICLE] = RETICLE_GREY
    return picture


def plan(moment: Moment) -> np.ndarray:
    """The level from above."""
    return top_down(moment.world, moment.settings.alt_width, moment.settings.alt_height)


def layout_text(moment: Moment) -> str:
    """The level as text."""
    return "\n".join(lines_of(moment.world.level.layout)) + "\n"


def variation_text(moment: Moment) -> str:
    """The variations layer as text, dots where the level has none."""
    rows, columns = moment.world.level.layout.shape
    layer = moment.world.level.layout.source.get("variations")
    lines = [str(line) for line in layer] if isinstance(layer, list) else ["." * columns] * rows
    return "\n".join(lines) + "\n"


def planar(make: Callable[[Moment], np.ndarray]) -> Callable[[Moment], np.ndarray]:
    """The same picture with its channels first."""
    return lambda moment: np.ascontiguousarray(make(moment).transpose(2, 0, 1))


def blue_first(make: Callable[[Moment], np.ndarray]) -> Callable[[Moment], np.ndarray]:
    """The same picture with red and blue exchanged."""

    def swapped(moment: Moment) -> np.ndarray:
        picture = make(moment)
        return np.ascontiguousarray(picture[..., [2, 1, 0, *range(3, picture.shape[2])]])

    return swapped


def _pictures() -> dict[str, Observation]:
    """Pictures, interleaved `[H, W, C]` and planar `[C, H, W]`."""
    found: dict[str, Observation] = {}

    def add(name: str, make: Callable[[Moment], np.ndarray], channels: int, first: bool, alt: bool) -> None:
        def shape(settings: Settings) -> tuple[int, ...]:
            sides = (settings.alt_height, settings.alt_width) if alt else (settings.height, settings.width)
            return (channels, *sides) if first else (*sides, channels)

        found[name] = Observation(np.uint8, shape, planar(make) if first else make)

    for ending in ("INTERLEAVED", "INTERLACED"):  # the second is the name of old
        add(f"RGB_{ending}", rgb, 3, False, False)
        add(f"RGBD_{ending}", rgbd, 4, False, False)
    add("RGB", rgb, 3, True, False)
    add("RGBD", rgbd, 4, True, False)
    add("BGR_INTERLEAVED", blue_first(rgb), 3, False, False)
    add("BGRD_INTERLEAVED", blue_first(rgbd), 4, False, False)
    views = {"TOP_DOWN": plan, "PLAYER_VIEW": player_view_with_reticle, "PLAYER_VIEW_NO_RETICLE": player_view}
    for name, make in views.items():
        add(f"DEBUG.CAMERA.{name}", make, 3, True, True)
        add(f"DEBUG.CAMERA_INTERLEAVED.{name}", make, 3, False, True)
    return found


def _numbers(count: int, make: Callable[[Moment], np.ndarray]) -> Observation:
    return Observation(np.float64, lambda _: (count,), make)


def _text(make: Callable[[Moment], str]) -> Observation:
    return Observation(str, lambda _: (), make)


OBSERVATIONS: dict[str, Observation] = {
    **_pictures(),
    "FRAMES_REMAINING_AT_60": _numbers(1, lambda now: np.array([float(now.frames_left)])),
    "MAP_FRAME_NUMBER": _numbers(1, lambda now: np.array([float(now.frames)])),
    "VEL.TRANS": _numbers(3, lambda now: now.world.joint()[6:9]),
    "VEL.ROT": _numbers(3, lambda now: now.world.joint()[9:12]),
    "INSTR": _text(lambda _: ""),
    "DEBUG.POS.TRANS": _numbers(3, lambda now: now.world.joint()[0:3]),
    "DEBUG.POS.ROT": _numbers(3, lambda now: now.world.joint()[3:6]),
    "DEBUG.PLAYER_ID": _numbers(1, lambda _: np.ones(1)),
    "DEBUG.MAZE.LAYOUT": _text(layout_text),
    "DEBUG.MAZE.VARIATION": _text(variation_text),
}
"""All that can be asked for, by name."""


def check_names(names: list[str]) -> list[str]:
    """The names themselves, once they are known.

    Raises:
        LabTypeError: if they are no list of strings.
        NotOfferedError: naming one of the engine's that there is not.
        LabError: naming one that is unknown.
    """
    if not isinstance(names, list):
        raise LabTypeError(f"observations must be list, not {type(names).__name__}")
    for name in names:
        if not isinstance(name, str):
            raise LabTypeError(f"observations must hold str, found {name!r}")
        if name.startswith(NOT_OFFERED):
            raise NotOfferedError(
                f"the observation {name!r} is not offered by mazenav: there are no teams, flags or gadgets"
            )
        if name not in OBSERVATIONS:
            raise LabError(f"Unknown observation {name!r}; there are {', '.join(OBSERVATIONS)}")
    return list(names)


def seconds_to_frames(seconds: float) -> int:
    """Frames in an episode of that length."""
    return max(1, round(seconds * FPS))
