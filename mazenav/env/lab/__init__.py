"""DeepMind Lab's Python interface without DeepMind Lab: `from mazenav.env.lab import Lab`."""

from __future__ import annotations

from mazenav.env.lab.api import Lab
from mazenav.env.lab.errors import LabError, LabStatusError, LabTypeError, NotOfferedError

__all__ = ["Lab", "LabError", "LabStatusError", "LabTypeError", "NotOfferedError"]
