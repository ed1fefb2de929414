"""C references that travel with the package as source and are compiled on the spot."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from mazenav.types import MazenavError

NO_COMPILER = "no C compiler (cc, gcc or clang) on the path"
"""Why a C reference has no figure."""

NATIVE = ("-march=native", "-mcpu=native", "-O3")
"""Ways to ask for the machine's own instructions; the first that the compiler takes is used."""

SECONDS = 120
"""A compiler that takes longer than this hangs."""


def compile_c(name: str, flags: Sequence[str] = ()) -> ctypes.CDLL | None:
    """The functions of `mazenav/bench/NAME` (a C file), compiled with -O3 for this machine; None without a compiler.

    The library is built in a temporary folder, which is removed at once: what is loaded stays in memory.

    Args:
        name: the file, such as `frames.c`.
        flags: more flags for the compiler.

    Raises:
        MazenavError: if the compiler refuses the file; the message holds its first complaint.
    """
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        return None
    source = resources.files("mazenav.bench").joinpath(name)
    complaint = ""
    with (
        tempfile.TemporaryDirectory(prefix="mazenav-", ignore_cleanup_errors=True) as folder,
        resources.as_file(source) as path,
    ):
        code, library = Path(folder, "code.o"), Path(folder, path.with_suffix(".so").name)
        for native in NATIVE:
            refused = _run(compiler, "-O3", native, "-fPIC", *flags, "-c", str(path), "-o", str(code))
            # Linked without the flags: gcc would add a start-up that rounds small numbers to zero, in all that runs.
            refused = refused or _run(compiler, "-shared", str(code), "-o", str(library), "-lm")
            if not refused:
                return ctypes.CDLL(str(library))
            complaint = complaint or refused
    raise MazenavError(f"{compiler} cannot compile {name}: {complaint}")


def _run(*command: str) -> str:
    """Run a compiler; its first complaint, or nothing if it had none."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    return "" if done.returncode == 0 else done.stderr.strip().partition("\n")[0] or "no reason given"
