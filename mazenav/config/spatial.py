"""Settings of the spatial hypermodel and of its training."""

from __future__ import annotations

from dataclasses import dataclass, field

from mazenav.config.toml import check_range
from mazenav.types import MazenavError

LEVELS = ("cells", "body")


@dataclass(frozen=True)
class ModelConfig:
    """Shape of the network."""

    channels: int = 32
    """Feature maps of the map encoder."""
    depth: int = 3
    """3 x 3 convolutions of the map encoder; it sees `depth` cells around each cell."""
    hidden: int = 128
    """Units of the transition network's layers."""
    rank: int = 32
    """Coefficients of each predicted first-layer weight vector."""
    body_channels: int = 64
    """Units of the reader that predicts the transition network's first layer."""
    prediction_hidden: int = 192
    """Units of the prediction network's layers."""
    prediction_depth: int = 3
    """Layers of the prediction network."""
    reach: int = 2
    """Cells around the body that the prediction network sees of the field."""
    blind: tuple[str, ...] = ()
    """Levels of the hypermodel, of "cells" and "body", that are given blank maps, for comparison."""
    doubt_channels: int = 0
    """Feature maps of the reader of maps that may be wrong; 0 is none, and maps are taken at their word."""
    doubt_dilations: tuple[int, ...] = (1, 2, 4, 1, 2, 4, 1, 1)
    """How far apart the cells are that each of that reader's convolutions sees; one layer each."""
    n_actions: int = 4
    """Discrete actions."""
    mirror: tuple[int, ...] = (1, 0, 2, 3)
    """Which action each becomes in a mirror: left and right turns change places."""
    speed_scale: float = 3.2
    """Cells/s that the latent counts as 1: the body's top speed."""
    field_gradient: float = 0.02
    """Factor on the value's gradient where it enters the cell-level costs."""
    temperature: float = 1.0
    """Decisions by which an action must be worse to be e times less likely in the policy."""

    def __post_init__(self) -> None:
        widths = ("channels", "depth", "hidden", "rank", "body_channels", "prediction_hidden")
        for name in (*widths, "prediction_depth", "reach", "n_actions"):
            check_range(self, name, 1, 4096)
        check_range(self, "doubt_channels", 0, 4096)
        if not set(self.blind) <= set(LEVELS):
            raise MazenavError(
                f"blind must name levels of the hypermodel ({', '.join(LEVELS)}), found {list(self.blind)}"
            )
        if not all(1 <= far <= 64 for far in self.doubt_dilations):
            raise MazenavError(f"doubt_dilations must each be from 1 to 64, found {list(self.doubt_dilations)}")
        for name in ("speed_scale", "temperature"):
            check_range(self, name, 1e-6, 1e6)
        check_range(self, "field_gradient", 0, 1)
        if sorted(self.mirror) != list(range(self.n_actions)):
            raise MazenavError(f"mirror must name each of {self.n_actions} actions once, found {list(self.mirror)}")


@dataclass(frozen=True)
class LossConfig:
    """What is learnt from a batch of segments, and how strongly."""

    trace: float = 0.9
    """Lambda of the returns."""
    residual_discount: float = 0.95
    """Discount of the residual; the field, its potential, is not discounted."""
    greedy_margin: float = 0.3
    """An action worse than the best by more than this many decisions cuts the trace (Watkins's Q(lambda))."""
    unroll: int = 5
    """Decisions that the transition network is unrolled for in the auxiliary model loss."""
    unroll_starts: int = 8
    """Starts of unrolling drawn from each segment."""
    model_weight: float = 1.0
    """Weight of the auxiliary model loss: position, heading and velocity along the unrolled trajectory."""
    passability_weight: float = 1.0
    """Weight of its part on which borders were crossed or withstood a push."""
    reached_weight: float = 0.1
    """Weight of its part on when the goal counts as reached."""
    search_weight: float = 0.0
    """Weight of the loss against what a small search in the learned model finds."""
    search_share: float = 0.2
    """Share of the run, at its end, in which that is learnt from: a search says little before its model does."""
    searched: int = 2
    """Roots of such searches drawn from each segment."""

    def __post_init__(self) -> None:
        for name in ("trace", "residual_discount", "search_share"):
            check_range(self, name, 0, 1)
        for name in ("greedy_margin", "model_weight", "passability_weight", "reached_weight", "search_weight"):
            check_range(self, name, 0, 1e6)
        for name in ("unroll", "unroll_starts", "searched"):
            check_range(self, name, 1, 1000)


@dataclass(frozen=True)
class TrainConfig:
    """A whole training run."""

    model: ModelConfig = field(default_factory=ModelConfig)
    """Shape of the network."""
    loss: LossConfig = field(default_factory=LossConfig)
    """Losses."""
    seed: int = 0
    """Everything random in the run follows from it."""
    iterations: int = 1000
    """Rounds of collecting and learning."""
    agents: int = 256
    """Agents that collect side by side."""
    segment: int = 32
    """Decisions that each agent takes in a round."""
    minibatch: int = 32
    """Fresh segments in a gradient step."""
    replayed: int = 16
    """Older segments with hindsight goals in a gradient step."""
    doubted: int = 64
    """Remembered segments in a gradient step whose maps are made wrong, for a reader of such maps to mend."""
    replay_capacity: int = 4096
    """Segments that are remembered."""
    learning_rate: float = 1e-3
    """Of Adam, at its peak; warms up over the first hundred steps and falls to nothing along a cosine."""
    dynamics_learning_rate: float = 4e-3
    """The same for the transition network and the part of the hypermodel that predicts its weights."""
    doubt_learning_rate: float = 2e-3
    """The same for the reader of maps that may be wrong."""
    clip_norm: float = 10.0
    """Gradients are clipped to this norm."""
    explore_temperature: float = 0.5
    """Actions are drawn from a softmax over minus the decisions to go, divided by this."""
    explore_uniform: float = 0.03
    """Share of decisions drawn uniformly."""
    sizes: tuple[int, int] = (7, 15)
    """Smallest and largest side of a training layout."""
    layouts: str = ""
    """The set whose layouts it is trained on, such as train-20; none means fresh layouts without end."""
    threads: int = 1
    """CPU threads of torch; one is best for networks this small. The reader of wrong maps learns in a thread of its
    own beside them, which takes up a second core."""
    autocast: bool = True
    """Run the map encoder in bfloat16."""

    def __post_init__(self) -> None:
        for name in ("iterations", "agents", "segment", "minibatch", "replay_capacity"):
            check_range(self, name, 1, 10**7)
        for name in (
            "learning_rate",
            "dynamics_learning_rate",
            "doubt_learning_rate",
            "clip_norm",
            "explore_temperature",
        ):
            check_range(self, name, 1e-9, 1e6)
        check_range(self, "seed", 0, 2**63 - 1)
        check_range(self, "replayed", 0, 10**7)
        check_range(self, "doubted", 1, 10**7)
        check_range(self, "explore_uniform", 0, 1)
        check_range(self, "threads", 1, 1024)
        if len(self.sizes) != 2 or not 5 <= self.sizes[0] <= self.sizes[1] <= 201:
            raise MazenavError(f"sizes must be a smallest and a largest side from 5 to 201, found {list(self.sizes)}")
        if self.agents > self.replay_capacity:
            raise MazenavError(f"replay_capacity must be at least agents ({self.agents}), found {self.replay_capacity}")
