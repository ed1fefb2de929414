"""`mazenav/BulletNav-v0`: `PointNav` with rigid bodies in PyBullet."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium.error import ResetNeeded

from mazenav.env.bullet.batch import BulletBatch
from mazenav.env.bullet.camera import Camera, Cameras, Picture
from mazenav.env.bullet.engine import TINY, WINDOW
from mazenav.env.bullet.scenery import SEEN
from mazenav.env.senses import GOAL_CONDITIONED, PICTURES
from mazenav.env.single import PointNav
from mazenav.env.source import Layouts
from mazenav.env.spaces import Observation, Observations
from mazenav.sim.body import DMLAB, FRAME_SECONDS, Body
from mazenav.types import MazenavError

OVERVIEW = Camera(height=480, width=640, view="chase", field_of_view=60)
"""What `render` shows unless told otherwise."""


class BulletNav(PointNav):
    """The layouts, actions, observations, rewards, ends, options and infos of `PointNav`, in PyBullet.

    The `capsule` hovers over the floor and is driven by forces to the velocities that the `dmlab` formulas ask for:
    over 100 decisions within 0.002 cells of `PointNav` in free space and 0.01 along walls; it is round where the
    kernel's body is a box, so that it passes corners a little earlier. The `husky` is the four-wheeled robot of
    pybullet_data, whose wheels follow those formulas as well as wheels can; its observation tells the velocities that
    Bullet has.

    Given a `camera`, the observation also holds `rgb` uint8 `[H, W, 3]`, `depth` float32 `[H, W]` (cells; the
    camera's `far` for the sky) and `segmentation` uint8 `[H, W]` (`scenery.SEEN`: sky, floor, wall, goal, body).
    Render modes are `rgb_array` (the maze in 3-D), `ansi` and `human` (Bullet's window).
    """

    metadata = {"render_modes": ["rgb_array", "ansi", "human"], "render_fps": 6}  # noqa: RUF012  # Gymnasium's way

    def __init__(
        self,
        layouts: Layouts = "backtracker",
        shape: tuple[int, int] | None = None,
        parameters: Mapping[str, float] | None = None,
        reward: str = "step_cost",
        body: str = "capsule",
        physics: str | Body = DMLAB,
        camera: Camera | None = None,
        overview: Camera = OVERVIEW,
        renderer: str = TINY,
        render_mode: str | None = None,
        actions: str = "discrete",
        observations: Observations = GOAL_CONDITIONED,
        cell_metres: float | None = None,
    ) -> None:
        """Build an environment.

        Args:
            layouts: as `PointNav`, and so are `shape`, `parameters` and `reward`.
            shape: see there.
            parameters: see there.
            reward: see there.
            body: `capsule` or `husky`.
            physics: actions, speeds and frames of a decision: a `LabBody`, or the name of one of `sim.presets.BODIES`.
            camera: what the observation's pictures are taken with, if any.
            overview: what `render` takes its pictures with.
            renderer: draws them: `tiny` (Bullet's software renderer, anywhere) or `egl` (hardware, where there is EGL).
            render_mode: `rgb_array`, `ansi` or `human`.
            actions: as `PointNav`.
            observations: as `PointNav`, without `rgb` and `depth`, which the `camera` takes.
            cell_metres: how long a cell is for the `husky`, which is 1 m long; 2.3 unless told.

        Raises:
            MazenavError: if an argument cannot be used, PyBullet is missing, or there is no display for `human`.
        """
        self._robot = body
        self._cell_metres = cell_metres
        self._renderer = WINDOW if render_mode == "human" else renderer
        self._camera = camera
        self._overview = overview
        check_observations(observations, camera)
        super().__init__(layouts, shape, parameters, reward, physics, render_mode, actions, observations)
        if camera is not None:
            self.observation_space = _with_pictures(self.observation_space, camera)

    def _make_batch(self, body: Body) -> BulletBatch:
        batch = BulletBatch(1, *self._source.shape, body, self._robot, self._renderer, self._cell_metres)
        self._cameras: Cameras | None = None
        return batch

    def _make_window(self) -> None:
        """Bullet has a window of its own."""

    def _observe(self) -> Observation:
        if self._camera is None:
            return super()._observe()
        return super()._observe() | self.look(self._camera)._asdict()

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """One decision; see `PointNav.step`. In mode `human` at the pace of the clock."""
        began = time.perf_counter()
        result = super().step(action)
        if self.render_mode == "human":
            due = self._batch.body.action_repeat * FRAME_SECONDS
            time.sleep(max(0.0, began + due - time.perf_counter()))
        return result

    def look(self, camera: Camera) -> Picture:
        """What a camera sees now.

        Raises:
            ResetNeeded: before the first reset.
        """
        if self.placement is None:
            raise ResetNeeded("call reset before looking: there is no layout yet")
        return self._photographer().take(camera, self._batch.walls[0], self._batch.goals[0])

    def render(self) -> np.ndarray | str | None:
        """A picture of the maze uint8 `[H, W, 3]`, or text; in mode `human` None, and the window follows the body.

        Raises:
            ResetNeeded: before the first reset.
        """
        if self.render_mode != "human" or self.placement is None:
            return super().render()
        self._photographer().follow(self._batch.walls[0], self._batch.goals[0])
        return None

    def _picture(self, start: tuple[int, int]) -> np.ndarray:
        return self.look(self._overview).rgb

    def _photographer(self) -> Cameras:
        assert isinstance(self._batch, BulletBatch)
        if self._cameras is None or self._cameras.arena is not self._batch.arenas[0]:
            self._cameras = Cameras(self._batch.arenas[0])
        return self._cameras

    def close(self) -> None:
        """Disconnect from Bullet; once more does nothing."""
        if isinstance(self._batch, BulletBatch):
            self._batch.close()
        super().close()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_cameras": None}


def check_observations(observations: Observations, camera: Camera | None) -> None:
    """Make sure that Bullet has what is to be observed.

    Raises:
        MazenavError: if mazenav's own pictures are asked for, or a camera's beside an array that stands alone.
    """
    if isinstance(observations, str) and camera is not None:
        raise MazenavError(f"a camera adds to a dict of observations: name {observations!r} in a list to have one")
    asked = [observations] if isinstance(observations, str) else observations
    if any(name in asked for name in PICTURES):
        raise MazenavError("rgb and depth are pictures of mazenav's own simulator: give BulletNav a camera instead")


def _with_pictures(space: gymnasium.Space[Any], camera: Camera) -> gymnasium.spaces.Dict:
    assert isinstance(space, gymnasium.spaces.Dict)
    size = (camera.height, camera.width)
    return gymnasium.spaces.Dict(
        {
            **space.spaces,
            "rgb": gymnasium.spaces.Box(0, 255, (*size, 3), np.uint8),
            "depth": gymnasium.spaces.Box(0, camera.far, size, np.float32),
            "segmentation": gymnasium.spaces.Box(0, len(SEEN) - 1, size, np.uint8),
        }
    )
