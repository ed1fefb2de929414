"""docs/trajectories.md keeps its word: its commands parse, its Python runs, its table has every array."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from mazenav.agent.follower import Follower
from mazenav.cli import main as way_in
from mazenav.cli import rollout
from mazenav.evaluation.collecting import Plan, collect
from mazenav.evaluation.task_source import FreshTasks

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "trajectories.md").read_text(encoding="utf-8")
LINES = re.findall(r"^mazenav rollout ([^\n]+)", PAGE, re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    collect("trajectories", Plan(Follower(), {"name": "follower"}, FreshTasks("rooms", (9, 9), 0), episodes=20))
    return tmp_path / "trajectories"


@pytest.mark.parametrize("line", LINES)
def test_commands_parse(line: str) -> None:
    assert isinstance(way_in._parse(rollout, "rollout", shlex.split(line)), rollout.Options)


def test_python_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    exec(compile(block, "trajectories.md", "exec"), {})
    said = capsys.readouterr().out
    assert "20 episodes," in said
    assert said.count("rooms-") == 2


def test_the_table_has_every_array_as_it_is(folder: Path) -> None:
    told = dict.fromkeys(name for row in re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE) for name in row.split(", "))
    with np.load(folder / "shard-00000.npz", allow_pickle=False) as archive:
        assert {f"`{name}`" for name in archive.files if name != "format"} <= set(told)
        assert archive["states"].dtype == np.float32
        assert archive["actions"].dtype == np.uint8
        assert archive["states"].shape == (archive["lengths"].sum() + 20, 6)
