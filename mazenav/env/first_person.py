"""`mazenav/LabNav-v0`: `PointNav` seen through the agent's eyes, as in DeepMind Lab."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from gymnasium.vector import AutoresetMode

from mazenav.env.drawing import draw
from mazenav.env.senses import GOAL_CONDITIONED, scene_at
from mazenav.env.single import USUAL_CAMERA, PointNav
from mazenav.env.source import Layouts
from mazenav.env.spaces import Observations
from mazenav.env.vector import PointNavVector
from mazenav.sim.body import DMLAB, Body
from mazenav.sim.interface import World
from mazenav.sim.sensors import Camera, render_rgb
from mazenav.topdown.palette import PAPER

FIRST_PERSON = (*GOAL_CONDITIONED, "rgb")
"""What `LabNav` observes unless told otherwise."""
SIDE = 384
"""Pixels that the view in a picture of `render` is high, and about those of the map's longer side."""
MOST_WIDTH = 1536
"""Pixels that it is wide at most."""


class LabNav(PointNav):
    """The actions, rewards, ends, options and infos of `PointNav`; the observation also holds what the agent sees.

    `rgb` uint8 `[H, W, 3]`, row 0 at the top, is the view from the camera on the body, with textured walls, floor, sky
    and the goal. `observations` leaves out what an agent shall not know, or adds `depth`, `scan`, `local_map` and
    `joint`; `observations="rgb"` is the picture alone. Layouts are by default DeepMind Lab's kind of rooms and
    corridors. Lattices of thin walls, such as its `nav_maze_*` levels and generators with `thin_walls`, are driven as
    such: cells of the maze are the unit of all positions, `map` is the lattice, and `start` and `goal` of `reset` are
    entries of it with odd numbers.

    Pictures of `render` show the view and the map side by side.
    """

    thin_walls = True

    def __init__(
        self,
        layouts: Layouts = "lab",
        shape: tuple[int, int] | None = None,
        parameters: Mapping[str, float] | None = None,
        reward: str = "step_cost",
        body: str | Body = DMLAB,
        render_mode: str | None = None,
        actions: str = "discrete",
        observations: Observations = FIRST_PERSON,
        camera: Camera = USUAL_CAMERA,
    ) -> None:
        """Build an environment; the arguments are those of `PointNav`.

        Raises:
            MazenavError: if an argument cannot be used, or there is no display for `human`.
        """
        self._camera = camera
        super().__init__(layouts, shape, parameters, reward, body, render_mode, actions, observations, camera)

    def _picture(self, start: tuple[int, int]) -> np.ndarray:
        return view_and_map(self._batch, 0, start, np.array(self._trail), self._camera)


class LabNavVector(PointNavVector):
    """N of `LabNav` side by side; everything else as `PointNavVector`."""

    thin_walls = True

    def __init__(
        self,
        num_envs: int = 1,
        layouts: Layouts = "lab",
        shape: tuple[int, int] | None = None,
        parameters: Mapping[str, float] | None = None,
        reward: str = "step_cost",
        body: str | Body = DMLAB,
        render_mode: str | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        actions: str = "discrete",
        observations: Observations = FIRST_PERSON,
        camera: Camera = USUAL_CAMERA,
    ) -> None:
        """Build N environments; the arguments are those of `PointNav`, and the autoreset mode.

        Raises:
            MazenavError: if an argument cannot be used.
        """
        self._camera = camera
        super().__init__(
            num_envs, layouts, shape, parameters, reward, body, render_mode, autoreset_mode, actions, observations,
            camera,
        )  # fmt: skip

    def _picture(self, row: int, start: tuple[int, int]) -> np.ndarray:
        return view_and_map(self._batch, row, start, None, self._camera)


def view_and_map(
    world: World, agent: int, start: tuple[int, int], trail: np.ndarray | None, camera: Camera
) -> np.ndarray:
    """What one agent sees, and the map beside it: uint8 `[H, W, 3]`.

    Args:
        world: the agents.
        agent: which of them.
        start: its start cell in the padded map.
        trail: world positions `[T, 2]` since the start, if they are to be drawn.
        camera: on the body; its picture is enlarged.
    """
    plan = draw(world, agent, start, trail, cell_pixels=max(3, SIDE // max(world.walls.shape[1:])))
    width = min(max(1, round(SIDE * camera.width / camera.height)), MOST_WIDTH)
    view = render_rgb(scene_at(world, np.array([agent])), replace(camera, height=SIDE, width=width))[0]
    picture = np.full((max(SIDE, len(plan)), width + plan.shape[1], 3), PAPER, np.uint8)
    for part, left in ((view, 0), (plan, width)):
        top = (len(picture) - len(part)) // 2
        picture[top : top + len(part), left : left + part.shape[1]] = part
    return picture
