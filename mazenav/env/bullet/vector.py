"""The vector form of `mazenav/BulletNav-v0`: physics clients side by side in one process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gymnasium.vector import AutoresetMode

from mazenav.env.bullet.batch import BulletBatch
from mazenav.env.bullet.single import check_observations
from mazenav.env.senses import GOAL_CONDITIONED
from mazenav.env.source import Layouts
from mazenav.env.spaces import Observations
from mazenav.env.vector import PointNavVector
from mazenav.sim.body import DMLAB, Body


class BulletNavVector(PointNavVector):
    """N of `BulletNav`, advanced one after the other: given the same seeds, the same episodes.

    For several cores put `BulletNav` into Gymnasium's `AsyncVectorEnv`. Pictures are the maps of `PointNavVector`.
    """

    def __init__(
        self,
        num_envs: int = 1,
        layouts: Layouts = "backtracker",
        shape: tuple[int, int] | None = None,
        parameters: Mapping[str, float] | None = None,
        reward: str = "step_cost",
        body: str = "capsule",
        physics: str | Body = DMLAB,
        render_mode: str | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        actions: str = "discrete",
        observations: Observations = GOAL_CONDITIONED,
        cell_metres: float | None = None,
    ) -> None:
        """Build N environments; the arguments are those of `BulletNav`, and the autoreset mode.

        Raises:
            MazenavError: if an argument cannot be used, or PyBullet is missing.
        """
        self._robot = body
        self._cell_metres = cell_metres
        check_observations(observations, None)
        super().__init__(
            num_envs, layouts, shape, parameters, reward, physics, render_mode, autoreset_mode, actions, observations
        )

    def _make_batch(self, body: Body) -> BulletBatch:
        return BulletBatch(self.num_envs, *self._source.shape, body, self._robot, cell_metres=self._cell_metres)

    def close_extras(self, **arguments: Any) -> None:
        """Disconnect from Bullet."""
        assert isinstance(self._batch, BulletBatch)
        self._batch.close()
