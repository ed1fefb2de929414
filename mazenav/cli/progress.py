"""Progress on stderr: how much is done, how fast, and how long it will still take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from mazenav.parallel import leads

SECONDS_BETWEEN = 30.0
"""How often progress is told where there is no terminal that could show a bar."""

Show = Callable[[int, int | None, str], None]
"""Takes how many are done, how many there are in all (None if that is open), and a note."""


class RateColumn(ProgressColumn):
    """Steps a second, or seconds a step where that reads better."""

    def render(self, task: Task) -> Text:
        """The rate as rich estimates it."""
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("-", style="progress.data.speed")
        words = f"{speed:,.1f}/s" if speed >= 1 else f"{1 / speed:,.1f} s each"
        return Text(words, style="progress.data.speed")


def unseen(done: int, total: int | None, note: str = "") -> None:
    """Shows nothing: where processes share a run, the first one tells."""


@contextmanager
def bar(purpose: str, unit: str) -> Iterator[Show]:
    """A progress bar for the time of the block; where there is no terminal, a line every half a minute.

    Args:
        purpose: what is being done.
        unit: what is counted.
    """
    if not leads():
        yield unseen
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        RateColumn(),
        TextColumn("ETA"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lines(purpose, unit, lambda line: console.print(line, markup=False, highlight=False, soft_wrap=True))
        return
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(purpose, total=None, note="")

        def show(done: int, total: int | None, note: str = "") -> None:
            progress.update(task, completed=done, total=total, note=note)

        yield show


def lines(purpose: str, unit: str, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> Show:
    """Tells progress a line at a time, the first when `SECONDS_BETWEEN` are over."""
    began = told = clock()
    first: int | None = None

    def show(done: int, total: int | None, note: str = "") -> None:
        nonlocal told, first
        first = done if first is None else first  # what an earlier run had done tells nothing of the rate
        now = clock()
        if now - told < SECONDS_BETWEEN:
            return
        told = now
        rate = (done - first) / (now - began)
        words = [f"{purpose}: {done:,}{f' of {total:,}' if total else ''} {unit}"]
        words += [f"{rate:,.1f}/s" if rate >= 1 or not rate else f"{1 / rate:,.1f} s each"]
        if total and rate:
            minutes, seconds = divmod(round(max(0, total - done) / rate), 60)
            words += [f"ETA {minutes // 60}:{minutes % 60:02d}:{seconds:02d}"]
        write(", ".join([*words, *([note] if note else [])]))

    return show
