"""The capsule beside the kernel."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("pybullet", reason="there are no wheels of PyBullet for this Python")

from mazenav.env.bullet.batch import BulletBatch
from mazenav.env.bullet.motion import Command, wanted_velocity
from mazenav.layout.generate import generate
from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import DMLAB, FORWARD, IMPALA_ACTIONS, LOOK_LEFT, LabBody
from mazenav.sim.diffdrive import DiffDrive
from mazenav.types import MazenavError
from tests.env.bullet.driving import overlap, pair, placed

FREE, AT_WALLS = 0.002, 0.01
"""Cells over 100 decisions, in free space and along walls. The docstring of `Capsule` states them."""


def apart(kernel: AgentBatch, bullet: BulletBatch) -> float:
    return float(np.abs(kernel.states[:, :2] - bullet.states[:, :2]).max())


@pytest.mark.parametrize("actions", [None, IMPALA_ACTIONS])
def test_follows_the_kernel_in_free_space(actions: tuple | None) -> None:
    body = DMLAB if actions is None else LabBody(actions=actions, look_pixels=20, action_repeat=4)
    kernel, bullet = pair(np.zeros((101, 101), np.bool_), [(50, 50)] * 4, [0.1, 1.7, -2.0, 3.1], body)
    rng = np.random.default_rng(0)
    for _ in range(100):
        chosen = rng.integers(body.n_actions, size=4)
        kernel.step(chosen)
        bullet.step(chosen)
        assert apart(kernel, bullet) < FREE
        assert np.abs(kernel.states[:, 3:5] - bullet.states[:, 3:5]).max() < 0.01
        turned = (kernel.states[:, 2] - bullet.states[:, 2] + math.pi) % (2 * math.pi) - math.pi
        assert np.abs(turned).max() < 1e-4
        assert np.allclose(kernel.states[:, 5], bullet.states[:, 5], atol=1e-4)


def test_follows_the_kernel_along_walls() -> None:
    rng = np.random.default_rng(0)
    n = 12
    kernel, bullet = pair(np.zeros((5, 60), np.bool_), [(2, 1)] * n, np.radians(np.linspace(-90, 90, n)).tolist())
    agreed = 0
    for decision in range(100):
        # The way to a wall, then along it for most of the time.
        straight = (decision < 6) | (rng.uniform(size=n) < 0.8)
        actions = np.where(straight, FORWARD, rng.integers(4, size=n))
        kernel.step(actions)
        bullet.step(actions)
        assert np.hypot(*(kernel.states - bullet.states)[:, :2].T).max() < AT_WALLS
        agreed += int((kernel.collided == bullet.collided).sum())
    assert agreed > 0.99 * 100 * n  # of the same walls, in the same decisions


def test_runs_into_a_wall_and_stops_where_the_kernel_stops() -> None:
    kernel, bullet = pair(np.zeros((3, 9), np.bool_), [(1, 4)], [0.0])
    for _ in range(20):
        kernel.step(np.array([FORWARD]))
        bullet.step(np.array([FORWARD]))
    assert bullet.states[0, 0] == pytest.approx(9 - DMLAB.half_width - DMLAB.clearance, abs=1e-3)
    assert apart(kernel, bullet) < 1e-3
    assert np.abs(bullet.states[0, 3:5]).max() < 1e-3


@given(st.floats(-4, 4), st.floats(-4, 4), st.floats(-3, 3), st.floats(-1, 1), st.floats(-1, 1))
def test_the_formulas_are_the_kernels(vx: float, vy: float, yaw: float, ahead: float, strafe: float) -> None:
    body = LabBody(action_repeat=1)
    batch = placed(AgentBatch(1, 9, 9, body), np.zeros((9, 9), np.bool_), [(4, 4)], [yaw])
    batch.states[0, 3:5] = vx, vy
    asked = wanted_velocity(vx, vy, yaw, Command(ahead, strafe, 0.0), body)
    batch.step_commands(np.array([[ahead, strafe, 0.0]]))
    if min(abs(math.hypot(vx, vy) - body.rest_speed), abs(math.hypot(ahead, strafe))) > 1e-6:  # not on the edge
        assert asked == pytest.approx(batch.states[0, 3:5].tolist(), abs=1e-4)


@pytest.mark.parametrize("kind", ["backtracker", "clutter"])
def test_never_in_a_wall_and_never_lost(kind: str) -> None:
    rng = np.random.default_rng(1)
    walls = generate(kind, (13, 13), rng).walls
    cells = [tuple(cell) for cell in np.argwhere(~walls)[rng.permutation((~walls).sum())[:3]].tolist()]
    bullet = placed(BulletBatch(3, 13, 13), walls, cells, [0.0, 1.0, 2.0])
    before = bullet.states.copy()
    for _ in range(150):
        bullet.step(rng.choice(4, size=3, p=[0.15, 0.15, 0.5, 0.2]))
        assert overlap(bullet.states, walls, DMLAB.half_width) < 0.01
        assert np.hypot(*(bullet.states - before)[:, :2].T).max() < DMLAB.top_speed * 0.16 + 0.01
        before = bullet.states.copy()
    assert np.isfinite(bullet.states).all()


def test_a_batch_is_its_agents_one_by_one() -> None:
    walls = generate("clutter", (9, 9), np.random.default_rng(2)).walls
    cells = [tuple(cell) for cell in np.argwhere(~walls)[:3].tolist()]
    together = placed(BulletBatch(3, 9, 9), walls, cells, [0.0, 1.0, 2.0])
    alone = [placed(BulletBatch(1, 9, 9), walls, [cells[i]], [float(i)]) for i in range(3)]
    rng = np.random.default_rng(0)
    for _ in range(30):
        actions = rng.integers(4, size=3)
        together.step(actions)
        for row, batch in enumerate(alone):
            batch.step(actions[row : row + 1])
            assert np.array_equal(batch.states[0], together.states[row])


def test_who_is_not_active_stands_and_ages_no_further() -> None:
    bullet = placed(BulletBatch(2, 9, 9), np.zeros((9, 9), np.bool_), [(4, 4)] * 2, [0.0, 0.0])
    before = bullet.states.copy()
    bullet.step(np.array([FORWARD, FORWARD]), np.array([True, False]))
    assert (bullet.states[0] != before[0]).any() and np.array_equal(bullet.states[1], before[1])
    assert bullet.elapsed.tolist() == [1, 0]


def test_walls_are_built_once_and_leave_nothing_behind() -> None:
    bullet = BulletBatch(1, 9, 9)
    client = bullet.arenas[0].client
    layouts = [generate("backtracker", (9, 9), np.random.default_rng(seed)).walls for seed in range(20)]
    for walls in layouts:
        placed(bullet, walls, [(1, 1)], [0.0])
        built = list(bullet.arenas[0].walls.bodies)
        assert client.getNumBodies() == len(built) + 1
        placed(bullet, walls, [(1, 1)], [1.0])
        assert bullet.arenas[0].walls.bodies == built


def test_commands_of_any_size() -> None:
    kernel, bullet = pair(np.zeros((9, 9), np.bool_), [(4, 4)], [0.3])
    for command in ([0.5, 0.0, 0.01], [0.0, -0.3, -0.02], [0.7, 0.7, 0.0]):
        kernel.step_commands(np.array([command]))
        bullet.step_commands(np.array([command]))
        assert apart(kernel, bullet) < 1e-3


def test_bad_requests() -> None:
    with pytest.raises(MazenavError, match="LabBody, found DiffDrive"):
        BulletBatch(1, 5, 5, DiffDrive())
    with pytest.raises(MazenavError, match="capsule, husky, found 'tank'"):
        BulletBatch(1, 5, 5, robot="tank")
    with pytest.raises(MazenavError, match="at least one agent"):
        BulletBatch(0, 5, 5)
    with pytest.raises(MazenavError, match="at most 512 agents"):
        BulletBatch(10**9, 5, 5)
    with pytest.raises(MazenavError, match="may have 5 x 5 cells"):
        placed(BulletBatch(1, 5, 5), np.zeros((6, 5), np.bool_), [(1, 1)], [0.0])
    assert placed(BulletBatch(1, 5, 5), np.zeros((5, 5), np.bool_), [(2, 2)], [0.0]).step(np.array([LOOK_LEFT]))
