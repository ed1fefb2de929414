"""Several agents on the same tasks: means over training seeds with their intervals, and paired differences of two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import wilcoxon

from mazenav.agent.baselines import Oracle
from mazenav.agent.interface import Agent
from mazenav.evaluation.measured import Row
from mazenav.evaluation.metrics import DISTANCE_BINS, RESAMPLES, exact_interval, path_weights
from mazenav.evaluation.protocol import Task, run_tasks
from mazenav.rng import stream
from mazenav.types import Episode, MazenavError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SEED = 0
"""Of the tasks, of whatever else is drawn in driving them, and of the bootstrap."""


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

    def bins(self) -> list[tuple[str, np.ndarray]]:
        """The bins of distance that have tasks: their names, and which tasks those are, bool `[E]`."""
        found = []
        for low, high in DISTANCE_BINS:
            inside = (self.distance >= low) & (self.distance <= (np.inf if high is None else high))
            if inside.any():
                found.append((f"{low}+" if high is None else f"{low}-{high}", inside))
        return found

    def drive(self, agent: Agent) -> Row:
        """One agent in all tasks: a row for `Measured`, that `gathered` reads; or why it refused them."""
        try:
            result = run_tasks(agent, self.tasks, seed=SEED)
        except MazenavError as error:  # such as maps that are too large for the network
            return {"refused": str(error)}
        weights = path_weights(result.episodes, self.oracle)
        return {
            "reached": "".join("01"[episode.terminated] for episode in result.episodes),
            "weights": [round(1000 * float(weight)) for weight in weights],
            "decisions": float(np.mean([len(episode) for episode in result.episodes])),
        }


@dataclass(frozen=True)
class Found:
    """What a method reached on a bench.

    Attributes:
        success: float64 `[seeds, E]`, 1 where the goal was reached.
        weights: float64 `[seeds, E]`, whose mean is SPL (`metrics.path_weights`).
        decisions: mean of a task.
        agents: the weights of each seed's agent, as `agent.fingerprint` tells them; empty of one that learns nothing.
    """

    success: np.ndarray
    weights: np.ndarray
    decisions: float
    agents: tuple[str, ...]


def gathered(rows: Sequence[Row]) -> Found | str:
    """What the agents of a method, one a training seed, reached on a bench, or why they refused it."""
    refused = [row["refused"] for row in rows if "refused" in row]
    if refused:
        return str(refused[0])
    return Found(
        np.array([[float(digit) for digit in row["reached"]] for row in rows]),
        np.array([row["weights"] for row in rows]) / 1000,
        float(np.mean([row["decisions"] for row in rows])),
        tuple(row.get("made_of", {}).get("weights", "") for row in rows),
    )


def by_layout(values: np.ndarray, layouts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums `[seeds, L]` of values `[seeds, E]` over each layout's tasks, and how many there are, `[L]`."""
    _, group = np.unique(layouts, return_inverse=True)
    return np.stack([np.bincount(group, weights=row) for row in values]), np.bincount(group).astype(float)


def resampled(values: np.ndarray, bench: Bench, agents: Sequence[str] = ()) -> np.ndarray:
    """Means of bootstrap resamples of layouts and of seeds, both with replacement, of values `[seeds, E]`.

    The layouts drawn are the same for all methods on a bench, and the seeds for all ways of driving the same `agents`,
    so that differences of two are paired as far as they can be.
    """
    sums, tried = by_layout(values, bench.layouts)
    draw, seeds = stream(SEED, "layouts", bench.name), stream(SEED, "seeds", bench.name, *agents)
    means = np.empty(RESAMPLES)
    for index in range(RESAMPLES):
        chosen = draw.integers(len(tried), size=len(tried))
        drawn = sums[seeds.integers(len(sums), size=len(sums))][:, chosen]
        means[index] = drawn.sum() / (len(sums) * tried[chosen].sum())
    return means


def rate(values: np.ndarray, bench: Bench) -> str:
    """A mean of values `[seeds, E]` with its 95 % interval over layouts and seeds, and the lowest and highest seed."""
    low, high = np.percentile(resampled(values, bench), [2.5, 97.5])
    number = len(np.unique(bench.layouts))
    if low == high:  # nothing failed, or everything: layouts as trials
        low, high = exact_interval(number * values.mean(), number)
    seeds = values.mean(axis=1)
    spread = f"; seeds {seeds.min():.3f} - {seeds.max():.3f}" if len(seeds) > 1 else ""
    return f"{values.mean():.3f} ({low:.3f} - {high:.3f}{spread})"


def spread(values: Sequence[float], digits: int = 3) -> str:
    """Mean over training seeds, and from the lowest to the highest."""
    return f"{np.mean(values):.{digits}f} ({min(values):.{digits}f} - {max(values):.{digits}f})"


def against(ours: Found, theirs: Found, bench: Bench) -> str:
    """How much more success, and SPL, the first has, with intervals, and a signed-rank test over layouts: two cells."""
    cells = []
    for own, other in ((ours.success, theirs.success), (ours.weights, theirs.weights)):
        gaps = resampled(own, bench, ours.agents) - resampled(other, bench, theirs.agents)
        low, high = np.percentile(gaps, [2.5, 97.5])
        sums, tried = by_layout(own.mean(axis=0, keepdims=True) - other.mean(axis=0, keepdims=True), bench.layouts)
        difference = sums[0] / tried
        chance = wilcoxon(difference).pvalue if np.abs(difference).max() > 0 else 1.0
        cells.append(f"{own.mean() - other.mean():+.3f} ({low:+.3f} to {high:+.3f}), p = {chance:.2g}")
    return " | ".join(cells)


def plot_by_distance(panel: Axes, bench: Bench, lines: Mapping[str, tuple[Found | str, str]], measure: str) -> None:
    """Draw "success" or "SPL" on a bench by distance: a line a method, its seeds as a band.

    Args:
        panel: to draw on.
        bench: of the tasks.
        lines: name -> what it reached and its colour; what refused the tasks is left out.
        measure: "success" or "SPL".
    """
    bins = bench.bins()
    for shift, (name, (cell, colour)) in enumerate(lines.items()):
        if isinstance(cell, str):
            continue
        values = cell.weights if measure == "SPL" else cell.success
        rates = np.array([values[:, inside].mean(axis=1) for _, inside in bins])
        places = np.arange(len(bins)) + 0.07 * (shift - len(lines) / 2)
        order = 3 - 0.1 * shift
        panel.plot(places, rates.mean(axis=1), marker="o", ms=3.5, lw=1.5, color=colour, label=name, zorder=order)
        panel.fill_between(places, rates.min(axis=1), rates.max(axis=1), color=colour, alpha=0.2, lw=0, zorder=order)
    panel.set_xticks(np.arange(len(bins)), [name for name, _ in bins])
    panel.set_title(bench.name, loc="left")
    panel.set_ylabel(measure)
    panel.set_xlabel("shortest path, cells")
    panel.grid(axis="y", lw=0.4, alpha=0.6)
