"""Settings of the value iteration network and of its training."""

from __future__ import annotations

from dataclasses import dataclass, field

from mazenav.config.toml import check_range
from mazenav.types import MazenavError


@dataclass(frozen=True)
class VinModelConfig:
    """Shape of the network."""

    channels: int = 32
    """Feature maps of the reward's convolutions."""
    depth: int = 3
    """3 x 3 convolutions that the reward is read from the map with."""
    sweeps_per_cell: float = 0.5
    """The recurrence ends after so many sweeps for each cell of the map, if it has not come to rest before."""
    tolerance: float = 0.01
    """It is at rest where no value changes by more than this many decisions in a sweep."""
    prediction_hidden: int = 192
    """Units of the local controller's layers."""
    prediction_depth: int = 3
    """Layers of the local controller."""
    reach: int = 2
    """Cells around the body that the local controller sees of the values."""
    n_actions: int = 4
    """Discrete actions."""
    mirror: tuple[int, ...] = (1, 0, 2, 3)
    """Which action each becomes in a mirror: left and right turns change places."""
    speed_scale: float = 3.2
    """Cells/s that the latent counts as 1: the body's top speed."""
    field_gradient: float = 0.02
    """Factor on the gradient where it enters the recurrence."""

    def __post_init__(self) -> None:
        for name in ("channels", "depth", "prediction_hidden", "prediction_depth", "reach", "n_actions"):
            check_range(self, name, 1, 4096)
        check_range(self, "sweeps_per_cell", 0.01, 4)
        check_range(self, "tolerance", 0, 1)
        check_range(self, "speed_scale", 1e-6, 1e6)
        check_range(self, "field_gradient", 0, 1)
        if sorted(self.mirror) != list(range(self.n_actions)):
            raise MazenavError(f"mirror must name each of {self.n_actions} actions once, found {list(self.mirror)}")


@dataclass(frozen=True)
class VinTrainConfig:
    """A whole training run; layouts, returns and hindsight goals are those of the spatial hypermodel's."""

    model: VinModelConfig = field(default_factory=VinModelConfig)
    """Shape of the network."""
    seed: int = 0
    """Everything random in the run follows from it."""
    iterations: int = 1500
    """Rounds of collecting and learning."""
    agents: int = 256
    """Agents that collect side by side."""
    segment: int = 32
    """Decisions that each agent takes in a round."""
    minibatch: int = 32
    """Fresh segments in a gradient step."""
    replayed: int = 16
    """Older segments with hindsight goals in a gradient step."""
    replay_capacity: int = 4096
    """Segments that are remembered."""
    trace: float = 0.9
    """Lambda of the returns."""
    residual_discount: float = 0.95
    """Discount of what the local controller adds to the values."""
    greedy_margin: float = 0.3
    """An action worse than the best by more than this many decisions cuts the trace (Watkins's Q(lambda))."""
    learning_rate: float = 1e-3
    """Of Adam, at its peak; warms up over the first hundred steps and falls to nothing along a cosine."""
    clip_norm: float = 10.0
    """The gradients of recurrence and of local controller are each clipped to this norm."""
    explore_temperature: float = 0.5
    """Actions are drawn from a softmax over minus the decisions to go, divided by this."""
    explore_uniform: float = 0.03
    """Share of decisions drawn uniformly."""
    sizes: tuple[int, int] = (7, 15)
    """Smallest and largest side of a training layout."""
    threads: int = 1
    """CPU threads of torch."""

    def __post_init__(self) -> None:
        for name in ("iterations", "agents", "segment", "minibatch", "replay_capacity"):
            check_range(self, name, 1, 10**7)
        for name in ("trace", "residual_discount", "explore_uniform"):
            check_range(self, name, 0, 1)
        for name in ("learning_rate", "clip_norm", "explore_temperature"):
            check_range(self, name, 1e-9, 1e6)
        check_range(self, "seed", 0, 2**63 - 1)
        check_range(self, "replayed", 0, 10**7)
        check_range(self, "greedy_margin", 0, 1e6)
        check_range(self, "threads", 1, 1024)
        if len(self.sizes) != 2 or not 5 <= self.sizes[0] <= self.sizes[1] <= 201:
            raise MazenavError(f"sizes must be a smallest and a largest side from 5 to 201, found {list(self.sizes)}")
        if self.agents > self.replay_capacity:
            raise MazenavError(f"replay_capacity must be at least agents ({self.agents}), found {self.replay_capacity}")
