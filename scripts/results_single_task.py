"""Agents that learnt one maze by heart, there and elsewhere, beside one that reads maps: docs/results/single-task.md.

Example: python scripts/results_single_task.py runs/dqn-0,runs/dqn-1 runs/mmn-0,runs/mmn-1 --out docs/results

The maze of a `dqn` is the file layout.txt beside it. Rows that single-task.json holds are not measured again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from mazenav.agent.baselines import Oracle
from mazenav.agent.fingerprint import fingerprint
from mazenav.agent.loading import load_agent
from mazenav.evaluation.comparison import spread
from mazenav.evaluation.measured import Measured, Row, at_hand
from mazenav.evaluation.metrics import path_weights
from mazenav.evaluation.protocol import Task, make_tasks, run_tasks
from mazenav.files import write_text_whole
from mazenav.layout.formats.reading import read_layout
from mazenav.layout.sets import load_set

SEED, TASKS = 0, 200


def measure(folder: Path, tasks: list[Task]) -> Row:
    """One agent in some tasks."""
    episodes = run_tasks(load_agent(folder), tasks, seed=SEED).episodes
    weights = path_weights(episodes, run_tasks(Oracle(), tasks).episodes)
    return {"success": float(np.mean([episode.terminated for episode in episodes])), "SPL": float(weights.mean())}


def results(learners: list[Path], readers: list[Path], measured: Measured) -> dict[str, list[Row]]:
    """Everybody in every maze that was learnt by heart, and in mazes that nobody has seen."""
    novel = make_tasks(load_set("test-13")[:TASKS], 1, SEED)
    mazes = {folder: make_tasks([read_layout(folder / "layout.txt")], TASKS, SEED) for folder in learners}
    found: dict[str, list[Row]] = {}

    def note(line: str, folder: Path, where: str, tasks: list[Task]) -> None:
        name = f"{folder} | {where}"
        if at_hand(folder):
            made_of = {**fingerprint(load_agent(folder)), "seed": SEED, "tasks": len(tasks)}
            row = measured.row(name, made_of, lambda: measure(folder, tasks))
        else:
            row = measured.held(name)
        found.setdefault(line, []).append(row)
        print(line, folder, row["success"], row["SPL"], flush=True)

    for folder in learners:
        note("dqn, its own maze", folder, "its own maze", mazes[folder])
        note("dqn, novel mazes", folder, "novel mazes", novel)
    for folder, maze in zip(readers, mazes.values(), strict=False):
        note("mmn, the maze of a dqn", folder, "the maze of a dqn", maze)
        note("mmn, novel mazes", folder, "novel mazes", novel)
    return found


def table(found: dict[str, list[Row]]) -> str:
    """Markdown: mean (lowest - highest) over training seeds."""
    lines = ["| agent, where | training seeds | success | SPL |", "|---|---|---|---|"]
    for line, rows in found.items():
        cells = [spread([row[key] for row in rows]) for key in ("success", "SPL")]
        lines.append(f"| {line} | {len(rows)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure what is not measured yet and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("learners", help="folders of dqn, comma between them")
    parser.add_argument("readers", help="folders of mmn, comma between them")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    measured = Measured(options.out / "single-task.json")
    learners, readers = ([Path(folder) for folder in text.split(",")] for text in (options.learners, options.readers))
    text = table(results(learners, readers, measured))
    heading = (
        "# One maze by heart\n\n"
        f"{measured.origin()}: {TASKS} tasks in the one maze that each `dqn` learnt, and one task in each\n"
        f"of the first {TASKS} layouts of `test-13`.\n\n"
        f"{measured.how_trained({'dqn': list(map(str, learners)), 'mmn': list(map(str, readers))})}\n\n"
    )
    write_text_whole(options.out / "single-task.md", heading + text)
    print(text)


if __name__ == "__main__":
    main()
