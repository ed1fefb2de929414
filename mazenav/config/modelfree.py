"""Settings of the model-free baselines: MAH, and DQN in a single layout."""

from __future__ import annotations

from dataclasses import dataclass, field

from mazenav.config.toml import check_range
from mazenav.types import MazenavError


@dataclass(frozen=True)
class QModelConfig:
    """Shape of the network."""

    reads_map: bool = True
    """Whether it is given the map; if not, it learns one layout by heart."""
    side: int = 13
    """Side of the layout that is learnt by heart; maps that are read may have any shape."""
    learnt_channels: int = 4
    """Numbers for each cell of a layout that is learnt by heart."""
    channels: int = 32
    """Feature maps of the reader."""
    rounds: int = 24
    """Rounds of the reader's recurrence; it sees as many cells far."""
    plans: int = 8
    """Numbers that the reader leaves in every cell for the controller."""
    hidden: int = 192
    """Units of the controller's layers."""
    hidden_depth: int = 3
    """Layers of the controller."""
    n_actions: int = 4
    """Discrete actions."""
    mirror: tuple[int, ...] = (1, 0, 2, 3)
    """Which action each becomes in a mirror: left and right turns change places."""
    speed_scale: float = 3.2
    """Cells/s that the latent counts as 1: the body's top speed."""

    def __post_init__(self) -> None:
        for name in ("learnt_channels", "channels", "rounds", "plans", "hidden", "hidden_depth", "n_actions"):
            check_range(self, name, 1, 4096)
        check_range(self, "side", 5, 201)
        check_range(self, "speed_scale", 1e-6, 1e6)
        if sorted(self.mirror) != list(range(self.n_actions)):
            raise MazenavError(f"mirror must name each of {self.n_actions} actions once, found {list(self.mirror)}")


@dataclass(frozen=True)
class ReplayConfig:
    """What is remembered, under which goals, and how it is drawn."""

    capacity: int = 24576
    """Segments that are remembered, each under one goal."""
    hindsight: int = 1
    """Copies of a fresh segment under a goal that the agent came to later in it."""
    elsewhere: float = 0.5
    """Share of fresh segments that are also remembered under a goal drawn among all free cells of the map."""
    exponent: float = 0.6
    """Alpha: a segment is drawn in proportion to its priority to this power."""
    correction: float = 0.4
    """Beta: importance weights are (N P) to minus this power, divided by the largest."""
    peak_share: float = 0.9
    """Eta: a priority is so much of the largest error in the segment, and the rest of the mean one (R2D2)."""

    def __post_init__(self) -> None:
        check_range(self, "capacity", 1, 10**7)
        check_range(self, "hindsight", 0, 100)
        for name in ("elsewhere", "correction", "peak_share"):
            check_range(self, name, 0, 1)
        check_range(self, "exponent", 0, 10)


@dataclass(frozen=True)
class QTrainConfig:
    """A whole training run."""

    model: QModelConfig = field(default_factory=QModelConfig)
    """Shape of the network."""
    replay: ReplayConfig = field(default_factory=ReplayConfig)
    """Replay."""
    seed: int = 0
    """Everything random in the run follows from it, the layout of a single task too."""
    iterations: int = 2000
    """Rounds of collecting and learning."""
    agents: int = 256
    """Actors side by side."""
    segment: int = 24
    """Decisions that each actor takes in a round."""
    steps: int = 12
    """Gradient steps in a round."""
    minibatch: int = 24
    """Segments in a gradient step."""
    n_step: int = 10
    """Decisions after which a return goes on with the target network's value."""
    greedy_margin: float = 0.5
    """A return goes on so before an action that is worse than the best by more than this many decisions."""
    discount: float = 0.997
    """Of the decisions to go, which are bounded by 1 / (1 - discount)."""
    target_period: int = 50
    """Gradient steps between two copies into the target network."""
    learning_rate: float = 2e-3
    """Of Adam, at its peak; warms up over the first hundred steps and falls to nothing along a cosine."""
    clip_norm: float = 10.0
    """The gradient is clipped to this norm."""
    epsilon: float = 0.4
    """Actor i of N draws uniformly with chance epsilon ** (1 + spread i / (N - 1))."""
    spread: float = 7.0
    """How far the actors' chances are spread."""
    temperature: float = 0.25
    """Other actions are drawn from a softmax over minus the decisions to go, divided by this; 0 takes the best."""
    nearest: int = 4
    """Cells from start to goal at most, to begin with."""
    promotion: float = 0.75
    """Goals may lie a cell farther off where this share of those far away are reached, exploring."""
    sizes: tuple[int, int] = (7, 13)
    """Smallest and largest side of a training layout."""
    threads: int = 1
    """CPU threads of torch."""
    autocast: bool = True
    """Run the reader in bfloat16."""

    def __post_init__(self) -> None:
        for name in ("iterations", "agents", "segment", "steps", "minibatch", "n_step", "target_period"):
            check_range(self, name, 1, 10**7)
        for name in ("learning_rate", "clip_norm"):
            check_range(self, name, 1e-9, 1e6)
        check_range(self, "seed", 0, 2**63 - 1)
        check_range(self, "discount", 0, 0.99999)
        check_range(self, "greedy_margin", 0, 1e6)
        check_range(self, "epsilon", 0, 1)
        check_range(self, "spread", 0, 100)
        check_range(self, "temperature", 0, 1e6)
        check_range(self, "nearest", 1, 10**6)
        check_range(self, "promotion", 0, 1)
        check_range(self, "threads", 1, 1024)
        if len(self.sizes) != 2 or not 5 <= self.sizes[0] <= self.sizes[1] <= 201:
            raise MazenavError(f"sizes must be a smallest and a largest side from 5 to 201, found {list(self.sizes)}")
        if not self.model.reads_map and tuple(self.sizes) != (self.model.side, self.model.side):
            raise MazenavError(
                f"sizes must both be the side of the one layout ({self.model.side}), found {list(self.sizes)}"
            )
        if self.agents * (2 + self.replay.hindsight) > self.replay.capacity:
            raise MazenavError(
                f"the replay's capacity must be at least {self.agents * (2 + self.replay.hindsight)}, what a round"
                f" brings, found {self.replay.capacity}"
            )
