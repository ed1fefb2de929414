"""Agents trained in mazenav's own kernels only, driving in PyBullet: table of docs/results/bullet-transfer.md.

Example: python scripts/results_bullet.py runs/mmn-0 runs/mmn-1 --out docs/results

Rows that bullet-transfer.json holds of the same weights are not measured again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from mazenav.agent.baselines import Oracle
from mazenav.agent.fingerprint import fingerprint
from mazenav.agent.loading import load_agent
from mazenav.env.bullet.batch import bullet_world
from mazenav.evaluation.comparison import spread
from mazenav.evaluation.measured import Measured, Row
from mazenav.evaluation.metrics import path_weights
from mazenav.evaluation.protocol import make_tasks, run_tasks
from mazenav.files import write_text_whole
from mazenav.layout.sets import load_set
from mazenav.sim.batch import AgentBatch

SEED = 0
WORLDS = {"own kernels": AgentBatch, "capsule": bullet_world("capsule"), "husky": bullet_world("husky")}
LAYOUTS = {"own kernels": (0, 100), "capsule": (0, 100), "husky": (500, 600)}
"""Which of test-13; on the first hundred the size of the husky's cells was once chosen."""
SLOW = ("husky",)
"""Worlds that only the first agent drives in."""


def measure(folder: Path, world: str) -> Row:
    """One agent in one world."""
    first, last = LAYOUTS[world]
    tasks = make_tasks(load_set("test-13")[first:last], 1, SEED)
    batch_size = 256 if world == "own kernels" else 16
    result = run_tasks(load_agent(folder), tasks, seed=SEED, batch_size=batch_size, world=WORLDS[world])
    oracle = run_tasks(Oracle(), tasks, seed=SEED)
    row = {
        "success": float(np.mean([episode.terminated for episode in result.episodes])),
        "SPL": float(path_weights(result.episodes, oracle.episodes).mean()),
        "decisions": float(np.mean([len(episode) for episode in result.episodes])),
    }
    print(folder, world, row, flush=True)
    return row


def table(found: dict[str, list[Row]]) -> str:
    """Markdown: mean (lowest - highest) over training seeds."""
    lines = ["| in | layouts of test-13 | training seeds | success | SPL | decisions |", "|---|---|---|---|---|---|"]
    for world, rows in found.items():
        cells = []
        for key, digits in (("success", 3), ("SPL", 3), ("decisions", 1)):
            cells.append(spread([row[key] for row in rows], digits))
        first, last = LAYOUTS[world]
        lines.append(f"| {world} | {first} to {last - 1} | {len(rows)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure what is not measured yet and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("agents", nargs="+", type=Path, help="folders of trained agents, one a training seed")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    measured = Measured(options.out / "bullet-transfer.json")
    found: dict[str, list[Row]] = {}
    for world in WORLDS:
        for folder in options.agents[:1] if world in SLOW else options.agents:
            made_of = {**fingerprint(load_agent(folder)), "seed": SEED, "layouts": LAYOUTS[world]}
            row = measured.row(f"{folder} | {world}", made_of, lambda f=folder, w=world: measure(f, w))  # type: ignore[misc]
            found.setdefault(world, []).append(row)
    heading = f"""# In PyBullet without training there

{measured.origin()}. One task in each layout, tasks of seed {SEED}; SPL is held against the oracle in the
kernels. What the bodies are, and where they fail: [PyBullet](bullet.md).

"""
    write_text_whole(options.out / "bullet-transfer.md", heading + table(found))
    print(table(found))


if __name__ == "__main__":
    main()
