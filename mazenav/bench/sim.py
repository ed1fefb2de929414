"""Speed of the simulator and of the environments on one core, beside peers and C references.

Rates are per second of this process' own time, so that neighbours on the machine count little. Every peer steps a maze
task of its own that comes closest to ours, with its own physics; episodes that end are begun anew.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import partial
from typing import Any

import gymnasium
import numpy as np

from mazenav.bench.bullet import bullet_rows
from mazenav.bench.comparing import Measured, compared
from mazenav.bench.compiled import compile_c
from mazenav.bench.rollouts import rollout_rows
from mazenav.bench.sensors import sensor_rows
from mazenav.bench.table import Row, best_rate
from mazenav.env import LAB_NAV, POINT_NAV
from mazenav.layout.generate import generate
from mazenav.layout.graph import sample_task
from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import DMLAB, IMPALA_ACTIONS, Body, LabBody
from mazenav.sim.diffdrive import DIFFDRIVE
from mazenav.sim.lanes import look_around

SHAPE = (13, 13)
NEVER = 10**9
FRAMES = 2_000_000
"""Frames in one measurement of a batch."""
DECISIONS = 300_000
"""Decisions in one measurement of a vector environment; a single one takes a 15th, a slow peer a 100th of it."""
C_FLAGS = ("-ffast-math",)
"""The C references may round as they like, which ours must not."""

Progress = Callable[[int, int, str], None]


def batch_in_mazes(agents: int, body: Body = DMLAB) -> AgentBatch:
    """Agents at rest, each in a maze of its own, without goals to reach."""
    rng = np.random.default_rng(0)
    layouts = [generate("backtracker", SHAPE, rng) for _ in range(agents)]
    tasks = [sample_task(layout, rng) for layout in layouts]
    batch = AgentBatch(agents, *SHAPE, body)
    starts, goals = np.array([task[0] for task in tasks]), np.array([task[1] for task in tasks])
    yaws, limits = rng.uniform(-np.pi, np.pi, agents), np.full(agents, NEVER)
    batch.place(np.arange(agents), [layout.walls for layout in layouts], starts, goals, yaws, limits)
    batch.goals[:] = -1
    return batch


def random_actions(agents: int, body: Body) -> np.ndarray:
    """Action indices int64 `[decisions, agents]` for about `FRAMES` frames."""
    decisions = max(16, FRAMES // (agents * body.action_repeat))
    return np.random.default_rng(1).integers(0, body.n_actions, (decisions, agents))


def batch_rate(agents: int, body: Body = DMLAB) -> float:
    """Frames/s of `AgentBatch.step` under random actions."""
    batch, actions = batch_in_mazes(agents, body), random_actions(agents, body)

    def run() -> int:
        for row in actions:
            batch.step(row)
        return actions.size * body.action_repeat

    return best_rate(run)


def c_rate(agents: int, function: str) -> float | None:
    """Frames/s of a function of `frames.c` doing the same work; None without a compiler."""
    library = compile_c("frames.c", C_FLAGS)
    if library is None:
        return None
    batch, actions, body = batch_in_mazes(agents), random_actions(agents, DMLAB), DMLAB
    walls = batch.solid
    if function == "frames_simd":
        walls = np.zeros(batch.solid.shape, np.int32)
        look_around(batch.solid, np.arange(agents), walls)
    commands, constants = body.commands()[actions], body.constants()
    drive = getattr(library, function)
    drive.restype = None

    def at(array: np.ndarray) -> ctypes.c_void_p:
        return array.ctypes.data_as(ctypes.c_void_p)

    def run() -> int:
        for asked in commands:
            drive(
                at(batch.states), at(walls), walls.shape[1], walls.shape[2], at(asked), agents,
                body.action_repeat, at(constants),
            )  # fmt: skip
        return actions.size * body.action_repeat

    return best_rate(run)


def vector_rate(environments: int, name: str = POINT_NAV, share: int = 1) -> float:
    """Decisions/s of `gymnasium.make_vec`, episodes and new layouts included, under random actions.

    Args:
        environments: how many side by side.
        name: of the environment.
        share: how many times fewer decisions than usual are measured.
    """
    env = gymnasium.make_vec(name, num_envs=environments, vectorization_mode="vector_entry_point", shape=SHAPE)
    env.reset(seed=0)
    actions = np.random.default_rng(1).integers(0, 4, (max(16, DECISIONS // share // environments), environments))

    def run() -> int:
        for row in actions:
            env.step(row)
        return actions.size

    return best_rate(run)


def single_rate(env: gymnasium.Env[Any, Any], steps: int) -> float:
    """Decisions/s of one environment under random actions drawn beforehand, new episodes included."""
    env.reset(seed=0)
    env.action_space.seed(0)
    actions = [env.action_space.sample() for _ in range(steps)]

    def run() -> int:
        for action in actions:
            _, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                env.reset()
        return steps

    rate = best_rate(run, repeats=3)
    env.close()
    return rate


def our_single_rate(name: str = POINT_NAV, share: int = 15) -> float:
    """Decisions/s of `gymnasium.make`; `share` as in `vector_rate`."""
    return single_rate(gymnasium.make(name, shape=SHAPE), DECISIONS // share)


def robotics_rate() -> float:
    """Gymnasium-Robotics: the larger of its standard point mazes (MuJoCo)."""
    import gymnasium_robotics

    gymnasium.register_envs(gymnasium_robotics)
    return single_rate(gymnasium.make("PointMaze_Large-v3", continuing_task=False), DECISIONS // 100)


def ogbench_rate() -> float:
    """OGBench: its large point maze (MuJoCo)."""
    import ogbench  # noqa: F401  # registers its environments

    return single_rate(gymnasium.make("pointmaze-large-v0"), DECISIONS // 100)


def minigrid_rate() -> float:
    """MiniGrid: a grid world of about the size of our mazes."""
    import minigrid  # noqa: F401  # registers its environments

    return single_rate(gymnasium.make("MiniGrid-FourRooms-v0"), DECISIONS // 100)


def xland_rate(environments: int = 1024) -> float:
    """XLand-MiniGrid: many 13 x 13 worlds in one compiled JAX call, a hundred decisions each."""
    import jax
    import xminigrid

    env, parameters = xminigrid.make("XLand-MiniGrid-R4-13x13")
    keys = jax.random.split(jax.random.key(0), environments)
    first = jax.vmap(env.reset, in_axes=(None, 0))(parameters, keys)

    @jax.jit
    def hundred(start: Any, key: Any) -> Any:
        def one(timestep: Any, subkey: Any) -> tuple[Any, None]:
            actions = jax.random.randint(subkey, (environments,), 0, env.num_actions(parameters))
            return jax.vmap(env.step, in_axes=(None, 0, 0))(parameters, timestep, actions), None

        return jax.lax.scan(one, start, jax.random.split(key, 100))[0]

    def run() -> int:
        jax.block_until_ready(hundred(first, jax.random.key(1)))
        return 100 * environments

    return best_rate(run, repeats=3)


C_FORMS: dict[str, str] = {"C, one by one": "frames_scalar", "C, branch-free SIMD": "frames_simd"}
SINGLE_PEERS: dict[str, Measured] = {
    "Gymnasium-Robotics PointMaze": robotics_rate,
    "OGBench pointmaze": ogbench_rate,
    "MiniGrid FourRooms": minigrid_rate,
}
VECTOR_PEERS: dict[str, Measured] = {"XLand-MiniGrid, 1024 environments": xland_rate}


def rows() -> list[Callable[[], Row]]:
    """What measures each row."""
    impala = LabBody(actions=IMPALA_ACTIONS, look_pixels=20, action_repeat=4)
    agents = "`AgentBatch.step`, {} agents, {}"
    vector = "`make_vec`, {} environments, repeat 10"
    pictures = "`LabNav-v0`, first person"
    lab, steps, frames = "`dmlab`, repeat 10", "env-steps/s", "frames/s"
    in_c: dict[int, dict[str, Measured]] = {
        many: {name: partial(c_rate, many, form) for name, form in C_FORMS.items()} for many in (1024, 8192)
    }
    return [
        partial(compared, agents.format(256, lab), frames, partial(batch_rate, 256), {}, 25e6),
        partial(compared, agents.format(1024, lab), frames, partial(batch_rate, 1024), in_c[1024], None, 25e6),
        partial(compared, agents.format(8192, lab), frames, partial(batch_rate, 8192), in_c[8192], None, 25e6),
        partial(
            compared, agents.format(1024, "IMPALA's nine actions"), frames, partial(batch_rate, 1024, impala), {}, 25e6
        ),
        partial(compared, agents.format(1024, "`diffdrive`"), frames, partial(batch_rate, 1024, DIFFDRIVE), {}, 25e6),
        partial(compared, vector.format(256), steps, partial(vector_rate, 256), VECTOR_PEERS, 1.0, 1e6),
        partial(compared, vector.format(1024), steps, partial(vector_rate, 1024), VECTOR_PEERS, 1.0, 1e6),
        partial(compared, "`make`, one environment, repeat 10", steps, our_single_rate, SINGLE_PEERS, 1.0, 60e3),
        partial(compared, f"{pictures}, 64 environments", steps, partial(vector_rate, 64, LAB_NAV, 10), {}, None),
        partial(compared, f"{pictures}, one environment", steps, partial(our_single_rate, LAB_NAV, 100), {}, None),
    ]


def measure(progress: Progress) -> list[Row]:
    """All rows: batches beside C, environments beside their peers, sensors, PyBullet, and trajectories collected."""
    waiting = [*rows(), *sensor_rows(), *bullet_rows(), *rollout_rows()]
    measured: list[Row] = []
    for work in waiting:
        progress(len(measured), len(waiting), "")
        measured.append(work())
    progress(len(measured), len(waiting), "")
    return measured
