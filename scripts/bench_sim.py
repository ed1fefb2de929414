"""Speed of the simulator: frames/s through the batched call, and decisions/s through Gymnasium, on one core.

Rates are per second of this process' own time, so that neighbours on the machine count little.

python scripts/bench_sim.py [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from mazenav.env import POINT_NAV
from mazenav.layout.generate import generate
from mazenav.layout.graph import sample_task
from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import DMLAB

SHAPE = (13, 13)
NEVER = 10**9


def best_rate(run: Callable[[], int], repeats: int = 5) -> float:
    """Units of work a second in the best of some runs; `run` says how many units it did."""
    run()
    rates = []
    for _ in range(repeats):
        begin = time.process_time()
        done = run()
        rates.append(done / (time.process_time() - begin))
    return max(rates)


def batch_in_mazes(agents: int) -> AgentBatch:
    """Agents at rest, each in a maze of its own, without goals to reach."""
    rng = np.random.default_rng(0)
    layouts = [generate("backtracker", SHAPE, rng) for _ in range(agents)]
    tasks = [sample_task(layout, rng) for layout in layouts]
    batch = AgentBatch(agents, *SHAPE)
    starts, goals = np.array([task[0] for task in tasks]), np.array([task[1] for task in tasks])
    yaws, limits = rng.uniform(-np.pi, np.pi, agents), np.full(agents, NEVER)
    batch.place(np.arange(agents), [layout.walls for layout in layouts], starts, goals, yaws, limits)
    batch.goals[:] = -1
    return batch


def frames_per_second(agents: int) -> float:
    """Frames/s of `AgentBatch.step` under random actions."""
    batch = batch_in_mazes(agents)
    decisions = max(16, 200_000 // agents)
    actions = np.random.default_rng(1).integers(0, 4, (decisions, agents))

    def run() -> int:
        for row in actions:
            batch.step(row)
        return actions.size * DMLAB.action_repeat

    return best_rate(run)


def vector_steps_per_second(environments: int) -> float:
    """Decisions/s of `gymnasium.make_vec`, episodes and new layouts included, under random actions."""
    env = gymnasium.make_vec(POINT_NAV, num_envs=environments, vectorization_mode="vector_entry_point", shape=SHAPE)
    env.reset(seed=0)
    actions = np.random.default_rng(1).integers(0, 4, (max(16, 300_000 // environments), environments))

    def run() -> int:
        for row in actions:
            env.step(row)
        return actions.size

    return best_rate(run)


def single_steps_per_second() -> float:
    """Decisions/s of `gymnasium.make`, episodes and new layouts included, under random actions."""
    env: gymnasium.Env[Any, Any] = gymnasium.make(POINT_NAV, shape=SHAPE)
    env.reset(seed=0)
    actions = np.random.default_rng(1).integers(0, 4, 20_000).tolist()

    def run() -> int:
        for action in actions:
            _, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                env.reset()
        return len(actions)

    return best_rate(run)


def main() -> None:
    """Measure, print a table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    chosen = parser.parse_args()
    figures = {f"AgentBatch.step, {n} agents, frames/s": frames_per_second(n) for n in (256, 1024, 8192)}
    figures |= {f"make_vec, {n} environments, env-steps/s": vector_steps_per_second(n) for n in (256, 1024)}
    figures["make, env-steps/s"] = single_steps_per_second()
    width = max(map(len, figures))
    for name, rate in figures.items():
        sys.stdout.write(f"{name:<{width}}  {rate:>14,.0f}\n")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
