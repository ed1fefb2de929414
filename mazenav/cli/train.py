"""`mazenav train`: a model-based agent from nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, arg

from mazenav.cli.progress import bar
from mazenav.config import TrainConfig
from mazenav.types import MazenavError

EXAMPLE = "mazenav train base --seed 1 --out runs/base-1"

PRESETS = ("base",)


@dataclass(frozen=True)
class Options:
    """Train an agent from experience alone, in fresh mazes; curves for TensorBoard and checkpoints go to its folder."""

    preset: Annotated[Positional[str], arg(metavar="PRESET")]
    """Which agent: base is the one that is shipped."""
    out: Annotated[Path | None, arg(metavar="DIR", help_behavior_hint="(default: runs/PRESET)")] = None
    """Folder that the run goes to."""
    resume: bool = False
    """Go on where the run in that folder stopped."""
    device: Literal["cpu", "cuda"] = "cpu"
    """Where the networks live."""
    config: Annotated[TrainConfig, arg(name="")] = field(default_factory=TrainConfig)
    """Settings of the run; a run that is resumed must be given the same."""


def run(options: Options) -> None:
    """Train behind a progress bar that shows rate, ETA and the current success."""
    if options.preset not in PRESETS:
        raise MazenavError(f"there is no preset {options.preset!r} to train; there is {', '.join(PRESETS)}")
    from mazenav.training.loop import train

    out = options.out or Path("runs", options.preset)
    with bar(f"training {options.preset}", "iterations") as show:
        train(options.config, out, resume=options.resume, device=options.device, progress=show)
    print(f"trained agent: {out}\ntry it: mazenav evaluate {out} test-13")
