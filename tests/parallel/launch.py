"""Starts `torchrun` on this machine, as a user does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
ROOT = Path(__file__).resolve().parents[2]


def torchrun(*arguments: object, launcher: tuple[str, ...] = (), **more: str) -> subprocess.CompletedProcess[str]:
    """Run two processes to their end; `more` goes to their environment."""
    own = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), **more}
    command = [*TORCHRUN, *launcher, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, env={**os.environ, **own}, cwd=ROOT)
