"""stable-baselines3 learns here for real: the return of PPO rises, hindsight finds its rewards.

That of DQN with hindsight rises in `test_documentation.py`, whose text is the example of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gymnasium
import numpy as np
import pytest
import torch
from stable_baselines3 import DQN, PPO, HerReplayBuffer
from stable_baselines3.common.env_checker import check_env
from stable_baselines3.common.env_util import make_vec_env

import mazenav.env
from mazenav.env.first_person import LabNav
from mazenav.env.single import PointNav
from mazenav.types import Layout

HALL = Layout(np.zeros((3, 3), np.bool_), name="hall")
STATE_AND_GOALS = ("achieved_goal", "desired_goal", "observation")
EPISODES = 40


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def make(**arguments: Any) -> gymnasium.Env:
    arguments = {"layouts": HALL, "observations": STATE_AND_GOALS, **arguments}
    return gymnasium.make(mazenav.env.POINT_NAV, **arguments)


def measured(env: gymnasium.Env, act: Callable[[Any], Any]) -> tuple[float, float]:
    """Mean return and success over the same episodes for every policy."""
    returns, successes = [], []
    for seed in range(EPISODES):
        observation, info = env.reset(seed=seed)
        total, over = 0.0, False
        while not over:
            observation, reward, terminated, truncated, info = env.step(act(observation))
            total, over = total + float(reward), terminated or truncated
        returns.append(total)
        successes.append(info["is_success"])
    return float(np.mean(returns)), float(np.mean(successes))


@pytest.mark.parametrize("actions", ["discrete", "continuous"])
def test_ppo_learns(actions: str) -> None:
    arguments = {"layouts": HALL, "observations": STATE_AND_GOALS, "reward": "shaped", "actions": actions}
    envs = make_vec_env(mazenav.env.POINT_NAV, n_envs=16, seed=0, env_kwargs=arguments)
    model = PPO(
        "MultiInputPolicy",
        envs,
        n_steps=64,
        batch_size=512,
        n_epochs=8,
        gamma=0.95,
        learning_rate=3e-3,
        policy_kwargs={"net_arch": [64, 64]},
        seed=0,
        device="cpu",
    )
    torch.manual_seed(0)
    before = measured(make(**arguments), lambda seen: model.predict(seen)[0])
    model.learn(24_000)
    after = measured(make(**arguments), lambda seen: model.predict(seen)[0])
    assert after[0] > before[0] + 15, (before, after)
    assert after[1] > 0.75, (before, after)


def test_hindsight_with_shaped_rewards_reads_the_infos() -> None:
    env = make(reward="shaped", observations=(*STATE_AND_GOALS, "map"))
    model = DQN(
        "MultiInputPolicy",
        env,
        replay_buffer_class=HerReplayBuffer,
        replay_buffer_kwargs={"copy_info_dict": True},
        learning_starts=100,
        buffer_size=500,
        seed=0,
        device="cpu",
    )
    model.learn(400)
    assert isinstance(model.replay_buffer, HerReplayBuffer)
    rewards = model.replay_buffer.sample(256).rewards.numpy()
    assert np.isfinite(rewards).all() and len(np.unique(rewards.round(4))) > 50  # gains of ways, not only 0 and -1


@pytest.mark.parametrize("reward", ["step_cost", "sparse", "shaped"])
@pytest.mark.parametrize("actions", ["discrete", "continuous"])
def test_its_checker_is_content(reward: str, actions: str) -> None:
    env = PointNav("rooms", (7, 7), reward=reward, actions=actions, observations=STATE_AND_GOALS)
    check_env(env)  # warnings are errors here
    assert env.placement is not None
    pictures = LabNav(reward=reward, actions=actions, observations=("achieved_goal", "desired_goal", "rgb"))
    check_env(pictures)
    assert pictures.placement is not None
