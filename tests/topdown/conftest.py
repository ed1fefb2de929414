"""The layout that most pictures are drawn of."""

from __future__ import annotations

import pytest

from mazenav.types import Layout
from tests.topdown.hand import CORRIDOR, layout_of


@pytest.fixture
def layout() -> Layout:
    return layout_of(CORRIDOR, "corridor")
