"""The whole value iteration network; bound to tasks it says the decisions to go of every action."""

from __future__ import annotations

from torch import Tensor, nn

from mazenav.config.vin import VinModelConfig
from mazenav.model.prediction import BEYOND, Prediction, Surroundings
from mazenav.model.representation import Representation
from mazenav.model.vin.planner import ValueIteration


class VinNetwork(nn.Module):
    """Values by a recurrent convolution over the map's cells, read around the body by a local controller.

    The controller is that of the spatial agent (`model.prediction`): it sees the values around the body relative to the
    body's own cell, and how open the map says those cells are. Unlike that agent's, the values have no passability
    that a model loss would teach: what a wall costs is learnt from returns alone.
    """

    def __init__(self, config: VinModelConfig) -> None:
        super().__init__()
        self.config = config
        self.representation = Representation(config.speed_scale)
        self.planner = ValueIteration(config.channels, config.depth, config.sweeps_per_cell, config.tolerance)
        self.prediction = Prediction(
            config.prediction_hidden, config.prediction_depth, config.reach, config.n_actions, config.mirror
        )

    def bind(self, maps: Tensor, goals: Tensor) -> VinModel:
        """The network's functions in B tasks: maps `[B, R, C]`, goal cells int64 `[B, 2]`."""
        field = self.planner(maps, goals)
        # A value's gradient runs along the whole way to the goal: scaled down, lest it drowns the controller's.
        field = field.detach() + self.config.field_gradient * (field - field.detach())
        margin = [self.config.reach] * 4
        around = Surroundings(
            nn.functional.pad(field, margin, value=BEYOND), nn.functional.pad(1 - maps, margin), goals + 0.5
        )
        return VinModel(self, around)


class VinModel:
    """The network's functions over latents of B tasks."""

    def __init__(self, network: VinNetwork, around: Surroundings) -> None:
        self.network, self.around = network, around

    def parts(self, latent: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """The value at the body's cell `[M]`, and what the controller adds to it `[M, A]`."""
        return self.network.prediction.parts(self.around, latent, context)

    def decisions_to_go(self, latent: Tensor, context: Tensor) -> Tensor:
        """`[M, A]`, the decisions to the goal if an action is taken now, that decision included."""
        return self.network.prediction(self.around, latent, context)

    def fields(self) -> Tensor:
        """Decisions to go from every cell, `[B, R, C]`."""
        reach = self.network.config.reach
        return self.around.field[:, reach:-reach, reach:-reach]
