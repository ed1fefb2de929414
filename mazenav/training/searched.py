"""Search results as training targets: what a small search in the learned model says of actions, taken or not."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from mazenav.model.network import BoundModel
from mazenav.parallel import average
from mazenav.planner.search import plan
from mazenav.planner.settings import SearchConfig

TEACHER = SearchConfig(simulations=8, value_clip=30.0, value_epsilon=1.0)
"""The search that teaches: every action of four is looked into, the better ones again."""
TRUSTED = 20.0
"""Actions that the search finds worse than the best by more decisions than this are not learnt from."""


def search_loss(model: BoundModel, latent: Tensor, valid: Tensor, moments: Tensor) -> Tensor:
    """Huber loss of the decisions to go of all actions against those that a search found.

    Lambda-returns speak of the actions that were taken alone; the search speaks of the others too.

    Args:
        model: of N segments.
        latent: `[N, T + 1, L]`.
        valid: bool `[N, T]`, decisions that were taken.
        moments: int64 `[N, K]`, the decisions that are searched.
    """
    time = moments.flatten()
    context = torch.arange(len(valid), device=latent.device).repeat_interleave(moments.shape[1])
    live = valid[context, time]
    time, context = time[live], context[live]
    if not len(time):
        return average(latent.new_zeros(()), time.new_zeros(()))
    roots = latent[context, time]
    with torch.no_grad():
        found = plan(model, roots, TEACHER, context=context).trace
    assert found is not None
    wanted = -torch.from_numpy(found.q_values).to(roots)
    best = wanted.nan_to_num(torch.inf).amin(dim=1, keepdim=True)
    counts = wanted < best + TRUSTED
    field, residual = model.network.prediction.parts(model.around, roots, context)
    error = F.smooth_l1_loss(field.detach().unsqueeze(1) + residual, wanted.nan_to_num(), reduction="none")
    return average((error * counts).sum(), counts.sum())
