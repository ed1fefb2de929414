"""Zero-shot transfer of trained agents side by side: success and SPL on layouts that none of them was trained on.

Example: python scripts/results_transfer.py transfer mmn=models/mmn,runs/mmn-1 mah=models/mah classic

Each METHOD=FOLDER,FOLDER,... is a way of training and the agents that came of it, one a training seed, each perhaps
with @N for N simulations; agents that learn nothing go by their names alone (classic, random). Writes NAME.md, NAME.svg
and NAME.json under --out; rows that the JSON holds of the same weights and tasks are not measured again, and those of
agents whose folders are not there are taken from it. The first
method is the one that the others are held against. MAZENAV_EXTERNAL names the folder of real layouts, which are left
out without it.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.colors import to_hex

from mazenav.agent.fingerprint import fingerprint
from mazenav.agent.interface import Agent
from mazenav.cli.choices import BASELINES, choose_agent
from mazenav.evaluation.comparison import SEED, Bench, Found, against, gathered, plot_by_distance, rate
from mazenav.evaluation.measured import Measured, at_hand
from mazenav.evaluation.protocol import make_tasks
from mazenav.files import replacing, write_text_whole
from mazenav.layout.formats.reading import read_layout
from mazenav.layout.sets import load_set, set_names

CONTESTS = ("1stworld", "87sin", "Japan2013ef", "UK2016-final", "apec2016")
REAL: dict[str, tuple[str, list[str], int]] = {
    "contest mazes": ("micromouse", [f"{name}.txt" for name in CONTESTS], 40),
    "MovingAI": ("movingai", ["maze-32-32-2.map", "room-32-32-4.map", "random-32-32-20.map"], 200),
    "ROS maps": ("ros", ["depot.yaml", "maze.yaml", "testmap.yaml", "turtlebot3.yaml"], 40),
}
"""Real layouts: folder, files and tasks in each."""
NOVEL = ("test-13", "test-25", "test-51", "test-101", "test-labmaze", *REAL)
COLOURS = ("#00798c", "#d1495b", "#edae49", "#66a182", "#8d5a97", "#2e4057", "#9a9a9a")


def bench_of(name: str, most: int | None) -> Bench | None:
    """The tasks of a set, or of so many of its layouts; nothing if its layouts are not at hand."""
    if name in set_names():
        return Bench(name, make_tasks(load_set(name)[:most], 1, SEED))
    root = os.environ.get("MAZENAV_EXTERNAL")
    if root is None:
        return None
    folder, files, each = REAL[name]
    return Bench(name, make_tasks([read_layout(Path(root, folder, file)) for file in files], each, SEED))


def agent_of(spec: str) -> Agent:
    """An agent by its folder or name, and @N for N simulations."""
    name, _, simulations = spec.partition("@")
    return choose_agent(name, int(simulations) if simulations else None)


def collect(measured: Measured, specs: list[str], bench: Bench) -> Found | str:
    """What the agents of a method reached on a bench, or why they refused it."""
    rows = []
    for spec in specs:
        name = f"{spec} | {bench.name}"
        if spec in BASELINES or at_hand(spec.partition("@")[0]):
            agent = agent_of(spec)
            made_of = {**fingerprint(agent), "seed": SEED, "tasks": len(bench.tasks)}
            rows.append(measured.row(name, made_of, lambda agent=agent: bench.drive(agent)))  # type: ignore[misc]
        else:
            rows.append(measured.held(name))
        print(name, rows[-1].get("refused", f"decisions {rows[-1].get('decisions')}"), flush=True)
    return gathered(rows)


def table(found: dict[str, dict[str, Found | str]], benches: list[Bench]) -> str:
    """Markdown: a row a set and method."""
    first = next(iter(found))
    lines = [
        f"| set | tasks | method | success | SPL | decisions | success of {first} less this | SPL likewise |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for bench in benches:
        for method, cells in found.items():
            head, cell = f"| {bench.name} | {len(bench.tasks)} | {method} |", cells[bench.name]
            if isinstance(cell, str):
                lines.append(f"{head} {cell} | | | | |")
                continue
            numbers = [rate(values, bench) for values in (cell.success, cell.weights)]
            ours = found[first][bench.name]
            gap = " | " if method == first or isinstance(ours, str) else against(ours, cell, bench)
            lines.append(f"{head} {numbers[0]} | {numbers[1]} | {cell.decisions:.1f} | {gap} |")
    return "\n".join(lines) + "\n"


def distances(found: dict[str, dict[str, Found | str]], benches: list[Bench]) -> str:
    """Markdown: success / SPL by distance, a row a set and bin, a column a method."""
    lines = ["| set | shortest path, cells | tasks | " + " | ".join(found) + " |", "|---" * (3 + len(found)) + "|"]
    for bench in benches:
        for name, inside in bench.bins():
            cells = []
            for method in found:
                cell = found[method][bench.name]
                shown = not isinstance(cell, str)
                cells.append(
                    f"{cell.success[:, inside].mean():.3f} / {cell.weights[:, inside].mean():.3f}"  # type: ignore[union-attr]
                    if shown
                    else "-"
                )
            lines.append(f"| {bench.name} | {name} | {inside.sum()} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def colours(number: int) -> list[str]:
    """As many colours: those of the package, or shades from dark to light where they are too few."""
    if number <= len(COLOURS):
        return list(COLOURS[:number])
    return [to_hex(shade) for shade in plt.get_cmap("viridis")(np.linspace(0, 0.9, number))]


def draw(found: dict[str, dict[str, Found | str]], benches: list[Bench], path: Path) -> None:
    """Success by distance, with SPL below it where there is room, or SPL alone where nobody fails: a column a set."""
    plt.rcParams.update({"svg.hashsalt": path.stem, "font.size": 9, "axes.spines.top": False})
    plt.rcParams["axes.spines.right"] = False
    measured = [cell for cells in found.values() for cell in cells.values() if not isinstance(cell, str)]
    perfect = all(cell.success.all() for cell in measured)
    measures = ["SPL"] if perfect else ["success", "SPL"] if len(benches) <= 3 else ["success"]
    columns = min(3, len(benches))
    rows = len(measures) * -(-len(benches) // columns)
    figure, panels = plt.subplots(
        rows, columns, figsize=(3.9 * columns, 2.5 * rows), squeeze=False, layout="constrained"
    )
    for panel in panels.flat[len(measures) * len(benches) :]:
        panel.set_axis_off()
    drawn = [(bench, measure) for measure in measures for bench in benches]
    for panel, (bench, measure) in zip(panels.flat, drawn, strict=False):
        shades = zip(found.items(), colours(len(found)), strict=True)
        lines = {method: (cells[bench.name], colour) for (method, cells), colour in shades}
        plot_by_distance(panel, bench, lines, measure)
        panel.set_ylim(*((None, None) if perfect else (-0.03, 1.05)))
    figure.legend(
        *panels[0][0].get_legend_handles_labels(),
        loc="outside upper center",
        ncols=min(len(found), 2 * columns),
        frameon=False,
    )
    with replacing(path) as temporary:
        figure.savefig(temporary, format="svg", metadata={"Date": None})
    plt.close(figure)


def page(name: str, text: str, measured: Measured) -> str:
    """The whole note."""
    return (
        f"# {name.capitalize()}\n\n"
        f"{measured.origin()}. Tasks of seed {SEED}. In brackets 95 % intervals by bootstrap over\n"
        "layouts and training seeds (exact, layouts as trials, where nothing failed), then the lowest and the highest\n"
        "seed. Differences are paired by layout, and by training seed where the same agents are driven in two ways; p\n"
        "is that of a signed-rank test over layouts.\n\n"
        f"![By distance]({name}.svg)\n\n{text}"
    )


def main() -> None:
    """Measure what is not measured yet, then write numbers, tables and figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="of the page")
    parser.add_argument("methods", nargs="+", metavar="METHOD=FOLDER,...")
    parser.add_argument("--sets", nargs="+", default=NOVEL, help="shipped sets, " + ", ".join(REAL))
    parser.add_argument("--max-layouts", type=int, default=None, help="only the first so many of each shipped set")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    measured = Measured(options.out / f"{options.name}.json")
    methods = {name: (given or name).split(",") for name, _, given in (text.partition("=") for text in options.methods)}
    benches = [bench for name in options.sets if (bench := bench_of(name, options.max_layouts)) is not None]
    found = {
        method: {bench.name: collect(measured, specs, bench) for bench in benches} for method, specs in methods.items()
    }
    learned = {method: specs for method, specs in methods.items() if specs[0] not in BASELINES}
    tables = f"{table(found, benches)}\nSuccess / SPL by distance:\n\n{distances(found, benches)}"
    text = f"{measured.how_trained(learned)}\n\n{tables}"
    write_text_whole(options.out / f"{options.name}.md", page(options.name, text, measured))
    draw(found, benches, options.out / f"{options.name}.svg")
    print(text)


if __name__ == "__main__":
    main()
