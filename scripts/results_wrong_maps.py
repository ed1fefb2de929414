"""Driving by wrong maps: table of docs/results/wrong-maps.md.

Example: python scripts/results_wrong_maps.py mmn --out docs/results

Each agent drives the same tasks with the same wrong maps, beside `classic`, which knows the body's physics, and beside
itself taking the map at its word. Rows that wrong-maps.json holds of the same weights and tasks are not measured again.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mazenav.agent.classic import Classic
from mazenav.agent.corrector import Corrector
from mazenav.agent.fingerprint import fingerprint
from mazenav.agent.interface import Agent
from mazenav.agent.loading import load_agent
from mazenav.agent.navigator import Navigator
from mazenav.evaluation.given import PoseNoise
from mazenav.evaluation.protocol import Task, make_tasks, run_tasks
from mazenav.files import write_text_whole
from mazenav.layout.sets import load_set
from mazenav.rng import stream

SEED, SET = 0, "test-13"
RESAMPLES = 2000
GIVEN = (
    "true",
    *(f"{kind}:{share}" for kind in ("mixed", "wall-to-corridor", "corridor-to-wall") for share in (0.1, 0.2, 0.3)),
    *(f"{kind}:0.2" for kind in ("erased", "shift", "rotation", "scale", "blur", "wobble")),
)
NOISES = {"": PoseNoise(), ", pose noise 0.05": PoseNoise(pose=0.05), ", start off by 0.1": PoseNoise(start=0.1)}
CONDITIONS = [*((given, "") for given in GIVEN), *(("mixed:0.2", noise) for noise in NOISES if noise)]

Row = dict[str, Any]


def measure(agent: Agent, tasks: list[Task], given: str, noise: str) -> Row:
    """One agent under one condition: who reached the goal, and decisions; a failure took all it was allowed."""
    episodes = run_tasks(agent, tasks, given_map=given, seed=SEED, noise=NOISES[noise]).episodes
    return {
        "reached": "".join("01"[episode.terminated] for episode in episodes),
        "decisions": [len(episode) for episode in episodes],
    }


def interval(values: np.ndarray) -> str:
    """Mean of values, one a layout, and its 95 % bootstrap interval over layouts."""
    rng = stream(SEED, "bootstrap")
    means = values[rng.integers(len(values), size=(RESAMPLES, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{values.mean():+.3g} ({low:+.3g} to {high:+.3g})"


def table(rows: dict[str, dict[str, Row]], name: str) -> str:
    """Markdown: success and decisions of the three, and the paired differences from `classic`."""
    lines = [
        f"| given map | {name} | at its word | classic | success: {name} - classic | decisions: {name} - classic |",
        "|---|---|---|---|---|---|",
    ]
    for given, noise in CONDITIONS:
        found = [rows[f"{given}{noise}"][who] for who in (name, f"{name} at its word", "classic")]
        reached = [np.array([int(digit) for digit in row["reached"]], float) for row in found]
        decisions = [np.array(row["decisions"], float) for row in found]
        cells = [f"{r.mean():.3f}, {d.mean():.1f}" for r, d in zip(reached, decisions, strict=True)]
        gaps = interval(reached[0] - reached[2]), interval(decisions[0] - decisions[2])
        lines.append(f"| {given}{noise} | {' | '.join([*cells, *gaps])} |")
    return "\n".join(lines)


def main() -> None:
    """Measure what is missing, then write the page anew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("agent")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    parser.add_argument("--max-layouts", type=int, default=None)
    options = parser.parse_args()
    torch.set_num_threads(1)
    agent = load_agent(options.agent)
    assert isinstance(agent, Corrector), f"{options.agent} does not correct maps"
    literal = Navigator(agent.network, f"{agent.name} at its word", agent.search)
    drivers: dict[str, Agent] = {agent.name: agent, literal.name: literal, "classic": Classic()}
    tasks = make_tasks(load_set(SET)[: options.max_layouts], 1, SEED)
    key = {"weights": fingerprint(agent), "layouts": len(tasks)}
    path = options.out / "wrong-maps.json"
    held = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    rows: dict[str, dict[str, Row]] = held.get("rows", {}) if held.get("key") == key else {}
    for given, noise in CONDITIONS:
        row = rows.setdefault(f"{given}{noise}", {})
        for name, driver in drivers.items():
            if name not in row:
                row[name] = measure(driver, tasks, given, noise)
                share = np.mean([int(digit) for digit in row[name]["reached"]])
                print(f"{given}{noise} {name}: {share:.3f}, {np.mean(row[name]['decisions']):.1f}", flush=True)
                write_text_whole(path, json.dumps({"key": key, "rows": rows}) + "\n")
    heading = f"""# Wrong maps

Success and mean decisions over {len(tasks)} layouts of `{SET}`, one task each (a failed episode counts all
decisions that it was allowed), and paired differences with 95 % bootstrap intervals over layouts. `classic` plans on
the map, knows the body's physics exactly, and corrects cells that it runs into. Written by
`scripts/results_wrong_maps.py {options.agent}`.

"""
    write_text_whole(options.out / "wrong-maps.md", heading + table(rows, agent.name) + "\n")


if __name__ == "__main__":
    main()
