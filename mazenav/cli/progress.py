"""Progress bars on stderr: how much is done, how fast, and how long it will still take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text


class RateColumn(ProgressColumn):
    """Steps a second, or seconds a step where that reads better."""

    def render(self, task: Task) -> Text:
        """The rate as rich estimates it."""
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("-", style="progress.data.speed")
        words = f"{speed:,.1f}/s" if speed >= 1 else f"{1 / speed:,.1f} s each"
        return Text(words, style="progress.data.speed")


@contextmanager
def bar(purpose: str, unit: str) -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar for the time of the block.

    Args:
        purpose: what is being done.
        unit: what is counted.

    Yields:
        A function that takes how many are done, how many there are in all, and a note shown behind the bar.
    """
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
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(purpose, total=None, note="")

        def show(done: int, total: int, note: str = "") -> None:
            progress.update(task, completed=done, total=total, note=note)

        yield show
