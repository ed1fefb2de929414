"""Many agents in Bullet, with the surface of `sim.batch.AgentBatch`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from mazenav.env.actions import LEEWAY, DiscreteActions
from mazenav.env.bullet.arena import Arena, check_robot
from mazenav.env.bullet.engine import TINY, WINDOW
from mazenav.env.bullet.motion import Command
from mazenav.sim.batch import Outcome
from mazenav.sim.body import DMLAB, Body, LabBody
from mazenav.sim.interface import MakeWorld
from mazenav.sim.sensors import Scene
from mazenav.topdown.occupancy import cells_to_world, pad_maps, world_grid
from mazenav.types import MazenavError

MOST_LAYOUTS = 1000
"""In one client, then another is opened: Bullet keeps about a kilobyte of each body that was removed."""
MOST_AGENTS = 512
"""Half of the clients that PyBullet can have, which would take 15 GB."""


class BulletBatch:
    """N agents, each in a physics client of its own, advanced one after the other.

    A client takes about 30 MB. Attributes are those of `AgentBatch`. A pickled batch opens clients of its own and goes
    on from the same states; contacts with walls then begin anew, and wheels of the `husky` from rest.
    """

    def __init__(
        self,
        n: int,
        rows: int,
        columns: int,
        body: Body = DMLAB,
        robot: str = "capsule",
        renderer: str = TINY,
        cell_metres: float | None = None,
    ) -> None:
        """Open N clients.

        Args:
            n: agents.
            rows: of the largest layout.
            columns: likewise.
            body: actions and speeds.
            robot: `capsule` or `husky`.
            renderer: draws pictures, `tiny`, `egl` (hardware without a display) or `window` (for one agent).
            cell_metres: how long a cell is for the `husky`, which is 1 m long; 2.3 unless told.

        Raises:
            MazenavError: if PyBullet is missing, there is no such robot, it does not fit, or nothing draws as asked.
        """
        if n < 1 or rows < 1 or columns < 1:
            raise MazenavError(f"a batch needs at least one agent and one cell, found {n} agents in {rows} x {columns}")
        if n > MOST_AGENTS:
            raise MazenavError(f"Bullet has room for at most {MOST_AGENTS} agents in a process, found {n}")
        self.body: Body = checked_body(body)
        self.robot = check_robot(robot)
        self.states = np.zeros((n, 6), np.float32)
        self.goals = np.zeros((n, 2), np.float32)
        self.elapsed = np.zeros(n, np.int64)
        self.limits = np.zeros(n, np.int64)
        self.walls = np.ones((n, rows, columns), np.bool_)
        self.solid = np.ones((n, columns + 2, rows + 2), np.uint8)
        self.collided = np.zeros(n, np.bool_)
        self._renderer = renderer
        self._cell_metres = cell_metres
        self._everyone = np.ones(n, np.bool_)
        self._actions = DiscreteActions(body)
        self._commands = _listed(body.commands())
        self._bound = np.asarray(body.command_bound) * float(LEEWAY)
        self.arenas = self._open()

    def _open(self) -> list[Arena]:
        return [self._arena() for _ in range(len(self))]

    def _arena(self) -> Arena:
        rows, columns = self.walls.shape[1:]
        return Arena(self.robot, checked_body(self.body), (rows, columns), self._renderer, self._cell_metres)

    def __len__(self) -> int:
        return len(self.states)

    def place(
        self,
        index: np.ndarray,
        walls: Sequence[np.ndarray] | np.ndarray,
        starts: np.ndarray,
        goals: np.ndarray,
        yaws: np.ndarray,
        limits: np.ndarray,
    ) -> None:
        """Put agents `index` `[K]` at rest at the centres of their start cells; see `AgentBatch.place`.

        Raises:
            MazenavError: if a layout is larger than the batch.
        """
        if not len(index):
            return
        rows, columns = self.walls.shape[1:]
        heights = np.array([len(grid) for grid in walls])
        padded = pad_maps([np.ones((rows, columns), np.bool_), *(np.asarray(grid, np.bool_) for grid in walls)])[1:]
        if padded.shape[1:] != (rows, columns):
            raise MazenavError(f"a layout of this batch may have {rows} x {columns} cells, found {padded.shape[1:]}")
        self.walls[index] = padded
        self.solid[index, 1:-1, 1:-1] = world_grid(padded)
        self.states[index] = 0
        self.states[index, :2] = cells_to_world(np.asarray(starts), heights)
        self.states[index, 2] = yaws
        self.goals[index] = cells_to_world(np.asarray(goals), heights)
        self.elapsed[index] = 0
        self.limits[index] = limits
        self.collided[index] = False
        for agent in np.asarray(index).tolist():
            self._stand(agent)

    def _stand(self, agent: int) -> None:
        if self.arenas[agent].walls.times >= MOST_LAYOUTS and self._renderer != WINDOW:
            self.arenas[agent].close()
            self.arenas[agent] = self._arena()
        self.arenas[agent].place(self.walls[agent], self.states[agent], self.goals[agent])

    def step(self, actions: np.ndarray, active: np.ndarray | None = None) -> Outcome:
        """One decision for every agent, or for those `active`; see `AgentBatch.step`."""
        chosen = self._actions.checked(actions, len(self))
        return self._advance([self._commands[action] for action in chosen.tolist()], active)

    def step_commands(self, commands: np.ndarray, active: np.ndarray | None = None) -> Outcome:
        """One decision by commands `[N, 3]` instead of actions; see `AgentBatch.step_commands`."""
        given = np.asarray(commands)
        if given.shape != (len(self), 3) or given.dtype.kind not in "iuf" or not (np.abs(given) <= self._bound).all():
            raise MazenavError(
                f"commands are numbers of shape ({len(self)}, 3), at most {np.round(self._bound, 4).tolist()}, "
                f"found {given.tolist()}"
            )
        return self._advance(_listed(given), active)

    def _advance(self, commands: list[Command], active: np.ndarray | None) -> Outcome:
        active = self._everyone if active is None else active
        reached = np.zeros(len(self), np.bool_)
        self.collided = np.zeros(len(self), np.bool_)
        for agent in np.flatnonzero(active).tolist():
            arena = self.arenas[agent]
            reached[agent], self.collided[agent] = arena.decide(commands[agent])
            self.states[agent] = arena.state()
        self.elapsed += active
        return Outcome(reached, active & ~reached & (self.elapsed >= self.limits))

    def scene(self) -> Scene:
        """What mazenav's own sensors look at, such as range scans."""
        return Scene(self.states, self.solid)

    def close(self) -> None:
        """Disconnect all clients; once more does nothing. A batch that nobody holds any more does so of itself."""
        for arena in self.arenas:
            arena.close()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "arenas"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.arenas = self._open()
        for agent in range(len(self)):
            if self.limits[agent]:
                self._stand(agent)


def checked_body(body: Body) -> LabBody:
    """`body` itself.

    Raises:
        MazenavError: if its motion is none that Bullet's bodies follow.
    """
    if not isinstance(body, LabBody):
        raise MazenavError(f"Bullet's bodies follow the formulas of a LabBody, found {type(body).__name__}")
    return body


def _listed(commands: np.ndarray) -> list[Command]:
    return [Command(*row) for row in np.asarray(commands, float).tolist()]


def bullet_world(robot: str, cell_metres: float | None = None) -> MakeWorld:
    """What `run_tasks` is given as its world, to drive tasks in Bullet.

    Raises:
        MazenavError: if there is no such robot.
    """
    return partial(BulletBatch, robot=check_robot(robot), cell_metres=cell_metres)
