"""What a run finds out about maps that may be wrong: what it proves, what it speaks for, and what is assumed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from mazenav.agent.contact import Contact, find_contacts
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
PRIOR_OPEN, PRIOR_HELD = 0.4, 10.0
"""Before any was found out, a map counts as if so many of the walls that it shows had been free, and so many walls."""
HOPED_OPEN, HOPED_HELD = 0.7, 1.0
"""The same of the walls on the map that were hoped to be free, and driven at for that."""


class Beliefs:
    """What is believed of the maps of B episodes, padded as one batch; all cells are (row, column) in the padded maps.

    Attributes:
        given: float32 `[B, R, C]`, 1 is wall: the maps as given.
        map: the same with what was found out.
        known: float32 `[B, R, C]`, 1 where a cell was found out.
        assumed: float32 `[B, R, C]`, what plans rely on; wherever that is not known, a decision puts it to the test.
        proven: bool `[B, R, C]`, walls that the body was held by.
        hoped: bool `[B, R, C]`, cells that plans took for free and that were found to be wall.
        fixed: bool `[B, R, C]`, cells that no evidence changes: borders of maps, goals and where the body was.
        doubtful: bool `[B]`, whether anything was found wrong with a map.
    """

    def __init__(self, maps: np.ndarray, goals: np.ndarray, shapes: Sequence[tuple[int, ...]]) -> None:
        self.given = (maps >= 0.5).astype(np.float32)
        self.map, self.assumed = self.given.copy(), self.given.copy()
        self.known, self._odds = np.zeros_like(self.given), np.zeros_like(self.given)
        self.proven, self.hoped = np.zeros_like(self.given, np.bool_), np.zeros_like(self.given, np.bool_)
        self.fixed, self._outside = np.ones_like(self.proven), np.ones_like(self.proven)
        self.doubtful = np.zeros(len(maps), np.bool_)
        self._seen_from: list[dict[Cell, tuple[float, float]]] = [{} for _ in maps]
        rows = maps.shape[1]
        for index, (height, width) in enumerate(shapes):
            self.fixed[index, rows - height + 1 : rows - 1, 1 : width - 1] = False
            self._outside[index, rows - height :, :width] = False
        self.fixed[np.arange(len(goals)), goals[:, 0], goals[:, 1]] = True
        self._fixed_at_first = self.fixed.copy()

    def belief(self, rows: list[int]) -> Belief:
        """What a `DoubtReader` is asked about some maps."""
        parts = (self.given, self.map, self.known, self._outside)
        return believe(*(torch.from_numpy(part[rows]) for part in parts))

    def odds_of_walls(self, rows: list[int]) -> tuple[Tensor, Tensor]:
        """Log-odds float32 `[M]` each that what some maps show as wall is free, from those that were found out.

        Returns:
            Of all shown walls, and of those that were hoped to be free.
        """
        found = self.map[rows]
        shown = torch.from_numpy(self.known[rows] * self.given[rows])
        opened, held, vain = (
            (shown * torch.from_numpy(part)).sum((1, 2)) for part in (1 - found, found, found * self.hoped[rows])
        )
        everywhere = torch.log((opened + PRIOR_OPEN) / (held + PRIOR_HELD))
        return everywhere, torch.log((opened + HOPED_OPEN) / (vain + HOPED_HELD))

    def visit(self, row: int, cell: Cell) -> bool:
        """The body is in a cell, so that is free. Returns whether the map says otherwise."""
        at = (row, *cell)
        if self._outside[at]:
            return False
        news = bool(self.map[at] >= 0.5)
        self.map[at], self.known[at], self.assumed[at] = 0.0, 1.0, 0.0
        self.fixed[at] = True
        return news

    def push(self, rows: np.ndarray, before: np.ndarray, actions: np.ndarray, after: np.ndarray) -> tuple[set, set]:
        """Note the walls that decisions were held by.

        Args:
            rows: int64 `[M]`, the episodes.
            before: float32 `[M, 6]`, world states.
            actions: int64 `[M]`.
            after: float32 `[M, 6]`.

        Returns:
            Rows that were held by walls which are known or assumed by now, and rows where that asks for other plans.
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
                news |= {row} if self._prove(row, cell) else set()
        for row, start, action, end in zip(map(int, rows), before, actions, after, strict=True):
            contacts = find_contacts(start, int(action), end, shape[0])
            if contacts and all(self._explained(row, contact) for contact in contacts):
                # What a learned model thinks of a corner is too coarse to blame the next cell for it.
                held.add(row)
            for cells in (cells for contact in contacts for cells in contact.stopped):
                if self._shows_wall(row, cells):
                    continue
                doubtful = [cell for cell in cells if not self.fixed[(row, *cell)]]
                if len(doubtful) == 1:
                    held.add(row)
                    news |= {row} if self._prove(row, doubtful[0]) else set()
        return held, news

    def _prove(self, row: int, cell: Cell) -> bool:
        """The body was held by a wall in a cell. Returns whether that asks for other plans."""
        at = (row, *cell)
        if self.fixed[at] or self.proven[at]:
            return False
        news = bool(self.map[at] < 0.5 or self.doubtful[row])
        self.hoped[at] |= self.assumed[at] < 0.5
        self.known[at] = self.map[at] = self.assumed[at] = 1.0
        self._odds[at], self.proven[at] = MOST, True
        return news

    def _explained(self, row: int, contact: Contact) -> bool:
        """Whether a wall that is assumed holds a side of the body, or stopped it before the body slid on."""
        return any(self._shows_wall(row, cells) for cells in (contact.touched, *contact.stopped))

    def _shows_wall(self, row: int, cells: Sequence[Cell]) -> bool:
        """Whether any of some cells is assumed to be wall; all is wall outside of a map."""
        rows, columns = self.assumed.shape[1:]
        return any(not (0 <= r < rows and 0 <= c < columns) or self.assumed[row, r, c] >= 0.5 for r, c in cells)

    def restart(self, row: int) -> None:
        """Believe of a map what was believed at first."""
        self.map[row] = self.assumed[row] = self.given[row]
        self.known[row], self._odds[row], self.proven[row], self.hoped[row] = 0.0, 0.0, False, False
        self.fixed[row], self.doubtful[row], self._seen_from[row] = self._fixed_at_first[row], False, {}

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
        at = (row, *cell)
        side = -1.0 if self.assumed[at] >= 0.5 else 1.0
        odds = float(self._odds[at])
        if gain > 0:
            gain, held = min(gain, MOST_AT_ONCE), side * odds
            before = self._seen_from[row].get(cell)
            again = not self.doubtful[row] and before is not None and math.dist(before, place) < APART
            odds = side * (max(held, gain) if again else min(held + gain, MOST))
            self._seen_from[row][cell] = place
        elif -side * odds < CONFIRMED:
            odds = -side * min(-side * odds - gain, CONFIRMED)
        self._odds[at] = odds
        known = abs(odds) >= (FOUND if self.doubtful[row] else FIRST_FOUND)
        wall = odds > 0
        self.hoped[at] |= wall and bool(self.assumed[at] < 0.5)
        # A map that was never wrong need not be confirmed.
        known = known and bool(self.doubtful[row] or wall != (self.map[at] >= 0.5))
        value = float(wall) if known else float(self.given[at])
        changed = bool(float(known) != self.known[at] or value != self.map[at])
        self.known[at], self.map[at] = float(known), value
        return changed
