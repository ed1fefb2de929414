"""What several sub-commands take from the command line: agents by name, layouts by name or path, whole numbers."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mazenav.agent.interface import Agent
from mazenav.types import Layout, MazenavError

if TYPE_CHECKING:
    from mazenav.evaluation.protocol import Task

BASELINES = ("oracle", "classic", "follower", "random")
STANDARD_INPUT = "-"


def choose_agent(name: str, simulations: int | None = None) -> Agent:
    """An agent by its name: `oracle`, `classic`, `follower`, `random`, a shipped agent or a folder.

    Raises:
        MazenavError: if there is no such agent, its folder cannot be read, or a baseline is asked to search.
    """
    if simulations is not None:
        at_least("--simulations", simulations, 0)
    if name in BASELINES:
        if simulations is not None:
            raise MazenavError(f"--simulations is for agents that plan with a learned model, and {name} has none")
        from mazenav.agent.baselines import Oracle, RandomAgent
        from mazenav.agent.classic import Classic
        from mazenav.agent.follower import Follower

        return {"oracle": Oracle, "classic": Classic, "follower": Follower, "random": RandomAgent}[name]()
    import torch

    from mazenav.agent.loading import load_agent

    # Networks this small gain little from more threads, and lose much where other work shares the cores.
    torch.set_num_threads(1)
    return load_agent(name, simulations=simulations)


def choose_layouts(specs: Sequence[str], most: int | None = None, format: str | None = None) -> list[Layout]:
    """The layouts of all the sets, files and folders named, in that order; of each set only the first `most`.

    The name `-` is standard input. Shipped sets are read as what they are, whatever the format.

    Raises:
        MazenavError: if none is named, one cannot be read, or `most` is not positive.
    """
    from mazenav.layout.sets import resolve_layouts

    if not specs:
        raise MazenavError("name at least one set, file or folder of layouts, such as test-13")
    if most is not None:
        at_least("--max-layouts", most, 1)
    check_format(format)
    if specs.count(STANDARD_INPUT) > 1:
        raise MazenavError("standard input (-) can be read only once")
    sets = (read_standard_input(format) if spec == STANDARD_INPUT else resolve_layouts(spec, format) for spec in specs)
    return [layout for layouts in sets for layout in layouts[:most]]


def check_format(format: str | None) -> None:
    """Raises MazenavError if a layout format is named and there is none of that name."""
    if format is not None:
        from mazenav.layout.formats.registry import format_by_name

        format_by_name(format)


def read_standard_input(format: str | None = None) -> list[Layout]:
    """The layouts that come through a pipe.

    Raises:
        MazenavError: if there are none, or they are in no format that can be read.
    """
    from mazenav.layout.formats.reading import parse_layouts
    from mazenav.layout.formats.source_file import MAX_BYTES

    content = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise MazenavError(f"standard input: more than {MAX_BYTES} bytes came, which is more than layouts may have")
    return parse_layouts(content, "standard input", format)


def choose_tasks(
    specs: Sequence[str],
    episodes_per_layout: int,
    seed: int,
    most: int | None = None,
    format: str | None = None,
    farthest: int | None = None,
) -> list[Task]:
    """What is driven in the sets, files and folders named: tasks drawn in layouts, then the pairs of scenarios.

    Args:
        specs: names of sets, layout files, folders, and MovingAI scenarios.
        episodes_per_layout: how many tasks are drawn in each layout; scenarios bring their own.
        seed: decides starts, goals and headings.
        most: of each set, file or folder only the first so many layouts, of a scenario so many pairs.
        format: of files and folders; by default it is told from the content of each. Scenarios need none.
        farthest: only tasks whose goal is at most so many cells from the start.

    Raises:
        MazenavError: if none is named, one cannot be read, or a number is not positive.
    """
    from mazenav.evaluation.protocol import make_tasks, scenario_tasks
    from mazenav.layout.sets import resolve_scenario

    scenarios = {spec: resolve_scenario(spec) for spec in specs}
    drawn_in = [spec for spec in specs if scenarios[spec] is None]
    tasks = []
    if drawn_in or not specs:
        tasks = make_tasks(choose_layouts(drawn_in, most, format), episodes_per_layout, seed, farthest)
    if most is not None:
        at_least("--max-layouts", most, 1)
    for spec in specs:
        scenario = scenarios[spec]
        if scenario is not None:
            found = scenario_tasks(scenario, seed, most, farthest)
            tasks += found
            left_out = len(scenario.pairs) - len(found)
            if left_out and most is None:
                why = "have no way" if farthest is None else f"have no way or one of more than {farthest} cells"
                print(f"{spec}: {left_out} of {len(scenario.pairs)} start-goal pairs {why} and are left out")
    return tasks


def at_least(option: str, value: int, least: int) -> None:
    """Raises MazenavError, naming the option, if `value` is below `least`."""
    if value < least:
        raise MazenavError(f"{option} must be at least {least}, found {value}")


def in_range(option: str, value: float, low: float, high: float) -> float:
    """The value, if it lies between `low` and `high`; else raises MazenavError, naming the option."""
    if not low <= value <= high:
        raise MazenavError(f"{option} must lie between {low:g} and {high:g}, found {value:g}")
    return value


def check_writable(option: str, folder: Path) -> None:
    """Make sure, before long work, that files can be written to a folder; makes it if there is none.

    Raises:
        MazenavError: naming the option, if they cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise MazenavError(f"{option}: files cannot be written to {folder}: {reason}") from error
