"""Local and hierarchical navigation: table and figure of docs/results/hierarchy.md.

Example: python scripts/results_hierarchy.py mmn mmn-dense mah --out docs/results

Rows that hierarchy.json holds of the same weights and tasks are not measured again.
"""

from __future__ import annotations

import argparse
import functools
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.stats import binomtest

from mazenav.agent.baselines import Oracle
from mazenav.agent.fingerprint import fingerprint
from mazenav.agent.hierarchical import REACH, FieldGuided, LandmarkGuided
from mazenav.agent.interface import Agent
from mazenav.agent.loading import load_agent
from mazenav.evaluation.metrics import summarise
from mazenav.evaluation.protocol import Task, make_tasks, run_tasks
from mazenav.files import replacing, write_text_whole
from mazenav.layout.sets import load_set
from mazenav.types import Episode, MazenavError

SEED = 0
SETS = ("test-13", "test-25")
WAYS = {
    "near goals": "near goals, flat",
    "flat": "all goals, flat",
    "field": "all goals, subgoals of its own field",
    "landmarks": "all goals, landmarks of the true path",
}
"""How an agent is driven, and how the table calls it."""
COLOURS = {"flat": "#d1495b", "field": "#00798c", "landmarks": "#9a9a9a"}

Row = dict[str, Any]


@functools.cache
def tasks_of(set_name: str, near: bool, layouts: int | None) -> tuple[list[Task], list[Episode]]:
    """One task a layout, and how the oracle drives it."""
    tasks = make_tasks(load_set(set_name)[:layouts], 1, SEED, farthest=REACH if near else None)
    return tasks, run_tasks(Oracle(), tasks).episodes


def measure(agent: Agent, set_name: str, way: str, layouts: int | None) -> Row:
    """One agent driven in one way over a set."""
    tasks, oracle = tasks_of(set_name, way == "near goals", layouts)
    guides = {"field": FieldGuided, "landmarks": LandmarkGuided}
    try:
        result = run_tasks(guides[way](agent) if way in guides else agent, tasks, seed=SEED)
    except MazenavError as error:  # such as maps that are too large for the network
        return {"refused": str(error)}
    summary = summarise(agent.name, result.episodes, oracle, result.decision_ms, SEED)
    return {
        **summary,
        "decisions": float(np.mean([len(episode) for episode in result.episodes])),
        "reached": "".join("01"[episode.terminated] for episode in result.episodes),
    }


def against_flat(row: Row, flat: Row) -> str:
    """Goals that it reached and flat driving did not, the reverse, and how likely so uneven a split is by chance."""
    pairs = list(zip(row["reached"], flat["reached"], strict=True))
    won, lost = pairs.count(("1", "0")), pairs.count(("0", "1"))
    chance = binomtest(won, won + lost).pvalue if won + lost else 1.0
    return f"+{won} -{lost}, p = {chance:.2g}"


def table(found: dict[str, Row], agents: list[str]) -> str:
    """Markdown, a row an agent, set and way."""
    lines = [
        "| set | agent | driven to | episodes | success (95 % over layouts) | SPL | decisions | goals against flat |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for set_name in SETS:
        for agent in agents:
            for way, words in WAYS.items():
                row = found[f"{agent} | {set_name} | {way}"]
                head = f"| {set_name} | {agent} | {words} |"
                if "refused" in row:
                    lines.append(f"{head} - | {row['refused']} | - | - | - |")
                    continue
                low, high = row["success_ci95"]
                rate = f"{row['success_rate']:.3f} ({low:.3f} - {high:.3f})"
                flat = found[f"{agent} | {set_name} | flat"]
                paired = against_flat(row, flat) if way in ("field", "landmarks") else ""
                lines.append(
                    f"{head} {row['episodes']} | {rate} | {row['spl']:.3f} | {row['decisions']:.1f} | {paired} |"
                )
    return "\n".join(lines) + "\n"


def page(found: dict[str, Row], agents: list[str]) -> str:
    """The whole note."""
    commits = sorted(
        {found[f"{agent} | {name} | {way}"]["commit"] for agent in agents for name in SETS for way in WAYS}
    )
    return (
        "# Local and hierarchical navigation\n\n"
        f"Near goals are at most {REACH} cells from their start along a shortest path, the paper's local navigation.\n"
        "To all goals an agent drives flat, with the goal in its task context throughout; or through subgoals\n"
        f"{REACH} cells apart, each of which takes the goal's place in turn. Those of its own field are zero-shot:\n"
        "cells down the field of decisions to go that the agent itself predicts from the map. Landmarks lie on a\n"
        "shortest path through the true layout, as the paper gives them to its agent; they are a comparison only.\n"
        "A subgoal of the field gives way to the next when half of the way to it is left; a landmark does when it is\n"
        "reached, so that the body slows down for each, which costs SPL. (On 250 development layouts of 11 to 15\n"
        "cells, none of a test set, SPL was 0.937 where a subgoal was left when it was reached, 0.968 half of the\n"
        "way before, 0.975 four cells before, and 0.979 without any.)\n"
        f"\nOne episode a layout, tasks of seed {SEED}; intervals by bootstrap over layouts; in the last column the\n"
        "goals that flat driving missed (+) and the goals that it alone reached (-), with the exact sign test.\n\n"
        f"Measured by `{shlex.join(['python', 'scripts/results_hierarchy.py', *sys.argv[1:]])}`\n"
        f"at commit {', '.join(commits)}; single rows:\n\n"
        "```sh\n"
        f"mazenav evaluate {agents[0]} test-13 --goals-within {REACH}\n"
        f"mazenav evaluate {agents[0]} test-13 --subgoals field\n"
        f"mazenav evaluate {agents[0]} test-13 --subgoals landmarks\n"
        "```\n\n"
        "![Success by distance](hierarchy.svg)\n\n"
    ) + table(found, agents)


def draw(found: dict[str, Row], agents: list[str], path: Path) -> None:
    """Success by distance: a panel an agent and set, a line a way of driving."""
    plt.rcParams.update({"svg.hashsalt": "hierarchy", "font.size": 9, "axes.spines.top": False})
    plt.rcParams["axes.spines.right"] = False
    figure, panels = plt.subplots(
        len(agents), len(SETS), figsize=(4.6 * len(SETS), 2.6 * len(agents)), squeeze=False, layout="constrained"
    )
    for line, agent in zip(panels, agents, strict=True):
        for panel, set_name in zip(line, SETS, strict=True):
            panel.set_title(f"{agent}, {set_name}", loc="left")
            if found[f"{agent} | {set_name} | flat"].get("refused"):
                panel.text(0.5, 0.5, "maps are too large for it", ha="center", transform=panel.transAxes)
                panel.set_axis_off()
                continue
            for shift, (way, colour) in enumerate(COLOURS.items()):
                bins = found[f"{agent} | {set_name} | {way}"].get("by_distance", [])
                rates = np.array([part["success_rate"] for part in bins])
                ends = np.array([part["success_ci95"] for part in bins]).reshape(-1, 2)
                places = np.arange(len(bins)) + 0.08 * (shift - 1)
                panel.errorbar(
                    places, rates, np.abs(ends.T - rates), color=colour, marker="o", ms=4, lw=1.5, elinewidth=0.8,
                    alpha=0.9, label=WAYS[way].removeprefix("all goals, "),
                )  # fmt: skip
                panel.set_xticks(
                    np.arange(len(bins)),
                    [f"{part['from']}-{part['to']}" if part["to"] else f"{part['from']}+" for part in bins],
                )
            panel.set_ylim(-0.03, 1.05)
            panel.set_ylabel("success")
            panel.set_xlabel("shortest path, cells")
            panel.grid(axis="y", lw=0.4, alpha=0.6)
    panels[0][0].legend(frameon=False, loc="lower left")
    with replacing(path) as temporary:
        figure.savefig(temporary, format="svg", metadata={"Date": None})
    plt.close(figure)


def commit() -> str:
    """What the working tree is at, marked where it was changed."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    return subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True).stdout.strip()


def main() -> None:
    """Measure what is not measured yet, then write numbers, table and figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("agents", nargs="+", help="shipped agents or folders")
    parser.add_argument("--out", type=Path, required=True, help="folder of hierarchy.json, .md and .svg")
    parser.add_argument("--max-layouts", type=int, help="of each set only the first so many")
    parser.add_argument("--simulations", type=int, help="of the search; by default the agent's own")
    options = parser.parse_args()
    torch.set_num_threads(1)
    path = options.out / "hierarchy.json"
    found: dict[str, Row] = json.loads(path.read_text()) if path.exists() else {}
    names = []
    for spec in options.agents:
        agent = load_agent(spec, options.simulations)
        names.append(agent.name)
        for set_name in SETS:
            for way in WAYS:
                key = f"{agent.name} | {set_name} | {way}"
                made_of = {**fingerprint(agent), "max_layouts": options.max_layouts, "seed": SEED, "reach": REACH}
                if found.get(key, {}).get("made_of") == made_of:
                    continue
                found[key] = {**measure(agent, set_name, way, options.max_layouts), "made_of": made_of}
                found[key]["commit"] = commit()
                write_text_whole(path, json.dumps(found, indent=1) + "\n")
                print(key, {k: found[key].get(k) for k in ("success_rate", "spl", "refused")}, flush=True)
    write_text_whole(options.out / "hierarchy.md", page(found, names))
    draw(found, names, options.out / "hierarchy.svg")
    print(table(found, names))


if __name__ == "__main__":
    main()
