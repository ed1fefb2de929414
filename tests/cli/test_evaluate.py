"""`mazenav evaluate`: the numbers of the design's JSON, the same for the same seed, and a report."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

KEYS = {
    "agent",
    "episodes",
    "layouts",
    "success_rate",
    "success_ci95",
    "spl",
    "oracle_success_rate",
    "by_distance",
    "decision_ms",
}


def _numbers(command: Callable, tmp_path: Path, *arguments: object) -> dict:
    path = tmp_path / "numbers.json"
    said = command("evaluate", *arguments, "--json", path)
    assert said.code == 0, said.err
    return json.loads(path.read_text())


def test_the_json_is_the_one_of_the_design(command: Callable, mazes: Path, tmp_path: Path) -> None:
    numbers = _numbers(command, tmp_path, "oracle", mazes, "--episodes-per-layout", 4)
    assert set(numbers) == KEYS
    assert (numbers["agent"], numbers["episodes"], numbers["layouts"]) == ("oracle", 12, 3)
    assert (numbers["success_rate"], numbers["spl"], numbers["oracle_success_rate"]) == (1.0, 1.0, 1.0)
    assert set(numbers["decision_ms"]) == {"median", "p99"}
    assert sum(part["episodes"] for part in numbers["by_distance"]) == 12
    assert all(
        set(part) == {"from", "to", "episodes", "success_rate", "success_ci95", "spl"}
        for part in numbers["by_distance"]
    )


def test_the_table_is_printed(command: Callable, mazes: Path) -> None:
    said = command("evaluate", "oracle", mazes)
    assert "oracle: 3 episodes in 3 layouts" in said.out
    assert "SPL" in said.out


def test_the_seed_decides_and_nothing_else(command: Callable, mazes: Path, tmp_path: Path) -> None:
    def measured(seed: int) -> dict:
        numbers = _numbers(command, tmp_path, "random", mazes, "--seed", seed, "--episodes-per-layout", 5)
        return {key: value for key, value in numbers.items() if key != "decision_ms"}

    first = measured(1)
    assert measured(1) == first
    assert measured(2) != first


def test_several_layout_arguments_and_a_cap_on_each(command: Callable, mazes: Path, tmp_path: Path) -> None:
    numbers = _numbers(command, tmp_path, "oracle", "train-20", mazes, mazes / "a.txt", "--max-layouts", 2)
    # a.txt is the first of the folder too: the same layout counts once, its episodes twice
    assert (numbers["episodes"], numbers["layouts"]) == (5, 4)


@pytest.mark.parametrize("given_map", ["true", "blank", "shuffled"])
def test_the_oracle_needs_no_map(given_map: str, command: Callable, mazes: Path, tmp_path: Path) -> None:
    assert _numbers(command, tmp_path, "oracle", mazes, "--map", given_map)["success_rate"] == 1.0


def test_near_goals_and_subgoals(command: Callable, mazes: Path, tmp_path: Path) -> None:
    near = _numbers(command, tmp_path, "follower", mazes, "--episodes-per-layout", 9, "--goals-within", 4)
    assert [(part["from"], part["to"], part["episodes"]) for part in near["by_distance"]] == [(1, 4, 27)]
    guided = _numbers(command, tmp_path, "follower", mazes, "--subgoals", "landmarks", "--subgoal-distance", 2)
    assert (guided["agent"], guided["success_rate"]) == ("follower through landmarks of the true path", 1.0)


def test_an_agent_that_corrects_its_map_can_be_told_to_trust_it(command: Callable, mazes: Path, tmp_path: Path) -> None:
    shown = [tmp_path / "own.json", tmp_path / "trusting.json"]
    line = ["evaluate", "mmn", mazes, "--map", "blank", "--json"]
    assert command(*line, shown[0]).code == 0
    assert command(*line, shown[1], "--trust-map", "--report", tmp_path / "report").code == 0
    own, trusting = (json.loads(path.read_text()) for path in shown)
    assert trusting["agent"] == "mmn, trusting its map" and own["agent"] == "mmn"
    assert trusting["success_rate"] <= own["success_rate"]
    assert "--map blank --trust-map --json" in unescape((tmp_path / "report" / "index.html").read_text())


def test_the_report_names_the_command_that_makes_it_again(command: Callable, mazes: Path, tmp_path: Path) -> None:
    line = ["evaluate", "random", str(mazes), "--episodes-per-layout", "2", "--map", "blank"]
    line += ["--report", str(tmp_path / "my report")]
    assert command(*line).code == 0
    page = (tmp_path / "my report" / "index.html").read_text()
    assert shlex.join(["mazenav", *line]) in unescape(page)
    assert [file.name for file in (tmp_path / "my report").iterdir()] == ["index.html"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody", "MAZES"], "nobody"),
        (["MAZES", "MAZES"], "mazes"),
        (["oracle", "MAZES", "--episodes-per-layout", "0"], "--episodes-per-layout"),
        (["oracle", "MAZES", "--episodes-per-layout", "1.5"], "'1.5'"),
        (["oracle", "MAZES", "--max-layouts", "0"], "--max-layouts"),
        (["oracle", "MAZES", "--seed", "-3"], "--seed"),
        (["oracle", "MAZES", "--simulations", "8"], "oracle has none"),
        (["oracle", "MAZES", "--simulations", "-1"], "--simulations"),
        (["oracle", "MAZES", "--map", "wrong"], "'wrong'"),
        (["random", "MAZES", "--trust-map"], "--trust-map is for agents that correct their maps, and random does not"),
        (["oracle", "MAZES", "--goals-within", "0"], "--goals-within must be at least 1, found 0"),
        (["random", "MAZES", "--subgoals", "field"], "random has none"),
        (["oracle", "MAZES", "--subgoals", "landmarks", "--subgoal-distance", "0"], "--subgoal-distance must be"),
        (["oracle", "MAZES", "--subgoal-distance", "3"], "needs --subgoals"),
        (["oracle", "MAZES", "--subgoals", "signs"], "--subgoals"),
        (["oracle", "MAZES", "--json", "MAZES"], "is a folder"),
        (["oracle", "MAZES", "--json", "MAZES/a.txt/x.json"], "--json"),
        (["oracle", "MAZES", "--report", "MAZES/a.txt"], "--report"),
        (["--json", "OUT/x.json"], "AGENT"),
    ],
)
def test_bad_requests_are_refused_and_write_nothing(
    arguments: list[str], words: str, refused: Callable, mazes: Path, tmp_path: Path
) -> None:
    before = {file: file.read_bytes() for file in mazes.iterdir()}
    line = [part.replace("MAZES", str(mazes)).replace("OUT", str(tmp_path / "out")) for part in arguments]
    assert words in refused("evaluate", *line)
    assert [file.name for file in tmp_path.iterdir()] == ["mazes"]
    assert {file: file.read_bytes() for file in mazes.iterdir()} == before
