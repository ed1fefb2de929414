"""What a run finds out about maps that may be wrong: what it proves, what it speaks for, and what is assumed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from mazenav.model.doubt import Belief, believe
from mazenav.sim.body import DMLAB
from mazenav.sim.borders import Pushes, border_labels
from mazenav.topdown.occupancy import world_to_cells
from mazenav.types import Cell

MOST_AT_ONCE, MOST = 6.0, 12.0
"""Log-odds that one decision, and all decisions together, may give for or against a wall in a cell."""
APART = 0.4
"""Cells between the places of two decisions that speak of a cell independently."""
CONFIRMED = 4.5
"""Log-odds that decisions which end as predicted may give for what is assumed."""
FOUND, FIRST_FOUND = 3.5, 10.0
"""Log-odds from which a cell counts as found out, and the same while nothing was ever found wrong with the map."""


class Beliefs:
    """What is believed of the maps of B episodes, padded as one batch; all cells are (row, column) in the padded maps.

    Attributes:
        given: float32 `[B, R, C]`, 1 is wall: the maps as given.
        map: the same with what was found out.
        known: float32 `[B, R, C]`, 1 where a cell was found out.
        assumed: float32 `[B, R, C]`, what plans rely on; wherever that is not known, a decision puts it to the test.
        proven: bool `[B, R, C]`, walls that the body was held by.
        fixed: bool `[B, R, C]`, cells that no evidence changes: borders of maps, goals and where the body was.
        doubtful: bool `[B]`, whether anything was found wrong with a map.
    """

    def __init__(self, maps: Tensor, goals: Tensor, shapes: Sequence[tuple[int, ...]]) -> None:
        self.given = (maps >= 0.5).float()
        self.map, self.assumed = self.given.clone(), self.given.clone()
        self.known, self._odds = torch.zeros_like(self.given), torch.zeros_like(self.given)
        self.proven = torch.zeros_like(self.given, dtype=torch.bool)
        self.fixed, self._outside = torch.ones_like(self.proven), torch.ones_like(self.proven)
        self.doubtful = np.zeros(len(maps), np.bool_)
        self._seen_from: list[dict[Cell, tuple[float, float]]] = [{} for _ in maps]
        rows = maps.shape[1]
        for index, (height, width) in enumerate(shapes):
            self.fixed[index, rows - height + 1 : rows - 1, 1 : width - 1] = False
            self._outside[index, rows - height :, :width] = False
        self.fixed[torch.arange(len(goals)), goals[:, 0], goals[:, 1]] = True

    def belief(self, rows: Sequence[int]) -> Belief:
        """What a `DoubtReader` is asked about some maps."""
        index = torch.tensor(rows)
        return believe(self.given[index], self.map[index], self.known[index], self._outside[index])

    def visit(self, row: int, cell: Cell) -> bool:
        """The body is in a cell, so that is free. Returns whether the map says otherwise."""
        if self._outside[row][cell]:
            return False
        news = bool(self.map[row][cell] >= 0.5)
        self.map[row][cell], self.known[row][cell], self.assumed[row][cell] = 0.0, 1.0, 0.0
        self.fixed[row][cell] = True
        return news

    def push(self, rows: np.ndarray, before: np.ndarray, actions: np.ndarray, after: np.ndarray) -> tuple[set, set]:
        """Note the walls that decisions were held by.

        Args:
            rows: int64 `[M]`, the episodes.
            before: float32 `[M, 6]`, world states.
            actions: int64 `[M]`.
            after: float32 `[M, 6]`.

        Returns:
            Rows that were held by a wall, and rows where that asks for other plans.
        """
        # Whoever is held by a wall has no speed that way, exactly.
        stopped = (after[:, 3:5] == 0).any(axis=1)
        if not stopped.any():
            return set(), set()
        rows, before, actions, after = rows[stopped], before[stopped], actions[stopped], after[stopped]
        taken = np.ones((len(rows), 1), np.bool_)
        runs = Pushes(np.stack([before, after], axis=1), actions[:, None], taken, ~taken)
        shape = tuple(self.map.shape[1:])
        ends = world_to_cells(after[:, :2], shape[0])
        held, news = set(), set()
        for labels, (down, across) in zip(border_labels(runs, shape, DMLAB), ((0, 1), (1, 0)), strict=True):
            for index, r, c, crossed in zip(*labels, strict=True):
                if crossed:
                    continue
                row, near = int(rows[index]), (int(r), int(c))
                held.add(row)
                cell = near if tuple(ends[index]) != near else (near[0] + down, near[1] + across)
                if not self.fixed[row][cell] and not self.proven[row][cell]:
                    if self.map[row][cell] < 0.5 or self.doubtful[row]:
                        news.add(row)
                    self.known[row][cell] = self.map[row][cell] = self.assumed[row][cell] = 1.0
                    self._odds[row][cell], self.proven[row][cell] = MOST, True
        return held, news

    def forget(self, row: int) -> None:
        """Take back all walls that were found out: they leave no way, so some of them are wrong."""
        walls = (self.known[row] > 0) & (self.map[row] > 0)
        self.known[row][walls], self._odds[row][walls], self.proven[row][walls] = 0.0, 0.0, False
        self.map[row][walls] = self.given[row][walls]

    def credit(self, row: int, cell: Cell, gain: float, place: tuple[float, float]) -> bool:
        """Log-odds for the opposite of what is assumed of a cell.

        Args:
            row: the episode.
            cell: the cell.
            gain: the log-odds that a decision gave.
            place: where (row, column) it was taken. On a map that was right so far, what is seen again from about the
                same place says nothing new: a body that hangs on a corner may hang there for a while.

        Returns:
            Whether the map changes.
        """
        side = -1.0 if self.assumed[row][cell] >= 0.5 else 1.0
        odds = float(self._odds[row][cell])
        if gain > 0:
            gain, held = min(gain, MOST_AT_ONCE), side * odds
            before = self._seen_from[row].get(cell)
            again = not self.doubtful[row] and before is not None and math.dist(before, place) < APART
            odds = side * (max(held, gain) if again else min(held + gain, MOST))
            self._seen_from[row][cell] = place
        elif -side * odds < CONFIRMED:
            odds = -side * min(-side * odds - gain, CONFIRMED)
        self._odds[row][cell] = odds
        known = abs(odds) >= (FOUND if self.doubtful[row] else FIRST_FOUND)
        wall = odds > 0
        # A map that was never wrong need not be confirmed.
        known = known and bool(self.doubtful[row] or wall != (self.map[row][cell] >= 0.5))
        value = float(wall) if known else float(self.given[row][cell])
        changed = bool(float(known) != self.known[row][cell] or value != self.map[row][cell])
        self.known[row][cell], self.map[row][cell] = float(known), value
        return changed
