"""A navigator that notices where its map is wrong, corrects what it believes of it, and predicts its weights anew."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from mazenav.agent.bearings import Bearings
from mazenav.agent.beliefs import Beliefs
from mazenav.agent.evidence import Evidence, errors, weigh
from mazenav.agent.navigator import Navigator, close_padding
from mazenav.model.hypermodel import MOVES, border_costs
from mazenav.model.network import Network
from mazenav.model.representation import POSITION
from mazenav.planner.field import value_field
from mazenav.planner.settings import SearchConfig
from mazenav.topdown.occupancy import pad_maps
from mazenav.types import Cell, MazenavError, TaskContext

WALL = 0.5
"""Occupancy from which a map shows a wall."""
NOTICED = 0.1
"""A decision that ends further than this from where it was predicted to, in cells, is looked into."""
SURE, SHUT = 12.0, 20.0
"""Logits of cells that are known to be free, and of borders that are not to be crossed."""
TRY = 2.0
"""Decisions that it costs to try a way that turns out to be closed."""
HOPEFUL = 2.5
"""Log-odds by which the reader is taken to be too hopeful of walls on the map: of those that it gives log-odds of 1 to
3, 0 to 0.57 are free, by the kind of fault, on 150 layouts made for this."""
OVERSURE, LEVEL = 0.4, 0.5
"""Slope and height at 0 of the line that the reader's log-odds lie on where they speak for a wall that the map does not
show. On 150 layouts made for this, of cells that it gives -10, -5, -2.5 and -0.5, right are -3.6 to -2.9, -2.2 to
-1.2, -0.4 to 0.5 and 0.3 to 1, by the kind of fault; in mazes it is nearer to the truth, among rooms further off."""
LEAST, MOST = 1.0, 40.0
"""Decisions that a way through a wall on the map costs at least, however sure the reader is of it, and those that a way
costs at most where the map shows none. A reader is sometimes sure and wrong."""
SOFT, BARRED = 150.0, 3e4
"""Decisions that a way through a wall costs that was inferred, and through one that held the body."""
MEMORY, SAME, SHAKEN = 40, 0.02, 3
"""Decisions that are remembered; how alike two states are (cells, radians) that count as one; and decisions that are
drawn at random when a state comes again: whoever comes back to where it was is caught in a cycle."""


class _Taken(NamedTuple):
    """The decision that was taken last.

    Attributes:
        rows: int64 `[M]`, the episodes.
        latent: `[M, L]`, latents before it.
        predicted: `[M, L]`, what the transition network says comes of it.
        told: float32 `[B, 6]`, states before it, as they were told.
        actions: int64 `[B]`.
    """

    rows: np.ndarray
    latent: Tensor
    predicted: Tensor
    told: np.ndarray
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

    def trusting(self) -> Navigator:
        """The same network and search, taking every map at its word: what correcting is held against."""
        return Navigator(self.network, f"{self.name}, trusting its map", self.search)

    @torch.no_grad()
    def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
        """Read the maps of B tasks, as if they were right; what is half a wall counts as a whole one, or as none."""
        contexts = [replace(c, map=(c.map >= WALL).astype(np.float32)) for c in contexts]
        super().begin(contexts, rngs)
        maps = pad_maps([context.map for context in contexts])
        self.beliefs = Beliefs(maps, self.goal.numpy(), self.shapes)
        self._bearings = Bearings(len(contexts))
        self._past = np.full((len(contexts), MEMORY, 3), np.inf, np.float32)
        self._shaken = np.zeros(len(contexts), np.int64)
        self._taken: _Taken | None = None

    @torch.no_grad()
    def act(self, states: np.ndarray, active: np.ndarray) -> np.ndarray:
        """Learn from how the last decision ended, read those maps again that look different now, and plan."""
        rows, told = np.flatnonzero(active), states
        first, news = self._taken is None, self._take_bearings(rows, told)
        states = self._bearings.corrected(told)
        latent = self.network.representation(torch.from_numpy(states[rows]), self.rows)
        cells = {int(row): _cell(place) for row, place in zip(rows, latent, strict=True)}
        if self._taken is not None:
            same = ~np.isin(rows, list(news))
            news |= self._learn(self._taken, rows[same], latent[same], states)
        for row, cell in cells.items():
            news |= {row} if self.beliefs.visit(row, cell) else set()
            # A map that leaves no way is doubted at once.
            if (first or row in news or self.beliefs.doubtful[row]) and self._leads_through_walls(row, cell):
                news.add(row)
            self.beliefs.doubtful[row] |= row in news
        if news:
            self._read_again(sorted(news), cells)
            self._past[sorted(news)] = np.inf  # with other plans, where it was says nothing
        actions = np.zeros(len(states), np.int64)
        actions[rows] = self.plan(rows, latent)
        self._remember(rows, states)
        for row in rows[self._shaken[rows] > 0]:
            actions[row] = self.rngs[row].integers(self.model.n_actions)
            self._shaken[row] -= 1
        self._taken = _Taken(rows, latent, self._predict(rows, latent, actions[rows]), told.copy(), actions.copy())
        return actions

    def _predict(self, rows: np.ndarray, latent: Tensor, actions: np.ndarray) -> Tensor:
        """What the transition network says comes of actions `[M]`, latents `[M, L]`; a search has mostly asked it."""
        trace = self.last.trace if self.last is not None else None
        if trace is not None:
            found = (trace.node_parents == 0) & (trace.node_actions == actions[:, None])
            if found.any(axis=1).all():
                return torch.from_numpy(trace.node_latents[np.arange(len(rows)), found.argmax(axis=1)])
        return self.network.transition(
            self.model.first_layer, latent, torch.from_numpy(actions), torch.from_numpy(rows)
        )

    def _take_bearings(self, rows: np.ndarray, told: np.ndarray) -> set[int]:
        """Notice rows that are not where they are told to be; what they learnt of their maps so far, they forget."""
        if self._taken is None:
            return set()
        lost = self._bearings.note(rows, self._taken.told[rows], self._taken.actions[rows], told[rows])
        for row in lost:
            self.beliefs.restart(row)
        return lost

    def _learn(self, taken: _Taken, rows: np.ndarray, latent: Tensor, states: np.ndarray) -> set[int]:
        """Take the outcome of the last decision as evidence. Returns the rows whose maps changed by it."""
        earlier = np.searchsorted(taken.rows, rows)
        before, actions = taken.latent[earlier], taken.actions[rows]
        held, news = self.beliefs.push(rows, self._bearings.corrected(taken.told)[rows], actions, states[rows])
        for index in np.flatnonzero(errors(taken.predicted[earlier].numpy(), latent.numpy()) > NOTICED):
            row = int(rows[index])
            evidence = Evidence(row, before[index], int(actions[index]), latent[index])
            if row not in held and weigh(self.network, self.beliefs, evidence):
                news.add(row)
        return news

    def _remember(self, rows: np.ndarray, states: np.ndarray) -> None:
        """Notice bodies that are where they were before."""
        here = states[rows, None, :3]
        again = (np.abs(self._past[rows] - here).max(axis=2) < SAME).any(axis=1)
        self._shaken[rows[again]] = SHAKEN
        self._past[rows] = np.concatenate([self._past[rows, 1:], here], axis=1)
        self._past[rows[again]] = np.inf

    def _leads_through_walls(self, row: int, cell: Cell) -> bool:
        """Whether the best way leads through cells that are assumed to be wall without being known to be."""
        beliefs = self.beliefs
        way = way_down(self.weights.move_costs[row].numpy(), self.field[row].numpy(), cell)
        open_to_doubt = (beliefs.assumed[row] > 0) & ~beliefs.fixed[row] & (beliefs.known[row] == 0)
        return any(open_to_doubt[place] for place in way)

    def _read_again(self, rows: list[int], cells: dict[int, Cell]) -> None:
        """Decide which way to try in some tasks, and predict their weights and fields anew as if it were open.

        The local policy knows walls and ways, no halves: whatever is doubtful must be one of both before it drives.
        """
        index, shapes = torch.tensor(rows), [self.shapes[row] for row in rows]
        assumed, costs, field = self._hope(rows)
        lost = [row for place, row in enumerate(rows) if field[place][cells[row]] > 0.9 * BARRED]
        if lost:
            for row in lost:
                self.beliefs.forget(row)
            assumed, costs, field = self._hope(rows)
        for place, row in enumerate(rows):
            for cell in way_down(costs[place].numpy(), field[place].numpy(), cells[row]):
                if not self.beliefs.fixed[(row, *cell)]:
                    assumed[(place, *cell)] = 0.0
        self.beliefs.assumed[rows] = assumed.numpy()
        read = close_padding(self.read(assumed), shapes)
        field = value_field(read.move_costs, self.goal[index])
        for whole, part in zip((*self.weights, self.field), (*read, field), strict=True):
            whole[index] = part
        self.model = self.network.bind(self.weights, self.field, self.goal)

    def _hope(self, rows: list[int]) -> tuple[Tensor, Tensor, Tensor]:
        """The likelier state of each cell, costs of moves that count what wrong hopes cost, and their field."""
        beliefs = self.beliefs
        free = self._doubt(beliefs.belief(rows))
        known, wall = torch.from_numpy(beliefs.known[rows] > 0), torch.from_numpy(beliefs.map[rows] >= 0.5)
        fixed, proven = torch.from_numpy(beliefs.fixed[rows]), torch.from_numpy(beliefs.proven[rows])
        # The reader says which walls may be free, the run how many: a way through one costs at most what the map's
        # walls amount to, and at least what those that were tried do.
        shown, hoped = (odds.clamp(max=odds_at(LEAST)).view(-1, 1, 1) for odds in beliefs.odds_of_walls(rows))
        walls = (free - HOPEFUL).clamp(shown, torch.maximum(shown, hoped))
        guess = torch.where(wall, walls, tempered(free).clamp(odds_at(MOST), SURE))
        # What is known needs no guess.
        free = torch.where(known | fixed, torch.where(wall, -SURE, SURE), guess)
        assumed = (free < 0).float()
        weights = self.network.hypermodel.cell_level(assumed, tried(borders_of(free)))
        shut = (proven | fixed) & wall
        costs = weights.move_costs + BARRED * through(shut) + SOFT * through(known & wall)
        costs = close_padding(weights._replace(move_costs=costs), [self.shapes[row] for row in rows]).move_costs
        return assumed, costs, value_field(costs, self.goal[torch.tensor(rows)])


def _cell(latent: Tensor) -> Cell:
    row, column = latent[POSITION].floor().int().tolist()
    return row, column


def odds_at(price: float) -> float:
    """The log-odds of being free at which a cell costs so many decisions."""
    return math.log(TRY / price)


def tempered(free: Tensor) -> Tensor:
    """What log-odds of being free, of cells that the map shows as free, come to in the run: `OVERSURE`."""
    return torch.maximum(free, OVERSURE * free + LEVEL)


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
