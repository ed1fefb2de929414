"""What a training run is, whatever it trains."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from mazenav.training.checkpoint import Checkpoint


class Run(Protocol):
    """A training run between two iterations; everything random in it follows from its settings.

    Attributes:
        done: iterations done.
        seconds: wall time that they took, stops not counted.
    """

    done: int
    seconds: float

    def iterate(self) -> dict[str, float]:
        """Collect and learn once; returns the numbers to log, `iteration` and `success` among them."""

    def checkpoint(self) -> Checkpoint:
        """Everything that the next iteration depends on."""

    def restore(self, checkpoint: Checkpoint) -> None:
        """Take over a checkpoint of a run with the same settings."""

    def save(self, out: Path) -> None:
        """Write the trained agent into its folder: weights, config and card."""
