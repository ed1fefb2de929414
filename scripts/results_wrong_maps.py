"""Driving by wrong maps: table and figure of docs/results/wrong-maps.md.

Example: python scripts/results_wrong_maps.py runs/mmn-0 runs/mmn-1 --out docs/results

Each agent drives the same tasks with the same wrong maps, beside `classic`, which knows the body's physics, and beside
itself taking the map at its word. Rows that wrong-maps.json holds of the same weights and tasks are not measured again.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.stats import wilcoxon

from mazenav.agent.classic import Classic
from mazenav.agent.corrector import Corrector
from mazenav.agent.fingerprint import fingerprint
from mazenav.agent.interface import Agent
from mazenav.agent.loading import load_agent
from mazenav.evaluation.given import PoseNoise
from mazenav.evaluation.measured import Measured, Row
from mazenav.evaluation.protocol import Task, make_tasks, run_tasks
from mazenav.files import replacing, write_text_whole
from mazenav.layout.sets import load_set
from mazenav.rng import stream

SEED, SET = 0, "test-13"
RESAMPLES = 2000
SHARES = (0.05, 0.1, 0.2, 0.3)
CELLS = ("mixed", "wall-to-corridor", "corridor-to-wall")
WHOLE = ("erased", "shift", "rotation", "scale", "blur", "wobble")
NOISES = {"": PoseNoise(), ", pose noise 0.05": PoseNoise(pose=0.05), ", start off by 0.1": PoseNoise(start=0.1)}
CONDITIONS = [
    ("true", ""),
    *((f"{kind}:{share}", "") for kind in CELLS for share in SHARES),
    *((f"{kind}:{share}", "") for kind in WHOLE for share in (0.1, 0.2, 0.3)),
    *((given, noise) for noise in NOISES if noise for given in ("true", "mixed:0.2")),
]
COLOURS = {"mmn": "#00798c", "at its word": "#9a9a9a", "classic": "#d1495b"}


def measure(agent: Agent, tasks: list[Task], given: str, noise: str) -> Row:
    """One agent under one condition: who reached the goal, and decisions; a failure took all it was allowed."""
    episodes = run_tasks(agent, tasks, given_map=given, seed=SEED, noise=NOISES[noise]).episodes
    row: Row = {
        "reached": "".join("01"[episode.terminated] for episode in episodes),
        "decisions": [len(episode) for episode in episodes],
    }
    print(f"{given}{noise} {agent.name}: {row['reached'].count('1') / len(tasks):.3f}", end=" ")
    print(f"{np.mean(row['decisions']):.1f}", flush=True)
    return row


class Driven:
    """What agents, one a training seed, reached under a condition: success and decisions, float64 `[seeds, E]`."""

    def __init__(self, rows: list[Row]) -> None:
        self.reached = np.array([[float(digit) for digit in row["reached"]] for row in rows])
        self.decisions = np.array([row["decisions"] for row in rows], float)

    def __str__(self) -> str:
        return f"{self.reached.mean():.3f}, {self.decisions.mean():.1f}"


def gap(ours: np.ndarray, theirs: np.ndarray) -> str:
    """Mean paired difference, its 95 % bootstrap interval over layouts and seeds, and p of a signed-rank test."""
    values = ours - theirs
    rng = stream(SEED, "bootstrap")
    means = np.empty(RESAMPLES)
    for index in range(RESAMPLES):
        seeds = rng.integers(len(values), size=len(values))
        means[index] = values[seeds].mean(axis=0)[rng.integers(values.shape[1], size=values.shape[1])].mean()
    low, high = np.quantile(means, [0.025, 0.975])
    over_seeds = values.mean(axis=0)
    chance = wilcoxon(over_seeds).pvalue if np.abs(over_seeds).max() > 0 else 1.0
    return f"{values.mean():+.3g} ({low:+.3g} to {high:+.3g}), p = {chance:.2g}"


def table(found: dict[str, dict[str, Driven]]) -> str:
    """Markdown: success and decisions of the three, and the paired differences from `classic`."""
    lines = [
        "| given map | mmn | at its word | classic | mmn more in success | and in decisions |",
        "|---|---|---|---|---|---|",
    ]
    for condition, drivers in found.items():
        ours, classic = drivers["mmn"], drivers["classic"]
        cells = [str(driven) for driven in drivers.values()]
        gaps = gap(ours.reached, classic.reached), gap(ours.decisions, classic.decisions)
        lines.append(f"| {condition} | {' | '.join([*cells, *gaps])} |")
    return "\n".join(lines) + "\n"


def draw(found: dict[str, dict[str, Driven]], path: Path) -> None:
    """Success, and decisions, over the share of wrong cells or the strength: a panel a kind."""
    plt.rcParams.update({"svg.hashsalt": "wrong-maps", "font.size": 9, "axes.spines.top": False})
    plt.rcParams["axes.spines.right"] = False
    kinds = (*CELLS, *WHOLE)
    figure, panels = plt.subplots(2, len(kinds), figsize=(2.0 * len(kinds), 4.2), sharey="row", layout="constrained")
    for column, kind in enumerate(kinds):
        shares = [
            0.0,
            *(float(name.split(":")[1]) for name in found if name.startswith(f"{kind}:") and "," not in name),
        ]
        rows = [found["true" if share == 0 else f"{kind}:{share}"] for share in shares]
        for who, colour in COLOURS.items():
            for line, read in enumerate(("reached", "decisions")):
                means = [getattr(row[who], read).mean() for row in rows]
                panels[line][column].plot(shares, means, color=colour, marker="o", ms=3, lw=1.4, label=who)
        panels[0][column].set_title(kind, loc="left", fontsize=8)
        panels[1][column].set_xlabel("strength")
    panels[0][0].set_ylabel("success")
    panels[1][0].set_ylabel("decisions")
    panels[0][0].legend(frameon=False, fontsize=7)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="svg", metadata={"Date": None})
    plt.close(figure)


def measured_rows(folders: list[Path], most: int | None, measured: Measured) -> dict[str, dict[str, Driven]]:
    """Everybody under all conditions."""
    drivers: dict[str, list[tuple[str, Agent]]] = {"mmn": [], "at its word": [], "classic": [("", Classic())]}
    for folder in folders:
        mends = load_agent(folder)
        assert isinstance(mends, Corrector), f"{folder} does not correct maps"
        drivers["mmn"].append((str(folder), mends))
        drivers["at its word"].append((str(folder), mends.trusting()))
    tasks = make_tasks(load_set(SET)[:most], 1, SEED)
    found: dict[str, dict[str, Driven]] = {}
    for given, noise in CONDITIONS:
        for who, agents in drivers.items():
            rows = []
            for folder_name, agent in agents:
                made_of: dict[str, Any] = {**fingerprint(agent), "seed": SEED, "tasks": len(tasks)}
                name = f"{given}{noise} | {who} | {folder_name}"
                rows.append(measured.row(name, made_of, lambda a=agent, g=given, n=noise: measure(a, tasks, g, n)))  # type: ignore[misc]
            found.setdefault(f"{given}{noise}", {})[who] = Driven(rows)
    return found


def main() -> None:
    """Measure what is missing, then write page and figure anew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("agents", nargs="+", type=Path, help="folders, one a training seed")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    parser.add_argument("--max-layouts", type=int, default=None)
    options = parser.parse_args()
    torch.set_num_threads(1)
    measured = Measured(options.out / "wrong-maps.json")
    found = measured_rows(options.agents, options.max_layouts, measured)
    tasks = next(iter(found.values()))["classic"].reached.shape[1]
    heading = f"""# Wrong maps

{measured.origin()}. Success and mean decisions over {tasks} layouts of `{SET}`, one task each (a failed
episode counts all decisions that it was allowed), of {len(options.agents)} training seeds; paired differences from
`classic` with 95 % bootstrap intervals over layouts and seeds, and p of a signed-rank test over layouts. `classic`
plans on the map, knows the body's physics exactly, and corrects the cells that it runs into; `mmn` has learnt how its
body moves, but is given its half width, top speed and gap to a wall. Both notice a start that is off. A strength is the
share of cells that are wrong, or how far the whole map is bent; see `mazenav.topdown.perturb`.

![Success and decisions](wrong-maps.svg)

"""
    write_text_whole(options.out / "wrong-maps.md", heading + table(found))
    draw(found, options.out / "wrong-maps.svg")
    print(table(found))


if __name__ == "__main__":
    main()
