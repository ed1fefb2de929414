"""Trained agents that cannot be used: one sentence that names the file, and nothing written."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from mazenav.config import ModelConfig
from mazenav.model.network import Network
from mazenav.model.store import CONFIG, WEIGHTS, save_network

TINY = ModelConfig(channels=4, hidden=8, rank=4, prediction_hidden=8)


@pytest.fixture(scope="session")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny network that has learned nothing."""
    folder = tmp_path_factory.mktemp("agents") / "untrained"
    folder.mkdir()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        save_network(folder, Network(TINY), {"search": {"simulations": 0}})
    return folder


@pytest.fixture
def agent(untrained: Path, tmp_path: Path) -> Path:
    """A copy of it, to be spoiled."""
    return Path(shutil.copytree(untrained, tmp_path / "agent"))


def test_a_folder_is_an_agent(command: Callable, agent: Path, mazes: Path) -> None:
    said = command("evaluate", agent, mazes)
    assert said.code == 0, said.err
    assert "agent: 3 episodes in 3 layouts" in said.out


def test_simulations_are_passed_on(command: Callable, agent: Path, mazes: Path) -> None:
    assert command("evaluate", agent, mazes, "--simulations", 4).code == 0


def test_the_report_shows_what_it_makes_of_the_maps(
    command: Callable, agent: Path, mazes: Path, tmp_path: Path
) -> None:
    assert command("evaluate", agent, mazes, "--report", tmp_path / "report").code == 0
    assert "What it makes of the map" in (tmp_path / "report" / "index.html").read_text()


def _cut(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:-100])


def _replace(folder: Path, old: str, new: str) -> None:
    text = (folder / CONFIG).read_text()
    assert old in text
    (folder / CONFIG).write_text(text.replace(old, new))


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "truncated": (_cut, WEIGHTS),
    "empty": (lambda folder: (folder / WEIGHTS).write_bytes(b""), WEIGHTS),
    "not a checkpoint": (lambda folder: (folder / WEIGHTS).write_bytes(b"\x80\x04pickle" * 50), WEIGHTS),
    "no weights": (lambda folder: (folder / WEIGHTS).unlink(), WEIGHTS),
    "no config": (lambda folder: (folder / CONFIG).unlink(), CONFIG),
    "another version": (lambda folder: _replace(folder, "format = 1", "format = 99"), "99"),
    "another shape": (lambda folder: _replace(folder, "hidden = 8", "hidden = 9"), "shape"),
    "config is no TOML": (lambda folder: (folder / CONFIG).write_bytes(b"\xff = ["), CONFIG),
    "an unknown setting": (lambda folder: _replace(folder, "rank = 4", "rank = 4\nnonsense = 1"), "nonsense"),
    "a bad search": (lambda folder: _replace(folder, "simulations = 0", "simulations = -5"), "simulations"),
}


@pytest.mark.parametrize("case", SPOILT)
def test_a_spoilt_agent_is_refused(case: str, refused: Callable, agent: Path, mazes: Path, tmp_path: Path) -> None:
    spoil, words = SPOILT[case]
    spoil(agent)
    sentence = refused("evaluate", agent, mazes, "--json", tmp_path / "out" / "x.json")
    assert words in sentence, sentence
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_no_agent(refused: Callable, mazes: Path) -> None:
    assert str(mazes) in refused("evaluate", mazes, mazes)


def test_a_name_that_leads_out_of_the_shipped_agents(refused: Callable, mazes: Path) -> None:
    assert "no agent" in refused("evaluate", "../mazenav", mazes)
