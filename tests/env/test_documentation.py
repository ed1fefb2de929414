"""docs/environments.md keeps its word: its Python runs, and its tables name what there is."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import gymnasium
import pytest
import torch

import mazenav.env
from mazenav.env.actions import KINDS
from mazenav.env.goals import REWARDS
from mazenav.env.placement import OPTIONS
from mazenav.env.senses import GOAL_CONDITIONED, NAMES
from mazenav.env.single import PointNav
from mazenav.sim.body import DMLAB
from mazenav.sim.presets import BODIES

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "environments.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def section(title: str) -> str:
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            names: dict[str, object] = {}
            for number, block in enumerate(BLOCKS):
                exec(compile(block, f"environments.md, block {number + 1}", "exec"), names)
    finally:
        torch.set_num_threads(threads)
    printed = capsys.readouterr().out
    assert ">   \n ## \n  #G\n" in printed
    returns = re.search(r"mean return (-[\d.]+) before, (-[\d.]+) after", printed)
    assert returns is not None and float(returns[2]) > float(returns[1]) + 15, printed  # DQN with hindsight has learnt


def test_tables_name_what_there_is() -> None:
    assert (
        set(re.findall(r"mazenav/\w+-v0", TEXT))
        == {
            mazenav.env.POINT_NAV,
            mazenav.env.LAB_NAV,
            mazenav.env.BULLET_NAV,
        }
        <= set(gymnasium.registry)
    )
    rows = [re.findall(r"`(\w+)`", line.split("|")[1]) for line in section("Observations").splitlines() if "|" in line]
    assert {name for row in rows for name in row} == set(NAMES)
    assert {name for row in rows[:5] for name in row} == set(GOAL_CONDITIONED)
    for names, title in ((REWARDS, "Rewards and ends"), (OPTIONS, "Reset"), (KINDS, "Actions"), (BODIES, "Arguments")):
        assert all(f"`{name}`" in section(title) for name in names)
    listed = ", ".join(f"{number} {name}" for number, name in enumerate(DMLAB.action_names))
    assert listed in section("Actions")


def test_infos_are_listed() -> None:
    env = PointNav(shape=(5, 5), reward="shaped")
    _, info = env.reset(seed=0)
    assert all(f"`{name}`" in section("Rewards and ends") for name in info)
