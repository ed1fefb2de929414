"""Without PyBullet: one clear error, where it is first needed. These tests run on every Python."""

from __future__ import annotations

import sys

import gymnasium
import pytest

import mazenav.env
from mazenav.cli.main import main
from mazenav.env.bullet.batch import BulletBatch
from mazenav.types import MazenavError


@pytest.fixture(autouse=True)
def no_bullet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pybullet", None)


def test_environment_and_batch_name_the_extra() -> None:
    with pytest.raises(MazenavError, match=r"pip install 'mazenav\[bullet\]'"):
        gymnasium.make(mazenav.env.BULLET_NAV)
    with pytest.raises(MazenavError, match=r"mazenav\[bullet\]"):
        BulletBatch(1, 5, 5)


def test_the_command_line_says_it_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "random", "test-13", "--max-layouts", "1", "--env", "bullet"]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and "mazenav[bullet]" in said.err
