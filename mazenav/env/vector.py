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

from mazenav.env.drawing import RENDER_MODES, check_render_mode, draw
from mazenav.env.goals import at_goal, check_reward, rewards
from mazenav.env.placement import Placement, draw_placement, place
from mazenav.env.source import Layouts, LayoutSource
from mazenav.env.spaces import Observation, observation_space, observe, observe_one
from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import DMLAB, Body
from mazenav.sim.interface import World
from mazenav.topdown.occupancy import pad_cell
from mazenav.types import MazenavError

Infos = dict[str, Any]


class PointNavVector(VectorEnv[Observation, np.ndarray, np.ndarray]):
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
        body: Body = DMLAB,
        render_mode: str | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
    ) -> None:
        """Build N environments; the arguments are those of `PointNav`, and the autoreset mode.

        Raises:
            MazenavError: if an argument cannot be used.
        """
        self.num_envs = num_envs
        self._source = LayoutSource(layouts, shape, parameters)
        self._reward = check_reward(reward)
        self._mode = _checked_mode(autoreset_mode)
        self._batch = self._make_batch(body)
        self._generators: list[np.random.Generator] = []
        self._seeds: list[int] = []
        self._placements: list[Placement | None] = [None] * num_envs
        self._distances = np.zeros(num_envs, np.int64)
        self._names = np.full(num_envs, None, object)
        self._ended = np.zeros(num_envs, np.bool_)
        self._begun = np.zeros(num_envs, np.bool_)
        self.render_mode = check_render_mode(render_mode)
        self.metadata = {"render_modes": list(RENDER_MODES), "render_fps": 6, "autoreset_mode": self._mode}
        self.single_observation_space = observation_space(self._source.shape, body)
        self.single_action_space = gymnasium.spaces.Discrete(body.n_actions)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)

    def _make_batch(self, body: Body) -> World:
        """What simulates the agents."""
        return AgentBatch(self.num_envs, *self._source.shape, body)

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
        given = dict(options or {})
        mask = self._checked_mask(given.pop("reset_mask", None))
        self._seed(self._listed_seeds(seed), mask)
        self._restart(np.flatnonzero(mask), given)
        self._ended &= ~mask
        return observe(self._batch), self._infos(mask, np.zeros(self.num_envs, np.bool_))

    def step(self, actions: np.ndarray) -> tuple[Observation, np.ndarray, np.ndarray, np.ndarray, Infos]:
        """One decision in every row; actions int `[N]`.

        Raises:
            MazenavError: if the actions are not N whole numbers from 0 to 3.
            ResetNeeded: before the first reset; in mode DISABLED also while a row has ended and was not reset.
        """
        chosen = self._checked_actions(actions)
        if not self._begun.all():
            raise ResetNeeded("call reset before step: no episode has begun")
        if self._mode is AutoresetMode.DISABLED and self._ended.any():
            raise ResetNeeded(f"rows {np.flatnonzero(self._ended).tolist()} have ended: reset them with reset_mask")
        waiting = self._ended
        reached, timed_out = self._batch.step(chosen, ~waiting)
        given = np.where(waiting, 0.0, rewards(self._reward, reached))
        self._ended = reached | timed_out
        infos: Infos = {}
        success = reached
        if self._mode is AutoresetMode.NEXT_STEP:
            self._restart(np.flatnonzero(waiting), {})
        elif self._mode is AutoresetMode.SAME_STEP and self._ended.any():
            infos = self._final_infos(reached)
            self._restart(np.flatnonzero(self._ended), {})
            success = reached & ~self._ended
            self._ended = np.zeros(self.num_envs, np.bool_)
        infos |= self._infos(np.ones(self.num_envs, np.bool_), success)
        return observe(self._batch), given, reached, timed_out, infos

    def render(self) -> tuple[Any, ...] | None:
        """A picture uint8 `[H, W, 3]` or a text for each row; None without a render mode.

        Raises:
            ResetNeeded: before the first reset.
        """
        if self.render_mode is None:
            gymnasium.logger.warn("render was called, but no render_mode was given to gymnasium.make_vec")
            return None
        frames = []
        for row, placement in enumerate(self._placements):
            if placement is None:
                raise ResetNeeded("call reset before render: there is no layout yet")
            start = pad_cell(placement.start, placement.layout.shape[0], self._source.shape[0])
            frames.append(draw(self._batch, row, start, None, self.render_mode))
        return tuple(frames)

    def compute_reward(self, achieved_goal: np.ndarray, desired_goal: np.ndarray, info: Any = None) -> np.ndarray:
        """Rewards `[...]` of decisions that ended at positions `[..., 2]`, for goals `[..., 2]`; `info` is not read."""
        return rewards(self._reward, at_goal(achieved_goal, desired_goal))

    def _restart(self, rows: np.ndarray, options: Mapping[str, Any]) -> None:
        """New episodes in some rows; everything is drawn before anything is changed."""
        if not len(rows):
            return
        placements = [draw_placement(self._source, self._generators[row], options) for row in rows]
        place(self._batch, rows, placements)
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

    def _checked_actions(self, actions: Any) -> np.ndarray:
        chosen = np.asarray(actions)
        if chosen.shape != (self.num_envs,) or not np.issubdtype(chosen.dtype, np.integer):
            raise MazenavError(
                f"{self.num_envs} whole numbers are expected as actions, found {chosen.dtype} of shape {chosen.shape}"
            )
        wrong = (chosen < 0) | (chosen >= self._batch.body.n_actions)
        if wrong.any():
            raise MazenavError(
                f"an action is a whole number from 0 to {self._batch.body.n_actions - 1}, found {chosen[wrong][0]}"
            )
        return chosen

    def _infos(self, mask: np.ndarray, success: np.ndarray) -> Infos:
        """Infos in Gymnasium's layout: an array and a mask `_key` of the rows that it speaks of."""
        names = self._names.copy()
        names[~mask] = None
        return {
            "distance": np.where(mask, self._distances, 0),
            "_distance": mask.copy(),
            "is_success": success & mask,
            "_is_success": mask.copy(),
            "layout": names,
            "_layout": mask.copy(),
        }

    def _final_infos(self, reached: np.ndarray) -> Infos:
        """What the episodes that have just ended saw and said last."""
        last = np.full(self.num_envs, None, object)
        for row in np.flatnonzero(self._ended).tolist():
            last[row] = observe_one(self._batch, row)
        return {
            "final_obs": last,
            "_final_obs": self._ended.copy(),
            "final_info": self._infos(self._ended, reached),
            "_final_info": self._ended.copy(),
        }


def _checked_mode(mode: AutoresetMode | str) -> AutoresetMode:
    try:
        return AutoresetMode(mode)
    except ValueError:
        names = ", ".join(repr(known.value) for known in AutoresetMode)
        raise MazenavError(f"autoreset_mode must be one of {names}, found {mode!r}") from None
