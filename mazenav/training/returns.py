"""Lambda-returns in decisions to go, with traces cut where exploration left the greedy policy (Watkins's Q(lambda))."""

from __future__ import annotations

import torch
from torch import Tensor


def lambda_targets(
    residual: Tensor,
    field: Tensor,
    actions: Tensor,
    reached: Tensor,
    valid: Tensor,
    trace: float,
    margin: float,
    discount: float,
) -> Tensor:
    """Targets `[N, T]` for the decisions to go of the actions taken, less the field at the body's cell.

    The field F serves as a potential (Ng et al. 1999), so that a residual r is left to learn:
    G_t = 1 - F_t if the goal was reached, else 1 + F_{t+1} - F_t + discount ((1 - c) min_a r_{t+1} + c G_{t+1}),
    with c = `trace` where the next decision was taken by an action within `margin` of the best, else 0. The discount
    keeps the residual local: what the field gets wrong far away must be mended in the field.

    Args:
        residual: `[N, T + 1, A]`, current estimates r.
        field: `[N, T + 1]`, F at the body's cell.
        actions: int64 `[N, T]`.
        reached: bool `[N, T]`, the goal was reached by this decision.
        valid: bool `[N, T]`, the decision belongs to the episode.
        trace: lambda.
        margin: how much worse than the best an action may be, in decisions, to count as greedy.
        discount: of the residual.
    """
    steps = actions.shape[1]
    best = residual.amin(dim=2)
    taken = residual[:, :-1].gather(2, actions.unsqueeze(2)).squeeze(2)
    follow = trace * (valid & (taken <= best[:, :-1] + margin)).to(best.dtype)
    targets = torch.empty_like(taken)
    ahead = best[:, -1]
    for step in range(steps - 1, -1, -1):
        going_on = field[:, step + 1] + discount * ahead
        targets[:, step] = 1 - field[:, step] + torch.where(reached[:, step], torch.zeros_like(ahead), going_on)
        if step:
            share = follow[:, step]
            ahead = (1 - share) * best[:, step] + share * targets[:, step]
    return targets
