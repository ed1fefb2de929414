"""The dueling Q-network: a reader of the map, and a controller that looks at what it left around the body."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mazenav.config.modelfree import QModelConfig
from mazenav.model.cell_reader import CellReader
from mazenav.model.nearby import REACH, Nearby, look
from mazenav.model.representation import Representation
from mazenav.model.rescaling import unscale
from mazenav.model.symmetry import is_mirror, patch_offsets
from mazenav.types import MazenavError


class QNetwork(nn.Module):
    """Q(m, g, s, a) as decisions to go, in the scale of `rescaling` (MAH, arXiv 2412.12024: on map, goal, state).

    The image that the reader is given holds the goal, where the map is, and the map itself; a network of a single
    layout is given free parameters for each cell instead of the map, which it has to learn. The controller sees the
    body and the cells around it turned into the canonical octant (`model.symmetry`), as that of the other agents does.
    """

    def __init__(self, config: QModelConfig) -> None:
        super().__init__()
        self.config = config
        self.representation = Representation(config.speed_scale)
        learnt = 0 if config.reads_map else config.learnt_channels
        self.reader = CellReader(2 + (1 if config.reads_map else learnt), config.channels, config.rounds, config.plans)
        if not config.reads_map:
            self.layout = nn.Parameter(0.5 * torch.randn(learnt, config.side, config.side))
        self.controller = Controller(config)

    def check_shape(self, rows: int, columns: int) -> None:
        """Raises MazenavError if this network cannot read maps of this shape."""
        side = self.config.side
        if not self.config.reads_map and (rows, columns) != (side, side):
            raise MazenavError(
                f"an agent that learnt one layout of {side} x {side} cells by heart cannot be given one of"
                f" {rows} x {columns}"
            )

    def image(self, maps: Tensor, goals: Tensor) -> Tensor:
        """What the reader is given, `[B, I, R, C]`."""
        batch, rows, columns = maps.shape
        goal = torch.zeros(batch, 1, rows, columns, device=maps.device)
        goal[torch.arange(batch, device=maps.device), 0, goals[:, 0], goals[:, 1]] = 1
        cells = maps.unsqueeze(1) * 2 - 1 if self.config.reads_map else self.layout.expand(batch, -1, -1, -1)
        return torch.cat([goal, torch.ones_like(goal), cells], dim=1)

    def bind(self, maps: Tensor, goals: Tensor) -> QModel:
        """The network's functions in B tasks: maps `[B, R, C]`, goal cells int64 `[B, 2]`."""
        plans = self.reader(self.image(maps, goals))
        return QModel(self, F.pad(plans, [1, 1, 1, 1]), goals)


class QModel:
    """The network's functions over latents of B tasks; `plans` `[B, P, R + 2, C + 2]`, with a ring of nothing."""

    def __init__(self, network: QNetwork, plans: Tensor, goals: Tensor) -> None:
        self.network, self.plans, self.goals = network, plans, goals

    def scaled(self, latent: Tensor, context: Tensor) -> Tensor:
        """Decisions to go `[M, A]` for latents `[M, L]`, as the network learns them: rescaled."""
        return self.network.controller(self.plans, self.goals, latent, context)

    def decisions_to_go(self, latent: Tensor, context: Tensor) -> Tensor:
        """`[M, A]`, the decisions to the goal if an action is taken now, that decision included."""
        return unscale(self.scaled(latent, context))

    def fields(self) -> Tensor:
        """Decisions to go as the reader alone sees them, from every cell, `[B, R, C]`."""
        return unscale(self.plans[:, 0, 1:-1, 1:-1])


class Controller(nn.Module):
    """Body, way to the goal as the crow flies, 3 x 3 cells around -> dueling decisions to go (Wang et al. 2016).

    That is V + A - mean A. The first of the numbers that the reader left in the body's cell is the value's own; the
    rest is added to it.
    """

    offsets: Tensor
    mirror: Tensor

    def __init__(self, config: QModelConfig) -> None:
        super().__init__()
        widths = [Nearby.width(config.plans), *[config.hidden] * config.hidden_depth]
        self.layers = nn.ModuleList(nn.Linear(widths[i], widths[i + 1]) for i in range(config.hidden_depth))
        self.value = nn.Linear(config.hidden, 1)
        self.advantage = nn.Linear(config.hidden, config.n_actions)
        nn.init.constant_(self.value.bias, 2.0)
        self.register_buffer("offsets", patch_offsets(REACH), persistent=False)
        self.register_buffer("mirror", torch.tensor(config.mirror), persistent=False)

    def forward(self, plans: Tensor, goals: Tensor, latent: Tensor, context: Tensor) -> Tensor:
        """Rescaled decisions to go `[M, A]`; plans `[B, P, R + 2, C + 2]`, goal cells `[B, 2]`, latents `[M, L]`."""
        near = look(plans, goals, latent, context, self.offsets)
        hidden = near.seen
        for index, layer in enumerate(self.layers):
            after = F.relu(layer(hidden))
            hidden = after + hidden if index else after
        advantage = self.advantage(hidden)
        advantage = torch.where(is_mirror(near.code).unsqueeze(1), advantage[:, self.mirror], advantage)
        return near.own[:, :1] + self.value(hidden) + advantage - advantage.mean(dim=1, keepdim=True)
