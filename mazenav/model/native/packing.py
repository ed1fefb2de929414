"""The parameters of the spatial network and what it is bound to, laid out as `spatial.evaluate` reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from mazenav.model.interface import Kernel
from mazenav.model.native import spatial
from mazenav.model.native.function import native
from mazenav.model.native.product import pack, padded_width
from mazenav.model.prediction import Prediction, Surroundings
from mazenav.model.transition import FirstLayer, Transition

if TYPE_CHECKING:
    from mazenav.config import ModelConfig


class Packed(NamedTuple):
    """What all tasks share of the compiled form.

    Attributes:
        weights: float32 `[P]`, see `Kernel`.
        sizes: int64, `Kernel.sizes` as far as it does not depend on tasks.
        scratch: as `Kernel.scratch`.
    """

    weights: np.ndarray
    sizes: np.ndarray
    scratch: int


def pack_network(config: ModelConfig, transition: Transition, prediction: Prediction, vectors: Tensor) -> Packed:
    """Lay out a network's parameters as they are now.

    Args:
        config: shape of the network.
        transition: the transition network.
        prediction: the prediction network.
        vectors: `[512, Q]`, the weight vectors that the hypermodel predicted for its first layer.
    """
    weights = _transition_parts(transition, vectors)
    weights += [(spatial.GOAL, _goal_part(config, prediction)), (spatial.MIRROR, _flat(prediction.mirror))]
    weights.append((spatial.LAYERS, np.concatenate([_linear(layer) for layer in _layers(prediction)])))
    offsets = prediction.offsets.numpy().ravel()
    sizes = np.zeros(spatial.OFFSETS + offsets.size, np.int64)
    widths = config.hidden, config.n_actions, config.reach, config.prediction_hidden, config.prediction_depth
    sizes[: spatial.KIND_ROWS] = widths
    sizes[spatial.OFFSETS :] = offsets
    return Packed(_lay_out(weights, sizes), sizes, int(spatial.scratch_width(sizes)))


def spatial_kernel(packed: Packed, first_layer: FirstLayer, around: Surroundings) -> Kernel:
    """The compiled form of a bound model.

    Args:
        packed: the network's parameters.
        first_layer: what the hypermodel predicted of its first layer for B tasks.
        around: what the prediction network reads of them.
    """
    sizes = packed.sizes.copy()
    sizes[spatial.KIND_ROWS : spatial.FIELD_LEAVES] = *first_layer.kinds.shape[1:3], *around.field.shape[1:]
    parts: list[tuple[int | None, np.ndarray]] = [
        (None, _flat(first_layer.kinds)),
        (spatial.FIELD, _flat(around.field)),
        (spatial.OPENNESS, _flat(around.openness)),
        (spatial.GOALS, _flat(around.goal)),
    ]
    tasks, address = _lay_out(parts, sizes), native(spatial.evaluate).address
    return Kernel(address, 6, len(around.goal), packed.weights, tasks, sizes, packed.scratch)


def with_field_leaves(kernel: Kernel) -> Kernel:
    """The same kernel with values read off the field."""
    sizes = kernel.sizes.copy()
    sizes[spatial.FIELD_LEAVES] = 1
    return kernel._replace(sizes=sizes)


def _lay_out(parts: list[tuple[int | None, np.ndarray]], size: np.ndarray) -> np.ndarray:
    """All parts in a row; where those begin that have a place in `size` is written there."""
    begin = 0
    for place, part in parts:
        if place is not None:
            size[place] = begin
        begin += part.size
    return np.concatenate([part for _, part in parts])


def _transition_parts(transition: Transition, vectors: Tensor) -> list[tuple[int | None, np.ndarray]]:
    here, ahead = transition.basis_here, transition.basis_ahead
    matrices, always = transition.body[:, :4].detach().numpy(), transition.body[:, 4] + here.bias
    body = [np.concatenate([pack(matrix), _padded(bias)]) for matrix, bias in zip(matrices, always, strict=True)]
    # In the basis' terms once for all kinds, so that no decision has to multiply by it.
    full = torch.zeros(len(vectors), 2, padded_width(transition.middle.in_features))
    full[:, 0, : here.out_features] = vectors.detach() @ here.weight.detach().T
    full[:, 1, : here.out_features] = vectors.detach() @ ahead.weight.detach().T
    return [
        (spatial.BODY, np.concatenate(body)),
        (spatial.FREE_WAY, _flat(transition.free_way)),
        (spatial.FREE_CHANGE, _flat(transition.free_change)),
        (spatial.VECTORS, _flat(full)),
        (spatial.MIDDLE, _linear(transition.middle)),
        (spatial.LAST, _linear(transition.last)),
        (spatial.CHANGE, _linear(transition.change)),
    ]


def _layers(prediction: Prediction) -> list[nn.Linear]:
    return [layer for layer in [*prediction.layers, prediction.residual] if isinstance(layer, nn.Linear)]


def _goal_part(config: ModelConfig, prediction: Prediction) -> np.ndarray:
    """The goal's radius and sharpness, and the policy's temperature."""
    radius, sharpness = float(prediction.goal_radius.detach()), float(prediction.goal_sharpness.detach().exp())
    return np.array([radius, sharpness, config.temperature], np.float32)


def _linear(layer: nn.Linear) -> np.ndarray:
    """The packed matrix of a layer, with its padded bias behind it."""
    return np.concatenate([pack(layer.weight.detach().numpy().T), _padded(layer.bias)])


def _padded(bias: Tensor) -> np.ndarray:
    return np.pad(bias.detach().numpy(), (0, padded_width(len(bias)) - len(bias)))


def _flat(tensor: Tensor) -> np.ndarray:
    return tensor.detach().float().contiguous().numpy().ravel()
