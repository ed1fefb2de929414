"""What an agent may be asked to do: the number of an action, or how far the controls are pushed."""

from __future__ import annotations

from operator import index
from typing import Any, Protocol

import numpy as np
from gymnasium import spaces

from mazenav.sim.batch import Outcome
from mazenav.sim.body import Body
from mazenav.sim.interface import World
from mazenav.types import MazenavError

KINDS = ("discrete", "continuous")
LEEWAY = np.float32(1 + 1e-6)
"""How far past 1 a number of an action may lie, which is what rounding does."""


def as_array(value: Any) -> np.ndarray:
    """`np.asarray`; what cannot be an array, since its rows differ in length, is one of an object."""
    try:
        return np.asarray(value)
    except ValueError:
        return np.array(repr(value), object)


class Actions(Protocol):
    """A way to command bodies."""

    @property
    def space(self) -> spaces.Space[Any]:
        """Of the actions of one agent."""

    def checked_one(self, action: Any) -> np.ndarray:
        """The action of a single agent with a leading axis, `[1, ...]`.

        Raises:
            MazenavError: if it is no action.
        """

    def checked(self, actions: Any, n: int) -> np.ndarray:
        """The actions of N agents, `[N, ...]`.

        Raises:
            MazenavError: if they are none.
        """

    def drive(self, world: World, chosen: np.ndarray, active: np.ndarray | None = None) -> Outcome:
        """One decision with actions that were checked."""


class DiscreteActions:
    """Indices of `body.action_names`."""

    def __init__(self, body: Body) -> None:
        self.space = spaces.Discrete(body.n_actions)
        self._count = body.n_actions

    def checked_one(self, action: Any) -> np.ndarray:
        """int64 `[1]`; see `Actions`."""
        try:
            number = index(action)
        except TypeError:
            number = -1
        if not 0 <= number < self._count:
            raise MazenavError(f"an action is a whole number from 0 to {self._count - 1}, found {action!r}")
        return np.array([number])

    def checked(self, actions: Any, n: int) -> np.ndarray:
        """int64 `[N]`; see `Actions`."""
        chosen = as_array(actions)
        if chosen.shape != (n,) or chosen.dtype.kind not in "iu":
            raise MazenavError(
                f"{n} whole numbers are expected as actions, found {chosen.dtype} of shape {chosen.shape}"
            )
        wrong = (chosen < 0) | (chosen >= self._count)
        if wrong.any():
            raise MazenavError(f"an action is a whole number from 0 to {self._count - 1}, found {chosen[wrong][0]}")
        return chosen

    def drive(self, world: World, chosen: np.ndarray, active: np.ndarray | None = None) -> Outcome:
        """See `Actions`."""
        return world.step(chosen, active)


class ContinuousActions:
    """Shares from -1 to 1 of each control that the body has, float32 `[K]`.

    Of a `LabBody`: ahead, to the left, turn to the left; of a `DiffDrive`: forward speed, yaw rate (counter-clockwise).
    What 1 stands for is the body's `full_command`.
    """

    def __init__(self, body: Body) -> None:
        full = np.asarray(body.full_command, np.float32)
        self._columns = np.flatnonzero(full)
        self._full = full[self._columns]
        self.space = spaces.Box(-1, 1, (len(self._columns),), np.float32)

    def checked_one(self, action: Any) -> np.ndarray:
        """float32 `[1, 3]`, a command; see `Actions`."""
        return self._commands(action, (len(self._columns),))

    def checked(self, actions: Any, n: int) -> np.ndarray:
        """float32 `[N, 3]`, commands; see `Actions`."""
        return self._commands(actions, (n, len(self._columns)))

    def drive(self, world: World, chosen: np.ndarray, active: np.ndarray | None = None) -> Outcome:
        """See `Actions`."""
        return world.step_commands(chosen, active)

    def _commands(self, actions: Any, shape: tuple[int, ...]) -> np.ndarray:
        given = as_array(actions)
        if given.shape != shape or given.dtype.kind not in "iuf":
            raise MazenavError(
                f"actions are numbers from -1 to 1 of shape {shape}, found {given.dtype} of shape {given.shape}"
            )
        fits = (given >= -LEEWAY) & (given <= LEEWAY)  # not-a-numbers are no smaller than anything
        if not fits.all():
            raise MazenavError(f"every number of an action lies from -1 to 1, found {given[~fits][0]}")
        shares = given.reshape(-1, len(self._columns)).astype(np.float32)
        commands = np.zeros((len(shares), 3), np.float32)
        commands[:, self._columns] = np.clip(shares, -1, 1) * self._full
        return commands


def actions_of(kind: str, body: Body) -> Actions:
    """The actions of a kind, `discrete` or `continuous`, for a body.

    Raises:
        MazenavError: if there is no such kind.
    """
    if kind == "discrete":
        return DiscreteActions(body)
    if kind == "continuous":
        return ContinuousActions(body)
    raise MazenavError(f"actions must be one of {', '.join(KINDS)}, found {kind!r}")
