"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

# One process a core (pytest -n auto): threads of theirs besides would only wait for each other. Read by torch's import.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import settings

# The first call of a compiled kernel takes seconds, so no example has a deadline.
settings.register_profile("mazenav", deadline=None)
settings.load_profile("mazenav")


@pytest.fixture(scope="session")
def external() -> Path:
    """The folder of real layouts; unset means skip, set but missing means failure."""
    folder = os.environ.get("MAZENAV_EXTERNAL")
    if folder is None:
        pytest.skip("MAZENAV_EXTERNAL is not set: the real layouts are not at hand")
    path = Path(folder)
    assert path.is_dir(), f"MAZENAV_EXTERNAL names {folder}, which is not a folder"
    return path
