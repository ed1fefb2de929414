"""`mazenav/PointNav-v0`: drive to a goal in a layout that is new in every episode, its map in the observation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium.error import ResetNeeded

from mazenav.env.drawing import RENDER_MODES, check_render_mode, draw, write
from mazenav.env.goals import SHAPED
from mazenav.env.navigation import Navigation, pictures_per_second
from mazenav.env.placement import Placement, draw_placement, place
from mazenav.env.senses import GOAL_CONDITIONED
from mazenav.env.source import Layouts
from mazenav.env.spaces import Observation, Observations
from mazenav.env.window import Window
from mazenav.sim.body import DMLAB, FRAME_SECONDS, Body
from mazenav.sim.interface import World
from mazenav.sim.presets import body_of
from mazenav.sim.sensors import Camera
from mazenav.topdown.occupancy import pad_cell

ONLY = np.array([0])
"""The index of the one agent."""
USUAL_CAMERA = Camera()


class PointNav(Navigation, gymnasium.Env[Any, Any]):
    """One agent, by default with the body of DeepMind Lab's navigation and its look left, look right, forward, back.

    Observation: `observation` float32 `[6]` (x, y, yaw, vx, vy, yaw rate; cells, cells/s, radians, radians/s, world
    frame: x right, y up, yaw counter-clockwise from +x in [-pi, pi)), `achieved_goal` and `desired_goal` float32 `[2]`
    (x, y), and `map` uint8 `[R, C]`, 1 is wall, row 0 at the top; smaller layouts are padded with wall at the top and
    on the right, which leaves world coordinates alone. `observations` chooses others, see `senses`.

    Reward `step_cost` is -1 for a decision that does not end at the goal and 0 for the one that does; `sparse` is 0
    and 1; `shaped` is `step_cost` and the cells of the shortest way to the goal that the decision gained, see
    `goals.shaped_rewards`. The episode terminates when the body's centre comes within 0.4 cells of the goal at any
    frame, and is truncated after 20 + 12 x (shortest path in cells) decisions.

    `info` holds `distance` (that shortest path), `decisions` (how many were taken), `is_success`, `collided` (whether
    the body ran into a wall in this decision) and `layout` (its name); with `shaped` rewards also `before` float32
    `[2]`, where the decision began, and `map`, so that hindsight can tell the rewards of other goals.

    Attributes:
        placement: the layout, start, goal, yaw and distance of the running episode.
    """

    metadata = {"render_modes": [*RENDER_MODES, "human"], "render_fps": 6}  # noqa: RUF012  # Gymnasium declares it so

    def __init__(
        self,
        layouts: Layouts = "backtracker",
        shape: tuple[int, int] | None = None,
        parameters: Mapping[str, float] | None = None,
        reward: str = "step_cost",
        body: str | Body = DMLAB,
        render_mode: str | None = None,
        actions: str = "discrete",
        observations: Observations = GOAL_CONDITIONED,
        camera: Camera = USUAL_CAMERA,
    ) -> None:
        """Build an environment.

        Args:
            layouts: as `LayoutSource`, and so are `shape` and `parameters`.
            shape: see there.
            parameters: see there.
            reward: `step_cost`, `sparse` or `shaped`.
            body: a body, or the name of one of `sim.presets.BODIES`.
            render_mode: `rgb_array`, `ansi`, or `human` for a window.
            actions: `discrete`, or `continuous` for shares from -1 to 1 of the body's controls, see `actions`.
            observations: names of `senses.NAMES`, or senses with settings; a string instead of a list gives that array
                alone.
            camera: of the observations `rgb` and `depth`.

        Raises:
            MazenavError: if an argument cannot be used, or there is no display for `human`.
        """
        self.render_mode = check_render_mode(render_mode, self.metadata["render_modes"])
        self._set_up(1, layouts, shape, parameters, reward, body_of(body), actions, observations, camera)
        self.metadata = {**self.metadata, "render_fps": pictures_per_second(self._batch.body)}
        self._window = self._make_window() if render_mode == "human" else None
        self._trail: list[np.ndarray] = []
        self._running = False
        self.placement: Placement | None = None
        self.observation_space = self._observer.space
        self.action_space = self._actions.space

    def _make_batch(self, body: Body) -> World:
        return self._usual_batch(1, body)

    def _make_window(self) -> Window | None:
        """What mode `human` shows pictures in, if it is not the simulator that does."""
        return Window(type(self).__name__)

    def _observe(self) -> Observation:
        """What the agent sees now."""
        return self._observer.observe(self._batch, 0)

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
        self._begin_ways(ONLY)
        here = self._batch.states[0, :2].copy()
        self._trail = [here]
        self._running = True
        if self.render_mode == "human":
            self.render()
        return self._observe(), self._info(False, here)

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """One decision: `action_repeat` frames of an action.

        Raises:
            MazenavError: if it is no action of the action space.
            ResetNeeded: before the first reset and after the end of an episode.
        """
        if not self._running:
            raise ResetNeeded("call reset before step: no episode has begun, or the last one has ended")
        chosen = self._actions.checked_one(action)
        before = self._batch.states[0, :2].copy()
        outcome = self._actions.drive(self._batch, chosen)
        reached, timed_out = bool(outcome.reached[0]), bool(outcome.timed_out[0])
        self._running = not (reached or timed_out)
        reward = float(self._rewards(outcome.reached)[0])
        if self.render_mode is not None:
            self._trail.append(self._batch.states[0, :2].copy())
            if self.render_mode == "human":
                self.render()
        return self._observe(), reward, reached, timed_out, self._info(reached, before)

    def render(self) -> np.ndarray | str | None:
        """The map with start, goal, body and (in pictures) the path so far; None in mode `human` and without a mode.

        Raises:
            ResetNeeded: before the first reset.
        """
        if self.render_mode is None:
            gymnasium.logger.warn("render was called, but no render_mode was given to gymnasium.make")
            return None
        if self.placement is None:
            raise ResetNeeded("call reset before render: there is no layout yet")
        if self.render_mode == "ansi":
            return write(self._batch, 0)
        picture = self._picture(pad_cell(self.placement.start, self.placement.layout.shape[0], self._source.shape[0]))
        if self._window is None:
            return picture
        self._window.show(picture, self._batch.body.action_repeat * FRAME_SECONDS)
        return None

    def _picture(self, start: tuple[int, int]) -> np.ndarray:
        """What `render` shows, uint8 `[H, W, 3]`; `start` is a cell of the padded map."""
        return draw(self._batch, 0, start, np.array(self._trail))

    def close(self) -> None:
        """Close the window, if there is one; once more does nothing."""
        if self._window is not None:
            self._window.close()
        super().close()

    def _info(self, reached: bool, before: np.ndarray) -> dict[str, Any]:
        assert self.placement is not None
        told = {
            "distance": self.placement.distance,
            "decisions": int(self._batch.elapsed[0]),
            "is_success": reached,
            "collided": bool(self._batch.collided[0]),
            "layout": self.placement.layout.name,
        }
        if self._reward == SHAPED:
            told |= {"before": before, "map": self._batch.walls[0].astype(np.uint8)}
        return told
