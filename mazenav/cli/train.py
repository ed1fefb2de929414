"""`mazenav train`: an agent from nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from tyro.conf import Positional, arg

from mazenav.cli.progress import bar
from mazenav.config.presets import PRESETS, RunConfig
from mazenav.parallel import joined, leads
from mazenav.types import MazenavError

EXAMPLE = "mazenav train mmn --seed 1 --out runs/mmn-1"
DEFAULT = "mmn"


@dataclass(frozen=True)
class Options:
    """Train an agent from experience alone, in fresh mazes; curves for TensorBoard and checkpoints go to its folder."""

    preset: Annotated[Positional[str], arg(metavar="PRESET")]
    """Which agent; mmn is the default that is shipped. `mazenav train PRESET --help` shows the settings of each."""
    out: Annotated[Path | None, arg(metavar="DIR", help_behavior_hint="(default: runs/PRESET)")] = None
    """Folder that the run goes to."""
    resume: bool = False
    """Go on where the run in that folder stopped."""
    device: Literal["cpu", "cuda"] = "cpu"
    """Where the networks live."""
    config: Annotated[RunConfig, arg(name="")] = PRESETS[DEFAULT]
    """Settings of the run; a run that is resumed must be given the same."""


def options_type(arguments: Sequence[str]) -> type:
    """`Options` with the settings, and their defaults, of the preset that is named among the arguments."""
    preset = next((PRESETS[word] for word in arguments if word in PRESETS), PRESETS[DEFAULT])
    settings: Any = Annotated[type(preset), arg(name="")]
    config = ("config", settings, dataclasses.field(default=preset))
    kind = dataclasses.make_dataclass("Options", [config], bases=(Options,), frozen=True)
    kind.__doc__ = Options.__doc__
    return kind


def run(options: Options) -> None:
    """Train behind a progress bar that shows rate, ETA and the current success."""
    if options.preset not in PRESETS:
        raise MazenavError(f"there is no preset {options.preset!r} to train; there is {', '.join(PRESETS)}")
    from mazenav.training.loop import train

    out = options.out or Path("runs", options.preset)
    with joined(options.device) as device:
        with bar(f"training {options.preset}", "iterations") as show:
            train(options.config, out, resume=options.resume, device=device, progress=show)
        if leads():
            print(f"trained agent: {out}\ntry it: mazenav evaluate {out} test-13")
