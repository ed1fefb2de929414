"""Zero-shot transfer of trained agents side by side: success and SPL on layouts that none of them was trained on.

Example: python scripts/results_transfer.py transfer mmn=models/mmn,runs/mmn-1 mah=models/mah classic

Each METHOD=FOLDER,FOLDER,... is a way of training and the agents that came of it, one a training seed, each perhaps
with @N for N simulations; agents that learn nothing go by their names alone (classic, random). Writes NAME.md, NAME.svg
and NAME.json under --out; rows that the JSON holds of the same weights and tasks are not measured again. The first
method is the one that the others are held against. MAZENAV_EXTERNAL names the folder of real layouts, which are left
out without it.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from scipy.stats import wilcoxon

from mazenav.agent.baselines import Oracle
from mazenav.agent.fingerprint import fingerprint
from mazenav.agent.interface import Agent
from mazenav.cli.choices import BASELINES, choose_agent
from mazenav.evaluation.measured import Measured, Row, how_trained
from mazenav.evaluation.metrics import DISTANCE_BINS, RESAMPLES, exact_interval, path_weights
from mazenav.evaluation.protocol import Task, make_tasks, run_tasks
from mazenav.files import replacing, write_text_whole
from mazenav.layout.formats.reading import read_layout
from mazenav.layout.sets import load_set, set_names
from mazenav.rng import stream
from mazenav.types import Episode, MazenavError

SEED = 0
CONTESTS = ("1stworld", "87sin", "Japan2013ef", "UK2016-final", "apec2016")
REAL: dict[str, tuple[str, list[str], int]] = {
    "contest mazes": ("micromouse", [f"{name}.txt" for name in CONTESTS], 40),
    "MovingAI": ("movingai", ["maze-32-32-2.map", "room-32-32-4.map", "random-32-32-20.map"], 200),
    "ROS maps": ("ros", ["depot.yaml", "maze.yaml", "testmap.yaml", "turtlebot3.yaml"], 40),
}
"""Real layouts: folder, files and tasks in each."""
NOVEL = ("test-13", "test-25", "test-51", "test-101", "test-labmaze", *REAL)
COLOURS = ("#00798c", "#d1495b", "#edae49", "#66a182", "#8d5a97", "#2e4057", "#9a9a9a")


@dataclass(frozen=True)
class Bench:
    """A set of tasks and how the oracle drives them."""

    name: str
    tasks: list[Task]

    @cached_property
    def oracle(self) -> list[Episode]:
        """The oracle's episodes."""
        return run_tasks(Oracle(), self.tasks).episodes

    @cached_property
    def layouts(self) -> np.ndarray:
        """The number of each task's layout, int64 `[E]`."""
        numbers: dict[int, int] = {}
        return np.array([numbers.setdefault(id(task.layout), len(numbers)) for task in self.tasks])

    @cached_property
    def distance(self) -> np.ndarray:
        """Shortest paths in cells, int64 `[E]`."""
        return np.array([task.distance for task in self.tasks])


@dataclass(frozen=True)
class Found:
    """What a method reached on a bench: success and SPL weights, float64 `[seeds, E]` each, and decisions a task."""

    success: np.ndarray
    weights: np.ndarray
    decisions: float


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


def measure(spec: str, bench: Bench) -> Row:
    """One agent on one bench."""
    agent = agent_of(spec)
    try:
        result = run_tasks(agent, bench.tasks, seed=SEED)
    except MazenavError as error:  # such as maps that are too large for the network
        return {"refused": str(error)}
    weights = path_weights(result.episodes, bench.oracle)
    row: Row = {
        "reached": "".join("01"[episode.terminated] for episode in result.episodes),
        "weights": [round(1000 * float(weight)) for weight in weights],
        "decisions": float(np.mean([len(episode) for episode in result.episodes])),
    }
    print(f"{spec} {bench.name}: success {np.mean([int(c) for c in row['reached']]):.4f}, SPL {weights.mean():.4f}")
    sys.stdout.flush()
    return row


def collect(measured: Measured, specs: list[str], bench: Bench) -> Found | str:
    """What the agents of a method reached on a bench, or why they refused it."""
    rows = []
    for spec in specs:
        made_of = {**fingerprint(agent_of(spec)), "seed": SEED, "tasks": len(bench.tasks)}
        name = f"{spec} | {bench.name}"
        rows.append(measured.row(name, made_of, lambda spec=spec: measure(spec, bench)))  # type: ignore[misc]
    refused = [row["refused"] for row in rows if "refused" in row]
    if refused:
        return str(refused[0])
    return Found(
        np.array([[float(digit) for digit in row["reached"]] for row in rows]),
        np.array([row["weights"] for row in rows]) / 1000,
        float(np.mean([row["decisions"] for row in rows])),
    )


def by_layout(values: np.ndarray, layouts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums `[seeds, L]` of values `[seeds, E]` over each layout's tasks, and how many there are, `[L]`."""
    _, group = np.unique(layouts, return_inverse=True)
    return np.stack([np.bincount(group, weights=row) for row in values]), np.bincount(group).astype(float)


def resampled(values: np.ndarray, layouts: np.ndarray, name: str) -> np.ndarray:
    """Means of bootstrap resamples of layouts and of seeds, both with replacement, `[RESAMPLES]`.

    The layouts drawn are the same for all methods of a name, so that differences of two are paired.
    """
    sums, tried = by_layout(values, layouts)
    draw, seeds = stream(SEED, "layouts", name), stream(SEED, "seeds", name, int(1e6 * values.sum()))
    means = np.empty(RESAMPLES)
    for index in range(RESAMPLES):
        chosen = draw.integers(len(tried), size=len(tried))
        drawn = sums[seeds.integers(len(sums), size=len(sums))][:, chosen]
        means[index] = drawn.sum() / (len(sums) * tried[chosen].sum())
    return means


def rate(values: np.ndarray, layouts: np.ndarray, name: str) -> str:
    """A mean with its 95 % interval over layouts and seeds, and the lowest and highest seed."""
    low, high = np.percentile(resampled(values, layouts, name), [2.5, 97.5])
    number = len(np.unique(layouts))
    if low == high:  # nothing failed, or everything: layouts as trials
        low, high = exact_interval(number * values.mean(), number)
    seeds = values.mean(axis=1)
    spread = f"; seeds {seeds.min():.3f} - {seeds.max():.3f}" if len(seeds) > 1 else ""
    return f"{values.mean():.3f} ({low:.3f} - {high:.3f}{spread})"


def against(ours: Found, theirs: Found, bench: Bench) -> str:
    """How much more success and SPL the first method has, with intervals, and a signed-rank test over layouts."""
    cells = []
    for own, other in ((ours.success, theirs.success), (ours.weights, theirs.weights)):
        gaps = resampled(own, bench.layouts, bench.name) - resampled(other, bench.layouts, bench.name)
        low, high = np.percentile(gaps, [2.5, 97.5])
        sums, tried = by_layout(own.mean(axis=0, keepdims=True) - other.mean(axis=0, keepdims=True), bench.layouts)
        difference = sums[0] / tried
        chance = wilcoxon(difference).pvalue if np.abs(difference).max() > 0 else 1.0
        cells.append(f"{own.mean() - other.mean():+.3f} ({low:+.3f} to {high:+.3f}), p = {chance:.2g}")
    return " | ".join(cells)


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
            numbers = [rate(values, bench.layouts, bench.name) for values in (cell.success, cell.weights)]
            ours = found[first][bench.name]
            gap = " | " if method == first or isinstance(ours, str) else against(ours, cell, bench)
            lines.append(f"{head} {numbers[0]} | {numbers[1]} | {cell.decisions:.1f} | {gap} |")
    return "\n".join(lines) + "\n"


def bins_of(bench: Bench) -> list[tuple[str, np.ndarray]]:
    """The bins of distance that have tasks, and which tasks those are."""
    bins = []
    for low, high in DISTANCE_BINS:
        inside = (bench.distance >= low) & (bench.distance <= (np.inf if high is None else high))
        if inside.any():
            bins.append((f"{low}+" if high is None else f"{low}-{high}", inside))
    return bins


def distances(found: dict[str, dict[str, Found | str]], benches: list[Bench]) -> str:
    """Markdown: success / SPL by distance, a row a set and bin, a column a method."""
    lines = ["| set | shortest path, cells | tasks | " + " | ".join(found) + " |", "|---" * (3 + len(found)) + "|"]
    for bench in benches:
        for name, inside in bins_of(bench):
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


def plot(panel: Axes, bench: Bench, found: dict[str, dict[str, Found | str]], measure: str) -> None:
    """Success or SPL on a bench by distance: a line a method, its seeds as a band."""
    bins = bins_of(bench)
    for shift, ((method, cells), colour) in enumerate(zip(found.items(), colours(len(found)), strict=True)):
        cell = cells[bench.name]
        if isinstance(cell, str):
            continue
        values = cell.weights if measure == "SPL" else cell.success
        rates = np.array([values[:, inside].mean(axis=1) for _, inside in bins])
        places = np.arange(len(bins)) + 0.07 * (shift - len(found) / 2)
        order = 3 - 0.1 * shift
        panel.plot(places, rates.mean(axis=1), marker="o", ms=3.5, lw=1.5, color=colour, label=method, zorder=order)
        panel.fill_between(places, rates.min(axis=1), rates.max(axis=1), color=colour, alpha=0.2, lw=0, zorder=order)
    panel.set_xticks(np.arange(len(bins)), [name for name, _ in bins])
    panel.set_title(bench.name, loc="left")
    panel.set_ylabel(measure)
    panel.set_xlabel("shortest path, cells")
    panel.grid(axis="y", lw=0.4, alpha=0.6)


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
        plot(panel, bench, found, measure)
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
        f"Measured by `{shlex.join(['python', 'scripts/results_transfer.py', *sys.argv[1:]])}`\n"
        f"at commit {measured.commits()}. Tasks of seed {SEED}. In brackets 95 % intervals by bootstrap over\n"
        "layouts and training seeds (exact, layouts as trials, where nothing failed), then the lowest and the highest\n"
        "seed. p is that of a paired signed-rank test over layouts.\n\n"
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
    text = f"{how_trained(learned)}\n\n{tables}"
    write_text_whole(options.out / f"{options.name}.md", page(options.name, text, measured))
    draw(found, benches, options.out / f"{options.name}.svg")
    print(text)


if __name__ == "__main__":
    main()
