"""f_phi: the latent transition network, whose first layer the hypermodel predicts from the map."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mazenav.model.encoder import RING
from mazenav.model.representation import HEADING, POSITION, VELOCITY
from mazenav.model.symmetry import canonical_code, is_mirror, transform, transform_back


class FirstLayer(NamedTuple):
    """The predicted first layer for B maps: a weight vector on each of their bilinear position features.

    Attributes:
        kinds: int16 `[B, R + 2, C + 2, 8]`, which vector belongs to the feature of each cell (and of a ring around the
            map) in each orientation.
        vectors: `[512, Q]`, the vectors.
    """

    kinds: Tensor
    vectors: Tensor


def position_features(position: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The four bilinear features that are not zero at each position.

    Args:
        position: `[M, 2]`, (row, column) in cells, inside the map.

    Returns:
        rows and columns of the four cells whose centres are around, int64 `[M, 4]` each, counted from the ring's first
        cell, and the features `[M, 4]`, which are positive and sum to one.
    """
    scaled = position + (RING - 0.5)
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
    in heading and velocity. All of it sees and answers in the canonical octant (`symmetry`), so it is learnt once for
    all eight orientations.
    """

    mirror: Tensor

    def __init__(self, hidden: int, rank: int, n_actions: int, mirror: tuple[int, ...]) -> None:
        super().__init__()
        self.n_actions = n_actions
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
        self.register_buffer("mirror", torch.tensor(mirror), persistent=False)

    def forward(self, first_layer: FirstLayer, latent: Tensor, action: Tensor, context: Tensor) -> Tensor:
        """Next latents `[M, 6]` of latents `[M, 6]`; `action` and `context` int64 `[M]`."""
        code = canonical_code(latent[:, HEADING])
        mirrored = is_mirror(code)
        turned = [transform(latent[:, part], code) for part in (HEADING, VELOCITY)]
        sensed = torch.cat([*turned, torch.ones_like(latent[:, :1])], dim=1)
        seen = torch.where(mirrored, self.mirror[action], action)
        chosen = F.one_hot(seen, self.n_actions).to(sensed.dtype)
        sensed = (chosen.unsqueeze(2) * sensed.unsqueeze(1)).flatten(1)
        here = latent[:, POSITION]
        ahead = here + transform_back(torch.tanh(sensed @ self.free_way.flatten(0, 1)), code)
        from_map = self.basis_here(self.read_map(first_layer, here, code, context))
        from_map = from_map + self.basis_ahead(self.read_map(first_layer, ahead, code, context))
        from_body = sensed @ self.body.flatten(0, 1)
        state = F.relu(from_map + from_body)
        state = F.relu(self.middle(state)) + state
        state = F.relu(self.last(state)) + state
        change = sensed @ self.free_change.flatten(0, 1) + self.change(state)
        # Bounded, so that an unrolled trajectory cannot run away while nothing is learnt yet.
        return self.apply_change(latent, self.turn_back(4 * torch.tanh(change / 4), code))

    def read_map(self, first_layer: FirstLayer, position: Tensor, code: Tensor, context: Tensor) -> Tensor:
        """Coefficients `[M, Q]` of the first layer at positions `[M, 2]`: bilinear features times predicted weights."""
        _, height, width, codes = first_layer.kinds.shape
        rows, columns, features = position_features(position)
        cells = (context.unsqueeze(1) * height + rows.clamp(0, height - 1)) * width + columns.clamp(0, width - 1)
        kinds = torch.take(first_layer.kinds, cells * codes + code.unsqueeze(1)).long()
        vectors = first_layer.vectors.index_select(0, kinds.flatten()).reshape(*kinds.shape, -1)
        return (features.unsqueeze(2) * vectors).sum(dim=1)

    @staticmethod
    def turn_back(change: Tensor, code: Tensor) -> Tensor:
        """A change `[M, 6]` in the canonical frame as it is in the world; a mirror turns left turns into right ones."""
        sine = torch.where(is_mirror(code), -change[:, 3], change[:, 3]).unsqueeze(1)
        moved, faster = transform_back(change[:, :2], code), transform_back(change[:, 4:], code)
        return torch.cat([moved, change[:, 2:3], sine, faster], dim=1)

    @staticmethod
    def apply_change(latent: Tensor, change: Tensor) -> Tensor:
        """Displace, turn, re-speed: `change` `[M, 6]` = displacement (2), cos - 1 and sin of the turn, velocity (2)."""
        cosine, sine = change[:, 2:3] + 1, change[:, 3:4]
        heading = latent[:, HEADING]
        across = torch.cat([-heading[:, 1:], heading[:, :1]], dim=1)
        turned = F.normalize(cosine * heading + sine * across, dim=1)
        return torch.cat([latent[:, POSITION] + change[:, :2], turned, latent[:, VELOCITY] + change[:, 4:]], dim=1)
