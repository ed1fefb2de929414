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
        library = Path(folder, path.with_suffix(".so").name)
        for native in NATIVE:
            command = [compiler, "-O3", native, "-shared", "-fPIC", *flags, str(path), "-o", str(library), "-lm"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
            if done.returncode == 0:
                return ctypes.CDLL(str(library))
            complaint = complaint or done.stderr.strip().partition("\n")[0]
    raise MazenavError(f"{compiler} cannot compile {name}: {complaint}")
