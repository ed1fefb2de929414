"""Scenarios on the command line: their start-goal pairs are the tasks, on the map beside them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mazenav.evaluation.episode_file import load_episodes
from mazenav.evaluation.protocol import scenario_tasks
from mazenav.layout.formats.scenario import read_scenario, write_scenario
from mazenav.layout.formats.writing import write_layouts
from mazenav.layout.generate import generate
from mazenav.rng import stream
from mazenav.types import MazenavError

MAP = "type octile\nheight 3\nwidth 5\nmap\n.....\n.@@@.\n..W@.\n"
PAIRS = "version 1\n0 a.map 5 3 0 0 4 2 6\n0 a.map 5 3 0 0 0 0 0\n0 a.map 5 3 0 0 2 2 9\n0 a.map 5 3 4 0 0 2 6\n"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """Four pairs, of which one is a cell with itself and one leads into water."""
    (tmp_path / "a.map").write_text(MAP)
    (tmp_path / "a.scen").write_text(PAIRS)
    return tmp_path / "a.scen"


def test_pairs_that_can_be_driven_become_tasks(scenario: Path) -> None:
    tasks = scenario_tasks(read_scenario(scenario), seed=3)
    assert [(task.start, task.goal, task.distance) for task in tasks] == [((0, 0), (2, 4), 6), ((0, 4), (2, 0), 6)]
    assert scenario_tasks(read_scenario(scenario), seed=3) == tasks
    assert scenario_tasks(read_scenario(scenario), seed=3, most=1) == tasks[:1]
    assert scenario_tasks(read_scenario(scenario), seed=4)[0].yaw != tasks[0].yaw
    assert scenario_tasks(read_scenario(scenario), seed=3, farthest=6) == tasks
    with pytest.raises(MazenavError, match="none of its 4 start-goal pairs has a way of at most 5 cells"):
        scenario_tasks(read_scenario(scenario), seed=3, farthest=5)


def test_a_scenario_that_cannot_be_driven_is_refused(scenario: Path) -> None:
    scenario.write_text("version 1\n0 a.map 5 3 0 0 0 0 0\n")
    with pytest.raises(MazenavError, match=r"a\.scen: none of its 1 start-goal pairs has a way in its map"):
        scenario_tasks(read_scenario(scenario), seed=0)


def test_rollout_drives_the_pairs_and_tells_what_is_left_out(
    command: Callable, scenario: Path, mazes: Path, tmp_path: Path
) -> None:
    said = command("rollout", "oracle", scenario, mazes, "--out", tmp_path / "e.npz")
    assert said.code == 0
    assert f"{scenario}: 2 of 4 start-goal pairs have no way and are left out" in said.out
    episodes = load_episodes(tmp_path / "e.npz")
    assert len(episodes) == 5
    assert [(episode.start, episode.goal) for episode in episodes[3:]] == [((0, 0), (2, 4)), ((0, 4), (2, 0))]
    said = command("rollout", "oracle", scenario, "--max-layouts", 1, "--out", tmp_path / "e.npz")
    assert "of 1 episodes" in said.out


def test_evaluate_takes_a_scenario_that_was_written_here(command: Callable, tmp_path: Path) -> None:
    layout = generate("backtracker", (13, 13), stream(0, "map"))
    write_layouts([layout], tmp_path / "maze.map")
    cells = [tuple(cell) for cell in layout.free_cells().tolist()]
    ends = list(zip(cells[:6], cells[6:12], strict=True))
    write_scenario(layout, ends, tmp_path / "maze.scen", "maze.map")
    said = command("evaluate", "oracle", tmp_path / "maze.scen", "--json", tmp_path / "e.json")
    assert said.code == 0
    told = json.loads((tmp_path / "e.json").read_text())
    assert (told["episodes"], told["layouts"], told["success_rate"]) == (6, 1, 1.0)


@pytest.mark.parametrize("name", ["evaluate", "rollout"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("version 1\n0 ../a.map 5 3 0 0 4 2 6\n", "leads out of the folder"),
        ("version 1\n0 b.map 5 3 0 0 4 2 6\n", "'b.map' does not lie in the folder"),
        ("version 1\n0 a.map 5 3 0 0 9 2 6\n", "the goal x 9, y 2 lies outside"),
    ],
)
def test_a_bad_scenario_is_one_sentence(name: str, content: str, words: str, refused: Callable, scenario: Path) -> None:
    scenario.write_text(content)
    assert words in refused(name, "oracle", scenario)
