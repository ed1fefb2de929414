"""A long run of the simulator and of the vector environment under random bodies, actions, commands and resets.

Stops with exit code 1 at the first state that is not finite, the first body in a wall, the first observation outside of
its space, or if memory grows. Half of the frames go through `AgentBatch`, half through `gymnasium.make_vec`.

python scripts/soak.py [--frames 1e9] [--seed 0]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator

import gymnasium
import numpy as np
from numba import njit

from mazenav.env import POINT_NAV
from mazenav.layout.generate import generate
from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import IMPALA_ACTIONS, MAP_ACTIONS, Body, LabBody
from mazenav.sim.diffdrive import DiffDrive

AGENTS = 1024
CAMPAIGN = 4_000_000
"""Frames with one body, one size of layouts and one batch."""
MOST_GROWTH = 48 * 2**20
"""Bytes that the process may grow by after its first tenth: what allocators keep for themselves varies by that."""
SLACK = 1e-4
"""Part of a cell that a box may reach into a wall, which is what float32 can tell in the largest of these layouts."""


@njit
def first_in_wall(states: np.ndarray, solid: np.ndarray, half: float) -> int:
    """The first agent whose box overlaps a wall or whose state is not finite; -1 if none does."""
    for agent in range(states.shape[0]):
        if not np.isfinite(states[agent]).all():
            return agent
        x, y = np.float64(states[agent, 0]) + 1, np.float64(states[agent, 1]) + 1
        for column in range(int(x - half), int(x + half) + 1):
            for row in range(int(y - half), int(y + half) + 1):
                outside = column < 0 or row < 0 or column >= solid.shape[1] or row >= solid.shape[2]
                if outside or solid[agent, column, row]:
                    return agent
    return -1


def resident() -> int:
    """Bytes of memory that this process holds now, where the system says so; else the most that it ever held."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def random_body(rng: np.random.Generator) -> Body:
    """A body of either kind; one in four is wider than a cell."""
    repeat, half = int(rng.choice([1, 4, 10, 10, 40, 300])), float(rng.uniform(0.05, 0.45))
    body: Body
    if rng.random() < 0.6:
        actions = MAP_ACTIONS if rng.random() < 0.5 else IMPALA_ACTIONS
        body = LabBody(
            half_width=half,
            max_speed=float(rng.uniform(0.5, 12)),
            action_repeat=repeat,
            friction=float(rng.uniform(0, 12)),
            look_pixels=int(rng.integers(1, 513)),
            actions=actions,
        )
    else:
        body = DiffDrive(
            half_width=half,
            max_speed=float(rng.uniform(0.5, 12)),
            acceleration=float(rng.uniform(1, 100)),
            action_repeat=repeat,
            track=float(rng.uniform(0, 2 * half)),
        )
    return body.rescaled(5) if rng.random() < 0.25 else body


def new_places(rng: np.random.Generator, batch: AgentBatch, index: np.ndarray, times: int) -> None:
    """Put agents at random free cells of new layouts, whose cells are cut into `times` x `times`."""
    rows, columns = (side // times for side in batch.walls.shape[1:])
    walls, starts, goals = [], np.empty((len(index), 2)), np.empty((len(index), 2))
    for number in range(len(index)):
        if rng.random() < 0.5:
            grid = generate("backtracker", (rows, columns), rng).walls
        else:
            grid = rng.random((rows, columns)) < rng.uniform(0, 0.7)
            grid.flat[rng.choice(grid.size, 2, replace=False)] = False
        free = np.argwhere(~grid)
        starts[number], goals[number] = free[rng.choice(len(free), 2, replace=False)] * times + (times - 1) / 2
        walls.append(np.kron(grid, np.ones((times, times), np.bool_)))
    yaws = rng.uniform(-np.pi, np.pi, len(index))
    batch.place(index, walls, starts, goals, yaws, rng.integers(5, 200, len(index)))


def campaign(rng: np.random.Generator) -> int:
    """Frames with one random body, each state checked; how many there were."""
    body = random_body(rng)
    times = 1 if body.half_width < 0.5 else 5
    rows, columns = (2 * int(half) + 1 for half in rng.integers(3, 11, 2))
    batch = AgentBatch(AGENTS, rows * times, columns * times, body, threads=int(rng.integers(1, 3)))
    new_places(rng, batch, np.arange(AGENTS), times)
    decisions = max(20, CAMPAIGN // (AGENTS * body.action_repeat) // (1 if body.is_narrow else 8))
    for decision in range(decisions):
        if decision % 2:
            commands = rng.uniform(-1, 1, (AGENTS, 3)) * body.command_bound
            outcome = batch.step_commands(commands, rng.random(AGENTS) < 0.95)
        else:
            outcome = batch.step(rng.integers(0, body.n_actions, AGENTS))
        wrong = first_in_wall(batch.states, batch.solid, body.half_width - SLACK)
        if wrong >= 0:
            raise SystemExit(f"agent {wrong} of {body} is in a wall or nowhere: {batch.states[wrong].tolist()}")
        ended = np.flatnonzero((outcome.reached | outcome.timed_out) & (rng.random(AGENTS) < 0.2))
        new_places(rng, batch, ended, times)
    return decisions * AGENTS * body.action_repeat


def environment(rng: np.random.Generator) -> Iterator[int]:
    """Frames through the vector environment, resets by its own autoreset and at random; frames since the last yield."""
    env = gymnasium.make_vec(POINT_NAV, num_envs=AGENTS, vectorization_mode="vector_entry_point", shape=(9, 9))
    env.reset(seed=int(rng.integers(2**31)))
    frames = 0
    while True:
        observation, rewards, *_ = env.step(rng.integers(0, 4, AGENTS))
        frames += AGENTS * 10
        if not np.isfinite(rewards).all() or not env.observation_space.contains(observation):
            raise SystemExit("the environment gave an observation outside of its space, or a reward that is no number")
        if rng.random() < 0.01:
            env.reset(options={"reset_mask": rng.random(AGENTS) < 0.3})
        if frames >= CAMPAIGN:
            yield frames
            frames = 0


def main() -> None:
    """Run, and tell every tenth how it stands."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=float, default=1e9, help="how many frames in all")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    rng = np.random.default_rng(chosen.seed)
    env = environment(rng)
    done, told, settled, began = 0, 0, 0, time.perf_counter()
    while done < chosen.frames:
        done += campaign(rng)
        done += next(env)
        if done >= chosen.frames * (told + 1) / 10:
            told = int(10 * done / chosen.frames)
            held = resident()
            settled = settled or held
            seconds = time.perf_counter() - began
            sys.stdout.write(f"{done:14,d} frames  {seconds:8.0f} s  {held / 2**20:8.1f} MiB\n")
            sys.stdout.flush()
            if held - settled > MOST_GROWTH:
                raise SystemExit(f"memory has grown from {settled / 2**20:.1f} to {held / 2**20:.1f} MiB")
    sys.stdout.write("no state that is not finite, no body in a wall, no growth of memory\n")


if __name__ == "__main__":
    main()
