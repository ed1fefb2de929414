"""Training from nothing: iterate, log, checkpoint; a run that was stopped goes on as if it had not been."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from mazenav.config import TrainConfig, dump_toml
from mazenav.config.dense import DenseTrainConfig
from mazenav.config.modelfree import QTrainConfig
from mazenav.config.presets import RunConfig
from mazenav.config.vin import VinTrainConfig
from mazenav.files import write_text_whole
from mazenav.training.checkpoint import load_checkpoint, save_checkpoint
from mazenav.training.dqn import QRun
from mazenav.training.log import TrainingLog
from mazenav.training.muzero import MuZeroRun
from mazenav.training.run import Run
from mazenav.training.spatial import SpatialRun
from mazenav.training.vin import VinRun
from mazenav.types import MazenavError

CHECKPOINT_EVERY = 50
"""Iterations between checkpoints."""

Progress = Callable[[int, int, str], None]
"""Called after each iteration with iterations done, iterations in all, and a note."""


def new_run(config: RunConfig, device: str) -> Run:
    """The run, before its first iteration, that the type of its settings asks for."""
    if isinstance(config, TrainConfig):
        return SpatialRun(config, device)
    if isinstance(config, DenseTrainConfig):
        return MuZeroRun(config, device)
    if isinstance(config, QTrainConfig):
        return QRun(config, device)
    if isinstance(config, VinTrainConfig):
        return VinRun(config, device)
    raise TypeError(f"no training run goes by settings of type {type(config).__name__}")


def train(
    config: RunConfig,
    out: Path,
    resume: bool = False,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Path:
    """Train an agent from nothing, or go on where a run was stopped; returns the agent's folder.

    Raises:
        MazenavError: if the folder cannot be written, holds another run, or there is nothing to resume, or no GPU.
    """
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise MazenavError("--device cuda was asked for, but torch finds no GPU here")
    claim_folder(out, config, resume)
    torch.set_num_threads(config.threads)
    run = new_run(config, device)
    if resume:
        run.restore(load_checkpoint(out, config))
    log = TrainingLog(out, run.done)
    try:
        while run.done < config.iterations:
            row = run.iterate()
            log.write(row)
            if progress is not None:
                progress(run.done, config.iterations, f"success {row['success']:.3f}")
            if run.done % CHECKPOINT_EVERY == 0 and run.done < config.iterations:
                save_checkpoint(out, config, run.checkpoint())
    finally:
        log.close()
    save_checkpoint(out, config, run.checkpoint())
    run.save(out)
    return out


def claim_folder(out: Path, config: RunConfig, resume: bool) -> None:
    """Make the folder of a new run and write down its settings; refuse one that belongs to another run."""
    settings = out / "train.toml"
    if not resume:
        if settings.exists():
            raise MazenavError(f"{out} already holds a run: add --resume to go on with it, or give another --out")
        write_text_whole(settings, dump_toml({"train": config}))
