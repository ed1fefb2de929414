"""`mazenav rollout`: what it writes are the episodes that were driven."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mazenav.agent.baselines import RandomAgent
from mazenav.evaluation.episode_file import load_episodes
from mazenav.evaluation.protocol import make_tasks, run_tasks
from mazenav.layout.formats.reading import read_layouts


def test_the_file_holds_the_episodes(command: Callable, mazes: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "episodes.npz"
    said = command("rollout", "random", mazes, "--episodes-per-layout", 2, "--seed", 5, "--out", out)
    assert said.code == 0
    expected = run_tasks(RandomAgent(), make_tasks(read_layouts(mazes), 2, 5), seed=5).episodes
    found = load_episodes(out)
    assert f"{sum(episode.terminated for episode in found)} of 6" in said.out
    assert len(found) == len(expected) == 6
    for one, two in zip(found, expected, strict=True):
        assert (one.layout, one.start, one.goal, one.limit) == (two.layout, two.start, two.goal, two.limit)
        assert (one.terminated, one.truncated, one.distance) == (two.terminated, two.truncated, two.distance)
        np.testing.assert_array_equal(one.states, two.states)
        np.testing.assert_array_equal(one.actions, two.actions)
    assert list(out.parent.iterdir()) == [out]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["random", "MAZES", "--out", "OUT/e.txt"], ".npz"),
        (["random", "MAZES", "--out", "OUT/e.npz", "--episodes-per-layout", "0"], "--episodes-per-layout"),
        (["random", "MAZES", "--out", "OUT/e.npz", "--seed", "-1"], "--seed"),
        (["random", "MAZES", "--out", "OUT/e.npz", "--simulations", "4"], "random has none"),
        (["nobody", "MAZES", "--out", "OUT/e.npz"], "nobody"),
        (["oracle", "MAZES", "--out", "OUT/e.npz", "--map", "upside-down"], "'upside-down'"),
        (["oracle", "MAZES", "--out", "MAZES/a.txt/e.npz"], "--out"),
    ],
)
def test_bad_requests_are_refused_and_write_nothing(
    arguments: list[str], words: str, refused: Callable, mazes: Path, tmp_path: Path
) -> None:
    line = [part.replace("MAZES", str(mazes)).replace("OUT", str(tmp_path / "out")) for part in arguments]
    assert words in refused("rollout", *line)
    assert [file.name for file in tmp_path.iterdir()] == ["mazes"]
    assert sorted(file.name for file in mazes.iterdir()) == ["a.txt", "b.txt", "c.txt"]
