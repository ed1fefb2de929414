"""The whole network: representation, hypermodel, transition, prediction; bound to tasks it is a `LatentModel`."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mazenav.config import ModelConfig
from mazenav.model.doubt import DoubtReader
from mazenav.model.hypermodel import SpatialHypermodel, TransitionWeights
from mazenav.model.interface import Kernel, ModelStep
from mazenav.model.interface import Prediction as Predicted
from mazenav.model.kept import Kept
from mazenav.model.native.packing import Packed, pack_network, spatial_kernel, with_field_leaves
from mazenav.model.prediction import Prediction, Surroundings
from mazenav.model.representation import Representation
from mazenav.model.transition import FirstLayer, Transition


class Network(nn.Module):
    """Map-conditioned network in the manner of MMN (arXiv 2412.12024), with the spatial hypermodel.

    Beside it there may stand a reader of maps that may be wrong (`doubt`); what it makes of one, the hypermodel is then
    given.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.representation = Representation(config.speed_scale)
        self.hypermodel = SpatialHypermodel(
            config.channels, config.depth, config.body_channels, config.rank, config.blind
        )
        self.transition = Transition(config.hidden, config.rank, config.n_actions, config.mirror)
        self.prediction = Prediction(
            config.prediction_hidden, config.prediction_depth, config.reach, config.n_actions, config.mirror
        )
        self.doubt = DoubtReader(config.doubt_channels, config.doubt_dilations) if config.doubt_channels else None
        self._vectors: Kept[Tensor] = Kept(self.hypermodel.body_reader.parameters())
        self._packed: Kept[Packed] = Kept([*self.transition.parameters(), *self.prediction.parameters()])

    def vectors(self) -> Tensor:
        """The first-layer weight vectors that the hypermodel predicts `[512, Q]`; without gradients, predicted once."""
        if torch.is_grad_enabled():
            return self.hypermodel.vectors()
        return self._vectors.get(self.hypermodel.vectors)

    def packed(self, vectors: Tensor) -> Packed:
        """What the compiled form of all bound models shares, given the first layer's `vectors`; on a CPU."""
        return self._packed.get(lambda: pack_network(self.config, self.transition, self.prediction, vectors), vectors)

    def bind(self, weights: TransitionWeights, field: Tensor, goal: Tensor) -> BoundModel:
        """A model of B tasks: predicted weights, the field planned on them `[B, R, C]`, goal cells int64 `[B, 2]`."""
        # A path's cost gathers the gradients of all that come along it: scaled down, lest they drown the other losses.
        field = field.detach() + self.config.field_gradient * (field - field.detach())
        around = self.prediction.surroundings(field, weights.right.detach(), weights.down.detach(), goal)
        return BoundModel(self, FirstLayer(weights.kinds, self.vectors()), around)


class BoundModel:
    """The network's functions over latents of B tasks (a `LatentModel`)."""

    def __init__(self, network: Network, first_layer: FirstLayer, around: Surroundings) -> None:
        self.network, self.first_layer, self.around = network, first_layer, around
        self.n_actions = network.config.n_actions
        self._kernel: Kernel | None = None
        self._leaves: FieldLeaves | None = None

    def decisions_to_go(self, latent: Tensor, context: Tensor) -> Tensor:
        """`[M, A]`, the decisions to the goal if an action is taken now, that decision included."""
        return self.network.prediction(self.around, latent, context)

    def predict(self, latent: Tensor, context: Tensor) -> Predicted:
        """Value (minus the decisions to go of the best action) and policy logits (a softmax over minus those)."""
        to_go = self.decisions_to_go(latent, context)
        return Predicted(-to_go.amin(dim=1), -to_go / self.network.config.temperature)

    def step(self, latent: Tensor, action: Tensor, context: Tensor) -> ModelStep:
        """One decision in the learned model."""
        following = self.network.transition(self.first_layer, latent, action, context)
        reached = self.network.prediction.reached_logit(self.around, latent, following, context).sigmoid()
        return ModelStep(following, -torch.ones_like(reached), 1 - reached)

    def field_leaves(self) -> FieldLeaves:
        """This model with values read off the field."""
        if self._leaves is None:
            self._leaves = FieldLeaves(self)
        return self._leaves

    def kernel(self) -> Kernel | None:
        """The compiled form of `step` and `predict`, on a CPU; another one after the parameters were changed."""
        if self.around.field.device.type != "cpu":
            return None
        packed = self.network.packed(self.first_layer.vectors)
        if self._kernel is None or self._kernel.weights is not packed.weights:
            self._kernel = spatial_kernel(packed, self.first_layer, self.around)
        return self._kernel


class FieldLeaves:
    """A bound model whose values are those of the field: minus the decisions to go from the body's cell."""

    def __init__(self, model: BoundModel) -> None:
        self.model, self.n_actions = model, model.n_actions

    def predict(self, latent: Tensor, context: Tensor) -> Predicted:
        """The field's value, and the model's policy logits."""
        network = self.model.network
        centre, residual = network.prediction.parts(self.model.around, latent, context)
        return Predicted(-centre, -(centre.unsqueeze(1) + residual) / network.config.temperature)

    def step(self, latent: Tensor, action: Tensor, context: Tensor) -> ModelStep:
        """As the model's."""
        return self.model.step(latent, action, context)

    def kernel(self) -> Kernel | None:
        """The compiled form, as the model's."""
        kernel = self.model.kernel()
        return None if kernel is None else with_field_leaves(kernel)
