"""`mazenav rollout` into a folder: shards, what resumes them after a kill, datasets, and what does not go together."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import minari
import numpy as np
import pytest

from mazenav.cli.choices import choose_agent
from mazenav.evaluation.protocol import make_tasks, run_tasks
from mazenav.evaluation.trajectories import open_trajectories
from mazenav.layout.formats.reading import read_layouts

RANDOM = ("rollout", "random", "--generate", "prim", "--shape", "7", "9", "--set", "loop_ratio=0.5", "--seed", "3")


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_fresh_layouts_until_there_are_enough_steps(command: Callable, tmp_path: Path) -> None:
    said = command(*RANDOM, "--steps", 2000, "--out", tmp_path / "t")
    found = open_trajectories(tmp_path / "t")
    assert said.code == 0, said.err
    assert f"{found.index.steps:,} steps of {len(found):,} episodes" in said.out
    assert found.index.complete
    episodes = list(found)
    assert 2000 <= sum(map(len, episodes)) < 2000 + len(episodes[-1])
    assert {episode.layout.shape for episode in episodes} == {(7, 9)}
    assert {episode.layout.source["loop_ratio"] for episode in episodes} == {0.5}
    assert len({episode.layout for episode in episodes}) > 3


def test_given_layouts_over_and_over(command: Callable, mazes: Path, tmp_path: Path) -> None:
    assert command("rollout", "follower", mazes, "--episodes", 7, "--out", tmp_path / "t").code == 0
    layouts = read_layouts(mazes)
    found = [episode.layout for episode in open_trajectories(tmp_path / "t")]
    assert found == [*layouts, *layouts, layouts[0]]


@pytest.mark.parametrize("agent", ["oracle", "follower", "mmn"])
def test_each_layout_once_is_what_a_single_file_holds(
    agent: str, command: Callable, mazes: Path, tmp_path: Path
) -> None:
    assert command("rollout", agent, mazes, "--seed", 4, "--out", tmp_path / "t").code == 0
    expected = run_tasks(choose_agent(agent), make_tasks(read_layouts(mazes), 1, 4), seed=4).episodes
    for one, two in zip(open_trajectories(tmp_path / "t"), expected, strict=True):
        np.testing.assert_array_equal(one.states, two.states)
    told = json.loads((tmp_path / "t" / "index.json").read_text())["run"]["agent"]
    assert told["name"] == agent
    assert ("weights" in told) == (agent == "mmn")


def test_a_share_of_noise_changes_the_decisions(command: Callable, mazes: Path, tmp_path: Path) -> None:
    found = {}
    for noise in (0, 0.5, 1):
        assert command("rollout", "follower", mazes, "--noise", noise, "--out", tmp_path / f"{noise}.npz").code == 0
        found[noise] = (tmp_path / f"{noise}.npz").read_bytes()
    assert len(set(found.values())) == 3


def test_a_killed_run_goes_on_to_the_same_bytes(command: Callable, tmp_path: Path) -> None:
    line = [*RANDOM, "--steps", "1500000", "--out"]
    process = subprocess.Popen([sys.executable, "-m", "mazenav.cli.main", *line, str(tmp_path / "killed")])
    give_up = time.monotonic() + 60
    while not (tmp_path / "killed" / "shard-00000.npz").exists() and time.monotonic() < give_up:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert command(*line, tmp_path / "killed", "--resume").code == 0
    assert command(*line, tmp_path / "whole").code == 0
    assert content(tmp_path / "killed") == content(tmp_path / "whole")
    assert len(os.listdir(tmp_path / "whole")) == 3


def test_a_minari_dataset_too(command: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "minari"))
    line = [*RANDOM, "--episodes", 5, "--out", tmp_path / "t", "--minari", "mazenav/random-v0"]
    said = command(*line)
    assert said.code == 0, said.err
    assert "Minari dataset mazenav/random-v0 written to" in said.out
    dataset = minari.load_dataset("mazenav/random-v0")
    found = open_trajectories(tmp_path / "t")
    assert (dataset.total_episodes, dataset.total_steps) == (5, found.index.steps)
    again = command(*line, "--resume")
    assert "there is a Minari dataset mazenav/random-v0 already" in again.err
    # Shards that are whole become another dataset without being driven again.
    assert command(*line[:-1], "mazenav/random-v1", "--resume").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["random", "--generate", "prim"], "say how many --steps or --episodes"),
        (["random", "MAZES", "--generate", "prim", "--steps", "9"], "leave out"),
        (["random", "MAZES", "--shape", "9", "9"], "--shape goes with --generate"),
        (["random", "MAZES", "--set", "x=1"], "--set goes with --generate"),
        (["random", "--generate", "prim", "--steps", "9", "--set", "x=1"], "no parameter 'x'"),
        (["random", "--generate", "prim", "--steps", "9", "--set", "x"], "KNOB=VALUE"),
        (["random", "--generate", "plum", "--steps", "9"], "'plum'"),
        (["random", "MAZES", "--steps", "0"], "--steps must be at least 1"),
        (["random", "MAZES", "--episodes", "0"], "--episodes must be at least 1"),
        (["random", "MAZES", "--steps", "9", "--episodes-per-layout", "2"], "--episodes-per-layout"),
        (["random", "MAZES", "--noise", "1.5"], "between 0 and 1, found 1.5"),
        (["random", "MAZES", "--minari", "mine"], "is called like"),
        (["random", "MAZES", "--format", "nothing"], "'nothing'"),
        (["random"], "name at least one set"),
    ],
)
def test_what_does_not_go_together(
    arguments: list[str], words: str, refused: Callable, mazes: Path, tmp_path: Path
) -> None:
    line = [part.replace("MAZES", str(mazes)) for part in arguments]
    assert words in refused("rollout", *line, "--out", tmp_path / "out")
    assert [file.name for file in tmp_path.iterdir()] == ["mazes"]


@pytest.mark.parametrize("option", [["--steps", "9"], ["--minari", "a-v0"], ["--resume"], ["--compress"]])
def test_what_is_for_shards_needs_a_folder(option: list[str], refused: Callable, mazes: Path, tmp_path: Path) -> None:
    said = refused("rollout", "random", mazes, *option, "--out", tmp_path / "e.npz")
    assert f"{option[0]} is for shards" in said


def test_the_format_of_files_can_be_said(command: Callable, refused: Callable, tmp_path: Path) -> None:
    (tmp_path / "maze.txt").write_text("#####\n#   #\n#####\n")
    for name in ("rollout", "evaluate", "inspect"):
        agent = [] if name == "inspect" else ["oracle"]
        out = ["--out", tmp_path / "e.npz"] if name == "rollout" else []
        assert command(name, *agent, tmp_path / "maze.txt", "--format", "text", *out).code == 0
        assert "maze.txt" in refused(name, *agent, tmp_path / "maze.txt", "--format", "movingai", *out)
        assert "'x'" in refused(name, *agent, tmp_path / "maze.txt", "--format", "x", *out)
