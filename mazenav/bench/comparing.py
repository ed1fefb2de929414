"""Rows of a table: our figure beside those of others, whatever may be wrong with them."""

from __future__ import annotations

from collections.abc import Callable

from mazenav.bench.compiled import NO_COMPILER
from mazenav.bench.table import Row

Measured = Callable[[], float | None]
"""Measures another's figure; None where there is no compiler to make it."""


def rate_or_reason(measured: Measured) -> float | str:
    """A figure of another's, or why there is none; nothing that a peer may do stops the run."""
    try:
        rate = measured()
    except ImportError as error:
        return f"not installed ({error.name or error})"
    except Exception as error:  # a peer may fail in any way of its own
        return f"fails with {type(error).__name__}: {str(error).partition(chr(10))[0][:100]}"
    return NO_COMPILER if rate is None else rate


def compared(
    work: str,
    unit: str,
    ours: Callable[[], float],
    others: dict[str, Measured],
    floor: float | None,
    least: float | None = None,
) -> Row:
    """A row of ours beside others."""
    found = {name: rate_or_reason(measured) for name, measured in others.items()}
    rates = {name: each for name, each in found.items() if isinstance(each, float)}
    missing = {name: each for name, each in found.items() if isinstance(each, str)}
    return Row(work, unit, ours(), rates, missing, floor, least)
