"""The README keeps its word: its Python runs, and its commands exist and parse."""

from __future__ import annotations

import re
import shlex
import warnings
from importlib import import_module
from pathlib import Path

import pytest

from mazenav.cli import main as way_in
from mazenav.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
LINES = sorted(set(re.findall(r"^mazenav [^\n]+|(?<=`)mazenav [a-z][^`\n]*(?=`)", README, re.MULTILINE)))


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_python_blocks_run(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(compile(BLOCKS[number], f"README.md, Python block {number + 1}", "exec"), {})


def test_the_first_block_is_short_and_leaves_a_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len([line for line in BLOCKS[0].splitlines() if line.strip()]) <= 12
    monkeypatch.chdir(tmp_path)
    exec(compile(BLOCKS[0], "README.md", "exec"), {})
    assert (tmp_path / "episode.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("line", LINES)
def test_commands_parse(line: str) -> None:
    name, *arguments = shlex.split(line)[1:]
    command = import_module(f"mazenav.cli.{name}")
    assert isinstance(way_in._parse(command, name, arguments), command.Options)


def test_every_command_is_shown() -> None:
    assert {shlex.split(line)[1] for line in LINES} == set(COMMANDS)


def test_pictures_are_there() -> None:
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README)
    assert pictures
    assert [path for path in pictures if not (ROOT / path).is_file()] == []
