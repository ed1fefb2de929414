"""The command line, called in this process as the console script calls it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from mazenav.cli.main import main


class Said(NamedTuple):
    """What a command left behind: its exit code and what it printed."""

    code: int
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `mazenav` with the arguments given."""

    def run(*arguments: object) -> Said:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return run


@pytest.fixture
def refused(command: Command) -> Callable[..., str]:
    """Runs `mazenav` with arguments that it must refuse; gives the one sentence that it says."""

    def run(*arguments: object) -> str:
        said = command(*arguments)
        assert said.code == 2, said
        assert said.out == "", "what is refused prints no result"
        assert "Traceback" not in said.err
        lines = said.err.splitlines()
        assert len(lines) == 1, said.err
        assert lines[0].startswith("mazenav: ")
        return lines[0].removeprefix("mazenav: ")

    return run


@pytest.fixture
def mazes(tmp_path: Path) -> Path:
    """A folder with three tiny layouts as plain text."""
    folder = tmp_path / "mazes"
    folder.mkdir()
    (folder / "a.txt").write_text("#######\n#     #\n# ### #\n#     #\n#######\n")
    (folder / "b.txt").write_text("######\n#    #\n# #  #\n#    #\n######\n")
    (folder / "c.txt").write_text("#####\n#   #\n### #\n#   #\n#####\n")
    return folder
