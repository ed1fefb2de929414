"""Calls a compiled model as C does."""

from __future__ import annotations

import ctypes

import numpy as np
import torch
from torch import Tensor

from mazenav.model.interface import Kernel, ModelStep, Prediction


def call(
    kernel: Kernel, latent: Tensor, action: Tensor, context: Tensor, n_actions: int
) -> tuple[ModelStep, Prediction]:
    """A step, and the prediction for where it leads to."""
    rows, pointer = len(latent), ctypes.c_void_p
    function = ctypes.CFUNCTYPE(None, *[pointer] * 3, ctypes.c_int64, *[pointer] * 6)(kernel.address)
    given = [np.ascontiguousarray(tensor.numpy()) for tensor in (latent, action, context)]
    following, outcome = np.zeros((rows, kernel.latent), np.float32), np.zeros((rows, 3 + n_actions))
    room = np.zeros(rows * kernel.scratch, np.float32)
    arrays = [kernel.weights, kernel.tasks, kernel.sizes, *given, following, outcome, room]
    addresses = [array.ctypes.data for array in arrays]
    function(*addresses[:3], rows, *addresses[3:])
    said = torch.from_numpy(outcome)
    return ModelStep(torch.from_numpy(following), said[:, 0], said[:, 1]), Prediction(said[:, 2], said[:, 3:])
