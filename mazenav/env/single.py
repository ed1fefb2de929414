"""`mazenav/PointNav-v0`: drive to a goal in a layout that is new in every episode, its map in the observation."""

from __future__ import annotations

from collections.abc import Mapping
from operator import index
from typing import Any

import gymnasium
import numpy as np
from gymnasium.error import ResetNeeded

from mazenav.env.drawing import RENDER_MODES, check_render_mode, draw
from mazenav.env.goals import REWARDS, at_goal, check_reward, rewards
from mazenav.env.placement import Placement, draw_placement, place
from mazenav.env.source import Layouts, LayoutSource
from mazenav.env.spaces import Observation, observation_space, observe_one
from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import DMLAB, Body
from mazenav.sim.interface import World
from mazenav.topdown.occupancy import pad_cell
from mazenav.types import MazenavError

ONLY = np.array([0])
"""The index of the one agent."""


class PointNav(gymnasium.Env[Any, Any]):
    """One agent with the body of DeepMind Lab's navigation and four actions: look left, look right, forward, back.

    Observation: `observation` float32 `[6]` (x, y, yaw, vx, vy, yaw rate; cells, cells/s, radians, radians/s, world
    frame: x right, y up, yaw counter-clockwise from +x in [-pi, pi)), `achieved_goal` and `desired_goal` float32 `[2]`
    (x, y), and `map` uint8 `[R, C]`, 1 is wall, row 0 at the top; smaller layouts are padded with wall at the top and
    on the right, which leaves world coordinates alone.

    Reward `step_cost` is -1 for a decision that does not end at the goal and 0 for the one that does; `sparse` is 0
    and 1. The episode terminates when the body's centre comes within 0.4 cells of the goal at any frame, and is
    truncated after 20 + 12 x (shortest path in cells) decisions. `info` holds `distance` (that shortest path),
    `is_success` and `layout` (its name).

    Attributes:
        placement: the layout, start, goal, yaw and distance of the running episode.
    """

    metadata = {"render_modes": list(RENDER_MODES), "render_fps": 6}  # noqa: RUF012  # Gymnasium declares it so

    def __init__(
        self,
        layouts: Layouts = "backtracker",
        shape: tuple[int, int] | None = None,
        parameters: Mapping[str, float] | None = None,
        reward: str = "step_cost",
        body: Body = DMLAB,
        render_mode: str | None = None,
    ) -> None:
        """Build an environment; `layouts`, `shape` and `parameters` are those of `LayoutSource`.

        Raises:
            MazenavError: if an argument cannot be used.
        """
        self._source = LayoutSource(layouts, shape, parameters)
        self._reward = check_reward(reward)
        self.render_mode = check_render_mode(render_mode, self.metadata["render_modes"])
        self._batch = self._make_batch(body)
        self._action = np.zeros(1, np.int64)
        self._trail: list[np.ndarray] = []
        self._running = False
        self.placement: Placement | None = None
        self.observation_space = observation_space(self._source.shape, body)
        self.action_space = gymnasium.spaces.Discrete(body.n_actions)

    def _make_batch(self, body: Body) -> World:
        """What simulates the agent."""
        return AgentBatch(1, *self._source.shape, body)

    def _observe(self) -> Observation:
        """What the agent sees now."""
        return observe_one(self._batch, 0)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode in a new layout.

        Args:
            seed: seeds this episode and all after it.
            options: any of `layout` (a Layout no larger than the environment's shape), `start` and `goal` (cells
                (row, column) of that layout), `yaw` (radians); for this episode only. The rest is drawn.

        Raises:
            MazenavError: if an option cannot be used; the running episode goes on as if nothing had been asked.
        """
        super().reset(seed=seed)
        self.placement = draw_placement(self._source, self.np_random, options)
        place(self._batch, ONLY, [self.placement])
        self._trail = [self._batch.states[0, :2].copy()]
        self._running = True
        return self._observe(), self._info(False)

    def step(self, action: int) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """One decision: `action_repeat` frames of one of the four actions.

        Raises:
            MazenavError: if the action is not a whole number from 0 to 3.
            ResetNeeded: before the first reset and after the end of an episode.
        """
        if not self._running:
            raise ResetNeeded("call reset before step: no episode has begun, or the last one has ended")
        self._action[0] = self._checked(action)
        outcome = self._batch.step(self._action)
        reached, timed_out = bool(outcome.reached[0]), bool(outcome.timed_out[0])
        self._running = not (reached or timed_out)
        if self.render_mode == "rgb_array":
            self._trail.append(self._batch.states[0, :2].copy())
        reward = REWARDS[self._reward][reached]
        return self._observe(), reward, reached, timed_out, self._info(reached)

    def render(self) -> np.ndarray | str | None:
        """The map with start, goal, body and (in pictures) the path so far; None without a render mode.

        Raises:
            ResetNeeded: before the first reset.
        """
        if self.render_mode is None:
            gymnasium.logger.warn("render was called, but no render_mode was given to gymnasium.make")
            return None
        if self.placement is None:
            raise ResetNeeded("call reset before render: there is no layout yet")
        start = pad_cell(self.placement.start, self.placement.layout.shape[0], self._source.shape[0])
        return draw(self._batch, 0, start, np.array(self._trail), self.render_mode)

    def compute_reward(self, achieved_goal: np.ndarray, desired_goal: np.ndarray, info: Any = None) -> Any:
        """Rewards `[...]` of decisions that ended at positions `[..., 2]`, for goals `[..., 2]`; `info` is not read."""
        given = rewards(self._reward, at_goal(achieved_goal, desired_goal))
        return given if given.ndim else float(given)

    def compute_terminated(self, achieved_goal: np.ndarray, desired_goal: np.ndarray, info: Any = None) -> Any:
        """Whether positions `[..., 2]` lie at goals `[..., 2]`: bool `[...]`; `info` is not read."""
        reached = at_goal(achieved_goal, desired_goal)
        return reached if reached.ndim else bool(reached)

    def _checked(self, action: int) -> int:
        try:
            number = index(action)
        except TypeError:
            number = -1
        if not 0 <= number < self._batch.body.n_actions:
            raise MazenavError(
                f"an action is a whole number from 0 to {self._batch.body.n_actions - 1}, found {action!r}"
            )
        return number

    def _info(self, reached: bool) -> dict[str, Any]:
        assert self.placement is not None
        return {"distance": self.placement.distance, "is_success": reached, "layout": self.placement.layout.name}
