"""The `config` of `Lab`: strings by name, as DeepMind Lab takes them (docs/users/python_api.md)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mazenav.env.lab.errors import LabError, LabTypeError, NotOfferedError

FPS = 60
MAX_SIDE = 4096
MAX_SECONDS = 1e6
RENDERERS = ("", "software", "hardware")
UNUSED = ("hasAltCameras", "renderer", "logLevel")
"""Settings that have nothing to decide here: all things are always drawn."""
KNOWN = (
    "width", "height", "fps", "levelDirectory", "level_directory", "mixerSeed", "maxAltCameraWidth",
    "maxAltCameraHeight", "episodeLengthSeconds", "scatteredRewardDensity",
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """What a `config` says.

    Attributes:
        width: of the first-person view, in pixels.
        height: likewise.
        alt_width: of the top-down view.
        alt_height: likewise.
        level_directory: where levels are looked up by name; None if it is not told.
        episode_seconds: length of an episode; None for what the level's name says.
        reward_density: share of cells that get an apple, in levels whose apples are drawn.
        mixer_seed: makes the seeds of one environment differ from those of another.
    """

    width: int = 320
    height: int = 240
    alt_width: int = 320
    alt_height: int = 240
    level_directory: Path | None = None
    episode_seconds: float | None = None
    reward_density: float = 0.1
    mixer_seed: int = 0


def read_settings(config: Mapping[str, str]) -> Settings:
    """The settings in a `config`; numbers may also be given as numbers.

    Raises:
        LabTypeError: if it is no dictionary of strings.
        NotOfferedError: naming a setting of the engine's or its levels' that there is not.
        LabError: naming a setting with a value that cannot be used.
    """
    if not isinstance(config, dict):
        raise LabTypeError(f"config must be dict, not {type(config).__name__}")
    given: dict[str, str] = {}
    for name, value in config.items():
        if not isinstance(name, str) or isinstance(value, bool) or not isinstance(value, (str, int, float, Path)):
            raise LabTypeError(f"config must hold str by str, found {name!r}: {value!r}")
        if name not in KNOWN and name not in UNUSED:
            raise NotOfferedError(f"the setting {name!r} is not offered by mazenav; there are {', '.join(KNOWN)}")
        given[name] = str(value)
    fps = _number(given, "fps", FPS, 1, 1000)
    if fps != FPS:
        raise NotOfferedError(f"fps {fps:g} is not offered by mazenav; there are {FPS} frames a second")
    width, height = (_whole(given, name, default, 1, MAX_SIDE) for name, default in (("width", 320), ("height", 240)))
    folder = given.get("levelDirectory") or given.get("level_directory")
    seconds = _number(given, "episodeLengthSeconds", math.nan, 1 / FPS, MAX_SECONDS)
    return Settings(
        width=width,
        height=height,
        alt_width=max(width, _whole(given, "maxAltCameraWidth", width, 1, MAX_SIDE)),
        alt_height=max(height, _whole(given, "maxAltCameraHeight", height, 1, MAX_SIDE)),
        level_directory=Path(folder) if folder else None,
        episode_seconds=None if math.isnan(seconds) else seconds,
        reward_density=_number(given, "scatteredRewardDensity", 0.1, 0, 1),
        mixer_seed=_whole(given, "mixerSeed", 0, 0, 2**32 - 1),
    )


def check_renderer(renderer: str) -> None:
    """Check the name of a renderer; here they are the same.

    Raises:
        LabError: if the engine has no such renderer.
    """
    if renderer not in RENDERERS:
        raise LabError(f'renderer must be "hardware" or "software", found {renderer!r}')


def _number(given: Mapping[str, str], name: str, default: float, least: float, most: float) -> float:
    if name not in given:
        return default
    try:
        value = float(given[name])
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise LabError(f"the setting {name!r} must be a number from {least:g} to {most:g}, found {given[name]!r}")
    return value


def _whole(given: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    value = _number(given, name, default, least, most)
    if value != int(value):
        raise LabError(f"the setting {name!r} must be a whole number, found {given[name]!r}")
    return int(value)
