"""What an agent may observe: where it is, the map, distances around it, pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from gymnasium import spaces

from mazenav.env.thin import ThinBatch
from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import Body
from mazenav.sim.interface import World
from mazenav.sim.sensors import (
    Camera,
    Scene,
    joint_state,
    local_map,
    range_scan,
    render_rgb,
    render_rgbd,
    scene_of,
)
from mazenav.sim.sensors.joint_state import LAB_UNITS
from mazenav.types import MazenavError

GOAL_CONDITIONED = ("achieved_goal", "desired_goal", "map", "observation")
"""What `PointNav` observes unless told otherwise, as Gymnasium's goal-conditioned environments, and the map."""
PICTURES = ("rgb", "depth")


Which = slice | np.ndarray | int
"""Agents: `EVERYONE`, some `[K]`, or a single one by its number."""
EVERYONE = slice(None)


@runtime_checkable
class HasScene(Protocol):
    """A simulator that tells what sensors look at: `thin.ThinBatch`, `bullet.batch.BulletBatch`."""

    def scene(self) -> Scene:
        """Its agents and their walls."""


class Sense(Protocol):
    """Reads some entries of an observation; two of the same settings are equal."""

    def spaces(self, world: World) -> dict[str, spaces.Box]:
        """The entries by their names, for one agent."""

    def read(self, world: World, which: Which) -> dict[str, np.ndarray]:
        """The entries of the agents, in arrays of their own; with a leading axis unless `which` is a number."""


@dataclass(frozen=True)
class State:
    """`observation`: the state float32 `[6]`, x, y, yaw, vx, vy, yaw rate."""

    def spaces(self, world: World) -> dict[str, spaces.Box]:
        """See `Sense`."""
        low, high = state_bounds(extent(world), world.body)
        return {"observation": spaces.Box(low, high, dtype=np.float32)}

    def read(self, world: World, which: Which) -> dict[str, np.ndarray]:
        """See `Sense`."""
        return {"observation": np.array(world.states[which])}


@dataclass(frozen=True)
class Achieved:
    """`achieved_goal`: where the agent is, float32 `[2]`."""

    def spaces(self, world: World) -> dict[str, spaces.Box]:
        """See `Sense`."""
        return {"achieved_goal": place_space(world)}

    def read(self, world: World, which: Which) -> dict[str, np.ndarray]:
        """See `Sense`."""
        return {"achieved_goal": np.array(world.states[which, :2])}


@dataclass(frozen=True)
class Desired:
    """`desired_goal`: where the goal is, float32 `[2]`."""

    def spaces(self, world: World) -> dict[str, spaces.Box]:
        """See `Sense`."""
        return {"desired_goal": place_space(world)}

    def read(self, world: World, which: Which) -> dict[str, np.ndarray]:
        """See `Sense`."""
        return {"desired_goal": np.array(world.goals[which])}


@dataclass(frozen=True)
class Map:
    """`map`: the layout uint8 `[R, C]`, 1 is wall, row 0 at the top."""

    def spaces(self, world: World) -> dict[str, spaces.Box]:
        """See `Sense`."""
        return {"map": spaces.Box(0, 1, world.walls.shape[1:], np.uint8)}

    def read(self, world: World, which: Which) -> dict[str, np.ndarray]:
        """See `Sense`."""
        return {"map": world.walls[which].astype(np.uint8)}


@dataclass(frozen=True)
class Joint:
    """`joint`: the 12 numbers that DeepMind Lab tells of a body, float32 `[12]`, see `sensors.joint_state`."""

    def spaces(self, world: World) -> dict[str, spaces.Box]:
        """See `Sense`."""
        rows, columns = extent(world)
        speed = world.body.top_speed * math.sqrt(2)
        turn = math.degrees(1.001 * world.body.top_turn)
        high = [columns, rows, 1, 90, 180, 180, speed, speed, speed, turn, turn, turn]
        units = np.array([LAB_UNITS] * 3 + [1] * 3 + [LAB_UNITS] * 3 + [1] * 3)
        most = units * high
        least = np.where(np.arange(12) < 3, 0, -most)
        return {"joint": spaces.Box(least.astype(np.float32), most.astype(np.float32), dtype=np.float32)}

    def read(self, world: World, which: Which) -> dict[str, np.ndarray]:
        """See `Sense`."""
        states = world.states[which]
        return {"joint": _without_axis(joint_state(np.atleast_2d(states)).astype(np.float32), which)}


@dataclass(frozen=True)
class RangeScan:
    """`scan`: cells to the nearest wall in directions around the agent, float32 `[n]`, from right to left.

    Attributes:
        n_rays: n.
        fov: degrees that they share, half of them on either side of straight ahead.
        reach: farthest distance that is told, in cells.
    """

    n_rays: int = 32
    fov: float = 360.0
    reach: float = 100.0

    def __post_init__(self) -> None:
        if not 1 <= self.n_rays <= 100_000 or not 0 < self.fov <= 360 or not 0 < self.reach <= 1e6:
            raise MazenavError(
                "a range scan has 1 to 100000 rays, up to 360 degrees and a reach of up to 1e6 cells, "
                f"found {self.n_rays}, {self.fov} and {self.reach}"
            )

    def spaces(self, world: World) -> dict[str, spaces.Box]:
        """See `Sense`."""
        return {"scan": spaces.Box(0, self.reach, (self.n_rays,), np.float32)}

    def read(self, world: World, which: Which) -> dict[str, np.ndarray]:
        """See `Sense`."""
        scans = range_scan(scene_at(world, which), self.n_rays, self.fov, self.reach)
        return {"scan": _without_axis(scans, which)}


@dataclass(frozen=True)
class LocalMap:
    """`local_map`: the walls around the agent uint8 `[S, S]`, the agent in the middle.

    Attributes:
        side: S, pixels a side.
        cells_per_pixel: cells of the maze a side of a pixel.
        rotated: row 0 lies ahead of the agent; otherwise towards +y.
    """

    side: int = 9
    cells_per_pixel: float = 1.0
    rotated: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.side <= 4096 or not 0 < self.cells_per_pixel <= 1000:
            raise MazenavError(
                "a local map has 1 to 4096 pixels a side of up to 1000 cells each, "
                f"found {self.side} and {self.cells_per_pixel}"
            )

    def spaces(self, world: World) -> dict[str, spaces.Box]:
        """See `Sense`."""
        return {"local_map": spaces.Box(0, 1, (self.side, self.side), np.uint8)}

    def read(self, world: World, which: Which) -> dict[str, np.ndarray]:
        """See `Sense`."""
        crops = local_map(scene_at(world, which), self.side, self.cells_per_pixel, self.rotated)
        return {"local_map": _without_axis(crops, which)}


@dataclass(frozen=True)
class View:
    """`rgb` uint8 `[H, W, 3]` and `depth` float32 `[H, W]` (cells along the optical axis) in the first person.

    Attributes:
        camera: what sees them.
        names: which of the two.
    """

    camera: Camera = Camera()  # noqa: RUF009  # frozen
    names: tuple[str, ...] = ("rgb",)

    def spaces(self, world: World) -> dict[str, spaces.Box]:
        """See `Sense`."""
        size = (self.camera.height, self.camera.width)
        both: dict[str, spaces.Box] = {
            "rgb": spaces.Box(0, 255, (*size, 3), np.uint8),
            "depth": spaces.Box(0, self.camera.far, size, np.float32),
        }
        return {name: both[name] for name in self.names}

    def read(self, world: World, which: Which) -> dict[str, np.ndarray]:
        """See `Sense`."""
        scene = scene_at(world, which)
        if self.names == ("rgb",):
            return {"rgb": _without_axis(render_rgb(scene, self.camera), which)}
        pictures = dict(zip(PICTURES, render_rgbd(scene, self.camera), strict=True))
        return {name: _without_axis(pictures[name], which) for name in self.names}


PLAIN: Mapping[str, Sense] = {
    "achieved_goal": Achieved(),
    "desired_goal": Desired(),
    "map": Map(),
    "observation": State(),
    "joint": Joint(),
    "scan": RangeScan(),
    "local_map": LocalMap(),
}
NAMES = (*PLAIN, *PICTURES)
"""All that may be observed."""


def senses_of(observations: Sequence[str | RangeScan | LocalMap], camera: Camera) -> list[Sense]:
    """The senses that observations are made with.

    Raises:
        MazenavError: if there is none of a name, or one is asked for twice.
    """
    if not isinstance(observations, (Sequence, np.ndarray)):
        raise MazenavError(f"observations are a name or a list of them, found {observations!r}")
    if not isinstance(camera, Camera):
        raise MazenavError(f"camera must be a mazenav Camera, found {camera!r}")
    found: list[Sense] = []
    pictures = tuple(name for name in PICTURES if name in observations)
    for wanted in observations:
        if isinstance(wanted, (RangeScan, LocalMap)):
            found.append(wanted)
        elif isinstance(wanted, str) and wanted in PLAIN:
            found.append(PLAIN[wanted])
        elif wanted not in PICTURES:
            raise MazenavError(
                f"an observation is one of {', '.join(NAMES)}, a RangeScan or LocalMap, found {wanted!r}"
            )
    kinds = [type(sense) for sense in found]
    if (
        not observations
        or len(set(kinds)) < len(kinds)
        or sum(name in PICTURES for name in observations) > len(pictures)
    ):
        raise MazenavError(f"observations must name at least one thing, and none twice, found {tuple(observations)!r}")
    return [*found, View(camera, pictures)] if pictures else found


def _without_axis(values: np.ndarray, which: Which) -> np.ndarray:
    return values[0] if isinstance(which, int) else values


def state_bounds(shape: tuple[int, int], body: Body) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and highest state, float32 `[6]` each, of a body in layouts of at most `shape`."""
    rows, columns = shape
    speed, turn = body.top_speed, 1.001 * body.top_turn
    pi = float(np.float32(math.pi))
    low = np.array([0, 0, -pi, -speed, -speed, -turn], np.float32)
    high = np.array([columns, rows, pi, speed, speed, turn], np.float32)
    return low, high


def extent(world: World) -> tuple[int, int]:
    """Rows and columns of cells that the world may have."""
    rows, columns = world.walls.shape[1:]
    return (rows // 2, columns // 2) if isinstance(world, ThinBatch) else (rows, columns)


def place_space(world: World) -> spaces.Box:
    """Of positions: float32 `[2]`."""
    low, high = state_bounds(extent(world), world.body)
    return spaces.Box(low[:2], high[:2], dtype=np.float32)


def scene_at(world: World, which: Which = EVERYONE) -> Scene:
    """What sensors of the agents look at.

    Raises:
        MazenavError: if the simulator cannot tell.
    """
    if isinstance(world, AgentBatch):
        scene = scene_of(world)
    elif isinstance(world, HasScene):
        scene = world.scene()
    else:
        raise MazenavError(f"scans, local maps and these pictures are not taken in a {type(world).__name__}")
    if isinstance(which, slice):
        return scene
    agents = np.atleast_1d(which)
    things = scene.things
    return Scene(
        scene.states[agents],
        scene.solid,
        layers=agents,
        things=None if things is None else things[agents],
        cells_per_unit=scene.cells_per_unit,
    )
