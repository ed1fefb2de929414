"""What single and vector environments have in common: how they are set up, and what hindsight code asks them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mazenav.env.actions import Actions, actions_of
from mazenav.env.goals import (
    SHAPED,
    at_goal,
    check_reward,
    relabelled_rewards,
    rewards,
    shaped_rewards,
    told,
)
from mazenav.env.source import Layouts, LayoutSource
from mazenav.env.spaces import Observations, Observer
from mazenav.env.thin import CORRIDOR, SCALE, ThinBatch, grid_shape
from mazenav.env.way import Ways
from mazenav.sim.batch import AgentBatch, time_limit
from mazenav.sim.body import Body
from mazenav.sim.interface import World
from mazenav.sim.sensors import Camera
from mazenav.types import MazenavError

MOST_CELLS = 1 << 28
"""Cells that all agents' layouts may have together; the simulator keeps 6 bytes for each."""
FRAMES_PER_SECOND = 60
"""Of DeepMind Lab's engine."""


def pictures_per_second(body: Body) -> int:
    """Decisions a second, for films at the pace of the engine."""
    return max(1, round(FRAMES_PER_SECOND / body.action_repeat))


def check_room(body: Body, thin: bool) -> None:
    """Raises MazenavError if a body does not fit into corridors of one cell, `thin` ones or others."""
    width, room = 2 * (body.half_width + body.clearance), CORRIDOR / SCALE if thin else 1.0
    if width >= room:
        raise MazenavError(f"a body {width:.6g} cells wide does not fit into corridors {room:g} cells wide")


class Navigation:
    """The parts of an environment, and rewards and ends as functions of positions, goals and infos."""

    thin_walls = False
    """Whether lattices of thin walls are driven as such, and not as maps of thick walls."""

    _source: LayoutSource
    _batch: World
    _actions: Actions
    _observer: Observer
    _reward: str
    _ways: Ways | None

    def _set_up(
        self,
        n: int,
        layouts: Layouts,
        shape: tuple[int, int] | None,
        parameters: Mapping[str, float] | None,
        reward: str,
        body: Body,
        actions: str,
        observations: Observations,
        camera: Camera,
    ) -> None:
        """Make the parts for N agents.

        Raises:
            MazenavError: if an argument cannot be used.
        """
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
            raise MazenavError(f"num_envs must be a whole number from 1, found {n!r}: at least one agent is needed")
        self._reward = check_reward(reward)
        self._actions = actions_of(actions, body)
        self._source = LayoutSource(layouts, shape, parameters, self.thin_walls)
        check_room(body, self._source.thin)
        rows, columns = grid_shape(self._source.shape) if self._source.thin else self._source.shape
        if int(n) * rows * columns > MOST_CELLS:
            raise MazenavError(
                f"{n} agents in grids of {rows} x {columns} cells are too many: {MOST_CELLS} cells at most"
            )
        self._batch = self._make_batch(body)
        self._observer = Observer(observations, camera, self._batch)
        self._ways = Ways(n, self._source.shape, self._source.thin) if reward == SHAPED else None

    def _make_batch(self, body: Body) -> World:
        """What simulates the agents."""
        raise NotImplementedError

    def _usual_batch(self, n: int, body: Body) -> World:
        """The simulator that mazenav has, of N agents."""
        rows, columns = self._source.shape
        return ThinBatch(n, rows, columns, body) if self._source.thin else AgentBatch(n, rows, columns, body)

    def _begin_ways(self, agents: np.ndarray) -> None:
        """Remember how far those agents, whose episodes have just begun, have to go."""
        if self._ways is not None:
            self._ways.begin(agents, self._batch.walls, self._batch.goals, self._batch.states[:, :2])

    def _rewards(self, reached: np.ndarray) -> np.ndarray:
        """float64 `[N]` of the decision that all have just taken."""
        if self._ways is None:
            return rewards(self._reward, reached)
        return shaped_rewards(reached, *self._ways.look(self._batch.walls, self._batch.states[:, :2]))

    def compute_reward(self, achieved_goal: np.ndarray, desired_goal: np.ndarray, info: Any = None) -> Any:
        """Rewards `[...]` of decisions that ended at positions `[..., 2]`, for goals `[..., 2]`.

        Args:
            achieved_goal: positions.
            desired_goal: goals.
            info: read for `shaped` rewards only: the infos of the decisions, a sequence or those of a vector
                environment; they know where each began and in which map.

        Raises:
            MazenavError: if the arrays are not positions, or the infos are needed and do not fit.
        """
        if self._reward == SHAPED:
            given = relabelled_rewards(achieved_goal, desired_goal, info, self._source.thin)
        else:
            given = rewards(self._reward, at_goal(achieved_goal, desired_goal))
        return given if given.ndim else float(given)

    def compute_terminated(self, achieved_goal: np.ndarray, desired_goal: np.ndarray, info: Any = None) -> Any:
        """Whether positions `[..., 2]` lie at goals `[..., 2]`: bool `[...]`; `info` is not read."""
        reached = at_goal(achieved_goal, desired_goal)
        return reached if reached.ndim else bool(reached)

    def compute_truncated(self, achieved_goal: np.ndarray, desired_goal: np.ndarray, info: Any = None) -> Any:
        """Whether decisions that ended at positions `[..., 2]`, not at goals `[..., 2]`, were the last: bool `[...]`.

        Args:
            achieved_goal: positions.
            desired_goal: goals.
            info: the infos of the decisions, as in `compute_reward`: the time limit is that of their episodes.

        Raises:
            MazenavError: if the arrays are not positions, or the infos do not fit.
        """
        reached = at_goal(achieved_goal, desired_goal)
        decisions, distance = (told(info, key, reached.size, 0) for key in ("decisions", "distance"))
        limits = np.array([time_limit(steps) for steps in distance.tolist()])
        late = (decisions >= limits).reshape(reached.shape)
        return ~reached & late if reached.ndim else bool(~reached & late)
