"""What travels with the package: agents that drive where they have never been, with how they were made beside them."""

from __future__ import annotations

import numpy as np
import pytest

from mazenav.agent.loading import load_agent
from mazenav.config import read_toml
from mazenav.config.presets import PRESETS
from mazenav.data import data_folder
from mazenav.evaluation.protocol import Task, make_tasks, run_tasks
from mazenav.layout.generate import generate
from mazenav.model.store import CONFIG, WEIGHTS
from mazenav.rng import stream
from mazenav.training.card import NAME

SHIPPED = {"mmn": 1.0, "mmn-dense": 0.8, "mah": 0.9}
"""Success that each must have within ten cells."""
MOST_BYTES = 30e6


@pytest.fixture(scope="module")
def near() -> list[Task]:
    """Goals within ten cells, in fresh mazes."""
    mazes = [generate("backtracker", (11, 13), stream(31, index)) for index in range(40)]
    return [task for task in make_tasks(mazes, 2, seed=5) if task.distance <= 10]


def test_these_are_shipped_and_no_others() -> None:
    assert {folder.name for folder in data_folder("models").iterdir() if folder.is_dir()} == set(SHIPPED)
    assert sum(file.stat().st_size for file in data_folder("models").rglob("*")) < MOST_BYTES


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_agent_reaches_goals_near_by_in_mazes_it_never_saw(name: str, near: list[Task]) -> None:
    assert len(near) >= 20
    reached = [episode.terminated for episode in run_tasks(load_agent(name), near).episodes]
    assert np.mean(reached) >= SHIPPED[name]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_agent_says_how_it_was_made(name: str) -> None:
    folder = data_folder("models") / name
    made = read_toml(folder / CONFIG)["made"]
    assert made["seed"] == 0 and made["iterations"] == PRESETS[name].iterations
    card = (folder / NAME).read_text()
    assert f"mazenav train {name} --seed 0" in card and "## Results" in card
    assert (folder / WEIGHTS).stat().st_size > 1e5
