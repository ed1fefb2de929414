"""How far it is to the goal from any position: the shortest way through the cells, for shaped rewards."""

from __future__ import annotations

import numpy as np
from numba import njit

from mazenav.env.thin import on_lattice
from mazenav.layout.graph import distances
from mazenav.topdown.occupancy import by_position, cell_of

BESIDE = np.array([(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)])
"""The own cell and its neighbours, as steps in x and y."""
NO_WAY = 1e9


def way_field(walls: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """Steps from every cell to the goal's; `NO_WAY` where there are none.

    They are float64 `[C + 2, R + 2]` with a ring around: the cell of a position is (floor x + 1, floor y + 1).

    Args:
        walls: `[R, C]`, true or 1 is wall.
        goal: world position `[2]`.
    """
    rows, columns = walls.shape
    cell = cell_of(float(goal[0]), float(goal[1]), rows)
    field = np.full((columns + 2, rows + 2), NO_WAY)
    if 0 <= cell[0] < rows and 0 <= cell[1] < columns and not walls[cell]:
        steps = distances(np.ascontiguousarray(walls, np.bool_), cell)
        field[1:-1, 1:-1] = by_position(np.where(steps < 0, NO_WAY, steps))
    return field


def way_left(fields: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Cells to go, float64 `[N]`: straight to the centre of the own cell or of one beside it, then in steps.

    Without a way it is `NO_WAY` or a little more.

    Args:
        fields: `[N, C + 2, R + 2]` of `way_field`.
        positions: world positions `[N, 2]`.
    """
    left = np.empty(len(positions))
    _shortest(fields, np.asarray(positions, np.float64), left)
    return left


@njit(cache=True)
def _shortest(fields: np.ndarray, positions: np.ndarray, left: np.ndarray) -> None:
    """See `way_left`."""
    columns, rows = fields.shape[1] - 2, fields.shape[2] - 2
    for agent in range(len(positions)):
        x, y = positions[agent]
        own_x = min(max(np.floor(x), 0), columns - 1)
        own_y = min(max(np.floor(y), 0), rows - 1)
        left[agent] = np.inf
        for step in range(len(BESIDE)):
            at_x, at_y = own_x + BESIDE[step, 0], own_y + BESIDE[step, 1]
            gap = np.sqrt((x - at_x - 0.5) ** 2 + (y - at_y - 0.5) ** 2)
            left[agent] = min(left[agent], fields[agent, int(at_x) + 1, int(at_y) + 1] + gap)


def ways(maps: np.ndarray, positions: np.ndarray, goals: np.ndarray, thin: bool = False) -> np.ndarray:
    """Cells to go for N positions `[N, 2]` in maps `[N, R, C]` to goals `[N, 2]`: float64 `[N]`.

    Where there is no way it is 0, so that nothing is gained or lost.

    Args:
        maps: 1 or true is wall.
        positions: world positions; and so are `goals`.
        goals: the way ends at the centre of a goal's cell.
        thin: the maps are lattices of thin walls.
    """
    if thin:
        positions, goals = on_lattice(maps, positions), on_lattice(maps, goals)
    fields: dict[tuple[bytes, bytes], np.ndarray] = {}
    left = np.zeros(len(positions))
    for row, (walls, goal) in enumerate(zip(maps, goals, strict=True)):
        key = (walls.tobytes(), np.floor(goal).tobytes())
        if key not in fields:
            fields[key] = way_field(walls, goal)
        left[row] = way_left(fields[key][None], positions[row : row + 1])[0]
    return np.where(left >= NO_WAY, 0.0, left * (0.5 if thin else 1.0))


class Ways:
    """How far N agents have to go, remembered from one look to the next."""

    def __init__(self, n: int, shape: tuple[int, int], thin: bool = False) -> None:
        """Room for N maps of a shape; `thin` says that they are lattices of thin walls."""
        self._fields = np.full((n, shape[1] + 2, shape[0] + 2), NO_WAY)
        self._left = np.zeros(n)
        self._thin = thin

    def begin(self, agents: np.ndarray, walls: np.ndarray, goals: np.ndarray, positions: np.ndarray) -> None:
        """New episodes of `agents` `[K]`; the other arrays, walls `[N, R, C]` and so on, are those of all N."""
        here = on_lattice(walls[agents], goals[agents]) if self._thin else goals[agents]
        for agent, goal in zip(agents.tolist(), here, strict=True):
            self._fields[agent] = way_field(walls[agent], goal)
        self._left[agents] = self._look(agents, walls, positions)

    def look(self, walls: np.ndarray, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Cells to go at the look before and now, float64 `[N]` each."""
        before, self._left = self._left, self._look(np.arange(len(positions)), walls, positions)
        return before, self._left

    def _look(self, agents: np.ndarray, walls: np.ndarray, positions: np.ndarray) -> np.ndarray:
        here = on_lattice(walls[agents], positions[agents]) if self._thin else positions[agents]
        return way_left(self._fields[agents], here) * (0.5 if self._thin else 1.0)
