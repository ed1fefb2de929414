"""Training from nothing: iterate, log, checkpoint; a run that was stopped goes on as if it had not been."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from mazenav.config import TrainConfig, dump_toml
from mazenav.config.dense import DenseTrainConfig
from mazenav.config.modelfree import QTrainConfig
from mazenav.config.presets import RunConfig
from mazenav.config.vin import VinTrainConfig
from mazenav.files import write_text_whole
from mazenav.parallel import agreed, check_alike, check_share, gathered, joined, leads, ranks, restarted
from mazenav.training.checkpoint import NAME, load_checkpoint, save_checkpoint
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

    Started by `torchrun`, its processes share the run (docs/scaling.md). After one of them died and torchrun started
    them again, they go on from the last checkpoint unasked.

    Raises:
        MazenavError: if the folder cannot be written, holds another run, or there is nothing to resume, or no GPU, or
            other processes of the run are gone.
    """
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise MazenavError("--device cuda was asked for, but torch finds no GPU here")
    with joined(device) as own_device:
        going_on = resume or (restarted() and (out / NAME).is_file())
        resume = bool(gathered(np.array([going_on]))[0][0])  # what the first process sees
        agreed(lambda: claim_folder(out, config, resume))
        torch.set_num_threads(config.threads)
        run = new_run(config, own_device)
        if resume:
            run.restore(load_checkpoint(out, config))
        elif ranks() > 1:
            keep(run, out, config)  # whoever dies, there is something to go on from
        follow(run, out, config, progress)
        keep(run, out, config)
        agreed(lambda: run.save(out))
    return out


def follow(run: Run, out: Path, config: RunConfig, progress: Progress | None) -> None:
    """Iterate to the end, logging each iteration and keeping a checkpoint now and then."""
    log = TrainingLog(out, run.done) if leads() else None
    try:
        while run.done < config.iterations:
            row = run.iterate()
            if log is not None:
                log.write(row)
            if progress is not None and leads():
                progress(run.done, config.iterations, f"success {row['success']:.3f}")
            if run.done % CHECKPOINT_EVERY == 0 and run.done < config.iterations:
                keep(run, out, config)
    finally:
        if log is not None:
            log.close()


def keep(run: Run, out: Path, config: RunConfig) -> None:
    """Save a checkpoint, which every process of the run could have written."""
    checkpoint = run.checkpoint()
    check_alike(checkpoint.arrays, repr(checkpoint.facts["rngs"]))
    agreed(lambda: save_checkpoint(out, config, checkpoint))


def claim_folder(out: Path, config: RunConfig, resume: bool) -> None:
    """Make the folder of a new run and write down its settings; refuse one of another run, or too many processes."""
    check_share("agents", config.agents)
    check_share("segments of a minibatch", config.agents % config.minibatch or config.minibatch)
    settings = out / "train.toml"
    if not resume:
        if settings.exists():
            raise MazenavError(f"{out} already holds a run: add --resume to go on with it, or give another --out")
        write_text_whole(settings, dump_toml({"train": config}))
