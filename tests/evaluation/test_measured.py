from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mazenav.evaluation.measured import Measured, commit
from mazenav.types import MazenavError


class Counter:
    """A measurement that tells how often it was made."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> dict[str, int]:
        self.calls += 1
        return {"calls": self.calls}


def test_what_was_made_alike_is_measured_once_even_after_a_restart(tmp_path: Path) -> None:
    count, made_of = Counter(), {"weights": "ab", "layouts": (0, 100)}
    first = Measured(tmp_path / "rows.json")
    assert first.row("a", made_of, count)["calls"] == 1
    assert first.row("a", made_of, count)["calls"] == 1
    again = Measured(tmp_path / "rows.json")
    assert again.row("a", made_of, count) == first.rows["a"] and count.calls == 1


def test_other_weights_and_other_names_are_measured_anew(tmp_path: Path) -> None:
    count, rows = Counter(), Measured(tmp_path / "rows.json")
    rows.row("a", {"weights": "ab"}, count)
    assert rows.row("a", {"weights": "cd"}, count)["calls"] == 2
    assert rows.row("b", {"weights": "cd"}, count)["calls"] == 3
    held = json.loads((tmp_path / "rows.json").read_text())
    assert list(held) == ["a", "b"] and held["a"]["made_of"] == {"weights": "cd"}


def test_a_measurement_that_fails_leaves_what_is_there(tmp_path: Path) -> None:
    def fails() -> dict[str, int]:
        raise RuntimeError("out of time")

    rows = Measured(tmp_path / "rows.json")
    rows.row("a", {}, Counter())
    before = (tmp_path / "rows.json").read_bytes()
    with pytest.raises(RuntimeError, match="out of time"):
        rows.row("b", {}, fails)
    assert (tmp_path / "rows.json").read_bytes() == before


def test_commits_are_those_of_the_rows_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Measured(tmp_path / "rows.json")
    for name, at in (("a", "1111111"), ("b", "2222222")):
        monkeypatch.setattr("mazenav.evaluation.measured.commit", lambda at=at: at)
        rows.row(name, {}, Counter())
    later = Measured(tmp_path / "rows.json")
    later.row("b", {}, Counter())
    assert rows.commits() == "1111111, 2222222" and later.commits() == "2222222"


def test_a_commit_is_named_or_nothing_is(tmp_path: Path) -> None:
    assert re.fullmatch(r"([0-9a-f]{7,40}(-dirty)?)?", commit())


def test_how_long_agents_trained_is_said_once_for_the_same_agents_and_remembered(tmp_path: Path) -> None:
    for name, seconds in (("a", 60), ("b", 130), ("c", 600)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.toml").write_text(f"[made]\nseconds = {seconds}\niterations = 7\n")
    a, b, c = (str(tmp_path / name) for name in "abc")
    said = [
        "- 0, 50: 2 seeds, 7 iterations, 1 to 2 minutes each",
        "- alone: 1 seed, 7 iterations, 10 minutes",
    ]
    methods = {"0": [f"{a}@0", f"{b}@0"], "50": [a, b], "alone": [c]}
    assert Measured(tmp_path / "rows.json").how_trained(methods).splitlines() == said
    for name in "abc":
        (tmp_path / name / "config.toml").unlink()
    assert Measured(tmp_path / "rows.json").how_trained(methods).splitlines() == said
    with pytest.raises(MazenavError, match=r"config\.toml"):
        Measured(tmp_path / "rows.json").how_trained({"none": [str(tmp_path)]})


def test_a_row_without_its_agent_is_the_one_that_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mazenav.evaluation.measured.commit", lambda: "1111111")
    Measured(tmp_path / "rows.json").row("runs/a | here", {"weights": "ab"}, Counter())
    rows = Measured(tmp_path / "rows.json")
    assert rows.held("runs/a | here")["calls"] == 1 and rows.commits() == "1111111"
    with pytest.raises(
        MazenavError, match=r"^runs/b holds no trained agent, and .*rows\.json no row 'runs/b \| here'$"
    ):
        rows.held("runs/b | here")


def test_a_page_says_the_command_that_wrote_it_and_the_commits_of_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mazenav.evaluation.measured.commit", lambda: "1111111")
    monkeypatch.setattr("sys.argv", ["scripts/results.py", "runs/a b", "--out", "x"])
    rows = Measured(tmp_path / "rows.json")
    rows.row("a", {}, Counter())
    assert rows.origin() == "Measured by `python scripts/results.py 'runs/a b' --out x`\nat commit 1111111"
