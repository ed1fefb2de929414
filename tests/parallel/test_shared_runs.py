"""Two processes of `torchrun` make the run that one makes, and a run outlives a process that is killed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from mazenav.training.checkpoint import NAME as CHECKPOINT
from mazenav.training.loop import train
from tests.parallel.launch import torchrun
from tests.parallel.shared_runs import KINDS, tiny, train_and_evaluate

SCRIPT = Path(__file__).with_name("shared_runs.py")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one process makes."""
    out = tmp_path_factory.mktemp("alone")
    train_and_evaluate(out)
    return out


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes make, of whom one prints."""
    out = tmp_path_factory.mktemp("shared")
    done = torchrun(SCRIPT, out)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("trained agent: ") == done.stdout.count("numbers: ") == 1
    return out


def rows(run: Path) -> list[dict[str, float]]:
    """What a run logged, times left out."""
    lines = (run / "metrics.jsonl").read_text().splitlines()
    return [{k: v for k, v in json.loads(line).items() if k not in ("seconds", "collecting")} for line in lines]


def assert_same_run(one: Path, other: Path) -> None:
    """The same losses and weights, but for rounding."""
    assert len(rows(one)) == len(rows(other)) == 4
    for left, right in zip(rows(one), rows(other), strict=True):
        assert left == pytest.approx(right, rel=1e-4, abs=1e-5)
    arrays, others = (load_file(run / CHECKPOINT) for run in (one, other))
    assert arrays.keys() == others.keys()
    for name, array in arrays.items():
        np.testing.assert_allclose(others[name], array, rtol=1e-4, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("preset", KINDS)
def test_two_processes_train_as_one_does(preset: str, alone: Path, shared: Path) -> None:
    assert_same_run(alone / preset, shared / preset)
    assert (shared / preset / "weights.safetensors").is_file() and (shared / preset / "card.md").is_file()


def test_two_processes_drive_the_same_episodes(alone: Path, shared: Path) -> None:
    assert (alone / "episodes.npz").read_bytes() == (shared / "episodes.npz").read_bytes()


def test_two_processes_write_the_same_numbers(alone: Path, shared: Path) -> None:
    one, two = (json.loads((run / "numbers.json").read_text()) for run in (alone, shared))
    assert one["episodes"] == 5 and min(two["decision_ms"].values()) > 0
    assert one | {"decision_ms": None} == two | {"decision_ms": None}


def test_processes_that_come_apart_say_so(alone: Path, shared: Path) -> None:
    assert "no longer hold the same" in (shared / "apart.txt").read_text()
    assert not (alone / "apart.txt").exists()


def test_a_killed_process_ends_the_run_which_can_be_resumed(alone: Path, tmp_path: Path) -> None:
    done = torchrun(SCRIPT, tmp_path / "run", "dies")
    assert done.returncode != 0
    assert len(rows(tmp_path / "run")) < 4 and not (tmp_path / "run" / "weights.safetensors").exists()
    train(tiny("mmn"), tmp_path / "run", resume=True)
    assert_same_run(alone / "mmn", tmp_path / "run")


def test_torchrun_starts_the_run_again_where_it_was(shared: Path, tmp_path: Path) -> None:
    done = torchrun(SCRIPT, tmp_path / "run", "dies", launcher=("--max-restarts", "1"))
    assert done.returncode == 0, done.stderr
    same = [(run / "weights.safetensors").read_bytes() for run in (shared / "mmn", tmp_path / "run")]
    assert same[0] == same[1] and rows(shared / "mmn") == rows(tmp_path / "run")
