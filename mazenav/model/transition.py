"""f_phi: the latent transition network, whose first layer the hypermodel predicts from the map."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mazenav.model.representation import HEADING, POSITION, VELOCITY


def position_features(position: Tensor, knots: int) -> tuple[Tensor, Tensor, Tensor]:
    """The four bilinear features that are not zero at each position.

    Args:
        position: `[M, 2]`, (row, column) in cells, inside the map.
        knots: knots a cell along each axis.

    Returns:
        rows and columns of the four knots around, int64 `[M, 4]` each, counted from the ring's first knot, and the
        features `[M, 4]`, which are positive and sum to one.
    """
    scaled = (position + 1) * knots - 0.5
    low = scaled.detach().floor()
    (row_far, column_far), corner = (scaled - low).unbind(1), low.long()
    row_near, column_near = 1 - row_far, 1 - column_far
    features = torch.stack(
        [row_near * column_near, row_near * column_far, row_far * column_near, row_far * column_far], dim=1
    )
    rows = corner[:, :1] + corner.new_tensor([0, 0, 1, 1])
    columns = corner[:, 1:] + corner.new_tensor([0, 1, 0, 1])
    return rows, columns, features


class Transition(nn.Module):
    """(first-layer weights of the map, latent, action) -> next latent.

    The predicted layer acts on the bilinear features of two positions: where the body is, and where it would come to
    if nothing stood in its way, for what it runs into lies there. A shared layer (one an action) acts on heading and
    velocity; behind their sum a shared MLP predicts displacement, turn and change of velocity, on top of what is linear
    in heading and velocity.
    """

    def __init__(self, hidden: int, rank: int, knots: int, n_actions: int) -> None:
        super().__init__()
        self.knots, self.n_actions = knots, n_actions
        self.body = nn.Parameter(torch.randn(n_actions, 5, hidden) / math.sqrt(5))
        # Mixing coefficients and then applying the basis equals mixing weight vectors: the layer is linear in them.
        self.basis_here = nn.Linear(rank, hidden)
        self.basis_ahead = nn.Linear(rank, hidden, bias=False)
        self.free_way = nn.Parameter(torch.randn(n_actions, 5, 2) * 0.1)
        self.free_change = nn.Parameter(torch.zeros(n_actions, 5, 6))
        self.middle = nn.Linear(hidden, hidden)
        self.last = nn.Linear(hidden, hidden)
        self.change = nn.Linear(hidden, 6)
        nn.init.normal_(self.change.weight, std=0.1 / math.sqrt(hidden))
        nn.init.zeros_(self.change.bias)

    def forward(self, first_layer: Tensor, latent: Tensor, action: Tensor, context: Tensor) -> Tensor:
        """Next latents `[M, 6]`; `first_layer` `[B, K (R + 2), K (C + 2), Q]`, `action` and `context` int64 `[M]`."""
        sensed = torch.cat([latent[:, HEADING], latent[:, VELOCITY], torch.ones_like(latent[:, :1])], dim=1)
        chosen = F.one_hot(action, self.n_actions).to(sensed.dtype)
        sensed = (chosen.unsqueeze(2) * sensed.unsqueeze(1)).flatten(1)
        here = latent[:, POSITION]
        ahead = here + torch.tanh(sensed @ self.free_way.flatten(0, 1))
        from_map = self.basis_here(self.read_map(first_layer, here, context))
        from_map = from_map + self.basis_ahead(self.read_map(first_layer, ahead, context))
        from_body = sensed @ self.body.flatten(0, 1)
        state = F.relu(from_map + from_body)
        state = F.relu(self.middle(state)) + state
        state = F.relu(self.last(state)) + state
        change = sensed @ self.free_change.flatten(0, 1) + self.change(state)
        # Bounded, so that an unrolled trajectory cannot run away while nothing is learnt yet.
        return self.apply_change(latent, 4 * torch.tanh(change / 4))

    def read_map(self, first_layer: Tensor, position: Tensor, context: Tensor) -> Tensor:
        """Coefficients `[M, Q]` of the first layer at positions `[M, 2]`: bilinear features times predicted weights."""
        _, height, width, rank = first_layer.shape
        rows, columns, features = position_features(position, self.knots)
        index = (context.unsqueeze(1) * height + rows.clamp(0, height - 1)) * width + columns.clamp(0, width - 1)
        knots = first_layer.reshape(-1, rank).index_select(0, index.flatten()).reshape(-1, 4, rank)
        return (features.unsqueeze(2) * knots).sum(dim=1)

    @staticmethod
    def apply_change(latent: Tensor, change: Tensor) -> Tensor:
        """Displace, turn, re-speed: `change` `[M, 6]` = displacement (2), cos - 1 and sin of the turn, velocity (2)."""
        cosine, sine = change[:, 2:3] + 1, change[:, 3:4]
        heading = latent[:, HEADING]
        across = torch.cat([-heading[:, 1:], heading[:, :1]], dim=1)
        turned = F.normalize(cosine * heading + sine * across, dim=1)
        return torch.cat([latent[:, POSITION] + change[:, :2], turned, latent[:, VELOCITY] + change[:, 4:]], dim=1)
