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


def n_step_targets(
    ahead: Tensor, reached: Tensor, valid: Tensor, greedy: Tensor, n_step: int, discount: float
) -> Tensor:
    """Targets `[N, T]` for the decisions to go of the actions taken: up to n decisions count, then what is seen ahead.

    G_t = sum_{i < k} discount^i + discount^k ahead_{t + k}, where k is n, or less where the segment or the episode ends
    before, or a decision comes that was not greedy, for what it led to says nothing of what better ones would have
    (Watkins 1989). The last term is left out where the goal was reached by then.

    Args:
        ahead: `[N, T + 1]`, decisions to go from each state on.
        reached: bool `[N, T]`, the goal was reached by this decision.
        valid: bool `[N, T]`, the decision belongs to the episode; where it does not, the target means nothing.
        greedy: bool `[N, T]`, the decision was as good as the best, as far as is known.
        n_step: n.
        discount: of the decisions.
    """
    steps = reached.shape[1]
    targets = torch.zeros_like(ahead[:, :-1])
    running = torch.ones_like(targets)  # discount^i while the return goes on, else 0
    for step in range(n_step + 1):
        later = torch.arange(steps, device=ahead.device) + step
        inside = later.clamp(max=steps - 1)
        follows = valid[:, inside] & (greedy[:, inside] if step else torch.ones_like(greedy))
        ends = (later >= steps) | ~follows if step < n_step else torch.ones_like(valid)
        targets = targets + running * torch.where(ends, ahead[:, later.clamp(max=steps)], torch.ones_like(targets))
        running = running * discount * (~ends & ~reached[:, inside]).to(running.dtype)
    return targets


def seen_decisions(reached: Tensor, valid: Tensor, discount: float) -> Tensor:
    """Decisions `[N, T]` until the goal was in fact reached, discounted; infinite where it was not in this segment.

    Where the world is deterministic the best action cannot take longer, whatever the decisions were like: a bound of
    any target (He et al. 2017, Learning to Play in a Day: optimality tightening).
    """
    steps = reached.shape[1]
    seen = torch.full(reached.shape, torch.inf, device=reached.device)
    following = torch.full(reached.shape[:1], torch.inf, device=reached.device)
    for step in range(steps - 1, -1, -1):
        here = torch.where(reached[:, step], torch.ones_like(following), 1 + discount * following)
        following = torch.where(valid[:, step], here, torch.full_like(here, torch.inf))
        seen[:, step] = following
    return seen
