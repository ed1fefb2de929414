"""Settings of the dense hypermodel (the paper's agent, and its baseline without one) and of its MuZero training."""

from __future__ import annotations

from dataclasses import dataclass, field

from mazenav.config.toml import check_range
from mazenav.types import MazenavError

CONDITIONINGS = ("weights", "concatenated")


@dataclass(frozen=True)
class DenseModelConfig:
    """Shape of the network."""

    conditioning: str = "weights"
    """How the transition network learns of the map: the hypermodel predicts all its "weights" (MMN), or the map's
    embedding is "concatenated" to latent and action (the baseline no-hyper)."""
    side: int = 13
    """N: maps are read as N x N cells; smaller ones are padded with wall, larger ones refused."""
    channels: int = 32
    """Feature maps of the reader's convolutions."""
    depth: int = 6
    """3 x 3 convolutions of the reader, each but the first added to what it is given."""
    pooled: int = 8
    """Feature maps that are flattened, with the map itself: N x N x (`pooled` + 1) numbers go into the embedding."""
    embedding: int = 256
    """Units of the task's embedding."""
    latent: int = 16
    """Units of the latent: 6 for the body's scaled state, the others learnt."""
    hidden: int = 48
    """Units of the two hidden layers of the transition network whose weights are predicted."""
    concatenated_hidden: int = 256
    """Units of the two hidden layers of the transition network that is given the map's embedding."""
    rank: int = 8
    """Numbers that the predicted transition network has for each cell of the map, in front of its hidden layers."""
    plan_channels: int = 32
    """Feature maps of the recurrent convolution that tells the value and policy networks of the task."""
    plan_rounds: int = 24
    """Rounds of its recurrence; it sees as many cells far."""
    plans: int = 8
    """Numbers that it leaves in every cell."""
    prediction_hidden: int = 128
    """Units of the layers of the reward, value and policy networks."""
    prediction_depth: int = 3
    """Layers of the value and policy networks."""
    half_precision: bool = True
    """Run the recurrent convolution in bfloat16."""
    n_actions: int = 4
    """Discrete actions."""
    mirror: tuple[int, ...] = (1, 0, 2, 3)
    """Which action each becomes in a mirror: left and right turns change places."""
    speed_scale: float = 3.2
    """Cells/s that the latent counts as 1: the body's top speed."""
    discount: float = 0.98
    """Of the decisions that values count, so that they are bounded by 1 / (1 - discount) however far the goal is."""
    farthest: float = 150.0
    """Decisions to go that a value never exceeds."""
    temperature: float = 0.5
    """Decisions by which an action must be worse to be e times less likely in the policy."""

    def __post_init__(self) -> None:
        reader = ("channels", "depth", "pooled", "embedding", "plan_channels", "plan_rounds", "plans")
        layers = ("hidden", "concatenated_hidden", "rank", "prediction_hidden", "prediction_depth")
        for name in (*reader, *layers, "n_actions"):
            check_range(self, name, 1, 4096)
        check_range(self, "side", 5, 101)
        check_range(self, "latent", 7, 4096)
        check_range(self, "speed_scale", 1e-6, 1e6)
        check_range(self, "discount", 0.5, 0.9999)
        check_range(self, "farthest", 1, 1e6)
        check_range(self, "temperature", 1e-3, 1e6)
        if sorted(self.mirror) != list(range(self.n_actions)):
            raise MazenavError(f"mirror must name each of {self.n_actions} actions once, found {list(self.mirror)}")
        if self.conditioning not in CONDITIONINGS:
            raise MazenavError(f"conditioning must be one of {', '.join(CONDITIONINGS)}, found {self.conditioning!r}")


@dataclass(frozen=True)
class MuZeroLossConfig:
    """What is learnt from a batch of segments, and how strongly."""

    unroll: int = 5
    """K: decisions that the networks are unrolled for."""
    n_step: int = 10
    """Decisions after which a return goes on with the value that a search found there."""
    greedy_margin: float = 0.5
    """A return goes on so, too, before an action that is worse than the best by more than this many decisions."""
    value_weight: float = 5.0
    """Weight of the value network's loss."""
    policy_weight: float = 0.1
    """Weight of the policy network's loss."""
    imagined_weight: float = 0.3
    """Weight of both in imagined states against real ones."""
    reward_weight: float = 1.0
    """Weight of the reward network's loss: was the goal reached in this decision?"""
    model_weight: float = 0.2
    """Weight of the auxiliary model loss: the predicted latent against the representation of what was observed."""

    def __post_init__(self) -> None:
        for name in ("unroll", "n_step"):
            check_range(self, name, 1, 1000)
        for name in (
            "greedy_margin",
            "value_weight",
            "policy_weight",
            "imagined_weight",
            "reward_weight",
            "model_weight",
        ):
            check_range(self, name, 0, 1e6)


@dataclass(frozen=True)
class DenseTrainConfig:
    """A whole training run."""

    model: DenseModelConfig = field(default_factory=DenseModelConfig)
    """Shape of the network."""
    loss: MuZeroLossConfig = field(default_factory=MuZeroLossConfig)
    """Losses."""
    seed: int = 0
    """Everything random in the run follows from it."""
    iterations: int = 1000
    """Rounds of collecting and learning."""
    agents: int = 128
    """Agents that collect side by side."""
    segment: int = 24
    """Decisions that each agent takes in a round."""
    simulations: int = 4
    """Simulations of the search that chooses an agent's actions."""
    label_simulations: int = 4
    """Simulations of the search that labels every state of a gradient step's segments."""
    minibatch: int = 12
    """Fresh segments in a gradient step."""
    replayed: int = 12
    """Older segments with hindsight goals in a gradient step."""
    elsewhere: float = 0.5
    """Share of them whose goals are drawn among all free cells instead: bootstrapping alone tells their values."""
    replay_capacity: int = 4096
    """Segments that are remembered."""
    learning_rate: float = 2e-3
    """Of Adam, at its peak; warms up over the first hundred steps and falls to nothing along a cosine."""
    dynamics_learning_rate: float = 2e-3
    """The same for the hypermodel's last layers, or without one the transition network."""
    cells_learning_rate: float = 1e-4
    """The same for the hypermodel's layer that reads the features of all cells; each of its units has many inputs."""
    reader_learning_rate: float = 3e-3
    """The same for what the hypermodel reads the task with."""
    clip_norm: float = 5.0
    """Each network's gradient is clipped to this norm."""
    explore_uniform: float = 0.05
    """Share of decisions drawn uniformly, besides the noise at the search's root."""
    sizes: tuple[int, int] = (7, 13)
    """Smallest and largest side of a training layout."""
    nearest: int = 3
    """Farthest goal at the start of the run, in cells of the shortest path."""
    promotion: float = 0.8
    """Share of the farther goals that must be reached for the farthest to move on by a cell."""
    threads: int = 1
    """CPU threads of torch; one is quickest for networks this small, and leaves the other cores to other runs."""

    def __post_init__(self) -> None:
        counts = ("iterations", "agents", "segment", "simulations", "label_simulations", "minibatch", "replay_capacity")
        for name in (*counts, "nearest"):
            check_range(self, name, 1, 10**7)
        check_range(self, "replayed", 0, 10**7)
        for name in ("elsewhere", "explore_uniform", "promotion"):
            check_range(self, name, 0, 1)
        for name in (
            "learning_rate",
            "dynamics_learning_rate",
            "cells_learning_rate",
            "reader_learning_rate",
            "clip_norm",
        ):
            check_range(self, name, 1e-9, 1e6)
        check_range(self, "seed", 0, 2**63 - 1)
        check_range(self, "threads", 1, 1024)
        if len(self.sizes) != 2 or not 5 <= self.sizes[0] <= self.sizes[1] <= self.model.side:
            raise MazenavError(
                f"sizes must be a smallest and a largest side from 5 to the model's {self.model.side},"
                f" found {list(self.sizes)}"
            )
        if self.agents > self.replay_capacity:
            raise MazenavError(f"replay_capacity must be at least agents ({self.agents}), found {self.replay_capacity}")
        if self.loss.unroll > self.segment:
            raise MazenavError(f"segment must be at least unroll ({self.loss.unroll}), found {self.segment}")
