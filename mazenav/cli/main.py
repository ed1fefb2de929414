"""`mazenav`: picks the sub-command, and turns every foreseeable error into one sentence and an exit code."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from mazenav import __version__
from mazenav.types import MazenavError

COMMANDS = {
    "generate": "make new layouts",
    "convert": "layouts from pictures, and from one format into another",
    "inspect": "what layouts look like, and what can be counted in them",
    "split": "sets that share no layout, filtered and merged",
    "render": "draw layouts as pictures",
    "rollout": "drive episodes and keep the trajectories",
    "train": "train a model-based agent from nothing",
    "evaluate": "measure how well an agent navigates layouts it has never seen",
    "bench": "speed beside peers and a C reference",
    "demo": "a first look: novel mazes, driven by the shipped agent",
}
"""Every sub-command, in a module of its own name, with what it is for."""

FAILED, INTERRUPTED = 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: the arguments after the program's name; those of the process unless given.

    Returns:
        The exit code: 0, 2 for input that cannot be used or files that cannot be written, 130 when interrupted.
    """
    try:
        return _dispatch(list(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt:
        return _stop("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read the output has left, as `head` does; what is still buffered must not raise at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except MazenavError as error:
        return _stop(str(error), FAILED)
    except OSError as error:
        return _stop(_sentence(error), FAILED)


def _dispatch(arguments: list[str]) -> int:
    """Run the sub-command that the first argument names."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(overview(), file=sys.stdout if arguments else sys.stderr)
        return 0 if arguments else FAILED
    if arguments[0] == "--version":
        print(f"mazenav {__version__}")
        return 0
    if arguments[0] not in COMMANDS:
        raise MazenavError(f"there is no command {arguments[0]!r}; there are {', '.join(COMMANDS)}")
    command = import_module(f"mazenav.cli.{arguments[0]}")
    options = _parse(command, arguments[0], arguments[1:])
    if options is None:
        return 0
    command.run(options)
    return 0


def overview() -> str:
    """What `mazenav --help` prints."""
    lines = [f"  {name:<10} {purpose}" for name, purpose in COMMANDS.items()]
    return "\n".join(
        [
            f"mazenav {__version__}: zero-shot navigation from a map",
            "",
            "usage: mazenav COMMAND [OPTIONS]",
            "",
            *lines,
            "",
            "`mazenav COMMAND --help` shows the options of a command.",
            "Example: mazenav evaluate mmn test-13 --max-layouts 50",
        ]
    )


def _parse(command: ModuleType, name: str, arguments: list[str]) -> object | None:
    """The options of a sub-command, or None if its help was asked for and has been printed.

    Raises:
        MazenavError: what tyro says of a bad option, as one sentence.
    """
    import tyro

    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            options = command.options_type(arguments) if hasattr(command, "options_type") else command.Options
            return tyro.cli(options, prog=f"mazenav {name}", args=arguments, config=(tyro.conf.FlagCreatePairsOff,))
    except SystemExit as stop:
        if not stop.code:
            print(f"\nExample: {command.EXAMPLE}")
            return None
    raise MazenavError(f"{_complaint(said.getvalue())} (see mazenav {name} --help)")


def _complaint(boxed: str) -> str:
    """The sentence in the box that tyro draws around a complaint: what stands above the first rule."""
    lines = [line.strip("│╭╮╰╯ ") for line in boxed.splitlines()]
    body = []
    for line in lines[1:]:
        if line and not line.strip("─"):
            break
        body.append(line)
    text = " ".join(" ".join(body).split()) or " ".join(boxed.split())
    text = re.sub(r" into \w+ type typing\.\S.*$", "", text).replace(" .", ".")
    text = re.sub(r"^Missing from [^:]*: (\S+) (.*?)\W*\(required\)", r"\1 is missing: \2", text)
    return text.rstrip(".")


def _sentence(error: OSError) -> str:
    """What went wrong with which file."""
    reason = (error.strerror or str(error) or type(error).__name__).lower()
    return f"{error.filename}: {reason}" if error.filename is not None else reason


def _stop(message: str, code: int) -> int:
    """Say one line on stderr."""
    print(f"mazenav: {' '.join(message.split())}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
