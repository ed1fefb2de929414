"""What `mazenav train` can make: named settings."""

from __future__ import annotations

from typing import Protocol

from mazenav.config.dense import DenseModelConfig, DenseTrainConfig
from mazenav.config.modelfree import QModelConfig, QTrainConfig
from mazenav.config.spatial import LossConfig, ModelConfig, TrainConfig
from mazenav.config.vin import VinTrainConfig


class RunConfig(Protocol):
    """What every training run is told, whatever it trains."""

    @property
    def seed(self) -> int:
        """Everything random in the run follows from it."""

    @property
    def iterations(self) -> int:
        """Rounds of collecting and learning."""

    @property
    def agents(self) -> int:
        """Agents that collect side by side, in all processes together."""

    @property
    def minibatch(self) -> int:
        """Segments in a gradient step, in all processes together."""

    @property
    def threads(self) -> int:
        """CPU threads of torch."""


AnyConfig = TrainConfig | DenseTrainConfig | QTrainConfig | VinTrainConfig
"""Settings of any run that there is."""

OTHER_NAMES = {"base": "mmn"}
"""Names by which agents were known before."""
_MMN = TrainConfig(model=ModelConfig(doubt_channels=32), loss=LossConfig(search_weight=0.5))
PRESETS: dict[str, AnyConfig] = {
    "mmn": _MMN,
    "base": _MMN,
    "mmn-dense": DenseTrainConfig(),
    "no-hyper": DenseTrainConfig(model=DenseModelConfig(conditioning="concatenated")),
    "mah": QTrainConfig(),
    "dqn": QTrainConfig(model=QModelConfig(reads_map=False), sizes=(13, 13), iterations=600),
    "vin": VinTrainConfig(iterations=300),
}
"""Settings by the name of the agent that they make."""
