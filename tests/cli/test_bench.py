"""`mazenav bench`: what was measured is printed and written."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from mazenav.bench.table import Row, markdown

ROWS = [
    Row("`step`, 13 x 13", "env-steps/s", 1234567.0, {"A [peer]": 1000.0, "B": 2e6}, {"C": "not installed"}, 1.0, 1e6),
    Row("reading", "s", 0.5, least=1.0),
]


@pytest.fixture(autouse=True)
def subject(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mazenav.bench.sim", SimpleNamespace(measure=lambda progress: ROWS))


def test_every_figure_is_printed_and_written(command: Callable, tmp_path: Path) -> None:
    said = command("bench", "sim", "--out", tmp_path / "new" / "sim.md")
    assert said.code == 0, said.err
    for words in (
        "step, 13 x 13",
        "1,234,567",
        "A [peer] 1,000 (x 1234.57)",
        "B 2,000,000 (x 0.62)",
        "C: not installed",
        "1,000,000: met, x 1: missed",
        "reading",
        "1: met",
    ):
        assert words in said.out
    assert (tmp_path / "new" / "sim.md").read_text() == markdown("mazenav bench sim", ROWS)


def test_unknown_subjects_are_refused(refused: Callable) -> None:
    assert "weather" in refused("bench", "weather")
