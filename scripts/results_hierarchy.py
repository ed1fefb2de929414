"""Local and hierarchical navigation: table and figure of docs/results/hierarchy.md.

Example: python scripts/results_hierarchy.py mmn=runs/mmn-0,runs/mmn-1 mah=models/mah --out docs/results

Each METHOD=FOLDER,FOLDER,... is a way of training and the agents that came of it, one a training seed. Rows that
hierarchy.json holds of the same weights and tasks are not measured again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import torch

from mazenav.agent.fingerprint import fingerprint
from mazenav.agent.hierarchical import REACH, FieldGuided, LandmarkGuided
from mazenav.agent.loading import load_agent
from mazenav.evaluation.comparison import SEED, Bench, Found, against, gathered, plot_by_distance, rate
from mazenav.evaluation.measured import Measured, at_hand
from mazenav.evaluation.protocol import make_tasks
from mazenav.files import replacing, write_text_whole
from mazenav.layout.sets import load_set

SETS = ("test-13", "test-25")
WAYS = {
    "near goals": "near goals, flat",
    "flat": "all goals, flat",
    "field": "all goals, subgoals of its own field",
    "landmarks": "all goals, landmarks of the true path",
}
"""How an agent is driven, and how the table calls it."""
GUIDES = {"field": FieldGuided, "landmarks": LandmarkGuided}
COLOURS = {"flat": "#d1495b", "field": "#00798c", "landmarks": "#9a9a9a"}

Cells = dict[tuple[str, str, str], Found | str]
"""By method, set and way."""


def collect(methods: dict[str, list[str]], benches: dict[tuple[str, str], Bench], measured: Measured) -> Cells:
    """What each method reached in each way."""
    cells: Cells = {}
    for method, folders in methods.items():
        for (name, way), bench in benches.items():
            rows = []
            for folder in folders:
                row = f"{folder} | {name} | {way}"
                if at_hand(folder):
                    agent = load_agent(folder)
                    made_of = {**fingerprint(agent), "tasks": len(bench.tasks), "seed": SEED, "reach": REACH}
                    driver = GUIDES[way](agent) if way in GUIDES else agent
                    rows.append(measured.row(row, made_of, lambda d=driver, b=bench: b.drive(d)))  # type: ignore[misc]
                else:
                    rows.append(measured.held(row))
                print(row, rows[-1].get("refused", f"decisions {rows[-1].get('decisions')}"), flush=True)
            cells[method, name, way] = gathered(rows)
    return cells


def table(cells: Cells, methods: list[str], benches: dict[tuple[str, str], Bench]) -> str:
    """Markdown, a row a set, method and way."""
    lines = [
        "| set | method | driven to | tasks | success | SPL | decisions | success more than flat | SPL likewise |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name in SETS:
        for method in methods:
            for way, words in WAYS.items():
                cell, flat, bench = cells[method, name, way], cells[method, name, "flat"], benches[name, way]
                head = f"| {name} | {method} | {words} | {len(bench.tasks)} |"
                if isinstance(cell, str) or isinstance(flat, str):
                    lines.append(f"{head} {cell} | - | - | - | - |")
                    continue
                numbers = [rate(values, bench) for values in (cell.success, cell.weights)]
                more = against(cell, flat, bench) if way in GUIDES else " | "
                lines.append(f"{head} {numbers[0]} | {numbers[1]} | {cell.decisions:.1f} | {more} |")
    return "\n".join(lines) + "\n"


def page(text: str, methods: dict[str, list[str]], measured: Measured) -> str:
    """The whole note."""
    return (
        "# Local and hierarchical navigation\n\n"
        f"Near goals are at most {REACH} cells from their start along a shortest path, the paper's local navigation.\n"
        "To all goals an agent drives flat, with the goal in its task context throughout; or through subgoals\n"
        f"{REACH} cells apart, each of which takes the goal's place in turn. Those of its own field are zero-shot:\n"
        "cells down the field of decisions to go that the agent itself predicts from the map. Landmarks lie on a\n"
        "shortest path through the true layout, as the paper gives them to its agent; they are a comparison only.\n"
        "A subgoal of the field gives way to the next when half of the way to it is left; a landmark does when it is\n"
        "reached, so that the body slows down for each, which costs SPL. (With an earlier agent, on 250 development\n"
        "layouts of 11 to 15 cells, none of a test set, SPL was 0.937 where a subgoal was left when it was reached,\n"
        "0.968 half of the way before, 0.975 four cells before, and 0.979 without any.)\n\n"
        f"One task a layout, tasks of seed {SEED}. In brackets 95 % intervals by bootstrap over layouts and training\n"
        "seeds (exact, layouts as trials, where nothing failed), then the lowest and the highest seed; the last two\n"
        "columns are differences from flat driving, paired by layout and by training seed, p that of a signed-rank\n"
        "test over layouts.\n\n"
        f"{measured.origin()}; single rows:\n\n"
        "```sh\n"
        f"mazenav evaluate mmn test-13 --goals-within {REACH}\n"
        "mazenav evaluate mmn test-13 --subgoals field\n"
        "mazenav evaluate mmn test-13 --subgoals landmarks\n"
        "```\n\n"
        f"{measured.how_trained(methods)}\n\n"
        "![Success by distance](hierarchy.svg)\n\n"
    ) + text


def draw(cells: Cells, methods: list[str], benches: dict[tuple[str, str], Bench], path: Path) -> None:
    """Success by distance: a panel a method and set, a line a way of driving."""
    plt.rcParams.update({"svg.hashsalt": "hierarchy", "font.size": 9, "axes.spines.top": False})
    plt.rcParams["axes.spines.right"] = False
    figure, panels = plt.subplots(
        len(methods), len(SETS), figsize=(4.6 * len(SETS), 2.6 * len(methods)), squeeze=False, layout="constrained"
    )
    for row, method in zip(panels, methods, strict=True):
        for panel, name in zip(row, SETS, strict=True):
            lines = {
                WAYS[way].removeprefix("all goals, "): (cells[method, name, way], colour)
                for way, colour in COLOURS.items()
            }
            plot_by_distance(panel, benches[name, "flat"], lines, "success")
            panel.set_title(f"{method}, {name}", loc="left")
            panel.set_ylim(-0.03, 1.05)
            if isinstance(cells[method, name, "flat"], str):
                panel.text(0.5, 0.5, "maps are too large for it", ha="center", transform=panel.transAxes)
                panel.set_axis_off()
    panels[0][0].legend(frameon=False, loc="lower left")
    with replacing(path) as temporary:
        figure.savefig(temporary, format="svg", metadata={"Date": None})
    plt.close(figure)


def main() -> None:
    """Measure what is not measured yet, then write numbers, table and figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("methods", nargs="+", metavar="METHOD=FOLDER,...")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    parser.add_argument("--max-layouts", type=int, help="of each set only the first so many")
    options = parser.parse_args()
    torch.set_num_threads(1)
    measured = Measured(options.out / "hierarchy.json")
    methods = {name: (given or name).split(",") for name, _, given in (text.partition("=") for text in options.methods)}
    layouts = {name: load_set(name)[: options.max_layouts] for name in SETS}
    near = {"near goals": REACH}
    benches = {
        (name, way): Bench(name, make_tasks(layouts[name], 1, SEED, farthest=near.get(way)))
        for name in SETS
        for way in WAYS
    }
    cells = collect(methods, benches, measured)
    text = table(cells, list(methods), benches)
    write_text_whole(options.out / "hierarchy.md", page(text, methods, measured))
    draw(cells, list(methods), benches, options.out / "hierarchy.svg")
    print(text)


if __name__ == "__main__":
    main()
