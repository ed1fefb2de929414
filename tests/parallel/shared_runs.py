"""What the processes of `torchrun` do in the tests: train every kind of run, small, and evaluate.

usage: python shared_runs.py FOLDER, or python shared_runs.py FOLDER dies, where one process is killed in a run
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from mazenav.agent.baselines import RandomAgent
from mazenav.cli.main import main
from mazenav.config import TrainConfig
from mazenav.config.dense import DenseTrainConfig
from mazenav.config.presets import PRESETS, AnyConfig
from mazenav.evaluation.episode_file import save_episodes
from mazenav.evaluation.protocol import make_tasks, run_tasks
from mazenav.layout.sets import load_set
from mazenav.parallel import check_alike, joined, leads
from mazenav.training import loop
from mazenav.training.spatial import SpatialRun
from mazenav.types import MazenavError

KINDS = ("mmn", "mmn-dense", "mah", "vin")
"""A preset of each kind of run."""
CHECKPOINT_EVERY = 2


def tiny(preset: str) -> AnyConfig:
    """Settings of a run of a second, in full precision; of no batch can two processes take half each."""
    config = PRESETS[preset]
    sizes = {"iterations": 4, "agents": 7, "segment": 8, "minibatch": 5, "sizes": (5, 9)}
    others = {"autocast": False, "replayed": 4, "doubted": 3, "steps": 3}
    config = replace(config, **sizes, **{name: value for name, value in others.items() if hasattr(config, name)})
    if isinstance(config, DenseTrainConfig):
        return replace(config, model=replace(config.model, half_precision=False))
    if isinstance(config, TrainConfig):  # with every loss that there is
        return replace(config, loss=replace(config.loss, search_weight=0.5, search_share=1.0))
    return config


def train_and_evaluate(out: Path) -> None:
    """A run of each kind, the last by command, an evaluation, and what is said when processes come apart."""
    for preset in KINDS[:-1]:
        loop.train(tiny(preset), out / preset)
    sizes = {"iterations": 4, "agents": 7, "segment": 8, "minibatch": 5, "replayed": 4}
    options = [word for name, value in sizes.items() for word in (f"--{name}", str(value))]
    main(["train", KINDS[-1], "--out", str(out / KINDS[-1]), *options, "--sizes", "5", "9"])
    numbers = ["--map", "mixed:0.1", "--json", str(out / "numbers.json")]
    main(["evaluate", "random", "test-13", "--max-layouts", "5", *numbers])
    with joined():
        tasks = make_tasks(load_set("test-13")[:5], 1, seed=3)
        result = run_tasks(RandomAgent(), tasks, given_map="mixed:0.1", seed=4, batch_size=2)
        if leads():
            save_episodes(result.episodes, out / "episodes.npz")
        try:
            check_alike({"own": np.array([float(leads())])}, "")
        except MazenavError as error:
            (out / "apart.txt").write_text(str(error))


def train_and_die(out: Path) -> None:
    """A run in whose third iteration the second process is killed, the first time that it comes there."""
    iterate = SpatialRun.iterate

    def iterate_or_die(run: SpatialRun) -> dict[str, float]:
        if run.done == 2 and os.environ["RANK"] == "1" and os.environ["TORCHELASTIC_RESTART_COUNT"] == "0":
            os.kill(os.getpid(), signal.SIGKILL)
        return iterate(run)

    SpatialRun.iterate = iterate_or_die  # type: ignore[method-assign]  # in this process of a test alone
    loop.CHECKPOINT_EVERY = CHECKPOINT_EVERY
    try:
        loop.train(tiny("mmn"), out)
    except MazenavError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    train_and_die(Path(sys.argv[1])) if "dies" in sys.argv else train_and_evaluate(Path(sys.argv[1]))
