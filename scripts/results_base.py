"""The results of `base` in one run: every set, greedy against search, controls, open-loop error, over training seeds.

Example: MAZENAV_EXTERNAL=... python scripts/results_base.py models/base runs/base-1 runs/base-2 --out docs/results
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mazenav.agent.baselines import Oracle
from mazenav.agent.interface import Agent
from mazenav.agent.loading import load_agent
from mazenav.agent.navigator import Navigator
from mazenav.evaluation.metrics import Summary, summarise
from mazenav.evaluation.open_loop import Actions, open_loop
from mazenav.evaluation.protocol import GivenMap, Task, make_tasks, run_tasks
from mazenav.files import write_text_whole
from mazenav.layout.sets import load_set, resolve_layouts
from mazenav.types import Episode

SEED = 0
CONTESTS = ("1stworld", "87sin", "Japan2013ef", "UK2016-final", "apec2016")
MOVING_AI = ("maze-32-32-2", "room-32-32-4", "random-32-32-20")


def task_sets() -> dict[str, list[Task]]:
    """Shipped sets, and the real layouts where they are at hand."""
    sets = {name: make_tasks(load_set(name), 1, SEED) for name in ("test-13", "test-25", "test-51")}
    folder = os.environ.get("MAZENAV_EXTERNAL")
    if folder:
        contests = [resolve_layouts(str(Path(folder, "micromouse", f"{name}.txt")))[0] for name in CONTESTS]
        sets["micromouse 33x33"] = make_tasks(contests, 40, SEED)
        for name in MOVING_AI:
            sets[name] = make_tasks(resolve_layouts(str(Path(folder, "movingai", f"{name}.map"))), 200, SEED)
    return sets


def measure(
    agent: Agent, tasks: list[Task], oracle: list[Episode], given_map: GivenMap = "true"
) -> tuple[Summary, float]:
    """Summary, and mean decisions of the episodes."""
    result = run_tasks(agent, tasks, given_map=given_map, seed=SEED)
    summary = summarise(agent.name, result.episodes, oracle, result.decision_ms, SEED)
    return summary, float(np.mean([len(episode) for episode in result.episodes]))


def results_of(
    folder: Path, sets: dict[str, list[Task]], oracles: dict[str, list[Episode]]
) -> dict[str, dict[str, Any]]:
    """Everything about one trained agent."""
    searching, greedy = load_agent(folder), load_agent(folder, simulations=0)
    assert isinstance(greedy, Navigator)
    rows: dict[str, dict[str, Any]] = {}
    for name, tasks in sets.items():
        for kind, agent in (("search", searching), ("greedy", greedy)):
            summary, decisions = measure(agent, tasks, oracles[name])
            rows[f"{name}, {kind}"] = {**summary, "decisions": decisions}
            lowest = min(entry["success_rate"] for entry in summary["by_distance"])
            print(
                f"{folder} {name} {kind}: success {summary['success_rate']:.4f}, lowest bin {lowest:.3f}, "
                f"SPL {summary['spl']:.4f}, {decisions:.2f} decisions",
                flush=True,
            )
    controls: tuple[GivenMap, ...] = ("blank", "shuffled")
    for control in controls:
        for kind, agent in (("search", searching), ("greedy", greedy)):
            summary, decisions = measure(agent, sets["test-13"], oracles["test-13"], control)
            rows[f"test-13, {kind}, {control} map"] = {**summary, "decisions": decisions}
            print(f"{folder} {control} map, {kind}: success {summary['success_rate']:.4f}", flush=True)
    who: tuple[Actions, ...] = ("policy", "uniform", "held")
    for actions in who:
        rollouts = open_loop(greedy, load_set("test-13"), 20, SEED, actions=actions)
        errors = rollouts.error[:, [1, 5, 10, 20]].mean(axis=0)
        rows[f"open-loop error, {actions} actions"] = dict(zip(("1", "5", "10", "20"), errors.tolist(), strict=True))
        print(
            f"{folder} open-loop error after 1, 5, 10, 20 decisions, {actions} actions: {errors.round(4)}", flush=True
        )
    return rows


def table(all_rows: list[dict[str, dict[str, Any]]]) -> str:
    """Markdown: a row a set, mean over seeds and the spread from lowest to highest."""
    lines = ["| set | success | lowest bin | SPL | decisions |", "|---|---|---|---|---|"]
    for name, row in all_rows[0].items():
        if "spl" not in row:
            continue
        columns = []
        pick = {
            "success": lambda r: r["success_rate"],
            "lowest bin": lambda r: min(entry["success_rate"] for entry in r["by_distance"]),
            "SPL": lambda r: r["spl"],
            "decisions": lambda r: r["decisions"],
        }
        for read in pick.values():
            values = [read(rows[name]) for rows in all_rows]
            columns.append(f"{np.mean(values):.3f} ({min(values):.3f} - {max(values):.3f})")
        lines.append(f"| {name} | " + " | ".join(columns) + " |")
    lines += ["", "| open-loop position error, cells, after | 1 | 5 | 10 | 20 decisions |", "|---|---|---|---|---|"]
    for name in (f"open-loop error, {actions} actions" for actions in ("policy", "uniform", "held")):
        cells = []
        for step in ("1", "5", "10", "20"):
            values = [rows[name][step] for rows in all_rows]
            cells.append(f"{np.mean(values):.3f} ({min(values):.3f} - {max(values):.3f})")
        lines.append(f"| {name.split(', ')[1]} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def heading(seeds: int) -> str:
    """What the table's numbers are."""
    return (
        "# Results of `base`\n\n"
        f"Mean over {seeds} training seeds (lowest - highest), written by `scripts/results_base.py`. One episode a\n"
        f"layout (40 in each contest maze, 200 in each MovingAI map), tasks of seed {SEED}; search is 16 simulations\n"
        "a decision.\n\n"
    )


def main() -> None:
    """Measure the agents given and write table and numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("agents", nargs="+", type=Path, help="folders of trained agents, one a training seed")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    sets = task_sets()
    oracles = {name: run_tasks(Oracle(), tasks).episodes for name, tasks in sets.items()}
    all_rows = [results_of(folder, sets, oracles) for folder in options.agents]
    named = {folder.name: rows for folder, rows in zip(options.agents, all_rows, strict=True)}
    write_text_whole(options.out / "base.json", json.dumps(named, indent=1) + "\n")
    write_text_whole(options.out / "base.md", heading(len(all_rows)) + table(all_rows))
    print(table(all_rows))


if __name__ == "__main__":
    main()
