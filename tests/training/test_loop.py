"""A whole training run, small: resumed runs equal uninterrupted ones, and nothing bad is taken for a run."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mazenav.agent.loading import load_agent
from mazenav.config import TrainConfig
from mazenav.layout.sets import load_set
from mazenav.layout.split import content_hash
from mazenav.rng import stream
from mazenav.training import loop
from mazenav.training.checkpoint import NAME as CHECKPOINT
from mazenav.training.loop import train
from mazenav.training.tasks import draw_layout, draw_task, held_out
from mazenav.types import MazenavError

TINY = TrainConfig(iterations=5, agents=8, segment=8, minibatch=4, replayed=4, replay_capacity=32, sizes=(5, 9))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted run."""
    return train(TINY, tmp_path_factory.mktemp("runs") / "whole")


@pytest.mark.parametrize("stop_after", [1, 3, 4])
def test_a_resumed_run_equals_one_that_never_stopped(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_after: int
) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY", 1)

    def stop(done: int, total: int, note: str) -> None:
        if done == stop_after + 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(TINY, tmp_path / "run", progress=stop)
    assert not (tmp_path / "run" / "weights.safetensors").exists()
    train(TINY, tmp_path / "run", resume=True)
    assert (tmp_path / "run" / "weights.safetensors").read_bytes() == (whole / "weights.safetensors").read_bytes()
    rows = [(run / "metrics.jsonl").read_text().splitlines() for run in (whole, tmp_path / "run")]
    for kept, resumed in zip(*([json.loads(line) for line in lines] for lines in rows), strict=True):
        assert kept | {"seconds": 0} == resumed | {"seconds": 0}


def test_the_seed_decides_the_run(whole: Path, tmp_path: Path) -> None:
    train(replace(TINY, seed=1), tmp_path / "other")
    assert (tmp_path / "other" / "weights.safetensors").read_bytes() != (whole / "weights.safetensors").read_bytes()


def test_the_result_is_an_agent_with_curves_and_a_card(whole: Path) -> None:
    agent = load_agent(whole)
    assert agent.name == "whole" and agent.search.simulations > 0
    assert load_agent(whole, simulations=0).search.simulations == 0
    assert list((whole / "curves").iterdir())
    assert "5 iterations" in (whole / "card.md").read_text()


def test_a_folder_that_holds_a_run_is_not_written_over(whole: Path) -> None:
    before = (whole / "weights.safetensors").read_bytes()
    with pytest.raises(MazenavError, match="already holds a run: add --resume"):
        train(TINY, whole)
    assert (whole / "weights.safetensors").read_bytes() == before


def test_a_run_with_other_settings_is_not_resumed(whole: Path) -> None:
    with pytest.raises(MazenavError, match="belongs to a run with other settings"):
        train(replace(TINY, learning_rate=1e-4), whole, resume=True)


def test_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(MazenavError, match="holds no checkpoint to resume from"):
        train(TINY, tmp_path / "nothing", resume=True)


@pytest.mark.parametrize("damage", ["truncated", "text", "empty"])
def test_a_damaged_checkpoint_is_refused(whole: Path, tmp_path: Path, damage: str) -> None:
    content = (whole / CHECKPOINT).read_bytes()
    damaged = {"truncated": content[: len(content) // 2], "text": b"not a checkpoint", "empty": b""}[damage]
    (tmp_path / CHECKPOINT).write_bytes(damaged)
    with pytest.raises(MazenavError, match=f"{CHECKPOINT} is not a whole safetensors file"):
        train(TINY, tmp_path, resume=True)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(MazenavError, match="cannot write"):
        train(TINY, tmp_path / "file" / "run")


FULL_DISK = """
import resource, sys
from mazenav.cli.main import main
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
options = "--iterations 2 --agents 8 --segment 8 --minibatch 4 --replayed 4 --replay-capacity 32 --sizes 5 9"
sys.exit(main(["train", "base", "--out", sys.argv[1], *options.split()]))
"""


def test_a_full_disk_is_told_in_one_sentence_and_leaves_no_half_file(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path / "run")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 2, done.stderr
    assert done.stderr.strip().count("\n") == 0 and "cannot write" in done.stderr
    assert not list((tmp_path / "run").glob("*.safetensors")) and not list((tmp_path / "run").glob(".*"))


def test_training_never_draws_a_test_layout() -> None:
    excluded = held_out()
    assert {content_hash(layout) for layout in load_set("test-13")} <= excluded
    # What the stream would draw first is put among the excluded: it must then be passed over.
    first = content_hash(draw_layout((7, 9), stream(0, "drawn")))
    assert content_hash(draw_task((7, 9), stream(0, "drawn")).layout) == first
    assert content_hash(draw_task((7, 9), stream(0, "drawn"), frozenset([first])).layout) != first
