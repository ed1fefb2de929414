"""Maps that turn out to be wrong: what a run proves of their cells, and what is believed of the rest."""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mazenav.model.doubt import Belief
from mazenav.model.hypermodel import MOVES, TransitionWeights, border_costs
from mazenav.model.network import Network
from mazenav.model.representation import POSITION, VELOCITY
from mazenav.replay.segment import Segments
from mazenav.sim.body import DMLAB
from mazenav.topdown.occupancy import world_to_cells
from mazenav.training.doubt import wrong_shares
from mazenav.training.passability import border_labels

NOTICED = 0.1
"""A decision that ends further than this from where it was predicted to, in cells, is looked into."""
SPEED_SHARE = 0.1
"""Weight of an error in velocity (1 is top speed) against one in position (cells)."""
SPREAD = 0.06
"""Standard deviation of the error of predictions on the right map, in cells."""
MOST_AT_ONCE, MOST = 12.0, 12.0
"""Log-odds that one decision, and all decisions together, may give for or against a wall in a cell."""
CONFIRMED = 4.5
"""Log-odds that decisions which end as predicted may give for what is assumed."""
FOUND = 3.5
"""Log-odds from which a cell counts as found out."""
FIRST_FOUND = 10.0
"""The same while nothing was ever found wrong with the map."""
SURE = 12.0
"""Logit of a cell that is known to be free."""
TRY = 12.0
"""Decisions that it costs to try a way that turns out to be closed."""
SOFT = 150.0
BARRED = 3e4
"""Decisions that a way through a wall that was found out costs."""
PAIRED = 0.15
"""An error in cells that no single cell explains to less than this is put down to pairs of cells too."""
REACH = 6
"""Cells around the body that a prediction depends on."""
NEAR = 1.3
"""Cells from the way of a decision within which its outcome is explained by a cell."""


class Evidence(NamedTuple):
    """A decision that did not end as predicted."""

    row: int
    before: Tensor
    action: int
    after: Tensor


def error_of(predicted: Tensor, latent: Tensor) -> Tensor:
    """How far `[M]` predictions are from what came, in cells."""
    gap = predicted - latent
    return (gap[:, POSITION].square().sum(1) + SPEED_SHARE**2 * gap[:, VELOCITY].square().sum(1)).sqrt()


class Beliefs:
    """What is believed of the maps of B episodes (padded as one batch)."""

    def __init__(self, network: Network, maps: Tensor, goals: Tensor, shapes) -> None:
        self.network = network
        self.given = (maps >= 0.5).float()
        self.map = self.given.clone()
        self.known = torch.zeros_like(self.map)
        self.odds = torch.zeros_like(self.map)
        self.assumed = self.given.clone()
        self.doubtful = np.zeros(len(maps), np.bool_)
        self.fixed = torch.ones_like(self.map, dtype=torch.bool)
        rows = maps.shape[1]
        self.outside = torch.ones_like(self.fixed)
        for index, (height, width) in enumerate(shapes):
            self.fixed[index, rows - height + 1 : rows - 1, 1 : width - 1] = False
            self.outside[index, rows - height :, :width] = False
        self.fixed[torch.arange(len(goals)), goals[:, 0], goals[:, 1]] = True
        self.goals = goals
        self.proven = torch.zeros_like(self.fixed)

    def be_at(self, row: int, cell: tuple[int, int]) -> bool:
        """The body is in a cell, so it is free; whether that was news."""
        if self.outside[row][cell]:
            return False
        news = bool(self.map[row][cell] >= 0.5)
        self.map[row][cell], self.known[row][cell], self.assumed[row][cell] = 0.0, 1.0, 0.0
        self.fixed[row][cell] = True
        return news

    def prove(self, rows: np.ndarray, before: np.ndarray, actions: np.ndarray, after: np.ndarray) -> tuple[set, set]:
        """Walls that the body was held by. Returns rows that were held at all, and rows where that was news."""
        n = len(rows)
        flags = np.zeros((n, 1), np.bool_)
        maps = np.broadcast_to(np.float32(0), (n, *self.map.shape[1:]))
        states = np.stack([before, after], axis=1)
        segments = Segments(maps, np.zeros((n, 2), np.int64), states, actions[:, None], flags, ~flags)
        held, news = set(), set()
        for labels, (down, across) in zip(border_labels(segments, DMLAB), ((0, 1), (1, 0)), strict=True):
            for index, r, c, crossed in zip(*labels, strict=True):
                if crossed:
                    continue
                row = int(rows[index])
                x, y = before[index, 0], before[index, 1]
                own = world_to_cells(after[index, :2], self.map.shape[1])
                cell = (int(r), int(c)) if tuple(own) != (r, c) else (int(r + down), int(c + across))
                held.add(row)
                if not self.fixed[row][cell] and not self.proven[row][cell]:
                    if self.map[row][cell] < 0.5:
                        news.add(row)
                    elif self.doubtful[row]:
                        news.add(row)
                    self.known[row][cell] = self.map[row][cell] = self.assumed[row][cell] = 1.0
                    self.odds[row][cell] = MOST
                    self.proven[row][cell] = True
        return held, news

    def forget(self, row: int) -> None:
        """Take back all walls that were found out: they leave no way, so some of them are wrong."""
        walls = (self.known[row] > 0) & (self.map[row] > 0)
        self.known[row][walls], self.odds[row][walls], self.proven[row][walls] = 0.0, 0.0, False
        self.map[row][walls] = self.given[row][walls]

    def weigh(self, evidence: Evidence) -> bool:
        """Let a decision speak for or against walls around it; whether what is believed of a cell has changed."""
        row, before, action, after = evidence
        near = self._near(row, before, after)
        if not near:
            return False
        options = [(), *((cell,) for cell in near)]
        errors = error_of(self._predict(evidence, options), after[None]).numpy().astype(np.float64)
        if errors.min() > PAIRED and len(near) > 1:
            pairs = list(itertools.combinations(near, 2))
            paired = error_of(self._predict(evidence, pairs), after[None]).numpy().astype(np.float64)
            best = int(paired.argmin())
            gains = {cell: (errors[0] ** 2 - paired[best] ** 2) / (2 * SPREAD**2) for cell in pairs[best]}
        else:
            gains = {
                cell: (errors[0] ** 2 - error**2) / (2 * SPREAD**2) for cell, error in zip(near, errors[1:], strict=True)
            }
            top = max(gains, key=gains.__getitem__)
            # What explains the outcome best takes the credit: the others were not put to the test beside it.
            gains = {cell: gain for cell, gain in gains.items() if gain < 0 or cell == top}
        return any([self._credit(row, cell, gain) for cell, gain in gains.items()])

    def _credit(self, row: int, cell: tuple[int, int], gain: float) -> bool:
        """Log-odds `gain` for the opposite of what is assumed of a cell."""
        side = -1.0 if self.assumed[row][cell] >= 0.5 else 1.0
        odds = float(self.odds[row][cell])
        if gain > 0:
            odds = min(max(odds + side * min(gain, MOST_AT_ONCE), -MOST), MOST)
        elif -side * odds < CONFIRMED:
            odds = -side * min(-side * odds - gain, CONFIRMED)
        self.odds[row][cell] = odds
        bar = FOUND if self.doubtful[row] else FIRST_FOUND
        known, wall = float(abs(odds) >= bar), float(odds > 0)
        if known and not self.doubtful[row] and wall == self.map[row][cell]:
            known = 0.0
        value = wall if known else float(self.given[row][cell])
        changed = bool(known != self.known[row][cell] or value != self.map[row][cell])
        self.known[row][cell], self.map[row][cell] = known, value
        return changed

    def _near(self, row: int, before: Tensor, after: Tensor) -> list[tuple[int, int]]:
        ends = torch.stack([before[POSITION], after[POSITION]]).numpy()
        low, high = np.floor(ends.min(0) - NEAR / 1.6).astype(int), np.floor(ends.max(0) + NEAR / 1.6).astype(int)
        _, rows, columns = self.map.shape
        cells = [
            (r, c)
            for r in range(max(low[0], 0), min(high[0], rows - 1) + 1)
            for c in range(max(low[1], 0), min(high[1], columns - 1) + 1)
            if not self.fixed[row, r, c]
        ]
        return cells

    def _predict(self, evidence: Evidence, options) -> Tensor:
        """Where the decision leads, were each of some sets of cells the other way."""
        row, before, action, _ = evidence
        centre = before[POSITION].floor().long()
        padded = F.pad(self.assumed[row], [REACH] * 4, value=1.0)
        top, left = int(centre[0]), int(centre[1])
        patch = padded[top : top + 2 * REACH + 1, left : left + 2 * REACH + 1]
        patches = patch.repeat(len(options), 1, 1)
        for index, cells in enumerate(options):
            for r, c in cells:
                patches[index, r - top + REACH, c - left + REACH] = 1 - patches[index, r - top + REACH, c - left + REACH]
        weights = self.network.hypermodel.body_level(patches)
        latent = before.clone()
        latent[POSITION] += REACH - centre
        n = len(options)
        out = self.network.transition(weights, latent.repeat(n, 1), torch.full((n,), action), torch.arange(n))
        out[:, POSITION] -= REACH - centre
        return out

    def read(self, rows: np.ndarray, doubt) -> TransitionWeights:
        """Weights of some rows: what is thought passable decides the costs, what is assumed the body's motion."""
        index = torch.from_numpy(rows)
        known = self.known[index]
        outside = self.outside[index]
        shares = wrong_shares(self.given[index].numpy(), self.map[index].numpy(), known.numpy())
        everywhere = (
            torch.from_numpy(share).float().view(-1, 1, 1).expand_as(known).masked_fill(outside, 0.0)
            for share in shares
        )
        free = doubt(Belief(self.given[index], self.map[index], known.masked_fill(outside, 1.0), *everywhere))
        # What is known needs no guess.
        sure = torch.where(self.map[index] > 0, -SURE, SURE)
        free = torch.where((known > 0) | self.fixed[index], sure, free)
        self.assumed[index] = (free < 0).float()
        proven = (self.proven[index] | self.fixed[index]) & (self.map[index] > 0)
        thought = (known > 0) & (self.map[index] > 0)
        weights = self.network.hypermodel.cell_level(self.assumed[index], tried(borders_of(free)))
        barred = BARRED * through(proven) + SOFT * through(thought)
        return weights._replace(move_costs=weights.move_costs + barred)


def through(cells: Tensor) -> Tensor:
    """Which moves `[B, 8, R, C]` lead into or out of some cells, bool `[B, R, C]`."""
    return border_costs(*borders_of(torch.where(cells, -20.0, 20.0))) > 1.0


def borders_of(free: Tensor) -> tuple[Tensor, Tensor]:
    """Logits that borders can be crossed, both cells being free: `[B, R, C - 1]` and `[B, R - 1, C]`."""
    right = -torch.logaddexp(-free[:, :, 1:], -free[:, :, :-1])
    down = -torch.logaddexp(-free[:, 1:], -free[:, :-1])
    return right, down


def tried(logits: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Border logits whose cost, exp(-2 logit), is `TRY` times the odds that the border is closed."""
    right, down = (logit / 2 - math.log(TRY) / 2 for logit in logits)
    return right, down


def way_down(costs: np.ndarray, field: np.ndarray, start: tuple[int, int]) -> list[tuple[int, int]]:
    """Cells of the best path by predicted costs float `[8, R, C]` and their field `[R, C]`."""
    way = [start]
    while field[way[-1]] > 0 and len(way) < field.size:
        r, c = way[-1]
        best, step = np.inf, None
        for move, (dr, dc) in enumerate(MOVES):
            rr, cc = r + dr, c + dc
            if 0 <= rr < field.shape[0] and 0 <= cc < field.shape[1]:
                total = costs[move, r, c] + field[rr, cc]
                if total < best:
                    best, step = total, (rr, cc)
        if step is None or step in way[:-1]:
            break
        if step[0] != r and step[1] != c:
            way += [(r, step[1]), (step[0], c)]
        way.append(step)
    return way
