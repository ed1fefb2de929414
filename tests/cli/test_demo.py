"""`mazenav demo`: everything that it promises lies in its folder, and the seed that it prints makes it again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from mazenav.cli.demo import novel_layouts
from mazenav.cli.report import spread
from mazenav.evaluation.protocol import make_tasks
from mazenav.layout.split import content_hash

SMALL = ("--agent", "oracle", "--sizes", 7, 9, "--layouts-per-kind", 2, "--episodes-per-layout", 1)


def test_everything_promised_is_there_and_named(command: Callable, tmp_path: Path) -> None:
    out = tmp_path / "demo"
    said = command("demo", "--out", out, *SMALL, "--seed", 1)
    assert said.code == 0
    names = {file.name for file in out.iterdir()}
    assert {"sheet.png", "film.gif", "index.html", "results.json"} <= names
    assert not [name for name in names if name.startswith(".")]
    listed = said.out.split("See for yourself:\n")[1].split()
    assert listed == [str(out / name) for name in sorted(names)]
    with Image.open(out / "film.gif") as film:
        assert film.n_frames > 1
    assert json.loads((out / "results.json").read_text())["success_rate"] == 1.0
    assert "film" in (out / "index.html").read_text()


def test_the_seed_is_new_each_time_and_printed(command: Callable, tmp_path: Path) -> None:
    seeds = []
    for folder in ("a", "b"):
        said = command("demo", "--out", tmp_path / folder, "--agent", "oracle", "--sizes", 5, "--layouts-per-kind", 1)
        seeds += re.findall(r"made with seed (\d+)", said.out)
        assert f"--seed {seeds[-1]}\n" in (tmp_path / folder / "index.html").read_text().replace("<", "\n")
    assert len(set(seeds)) == 2


def test_mazes_of_every_kind_and_size_all_different() -> None:
    layouts = novel_layouts((13, 17), 4, seed=3)
    assert len(layouts) == 4 * 4 + 1 + 4 * 2 + 1
    assert len({content_hash(layout) for layout in layouts}) == len(layouts)
    assert {layout.source["generator"] for layout in layouts} == {"backtracker", "rooms", "clutter", "wide", "open"}
    assert layouts == novel_layouts((13, 17), 4, seed=3)
    assert layouts != novel_layouts((13, 17), 4, seed=4)


@pytest.mark.parametrize("count", [1, 2, 5, 100])
def test_the_tasks_chosen_to_be_drawn_spread_over_the_distances(count: int) -> None:
    tasks = make_tasks(novel_layouts((9,), 4, seed=0), 1, seed=0)
    chosen = spread(tasks, count)
    distances = [tasks[number].distance for number in chosen]
    assert len(set(chosen)) == len(chosen) == min(count, len(tasks))
    assert distances == sorted(distances)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--layouts-per-kind", 0], "--layouts-per-kind"),
        (["--episodes-per-layout", 0], "--episodes-per-layout"),
        (["--sizes", 4], "5 to 10001"),
        (["--sizes"], "--sizes"),
        (["--seed", -1], "--seed"),
        (["--agent", "nobody"], "nobody"),
    ],
)
def test_bad_requests_are_refused_and_write_nothing(
    arguments: list, words: str, refused: Callable, tmp_path: Path
) -> None:
    assert words in refused("demo", *SMALL[:2], *arguments, "--out", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
