"""Rows of a comparison, and the table that they make."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

LESS_IS_BETTER = ("s", "ms", "MiB", "relative error")
"""Units of times, sizes and errors; all others are rates."""


@dataclass(frozen=True)
class Row:
    """One kind of work, measured for us and for others in the same run.

    Attributes:
        work: what is done, with its size.
        unit: what is counted a second, such as `mazes/s`; or one of `LESS_IS_BETTER`.
        ours: our figure.
        others: figure by the name of the peer or reference.
        missing: why a peer has no figure, by its name.
        floor: the ratio to the best of `others`, or the figure itself where there are none, that must be met; None for
            a row that is only told.
        least: what our figure must be (at most, where less is better), whatever the ratio; None if nothing is asked.
    """

    work: str
    unit: str
    ours: float
    others: Mapping[str, float] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    floor: float | None = None
    least: float | None = None

    @property
    def less_is_better(self) -> bool:
        """Whether the figure is a time, a size or an error."""
        return self.unit in LESS_IS_BETTER

    @property
    def judged(self) -> str:
        """What is asked, and whether it is met: of our figure alone, and of us beside the best of the others."""
        least, ratio = self.least, self.floor if self.others else None
        if least is None and not self.others and not self.missing:
            least = self.floor
        verdicts = []
        if least is not None:
            met = self.ours <= least if self.less_is_better else self.ours >= least
            verdicts.append(f"{figure(least)}: {'met' if met else 'missed'}")
        if ratio is not None:
            met = min(map(self.ratio, self.others)) >= ratio
            verdicts.append(f"x {ratio:g}: {'met' if met else 'missed'}")
        return ", ".join(verdicts)

    def ratio(self, name: str) -> float:
        """How many times faster we are than `name`."""
        return self.others[name] / self.ours if self.less_is_better else self.ours / self.others[name]


def best_rate(work: Callable[[], int], repeats: int = 5) -> float:
    """Units a second of this process' own time in the best of some runs after one that warms up; `work` counts them."""
    work()
    rates = []
    for _ in range(repeats):
        begin = time.process_time()
        done = work()
        rates.append(done / max(time.process_time() - begin, 1e-9))
    return max(rates)


def machine() -> str:
    """What the figures were measured on, in words."""
    return f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def figure(value: float) -> str:
    """A figure to three digits."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def markdown(title: str, rows: Sequence[Row], note: str = "") -> str:
    """The table as Markdown: our figure, each peer's figure and ratio."""
    lines = [f"# {title}", "", f"Measured on {machine()}.", *([note] if note else []), ""]
    lines += ["| work | unit | mazenav | others (how many times faster mazenav is) | floor |", "|---|---|---|---|---|"]
    for row in rows:
        told = [f"{name} {figure(value)} (x {row.ratio(name):.2f})" for name, value in row.others.items()]
        told += [f"{name}: {why}" for name, why in row.missing.items()]
        lines.append(f"| {row.work} | {row.unit} | {figure(row.ours)} | {'; '.join(told)} | {row.judged} |")
    return "\n".join(lines) + "\n"
