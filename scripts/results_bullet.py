"""The shipped agent, trained in mazenav's own kernels only, in PyBullet: table and figure of docs/results/bullet.md.

Example: python scripts/results_bullet.py --out docs/results

Rows that bullet.json holds are not measured again; delete it to measure all.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mazenav.agent.baselines import Oracle
from mazenav.agent.loading import load_agent
from mazenav.env.bullet.batch import bullet_world
from mazenav.evaluation.metrics import summarise
from mazenav.evaluation.protocol import make_tasks, run_tasks
from mazenav.files import write_text_whole
from mazenav.layout.sets import load_set
from mazenav.sim.batch import AgentBatch

LAYOUTS = 100
SEEDS = (0, 1, 2)
WORLDS = {
    "own kernels": AgentBatch,
    "capsule": bullet_world("capsule"),
    "husky": bullet_world("husky"),
    **{f"husky, cells of {metres:g} m": bullet_world("husky", metres) for metres in (2.0, 3.0)},
}
ROWS = (
    ("base", "own kernels", SEEDS),
    ("base", "capsule", SEEDS),
    ("base, greedy", "capsule", SEEDS[:1]),
    ("base", "husky", SEEDS[:2]),
    ("base", "husky, cells of 2 m", SEEDS[:1]),
    ("base", "husky, cells of 3 m", SEEDS[:1]),
)
"""Agent, world, seeds of the tasks; the robot with its many wheels is slow to simulate."""


def measure(agent: str, world: str, seed: int) -> dict[str, Any]:
    """One agent in one world over the first layouts of test-13."""
    tasks = make_tasks(load_set("test-13")[:LAYOUTS], 1, seed)
    driver = Oracle() if agent == "oracle" else load_agent("base", simulations=0 if "greedy" in agent else None)
    result = run_tasks(
        driver,
        tasks,
        given_map="blank" if "blank" in agent else "true",
        seed=seed,
        batch_size=256 if world == "own kernels" else 16,
        world=WORLDS[world],
    )
    reference = run_tasks(Oracle(), tasks, seed=seed)
    summary = summarise(agent, result.episodes, reference.episodes, result.decision_ms, seed)
    decisions = float(np.mean([len(episode) for episode in result.episodes]))
    return {"success": summary["success_rate"], "spl": summary["spl"], "decisions": decisions}


def table(found: dict[str, dict[str, Any]]) -> str:
    """The rows as Markdown: mean (lowest - highest) over the seeds of the tasks."""
    lines = ["| agent | in | seeds | success | SPL | decisions |", "|---|---|---|---|---|---|"]
    for agent, world, seeds in ROWS:
        runs = [found[f"{agent} | {world} | {seed}"] for seed in seeds]
        cells = []
        for key, digits in (("success", 3), ("spl", 3), ("decisions", 1)):
            values = [run[key] for run in runs]
            spread = f" ({min(values):.{digits}f} - {max(values):.{digits}f})" if len(values) > 1 else ""
            cells.append(f"{np.mean(values):.{digits}f}{spread}")
        lines.append(f"| {agent} | {world} | {len(seeds)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure what is not measured yet and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of bullet.json")
    path = parser.parse_args().out / "bullet.json"
    torch.set_num_threads(1)
    found: dict[str, dict[str, Any]] = json.loads(path.read_text()) if path.exists() else {}
    for agent, world, seeds in ROWS:
        for seed in seeds:
            name = f"{agent} | {world} | {seed}"
            if name not in found:
                found[name] = measure(agent, world, seed)
                write_text_whole(path, json.dumps(found, indent=1) + "\n")
                print(name, found[name], flush=True)
    print(table(found))


if __name__ == "__main__":
    main()
