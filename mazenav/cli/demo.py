"""`mazenav demo`: novel mazes made on the spot, an agent that has never seen them, and something to look at."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from tyro.conf import arg

from mazenav.agent.interface import Agent
from mazenav.cli.choices import BASELINES, at_least, check_writable, choose_agent
from mazenav.cli.evaluate import drive, measure
from mazenav.cli.report import origin, predicted_fields, spread
from mazenav.types import Episode, Layout, MazenavError

if TYPE_CHECKING:
    from mazenav.evaluation.protocol import Task

EXAMPLE = "mazenav demo --out demo"

KINDS = ("backtracker", "rooms", "clutter", "wide", "open")
"""What is driven through: the kinds that the shipped agents learn in."""
SHEET_TILES, FILM_PANELS = 24, 6
FILM_DECISIONS = (25, 130)
"""Episodes in the film: long enough to watch, and none so long that all others stand still meanwhile."""


@dataclass(frozen=True)
class Options:
    """Make novel mazes of five kinds, let an agent drive through them, and leave pictures, a film and a report."""

    out: Annotated[Path, arg(metavar="DIR")] = Path("demo")
    """Folder that everything goes to."""
    agent: Annotated[str, arg(metavar="AGENT")] = "mmn"
    """A shipped agent (mmn), a folder, oracle or random."""
    sizes: Annotated[tuple[int, ...], arg(metavar="INT...")] = (13, 25, 51)
    """Sides of the square mazes; of each larger size there are half as many."""
    layouts_per_kind: int = 8
    """Mazes of each kind at the smallest size."""
    episodes_per_layout: int = 2
    """Starts and goals drawn in each maze."""
    seed: Annotated[int | None, arg(metavar="INT", help_behavior_hint="(default: a new one each time)")] = None
    """The same seed makes the same mazes."""


def run(options: Options) -> None:
    """Make mazes, drive, and write what there is to see."""
    from mazenav.evaluation.metrics import print_table, write_json
    from mazenav.evaluation.protocol import make_tasks

    at_least("--layouts-per-kind", options.layouts_per_kind, 1)
    at_least("--episodes-per-layout", options.episodes_per_layout, 1)
    if not options.sizes:
        raise MazenavError("--sizes needs at least one size")
    seed = secrets.randbelow(10**6) if options.seed is None else options.seed
    at_least("--seed", seed, 0)
    layouts = novel_layouts(options.sizes, options.layouts_per_kind, seed)
    agent = choose_agent(options.agent)
    check_writable("--out", options.out)
    print(f"{len(layouts)} mazes that nobody has seen before, made with seed {seed}")
    tasks = make_tasks(layouts, options.episodes_per_layout, seed)
    summary, result = measure(agent, tasks, "true", seed)
    print_table(summary)
    numbers: dict[str, Any] = dict(summary)
    if options.agent not in BASELINES:
        numbers["controls"] = controls(agent, tasks, seed)
    write_json(summary, options.out / "results.json")
    film = show(tasks, result.episodes, options.out)
    show_report(agent, tasks, result.episodes, numbers, film, again(options, seed), options.out)
    print("\nSee for yourself:")
    for path in sorted(options.out.iterdir()):
        print(f"  {path}")


def novel_layouts(sizes: Sequence[int], per_kind: int, seed: int) -> list[Layout]:
    """Mazes of the kinds and sizes, drawn from the seed; half as many of each next size."""
    from mazenav.layout.generate import generate
    from mazenav.rng import stream

    layouts: list[Layout] = []
    for place, size in enumerate(sizes):
        for kind in KINDS:
            count = 1 if kind == "open" else max(1, per_kind >> place)  # all halls of a size are the same
            streams = [stream(seed, "demo", kind, size, index) for index in range(count)]
            layouts += [generate(kind, (size, size), rng) for rng in streams]
    return layouts


def controls(agent: Agent, tasks: Sequence[Task], seed: int) -> dict[str, dict[str, Any]]:
    """Success on the smallest mazes with maps that say nothing or mislead: an agent that trusts its map must fail.

    One that corrects its map is told to trust it for this, and then drives with a map that is wrong here and there.
    """
    from mazenav.agent.corrector import Corrector
    from mazenav.evaluation.metrics import summarise

    smallest = min(task.layout.shape for task in tasks)
    few = [task for task in tasks if task.layout.shape == smallest]
    given = {f"a {name} map instead of the true one": (agent, name) for name in ("blank", "shuffled")}
    if isinstance(agent, Corrector):
        given = {f"{words}, trusted": (agent.trusting(), name) for words, (_, name) in given.items()}
        given["a map that is wrong in a fifth of its cells"] = agent, "mixed:0.2"
    results = {}
    for words, (driver, name) in given.items():
        result = drive(driver, few, name, seed)
        # Success alone is wanted of a control, so it stands in for the oracle.
        summary = summarise(driver.name, result.episodes, result.episodes, result.decision_ms, seed)
        results[words] = {key: summary[key] for key in ("success_rate", "success_ci95")}
        print(f"with {words}: success {summary['success_rate']:.3f}")
    return results


def show(tasks: Sequence[Task], episodes: Sequence[Episode], out: Path) -> Path:
    """The picture sheet and the film; gives the film's GIF."""
    from mazenav.topdown.film import Film, save_film_everywhere
    from mazenav.topdown.picture_file import save_picture
    from mazenav.topdown.sheet import episode_sheet

    drawn = [episodes[number] for number in spread(tasks, SHEET_TILES)]
    captions = [f"{episode.layout.name.split('-')[0]}, {len(episode)} decisions" for episode in drawn]
    sheet = episode_sheet(drawn, captions, title="Mazes that the agent had never seen")
    save_picture(sheet, out / "sheet.png")
    watchable = [i for i, episode in enumerate(episodes) if FILM_DECISIONS[0] <= len(episode) <= FILM_DECISIONS[1]]
    numbers = watchable or list(range(len(tasks)))
    filmed = [episodes[numbers[place]] for place in spread([tasks[i] for i in numbers], FILM_PANELS)]
    kinds = [f"{episode.layout.name.split('-')[0]} {episode.layout.shape[0]}" for episode in filmed]
    return save_film_everywhere(Film(filmed, kinds), out, "film")[0].path


def show_report(
    agent: Agent,
    tasks: Sequence[Task],
    episodes: Sequence[Episode],
    numbers: dict[str, Any],
    film: Path,
    command: Sequence[object],
    out: Path,
) -> None:
    """The page with everything."""
    from mazenav.evaluation.report import write_report

    write_report(out, numbers, episodes, predicted_fields(agent, tasks, "true"), origin(command), film=film)


def again(options: Options, seed: int) -> list[object]:
    """The command line that does the same again."""
    counts = ["--layouts-per-kind", options.layouts_per_kind, "--episodes-per-layout", options.episodes_per_layout]
    return ["demo", "--out", options.out, "--agent", options.agent, "--sizes", *options.sizes, *counts, "--seed", seed]
