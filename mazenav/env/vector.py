"""The native vector form of `mazenav/PointNav-v0`: many agents, each in a layout of its own, in one compiled call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from mazenav.env.drawing import RENDER_MODES, check_render_mode, draw, write
from mazenav.env.goals import SHAPED
from mazenav.env.navigation import Navigation, pictures_per_second
from mazenav.env.placement import Placement, checked_options, draw_placement, place
from mazenav.env.senses import GOAL_CONDITIONED
from mazenav.env.single import USUAL_CAMERA
from mazenav.env.source import Layouts
from mazenav.env.spaces import Observation, Observations
from mazenav.sim.body import DMLAB, Body
from mazenav.sim.interface import World
from mazenav.sim.presets import body_of
from mazenav.sim.sensors import Camera
from mazenav.topdown.occupancy import pad_cell
from mazenav.types import MazenavError

Infos = dict[str, Any]


class PointNavVector(Navigation, VectorEnv[Observation, np.ndarray, np.ndarray]):
    """N of `PointNav` side by side: given the same seeds, the same observations, rewards, ends and infos.

    `metadata["autoreset_mode"]` says what follows the end of an episode, as Gymnasium defines it. `NEXT_STEP`: the
    next `step` ignores that row's action, begins a new episode and returns reward 0. `SAME_STEP`: the same `step`
    returns the new episode's first observation; the last one of the old is in `infos["final_obs"]`, with
    `infos["final_info"]`. `DISABLED`: `reset(options={"reset_mask": bool [N]})` begins the new episodes.
    """

    def __init__(
        self,
        num_envs: int = 1,
        layouts: Layouts = "backtracker",
        shape: tuple[int, int] | None = None,
        parameters: Mapping[str, float] | None = None,
        reward: str = "step_cost",
        body: str | Body = DMLAB,
        render_mode: str | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        actions: str = "discrete",
        observations: Observations = GOAL_CONDITIONED,
        camera: Camera = USUAL_CAMERA,
    ) -> None:
        """Build N environments; the arguments are those of `PointNav`, and the autoreset mode.

        Raises:
            MazenavError: if an argument cannot be used.
        """
        self.num_envs = num_envs
        self._mode = _checked_mode(autoreset_mode)
        self.render_mode = check_render_mode(render_mode)
        self._set_up(num_envs, layouts, shape, parameters, reward, body_of(body), actions, observations, camera)
        self._generators: list[np.random.Generator] = []
        self._seeds: list[int] = []
        self._placements: list[Placement | None] = [None] * num_envs
        self._distances = np.zeros(num_envs, np.int64)
        self._names = np.full(num_envs, None, object)
        self._ended = np.zeros(num_envs, np.bool_)
        self._begun = np.zeros(num_envs, np.bool_)
        self.metadata = {
            "render_modes": list(RENDER_MODES),
            "render_fps": pictures_per_second(self._batch.body),
            "autoreset_mode": self._mode,
        }
        self.single_observation_space = self._observer.space
        self.single_action_space = self._actions.space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)

    def _make_batch(self, body: Body) -> World:
        return self._usual_batch(self.num_envs, body)

    @property  # type: ignore[misc]  # read only, as is right for many generators
    def np_random(self) -> tuple[np.random.Generator, ...]:  # type: ignore[override]  # as Gymnasium's SyncVectorEnv
        """The generator of each row."""
        self._seed([None] * self.num_envs, np.ones(self.num_envs, np.bool_))
        return tuple(self._generators)

    @property
    def np_random_seed(self) -> tuple[int, ...]:  # type: ignore[override]  # as Gymnasium's SyncVectorEnv
        """The seed of each row."""
        self._seed([None] * self.num_envs, np.ones(self.num_envs, np.bool_))
        return tuple(self._seeds)

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, Infos]:
        """Begin new episodes.

        Args:
            seed: row i gets seed + i, or the i-th of N seeds; None goes on with the streams there are.
            options: as `PointNav.reset`, the same for every row; and `reset_mask` bool `[N]`, which rows begin anew.

        Raises:
            MazenavError: if a seed or an option cannot be used; no running episode is touched.
        """
        given = checked_options(options)
        mask = self._checked_mask(given.pop("reset_mask", None))
        self._seed(self._listed_seeds(seed), mask)
        self._restart(np.flatnonzero(mask), given)
        self._ended &= ~mask
        seen = self._observer.observe(self._batch)
        return seen, self._infos(mask, np.zeros(self.num_envs, np.bool_), self._batch.states[:, :2])

    def step(self, actions: np.ndarray) -> tuple[Observation, np.ndarray, np.ndarray, np.ndarray, Infos]:
        """One decision in every row; actions int `[N]`, or float `[N, K]` if they are continuous.

        Raises:
            MazenavError: if the actions are not N actions of the action space.
            ResetNeeded: before the first reset; in mode DISABLED also while a row has ended and was not reset.
        """
        chosen = self._actions.checked(actions, self.num_envs)
        if not self._begun.all():
            raise ResetNeeded("call reset before step: no episode has begun")
        if self._mode is AutoresetMode.DISABLED and self._ended.any():
            raise ResetNeeded(f"rows {np.flatnonzero(self._ended).tolist()} have ended: reset them with reset_mask")
        waiting = self._ended
        before = self._batch.states[:, :2].copy()
        reached, timed_out = self._actions.drive(self._batch, chosen, ~waiting)
        given = np.where(waiting, 0.0, self._rewards(reached))
        self._ended = reached | timed_out
        infos: Infos = {}
        begun, success = waiting, reached
        if self._mode is AutoresetMode.SAME_STEP and self._ended.any():
            infos = self._final_infos(reached, before)
            begun, success = self._ended, np.zeros(self.num_envs, np.bool_)
            self._ended = np.zeros(self.num_envs, np.bool_)
        self._restart(np.flatnonzero(begun), {})
        before[begun] = self._batch.states[begun, :2]
        infos |= self._infos(np.ones(self.num_envs, np.bool_), success, before)
        return self._observer.observe(self._batch), given, reached, timed_out, infos

    def render(self) -> tuple[Any, ...] | None:
        """A picture uint8 `[H, W, 3]` or a text for each row; None without a render mode.

        Raises:
            ResetNeeded: before the first reset.
        """
        if self.render_mode is None:
            gymnasium.logger.warn("render was called, but no render_mode was given to gymnasium.make_vec")
            return None
        frames: list[np.ndarray | str] = []
        for row, placement in enumerate(self._placements):
            if placement is None:
                raise ResetNeeded("call reset before render: there is no layout yet")
            start = pad_cell(placement.start, placement.layout.shape[0], self._source.shape[0])
            frames.append(write(self._batch, row) if self.render_mode == "ansi" else self._picture(row, start))
        return tuple(frames)

    def _picture(self, row: int, start: tuple[int, int]) -> np.ndarray:
        """What `render` shows of a row, uint8 `[H, W, 3]`; `start` is a cell of the padded map."""
        return draw(self._batch, row, start, None)

    def _restart(self, rows: np.ndarray, options: Mapping[str, Any]) -> None:
        """New episodes in some rows; everything is drawn before anything is changed."""
        if not len(rows):
            return
        placements = [draw_placement(self._source, self._generators[row], options) for row in rows]
        place(self._batch, rows, placements)
        self._begin_ways(rows)
        for row, placement in zip(rows.tolist(), placements, strict=True):
            self._placements[row] = placement
            self._distances[row] = placement.distance
            self._names[row] = placement.layout.name
        self._begun[rows] = True

    def _seed(self, seeds: Sequence[int | None], mask: np.ndarray) -> None:
        if not self._generators:
            fresh = [seeding.np_random(None) for _ in range(self.num_envs)]
            self._generators, self._seeds = [pair[0] for pair in fresh], [pair[1] for pair in fresh]
        for row, seed in enumerate(seeds):
            if mask[row] and seed is not None:
                self._generators[row], self._seeds[row] = seeding.np_random(seed)

    def _listed_seeds(self, seed: int | Sequence[int | None] | None) -> Sequence[int | None]:
        if seed is None:
            return [None] * self.num_envs
        if isinstance(seed, (int, np.integer)):
            return [int(seed) + row for row in range(self.num_envs)]
        if not isinstance(seed, (Sequence, np.ndarray)):
            raise MazenavError(f"a seed is a whole number, or {self.num_envs} of them, found {seed!r}")
        if len(seed) != self.num_envs:
            raise MazenavError(f"{self.num_envs} seeds are expected, found {len(seed)}")
        return seed

    def _checked_mask(self, mask: Any) -> np.ndarray:
        if mask is None:
            return np.ones(self.num_envs, np.bool_)
        if not isinstance(mask, np.ndarray) or mask.shape != (self.num_envs,) or mask.dtype != np.bool_:
            raise MazenavError(f"reset_mask must be a bool array of shape ({self.num_envs},), found {mask!r}")
        if not mask.any():
            raise MazenavError("reset_mask must be true somewhere, found none")
        return mask

    def _infos(self, mask: np.ndarray, success: np.ndarray, before: np.ndarray) -> Infos:
        """Infos in Gymnasium's layout: an array and a mask `_key` of the rows that it speaks of."""
        names = self._names.copy()
        names[~mask] = None
        told: Infos = {
            "distance": self._distances * mask,
            "decisions": self._batch.elapsed * mask,
            "is_success": success & mask,
            "collided": self._batch.collided & mask,
            "layout": names,
        }
        if self._reward == SHAPED:
            told["before"] = before * mask[:, None]
            told["map"] = (self._batch.walls & mask[:, None, None]).astype(np.uint8)
        return told | {f"_{key}": mask.copy() for key in told}

    def _final_infos(self, reached: np.ndarray, before: np.ndarray) -> Infos:
        """What the episodes that have just ended saw and said last."""
        last = np.full(self.num_envs, None, object)
        rows = np.flatnonzero(self._ended)
        seen = self._observer.observe(self._batch, rows)
        for number, row in enumerate(rows.tolist()):
            last[row] = {key: value[number] for key, value in seen.items()} if isinstance(seen, dict) else seen[number]
        return {
            "final_obs": last,
            "_final_obs": self._ended.copy(),
            "final_info": self._infos(self._ended, reached, before),
            "_final_info": self._ended.copy(),
        }


def _checked_mode(mode: AutoresetMode | str) -> AutoresetMode:
    try:
        return AutoresetMode(mode)
    except ValueError:
        names = ", ".join(repr(known.value) for known in AutoresetMode)
        raise MazenavError(f"autoreset_mode must be one of {names}, found {mode!r}") from None
