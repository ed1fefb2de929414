"""Steps a second that `mazenav rollout` collects into shards, for each kind of policy."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from mazenav.agent.baselines import Oracle, RandomAgent
from mazenav.agent.follower import Follower
from mazenav.agent.interface import Agent
from mazenav.bench.comparing import Measured, compared
from mazenav.bench.table import Row
from mazenav.evaluation.collecting import Plan, collect
from mazenav.evaluation.task_source import FreshTasks

SHAPE = (13, 13)
SCALE = 1
"""How many times fewer steps than usual are collected."""


def learned(simulations: int | None = None) -> Agent:
    """The shipped agent, by default with as many simulations as it was shipped with."""
    import torch

    from mazenav.agent.loading import load_agent

    torch.set_num_threads(1)
    return load_agent("mmn", simulations=simulations)


def collecting_rate(make: Callable[[], Agent], steps: int) -> float:
    """Steps/s of this process' own time: new mazes, drives, and shards written; in the better of two runs."""
    agent = make()
    rates = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(2):
            plan = Plan(agent, {}, FreshTasks("backtracker", SHAPE, number), number, steps // SCALE, batch_size=1024)
            begin = time.process_time()
            index = collect(Path(folder, str(number)), plan)
            rates.append(index.steps / max(time.process_time() - begin, 1e-9))
    return max(rates)


def minari_rate() -> float:
    """Minari's own collector around Gymnasium-Robotics' point maze, under random actions."""
    import gymnasium
    import gymnasium_robotics
    import minari

    gymnasium.register_envs(gymnasium_robotics)
    env = minari.DataCollector(gymnasium.make("PointMaze_Large-v3", continuing_task=False))
    env.reset(seed=0)
    env.action_space.seed(0)
    begin, steps = time.process_time(), 2000 // SCALE
    for _ in range(steps):
        _, _, terminated, truncated, _ = env.step(env.action_space.sample())
        if terminated or truncated:
            env.reset()
    rate = steps / max(time.process_time() - begin, 1e-9)
    env.close()
    return rate


def rollout_rows() -> list[Callable[[], Row]]:
    """What measures each row."""
    agents: tuple[tuple[str, Callable[[], Agent], int], ...] = (
        ("random", RandomAgent, 1_000_000),
        ("follower", Follower, 400_000),
        ("oracle", Oracle, 20_000),
        ("mmn, greedy", partial(learned, 0), 50_000),
        ("mmn with its search", learned, 10_000),
    )
    peers: dict[str, Measured] = {"Minari's DataCollector on PointMaze": minari_rate}
    return [
        partial(
            compared,
            f"`mazenav rollout`, {name}, new mazes {SHAPE[0]} x {SHAPE[1]}",
            "steps/s",
            partial(collecting_rate, make, steps),
            peers if name == "random" else {},
            None,
        )
        for name, make, steps in agents
    ]
