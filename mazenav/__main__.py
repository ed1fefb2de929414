"""`python -m mazenav`: the command line, for launchers that want a module."""

from __future__ import annotations

import sys

from mazenav.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
