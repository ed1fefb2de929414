"""The way in: help, unknown commands, bad options, and the boundary that no error crosses as a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace

import pytest

from mazenav import __version__
from mazenav.cli import main as way_in
from mazenav.cli.main import COMMANDS
from mazenav.types import LayoutError


def test_help_names_every_command_and_an_example(command: Callable) -> None:
    said = command("--help")
    assert said.code == 0
    assert all(f"  {name} " in said.out for name in COMMANDS)
    assert said.out.splitlines()[-1].startswith("Example: mazenav ")


def test_version(command: Callable) -> None:
    assert command("--version").out == f"mazenav {__version__}\n"


def test_no_command_shows_the_help_and_fails(command: Callable) -> None:
    said = command()
    assert (said.code, said.out) == (2, "")
    assert "usage: mazenav COMMAND" in said.err


def test_an_unknown_command_is_named_with_the_known_ones(refused: Callable) -> None:
    sentence = refused("navigate")
    assert "'navigate'" in sentence
    assert all(name in sentence for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_ends_with_an_example(name: str, command: Callable) -> None:
    said = command(name, "--help")
    assert said.code == 0
    last = said.out.splitlines()[-1]
    assert last == f"Example: {import_module(f'mazenav.cli.{name}').EXAMPLE}"
    assert last.startswith(f"Example: mazenav {name}")
    assert "usage: mazenav" in said.out


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_of_a_command_parses(name: str) -> None:
    module = import_module(f"mazenav.cli.{name}")
    options = way_in._parse(module, name, module.EXAMPLE.split()[2:])
    assert isinstance(options, module.Options)


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unknown_option_is_named(name: str, refused: Callable) -> None:
    needed = {"generate": ["open"], "rollout": ["oracle"], "evaluate": ["oracle"], "train": ["base"], "bench": ["sim"]}
    sentence = refused(name, *needed.get(name, []), "--nonsense")
    assert "--nonsense" in sentence
    assert sentence.endswith(f"(see mazenav {name} --help)")


@pytest.mark.parametrize("width", ["20", "60", "300"])
def test_the_sentence_does_not_depend_on_the_width_of_the_terminal(
    width: str, refused: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    sentence = refused("evaluate", "oracle", "test-13", "--env", "wrong")
    assert "'wrong'" in sentence
    assert all(word in sentence for word in ("--env", "numba", "bullet"))
    assert not set(sentence) & set("│╭╮╰╯─")


def _command_that(raises: BaseException) -> SimpleNamespace:
    def run(options: object) -> None:
        raise raises

    generate = import_module("mazenav.cli.generate")
    return SimpleNamespace(Options=generate.Options, EXAMPLE=generate.EXAMPLE, run=run)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(28, "No space left on device", "/big/file"), "/big/file: no space left on device"),
        (PermissionError(13, "Permission denied", "/locked/x"), "/locked/x: permission denied"),
        (OSError("it broke"), "it broke"),
        (LayoutError("maze.txt, line 3: found\na tab"), "maze.txt, line 3: found a tab"),
    ],
)
def test_errors_become_one_sentence(
    error: Exception, sentence: str, refused: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(way_in, "import_module", lambda name: _command_that(error))
    assert refused("generate", "open") == sentence


def test_an_interrupt_says_one_line(command: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(way_in, "import_module", lambda name: _command_that(KeyboardInterrupt()))
    said = command("generate", "open")
    assert (said.code, said.out, said.err) == (130, "", "mazenav: interrupted\n")


def test_a_bug_is_not_hidden(command: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(way_in, "import_module", lambda name: _command_that(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        command("generate", "open")


def _script(*arguments: str, **options: object) -> subprocess.CompletedProcess:
    line = [sys.executable, "-m", "mazenav.cli.main", *arguments]
    return subprocess.run(line, capture_output=True, text=True, **options)


def test_the_script_hands_its_exit_code_on() -> None:
    done = _script("generate", "nonsense")
    assert done.returncode == 2
    assert done.stderr.startswith("mazenav: no generator is called 'nonsense'")


def test_a_reader_that_leaves_early_causes_no_noise() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        line = [sys.executable, "-m", "mazenav.cli.main", "generate", "open", "--count", "300"]
        done = subprocess.run(line, stdout=writing, stderr=subprocess.PIPE, text=True)
    finally:
        os.close(writing)
    assert done.returncode == 2
    assert done.stderr == ""
