"""`mazenav train`: settings from the command line reach the training loop, and a bad request never starts it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from mazenav.config import TrainConfig
from mazenav.config.presets import PRESETS
from mazenav.types import MazenavError


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[SimpleNamespace]:
    """What the training loop was called with; a stand-in that does nothing takes its place."""
    calls: list[SimpleNamespace] = []

    def train(config: TrainConfig, out: Path, **others: object) -> None:
        calls.append(SimpleNamespace(config=config, out=out, **others))

    monkeypatch.setitem(sys.modules, "mazenav.training.loop", SimpleNamespace(train=train))
    return calls


def test_the_defaults_are_those_of_the_preset(command: Callable, started: list[SimpleNamespace]) -> None:
    said = command("train", "base")
    assert said.code == 0
    (call,) = started
    assert (call.config, call.out, call.resume, call.device) == (PRESETS["mmn"], Path("runs/base"), False, "cpu")
    assert "runs/base" in said.out


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_can_be_trained(preset: str, command: Callable, started: list[SimpleNamespace]) -> None:
    assert command("train", preset, "--seed", 5).code == 0
    (call,) = started
    assert call.config == replace(PRESETS[preset], seed=5) and call.out == Path("runs", preset)


def test_every_option_arrives(command: Callable, started: list[SimpleNamespace], tmp_path: Path) -> None:
    line = ["--out", tmp_path / "run", "--seed", 7, "--resume", "--device", "cuda", "--iterations", 12]
    assert command("train", "base", *line, "--loss.unroll", 3).code == 0
    (call,) = started
    assert (call.out, call.resume, call.device) == (tmp_path / "run", True, "cuda")
    assert (call.config.seed, call.config.iterations, call.config.loss.unroll) == (7, 12, 3)
    call.progress(3, 12, "success 0.5")


def test_what_the_loop_refuses_is_said(
    refused: Callable, started: list[SimpleNamespace], monkeypatch: pytest.MonkeyPatch
) -> None:
    def train(config: TrainConfig, out: Path, **others: object) -> None:
        raise MazenavError("runs/base belongs to another config")

    monkeypatch.setattr(sys.modules["mazenav.training.loop"], "train", train)
    assert refused("train", "base") == "runs/base belongs to another config"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "PRESET"),
        (["huge"], "'huge'"),
        (["base", "--seed", "-1"], "seed must lie between 0 and"),
        (["base", "--seed", "x"], "'x'"),
        (["base", "--device", "tpu"], "'tpu'"),
        (["base", "--model.nonsense", "3"], "--model.nonsense"),
    ],
)
def test_bad_requests_never_start_it(
    arguments: list[str], words: str, refused: Callable, started: list[SimpleNamespace]
) -> None:
    assert words in refused("train", *arguments)
    assert started == []
