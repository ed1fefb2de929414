"""Errors of DeepMind Lab's interface: mazenav's own, and of the types that its users catch."""

from __future__ import annotations

from mazenav.types import MazenavError


class LabError(MazenavError):
    """An argument of `Lab` that cannot be used; a ValueError, as the engine raises."""


class LabTypeError(LabError, TypeError):
    """An argument of another type than the engine takes."""


class LabStatusError(LabError, RuntimeError):
    """A call that the engine takes only in another status: before the first reset, after the end, or once closed."""


class NotOfferedError(LabError, NotImplementedError):
    """Something of the engine's that mazenav does not have."""
