"""`--env bullet`: evaluate and rollout drive in PyBullet."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pybullet", reason="there are no wheels of PyBullet for this Python")

from mazenav.evaluation.episode_file import load_episodes


def test_the_oracle_arrives_in_bullet_too(command: Callable, mazes: Path, tmp_path: Path) -> None:
    path = tmp_path / "numbers.json"
    said = command("evaluate", "oracle", mazes, "--env", "bullet", "--episodes-per-layout", 2, "--json", path)
    assert said.code == 0, said.err
    numbers = json.loads(path.read_text())
    assert (numbers["agent"], numbers["episodes"], numbers["success_rate"]) == ("oracle (bullet, capsule)", 6, 1.0)
    assert numbers["spl"] == pytest.approx(1.0, abs=0.1)  # against the oracle in the kernels


def test_results_name_the_robot_and_its_cells(command: Callable, mazes: Path) -> None:
    robot = ("--env", "bullet", "--body", "husky", "--cell-metres", 3)
    said = command("evaluate", "oracle", mazes, *robot, "--max-layouts", 1)
    assert "oracle (bullet, husky, cells of 3 m): 1 episodes in 1 layouts" in said.out


def test_rollouts_of_capsule_and_kernel_begin_alike(command: Callable, mazes: Path, tmp_path: Path) -> None:
    episodes = []
    for physics in ("numba", "bullet"):
        path = tmp_path / f"{physics}.npz"
        assert command("rollout", "oracle", mazes, "--env", physics, "--out", path).code == 0
        episodes.append(load_episodes(path))
    for ours, bullet in zip(*episodes, strict=True):
        assert np.array_equal(ours.states[0], bullet.states[0]) and ours.goal == bullet.goal
        assert bullet.terminated and ours.terminated


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("--body", "husky"), "--body husky is a body of --env bullet"),
        (("--env", "bullet", "--cell-metres", 2), "--cell-metres is for --env bullet --body husky"),
        (("--env", "bullet", "--body", "husky", "--cell-metres", 0.5), "1.25 to 20.0 metres long"),
    ],
)
def test_what_does_not_go_together(arguments: tuple[object, ...], message: str, refused: Callable, mazes: Path) -> None:
    assert message in refused("evaluate", "oracle", mazes, *arguments)
