"""Episodes become numbers: success with its interval over layouts, SPL against the oracle, time a decision."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.stats import beta

from mazenav.files import replacing
from mazenav.rng import stream
from mazenav.types import Episode, Layout, MazenavError

DISTANCE_BINS: tuple[tuple[int, int | None], ...] = (
    (1, 4),
    (5, 9),
    (10, 19),
    (20, 39),
    (40, 79),
    (80, 159),
    (160, None),
)
"""Bins of the shortest path in cells, first and last included; the last bin has no end."""

RESAMPLES = 4000
"""Bootstrap resamples of an interval."""

_CHUNK = 1 << 20
"""Layouts drawn at once while resampling, so that memory stays small."""

DistanceBin = TypedDict(
    "DistanceBin",
    {
        "from": int,
        "to": "int | None",
        "episodes": int,
        "success_rate": float,
        "success_ci95": "list[float]",
        "spl": float,
    },
)
"""One bin of `Summary.by_distance`; `to` is included, and null for the bin without end."""


class DecisionTime(TypedDict):
    """Milliseconds that the agent takes for one decision of one episode, when it decides for a batch at once."""

    median: float
    p99: float


class Summary(TypedDict):
    """The JSON of `mazenav evaluate`; bins without episodes are left out."""

    agent: str
    episodes: int
    layouts: int
    success_rate: float
    success_ci95: list[float]
    spl: float
    oracle_success_rate: float
    by_distance: list[DistanceBin]
    decision_ms: DecisionTime


def summarise(
    agent_name: str,
    episodes: Sequence[Episode],
    oracle_episodes: Sequence[Episode],
    decision_ms: np.ndarray,
    seed: int,
) -> Summary:
    """All the numbers of an evaluation.

    Args:
        agent_name: what the agent is called.
        episodes: E episodes of the agent.
        oracle_episodes: the oracle's on the same tasks, in the same order.
        decision_ms: float `[D]`, see `RunResult.decision_ms`.
        seed: decides the bootstrap's draws.

    Raises:
        MazenavError: if there is no episode or no decision, or the oracle drove other tasks.
    """
    if not episodes or not len(decision_ms):
        raise MazenavError(f"a summary needs episodes and decisions, found {len(episodes)} and {len(decision_ms)}")
    if [_task(episode) for episode in episodes] != [_task(episode) for episode in oracle_episodes]:
        raise MazenavError("the oracle's episodes must be those of the same tasks in the same order")
    numbers: dict[Layout, int] = {}
    layouts = np.array([numbers.setdefault(episode.layout, len(numbers)) for episode in episodes])
    success = np.array([episode.terminated for episode in episodes])
    weights = path_weights(episodes, oracle_episodes)
    distance = np.array([episode.distance for episode in episodes])
    by_distance: list[DistanceBin] = []
    for first, last in DISTANCE_BINS:
        inside = (distance >= first) & (distance <= (np.inf if last is None else last))
        if inside.any():
            by_distance.append(
                {
                    "from": first,
                    "to": last,
                    "episodes": int(inside.sum()),
                    "success_rate": float(success[inside].mean()),
                    "success_ci95": interval(success[inside], layouts[inside], stream(seed, "bootstrap", first)),
                    "spl": float(weights[inside].mean()),
                }
            )
    return {
        "agent": agent_name,
        "episodes": len(episodes),
        "layouts": len(numbers),
        "success_rate": float(success.mean()),
        "success_ci95": interval(success, layouts, stream(seed, "bootstrap", "all")),
        "spl": float(weights.mean()),
        "oracle_success_rate": float(np.mean([episode.terminated for episode in oracle_episodes])),
        "by_distance": by_distance,
        "decision_ms": {
            "median": float(np.median(decision_ms)),
            "p99": float(np.percentile(decision_ms, 99)),
        },
    }


def path_weights(episodes: Sequence[Episode], oracle_episodes: Sequence[Episode]) -> np.ndarray:
    """Success weighted by path length, in decisions, of each episode: float64 `[E]`; SPL is their mean.

    success * oracle / max(own, oracle), after Anderson et al. (arXiv 1807.06757). Where the oracle failed, its time
    limit stands for its decisions.
    """
    success = np.array([episode.terminated for episode in episodes], np.float64)
    own = np.array([len(episode) for episode in episodes])
    best = np.array([len(episode) if episode.terminated else episode.limit for episode in oracle_episodes])
    return success * best / np.maximum(own, best)


def interval(success: np.ndarray, layouts: np.ndarray, rng: np.random.Generator) -> list[float]:
    """The 95 % interval [low, high] of the success rate over layouts.

    The percentile bootstrap: layouts are drawn anew with replacement, each with all of its episodes. Where all layouts
    have the same rate, as when nothing failed, every resample is the same and says nothing of the spread. Then it is
    the exact (Clopper-Pearson) interval that counts each layout as one trial: 100 layouts, no failure: [0.964, 1].

    Args:
        success: bool `[E]`.
        layouts: int64 `[E]`, which layout each episode was driven in.
        rng: draws the layouts.
    """
    _, group = np.unique(layouts, return_inverse=True)
    tried = np.bincount(group)
    solved = np.bincount(group, weights=success)
    n = len(tried)
    if np.all(solved * tried[0] == solved[0] * tried):
        return exact_interval(n * solved[0] / tried[0], n)
    rates = []
    for first in range(0, RESAMPLES, max(1, _CHUNK // n)):
        drawn = rng.integers(n, size=(min(max(1, _CHUNK // n), RESAMPLES - first), n))
        rates.append(solved[drawn].sum(axis=1) / tried[drawn].sum(axis=1))
    low, high = np.percentile(np.concatenate(rates), [2.5, 97.5])
    return [float(low), float(high)]


def exact_interval(solved: float, trials: int) -> list[float]:
    """The Clopper-Pearson 95 % interval of a rate."""
    low = beta.ppf(0.025, solved, trials - solved + 1) if solved > 0 else 0.0
    high = beta.ppf(0.975, solved + 1, trials - solved) if solved < trials else 1.0
    return [float(low), float(high)]


def write_json(summary: Summary, path: str | Path) -> None:
    """Write a summary as JSON, through a temporary file and a rename.

    Raises:
        MazenavError: if the file cannot be written.
    """
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(summary, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def print_table(summary: Summary, console: Console | None = None) -> None:
    """Print success, its interval and SPL by distance and overall, and the time a decision."""
    table = Table(title=f"{summary['agent']}: {summary['episodes']} episodes in {summary['layouts']} layouts")
    table.add_column("distance, cells")
    for column in ("episodes", "success", "95 % over layouts", "SPL"):
        table.add_column(column, justify="right")
    for part in summary["by_distance"]:
        reach = f"{part['from']} and more" if part["to"] is None else f"{part['from']} - {part['to']}"
        table.add_row(reach, *_row(part["episodes"], part["success_rate"], part["success_ci95"], part["spl"]))
    table.add_section()
    overall = _row(summary["episodes"], summary["success_rate"], summary["success_ci95"], summary["spl"])
    table.add_row("all", *overall, style="bold")
    taken = summary["decision_ms"]
    console = console or Console()
    console.print(table)
    console.print(
        f"oracle success {summary['oracle_success_rate']:.3f}; "
        f"a decision takes {taken['median']:.3f} ms (median), {taken['p99']:.3f} ms (99th percentile)",
        highlight=False,
    )


def _row(episodes: int, success_rate: float, success_ci95: Sequence[float], spl: float) -> tuple[str, str, str, str]:
    return str(episodes), f"{success_rate:.3f}", f"{success_ci95[0]:.3f} - {success_ci95[1]:.3f}", f"{spl:.3f}"


def _task(episode: Episode) -> tuple[Layout, tuple[int, ...], tuple[int, ...]]:
    return episode.layout, tuple(episode.start), tuple(episode.goal)
