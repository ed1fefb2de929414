"""Whole runs of the paper's agent, small: resumed ones equal uninterrupted ones, and what they make can be driven."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mazenav.agent.dense_navigator import DenseNavigator
from mazenav.agent.loading import load_agent
from mazenav.cli.main import main
from mazenav.config.dense import DenseTrainConfig
from mazenav.config.presets import PRESETS
from mazenav.model.dense.hypermodel import TransitionMlp
from mazenav.training import loop
from mazenav.training.loop import train
from mazenav.training.muzero import MuZeroRun, new_network
from mazenav.training.tasks import held_out
from tests.model.dense.small import CONDITIONINGS, SMALL, contexts

TINY = DenseTrainConfig(
    model=SMALL, iterations=4, agents=8, segment=10, minibatch=4, replayed=4, replay_capacity=32, sizes=(5, 9)
)


def tiny(conditioning: str) -> DenseTrainConfig:
    return replace(TINY, model=replace(SMALL, conditioning=conditioning))


@pytest.mark.parametrize("conditioning", CONDITIONINGS)
def test_a_resumed_run_equals_one_that_never_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, conditioning: str
) -> None:
    config = tiny(conditioning)
    whole = train(config, tmp_path / "whole")
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY", 1)

    def stop(done: int, total: int, note: str) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config, tmp_path / "run", progress=stop)
    resumed = train(config, tmp_path / "run", resume=True)
    assert (resumed / "weights.safetensors").read_bytes() == (whole / "weights.safetensors").read_bytes()
    rows = [[json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()] for run in (whole, resumed)]
    timed = ("seconds", "collecting")
    for one, other in zip(*rows, strict=True):
        assert {k: v for k, v in one.items() if k not in timed} == {k: v for k, v in other.items() if k not in timed}
    assert [row["iteration"] for row in rows[0]] == [1, 2, 3, 4]
    assert list((resumed / "curves").iterdir()), "curves for TensorBoard"
    agent = load_agent(resumed)
    assert isinstance(agent, DenseNavigator) and agent.search.simulations > 0
    assert "How it was made" in (resumed / "card.md").read_text()


def test_a_seed_decides_everything(tmp_path: Path) -> None:
    weights = [new_network(replace(TINY, seed=seed)).state_dict() for seed in (1, 1, 2)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert not torch.equal(weights[0]["reader.flat.weight"], weights[2]["reader.flat.weight"])
    rows = [MuZeroRun(replace(TINY, seed=seed), "cpu").iterate() for seed in (1, 1, 2)]
    assert rows[0]["total"] == rows[1]["total"] != rows[2]["total"]


def test_networks_start_out_calibrated() -> None:
    network = new_network(DenseTrainConfig())
    with torch.no_grad():
        weights = network.read(*contexts(0, 32, 13, 13)).transition
    assert isinstance(weights, TransitionMlp)
    assert weights.middle_weight.var().item() == pytest.approx(2 / weights.middle_weight.shape[1], rel=0.4)


def test_what_is_collected_is_remembered_with_its_start() -> None:
    run = MuZeroRun(TINY, "cpu")
    run.collector.renew()
    fresh = run.collect()
    assert fresh.actions.shape == (8, 10) and fresh.starts.shape == (8, 2)
    assert not fresh.maps[np.arange(8), fresh.starts[:, 0], fresh.starts[:, 1]].any(), "nobody starts in a wall"
    assert len(np.unique(fresh.actions)) == 4


def test_no_run_draws_a_test_layout() -> None:
    assert MuZeroRun(TINY, "cpu").collector.excluded == held_out() != frozenset()


def test_presets_differ_in_nothing_but_the_hypermodel() -> None:
    dense, without = PRESETS["mmn-dense"], PRESETS["no-hyper"]
    assert isinstance(dense, DenseTrainConfig) and isinstance(without, DenseTrainConfig)
    assert without == replace(dense, model=replace(dense.model, conditioning="concatenated"))


@pytest.mark.parametrize("preset", ["mmn-dense", "no-hyper"])
def test_the_command_trains_and_what_it_trained_is_evaluated(
    preset: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "agent")
    small = "--iterations 1 --agents 4 --segment 6 --minibatch 4 --replayed 2 --replay-capacity 8"
    assert main(["train", preset, "--out", out, "--seed", "3", *small.split()]) == 0
    assert main(["evaluate", out, "test-13", "--max-layouts", "3", "--simulations", "2"]) == 0
    assert "success" in capsys.readouterr().out
    assert main(["evaluate", out, "test-25", "--max-layouts", "1"]) == 2
    assert "reads maps of at most 13 x 13 cells, found 25 x 25" in capsys.readouterr().err
