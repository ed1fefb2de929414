"""What `mazenav train` can make: named settings."""

from __future__ import annotations

from typing import Protocol

from mazenav.config.spatial import TrainConfig


class RunConfig(Protocol):
    """What every training run is told, whatever it trains."""

    @property
    def seed(self) -> int:
        """Everything random in the run follows from it."""

    @property
    def iterations(self) -> int:
        """Rounds of collecting and learning."""

    @property
    def threads(self) -> int:
        """CPU threads of torch."""


PRESETS: dict[str, TrainConfig] = {"base": TrainConfig()}
"""Settings by the name of the agent that they make."""
