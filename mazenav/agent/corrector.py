"""A navigator that notices where its map is wrong, corrects what it believes of it, and predicts its weights anew."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from mazenav.agent.beliefs import Beliefs
from mazenav.agent.evidence import Evidence, errors, weigh
from mazenav.agent.navigator import Navigator, close_padding
from mazenav.model.hypermodel import MOVES, TransitionWeights, border_costs
from mazenav.model.network import Network
from mazenav.model.representation import POSITION
from mazenav.planner.field import value_field
from mazenav.planner.settings import SearchConfig
from mazenav.topdown.occupancy import pad_maps
from mazenav.types import Cell, MazenavError, TaskContext

NOTICED = 0.1
"""A decision that ends further than this from where it was predicted to, in cells, is looked into."""
SURE, SHUT = 12.0, 20.0
"""Logits of cells that are known to be free, and of borders that are not to be crossed."""
TRY = 12.0
"""Decisions that it costs to try a way that turns out to be closed."""
SOFT, BARRED = 150.0, 3e4
"""Decisions that a way through a wall costs that was inferred, and through one that held the body."""
NO_WAY = 1e3
"""Decisions to go from which a map that leaves no way is doubted at once."""
STILL, STUCK = 0.02, 7
"""A body that moved by less cells than this, for so many decisions, is pushed at random."""


class _Taken(NamedTuple):
    """The decision that was taken last: rows int64 `[M]`, latents `[M, L]`, states `[B, 6]` and actions `[B]`."""

    rows: np.ndarray
    latent: Tensor
    states: np.ndarray
    actions: np.ndarray


class Corrector(Navigator):
    """A `Navigator` for maps that may be wrong; on a map that is right it drives as a `Navigator` does.

    After each decision it compares what its transition network predicted with what came. What differs is evidence on
    cells (`Beliefs`). From what is known of the cells, a `DoubtReader` reads which of the others the map has wrong, and
    the weights are predicted anew from that.
    """

    def __init__(self, network: Network, name: str = "corrector", search: SearchConfig | None = None) -> None:
        super().__init__(network, name, search)
        if network.doubt is None:
            raise MazenavError(f"agent {name} cannot correct maps: its network has no reader of maps that may be wrong")
        self._doubt = network.doubt

    @torch.no_grad()
    def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
        """Read the maps of B tasks, as if they were right."""
        super().begin(contexts, rngs)
        maps = torch.from_numpy(pad_maps([context.map for context in contexts]))
        self.beliefs = Beliefs(maps, self.goal, self.shapes)
        self._still = np.zeros(len(contexts), np.int64)
        self._taken: _Taken | None = None

    @torch.no_grad()
    def act(self, states: np.ndarray, active: np.ndarray) -> np.ndarray:
        """Learn from how the last decision ended, read those maps again that look different now, and plan."""
        rows = np.flatnonzero(active)
        latent = self.network.representation(torch.from_numpy(states[rows]), self.rows)
        cells = {int(row): _cell(place) for row, place in zip(rows, latent, strict=True)}
        first, news = self._taken is None, set()
        if self._taken is not None:
            news |= self._learn(self._taken, rows, latent, states)
        for row, cell in cells.items():
            news |= {row} if self.beliefs.visit(row, cell) else set()
            if self.field[row][cell] > 0.9 * BARRED:
                self.beliefs.forget(row)
                news.add(row)
            if first and self.field[row][cell] > NO_WAY:
                news.add(row)
            self.beliefs.doubtful[row] |= row in news
            if self.beliefs.doubtful[row] and self._leads_through_walls(row, cell):
                news.add(row)
        if news:
            self._read_again(sorted(news), cells)
        actions = super().act(states, active)
        for row in rows[self._still[rows] >= STUCK]:
            actions[row] = self.rngs[row].integers(self.model.n_actions)
        self._taken = _Taken(rows, latent, states.copy(), actions.copy())
        return actions

    def _learn(self, taken: _Taken, rows: np.ndarray, latent: Tensor, states: np.ndarray) -> set[int]:
        """Take the outcome of the last decision as evidence. Returns the rows whose maps changed by it."""
        earlier = np.searchsorted(taken.rows, rows)
        before, actions = taken.latent[earlier], taken.actions[rows]
        predicted = self.model.step(before, torch.from_numpy(actions), torch.from_numpy(rows)).latent
        held, news = self.beliefs.push(rows, taken.states[rows], actions, states[rows])
        for index in np.flatnonzero(errors(predicted, latent).numpy() > NOTICED):
            row = int(rows[index])
            evidence = Evidence(row, before[index], int(actions[index]), latent[index])
            if row not in held and weigh(self.network, self.beliefs, evidence):
                news.add(row)
        moved = np.abs(states[rows, :2] - taken.states[rows, :2]).max(axis=1)
        self._still[rows] = np.where(moved < STILL, self._still[rows] + 1, 0)
        return news

    def _leads_through_walls(self, row: int, cell: Cell) -> bool:
        """Whether the best way leads through cells that are assumed to be wall without being known to be."""
        beliefs = self.beliefs
        way = way_down(self.weights.move_costs[row].numpy(), self.field[row].numpy(), cell)
        open_to_doubt = beliefs.assumed[row].bool() & ~beliefs.fixed[row] & ~beliefs.known[row].bool()
        return any(bool(open_to_doubt[place]) for place in way)

    def _read_again(self, rows: list[int], cells: dict[int, Cell]) -> None:
        """Predict the weights of some tasks from what is believed of their maps now, and their fields."""
        index, shapes = torch.tensor(rows), [self.shapes[row] for row in rows]
        beliefs, hypermodel = self.beliefs, self.network.hypermodel
        free = self._doubt(beliefs.belief(rows))
        known, wall = beliefs.known[index].bool(), beliefs.map[index] >= 0.5
        # What is known needs no guess.
        free = torch.where(known | beliefs.fixed[index], torch.where(wall, -SURE, SURE), free)
        assumed = (free < 0).float()
        weights = hypermodel.cell_level(assumed, tried(borders_of(free)))
        shut = (beliefs.proven[index] | beliefs.fixed[index]) & wall
        costs = weights.move_costs + BARRED * through(shut) + SOFT * through(known & wall)
        costs = close_padding(weights._replace(move_costs=costs), shapes).move_costs
        field = value_field(costs, self.goal[index])
        for place, row in enumerate(rows):
            # The way that is tried is assumed to be open: where it is not, that comes as a surprise.
            for cell in way_down(costs[place].numpy(), field[place].numpy(), cells[row]):
                if not beliefs.fixed[row][cell] and not beliefs.known[row][cell]:
                    assumed[place][cell] = 0.0
        beliefs.assumed[index] = assumed
        right, down = hypermodel.borders(assumed)
        read = close_padding(TransitionWeights(costs, right, down, hypermodel.body_level(assumed)), shapes)
        for whole, part in zip((*self.weights, self.field), (*read, field), strict=True):
            whole[index] = part
        self.model = self.network.bind(self.weights, self.field, self.goal)


def _cell(latent: Tensor) -> Cell:
    row, column = latent[POSITION].floor().int().tolist()
    return row, column


def borders_of(free: Tensor) -> tuple[Tensor, Tensor]:
    """Logits that borders can be crossed, both cells being free: `[B, R, C - 1]` and `[B, R - 1, C]`."""
    right = -torch.logaddexp(-free[:, :, 1:], -free[:, :, :-1])
    down = -torch.logaddexp(-free[:, 1:], -free[:, :-1])
    return right, down


def tried(logits: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Border logits whose cost, exp(-2 logit), is `TRY` times the odds that the border is closed."""
    right, down = (logit / 2 - math.log(TRY) / 2 for logit in logits)
    return right, down


def through(cells: Tensor) -> Tensor:
    """Which moves lead into or out of some cells: bool `[B, R, C]` -> bool `[B, 8, R, C]`."""
    return border_costs(*borders_of(torch.where(cells, -SHUT, SHUT))) > 1.0


def way_down(costs: np.ndarray, field: np.ndarray, start: Cell) -> list[Cell]:
    """Cells of the best way by predicted costs float `[8, R, C]` and their field `[R, C]`.

    A diagonal move adds the two cells at its corner.
    """
    way = [start]
    while field[way[-1]] > 0 and len(way) < field.size:
        r, c = way[-1]
        best, step = np.inf, None
        for move, (down, across) in enumerate(MOVES):
            place = r + down, c + across
            if 0 <= place[0] < field.shape[0] and 0 <= place[1] < field.shape[1]:
                total = costs[move, r, c] + field[place]
                if total < best:
                    best, step = total, place
        if step is None or step in way[:-1]:
            break
        if step[0] != r and step[1] != c:
            way += [(r, step[1]), (step[0], c)]
        way.append(step)
    return way
