"""How an agent that learnt values alone acts on them."""

from __future__ import annotations

from dataclasses import dataclass

from mazenav.config.toml import check_range


@dataclass(frozen=True)
class PolicyConfig:
    """A softmax over minus the decisions to go."""

    temperature: float = 0.0
    """Decisions by which an action must be worse to be e times less likely; 0 takes the best."""

    def __post_init__(self) -> None:
        check_range(self, "temperature", 0, 1e6)
