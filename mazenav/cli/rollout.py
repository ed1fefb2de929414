"""`mazenav rollout`: drive episodes and keep the trajectories, a few in one file or millions of steps in shards."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, arg

from mazenav.agent.interface import Agent
from mazenav.cli.choices import BASELINES, at_least, check_writable, choose_agent, choose_layouts, choose_tasks
from mazenav.cli.evaluate import drive
from mazenav.cli.generate import read_settings
from mazenav.cli.progress import bar
from mazenav.cli.simulations import BulletBody, Env, choose_simulation
from mazenav.types import MazenavError

if TYPE_CHECKING:
    from mazenav.evaluation.collecting import Plan
    from mazenav.evaluation.task_source import TaskSource

EXAMPLE = "mazenav rollout follower --generate backtracker --shape 25 25 --steps 5000000 --noise 0.1 --out trajectories"
NO_END = "(default: no end)"
USUAL_SHAPE = (13, 13)
AT_ONCE = 1024
"""Episodes side by side in the compiled kernels."""


@dataclass(frozen=True)
class Options:
    """Drive episodes and keep the trajectories as NumPy archives (no pickle).

    In a file that ends in .npz, each layout given is driven once, or --episodes-per-layout times. In a folder, shards
    take millions of steps: new layouts of a kind (--generate), or the layouts given over and over, until there are
    --steps or --episodes. A run that was stopped goes on with --resume, to the same shards.
    """

    agent: Annotated[Positional[str], arg(metavar="AGENT")]
    """A shipped agent (mmn), a folder, oracle, follower (a quick script) or random."""
    layouts: Annotated[Positional[tuple[str, ...]], arg(metavar="LAYOUTS...", help_behavior_hint="(required)")] = ()
    """Shipped sets (test-13, -25, -51, -101, -labmaze, train-20), files, folders, MovingAI scenarios; or --generate."""
    out: Annotated[Path, arg(metavar="FILE.npz|DIR")] = Path("episodes.npz")
    """File that the episodes go to, or folder for shards."""
    generate: Annotated[str | None, arg(metavar="KIND", help_behavior_hint="(default: none)")] = None
    """Instead of layouts: a new one of this kind for every episode."""
    shape: Annotated[tuple[int, int] | None, arg(metavar="ROWS COLUMNS", help_behavior_hint="(default: 13 13)")] = None
    """With --generate: rows and columns."""
    set: Annotated[tuple[str, ...], arg(metavar="KNOB=VALUE...", help_behavior_hint="(default: none)")] = ()
    """With --generate: any knob of the kind, such as loop_ratio=0.2 corridor=2."""
    steps: Annotated[int | None, arg(metavar="INT", help_behavior_hint=NO_END)] = None
    """The episode with which there are so many decisions is the last."""
    episodes: Annotated[int | None, arg(metavar="INT", help_behavior_hint=NO_END)] = None
    """How many episodes."""
    resume: bool = False
    """Go on with what an earlier run left in the folder; damaged shards are made again."""
    noise: float = 0.0
    """Share of decisions that are left to chance, 0 to 1."""
    compress: bool = False
    """Deflate the shards: half the size or less, several times slower to write."""
    minari: Annotated[str | None, arg(metavar="ID", help_behavior_hint="(default: none)")] = None
    """When the shards are whole, make a Minari dataset of this name too, such as mazenav/random-v0."""
    episodes_per_layout: int = 1
    """Starts and goals drawn in each layout, where each is driven once."""
    simulations: Annotated[int | None, arg(metavar="INT", help_behavior_hint="(default: the agent's own)")] = None
    """Simulations of the tree search in each decision; 0 is the greedy policy."""
    seed: int = 0
    """Decides layouts, starts, goals, headings and all that the agent draws."""
    max_layouts: Annotated[int | None, arg(metavar="INT", help_behavior_hint="(default: all)")] = None
    """Of each set, file or folder only the first so many; of a scenario so many start-goal pairs."""
    format: Annotated[str | None, arg(metavar="NAME", help_behavior_hint="(default: told from the content)")] = None
    """Layout format of files and folders."""
    map: Annotated[str, arg(metavar="MAP")] = "true"
    """The map that the agent is given: true, one of the controls blank and shuffled, or KIND:STRENGTH, made wrong."""
    env: Env = "numba"
    """Physics: mazenav's own kernels, or rigid bodies in PyBullet (mazenav[bullet])."""
    body: Annotated[BulletBody | None, arg(metavar="{capsule,husky}", help_behavior_hint="(default: capsule)")] = None
    """Body in PyBullet: a capsule with the usual physics, or a four-wheeled robot."""
    cell_metres: Annotated[float | None, arg(metavar="FLOAT", help_behavior_hint="(default: 2.3)")] = None
    """How long a cell is for the husky, which is 1 m long, in metres."""


def run(options: Options) -> None:
    """Drive the episodes and write them."""
    from mazenav.evaluation.given import parse_given_map

    for name, value, least in (
        ("--episodes-per-layout", options.episodes_per_layout, 1),
        ("--seed", options.seed, 0),
        ("--steps", options.steps, 1),
        ("--episodes", options.episodes, 1),
    ):
        if value is not None:
            at_least(name, value, least)
    parse_given_map(options.map)
    if options.out.suffix == ".npz":
        write_file(options)
    else:
        write_shards(options)


def write_file(options: Options) -> None:
    """All episodes into one file."""
    from mazenav.evaluation.episode_file import save_episodes

    for_folders = ("generate", "shape", "set", "steps", "episodes", "resume", "compress", "minari")
    given = [name for name in for_folders if getattr(options, name) not in (None, False, ())]
    if given:
        raise MazenavError(f"--{given[0]} is for shards: --out must name a folder, found {str(options.out)!r}")
    simulation = choose_simulation(options.env, options.body, options.cell_metres)
    agent = noisy(choose_agent(options.agent, options.simulations), options.noise)
    tasks = choose_tasks(
        options.layouts, options.episodes_per_layout, options.seed, options.max_layouts, options.format
    )
    check_writable("--out", options.out.resolve().parent)
    result = drive(agent, tasks, options.map, options.seed, simulation)
    reached = sum(episode.terminated for episode in result.episodes)
    written = save_episodes(result.episodes, options.out)
    print(f"{reached} of {len(tasks)} episodes reached their goal; trajectories written to {written}")


def write_shards(options: Options) -> None:
    """Shards into a folder, then the Minari dataset."""
    from mazenav.evaluation.collecting import collect
    from mazenav.evaluation.trajectories import open_trajectories

    if options.out.suffix[1:].isalpha() and not options.out.is_dir():
        raise MazenavError(f"--out must name a file that ends in .npz or a folder, found {str(options.out)!r}")
    if options.minari is not None:
        from mazenav.evaluation.minari_export import check_dataset_id

        check_dataset_id(options.minari)
    plan = plan_of(options)
    check_writable("--out", options.out.resolve())
    try:
        with bar(f"{plan.agent.name} drives", "steps" if plan.steps is not None else "episodes") as show:
            index = collect(options.out, plan, options.resume, told(plan, show))
    except KeyboardInterrupt:
        print(f"mazenav: what is whole is in {options.out}; --resume goes on from there", file=sys.stderr)
        raise
    said = f"{index.steps:,} steps of {index.episodes:,} episodes"
    print(f"{said}, {index.reached:,} of which reached their goal, in {len(index.shards):,} shards in {options.out}")
    if options.minari is not None:
        from mazenav.evaluation.minari_export import dataset_path, export_to_minari

        with bar("Minari dataset", "episodes") as show:
            export_to_minari(
                open_trajectories(options.out), options.minari, progress=lambda done, total: show(done, total, "")
            )
        print(f"Minari dataset {options.minari} written to {dataset_path(options.minari)}")


def plan_of(options: Options) -> Plan:
    """What the options ask to be collected."""
    from mazenav.evaluation.collecting import Plan

    source = source_of(options)
    simulation = choose_simulation(options.env, options.body, options.cell_metres)
    agent = choose_agent(options.agent, options.simulations)
    description: dict[str, object] = {"name": agent.name, "noise": options.noise}
    if options.agent not in BASELINES:
        from mazenav.agent.fingerprint import fingerprint

        description |= fingerprint(agent)
    return Plan(
        agent=noisy(agent, options.noise),
        agent_description=description,
        source=source,
        seed=options.seed,
        steps=options.steps,
        episodes=options.episodes,
        given_map=options.map,
        compressed=options.compress,
        world=simulation.world,
        world_name=simulation.label or options.env,
        batch_size=simulation.at_once if simulation.label else AT_ONCE,
    )


def source_of(options: Options) -> TaskSource:
    """Where tasks come from.

    Raises:
        MazenavError: if options do not go together, or as what reads or makes layouts.
    """
    from mazenav.evaluation.task_source import FreshTasks, GivenTasks, ListedTasks
    from mazenav.layout.sets import resolve_scenario

    has_end = options.steps is not None or options.episodes is not None
    if options.generate is not None:
        if options.layouts:
            raise MazenavError(f"--generate makes layouts anew: leave out {options.layouts[0]!r}, or --generate")
        if not has_end:
            raise MazenavError("--generate makes layouts without end: say how many --steps or --episodes")
        return FreshTasks(options.generate, options.shape or USUAL_SHAPE, options.seed, read_settings(options.set))
    if options.shape is not None or options.set:
        raise MazenavError(f"--{'shape' if options.shape is not None else 'set'} goes with --generate")
    if not has_end or any(resolve_scenario(spec) is not None for spec in options.layouts):
        tasks = choose_tasks(
            options.layouts, options.episodes_per_layout, options.seed, options.max_layouts, options.format
        )
        return ListedTasks(tasks)
    if options.episodes_per_layout != 1:
        raise MazenavError("--episodes-per-layout has no meaning where layouts are driven until there are enough steps")
    return GivenTasks(choose_layouts(options.layouts, options.max_layouts, options.format), options.seed)


def noisy(agent: Agent, share: float) -> Agent:
    """The agent, with a share of its decisions left to chance."""
    if share == 0:
        return agent
    from mazenav.agent.noisy import Noisy

    return Noisy(agent, share)


def told(plan: Plan, show: Callable[[int, int | None, str], None]) -> Callable[[int, int, int], None]:
    """What moves the bar as steps, episodes and those that reached their goal grow."""

    def tell(steps: int, episodes: int, reached: int) -> None:
        if plan.steps is not None:
            show(min(steps, plan.steps), plan.steps, f"{episodes:,} episodes, {reached:,} reached")
        else:
            show(episodes, plan.episodes, f"{steps:,} steps, {reached:,} reached")

    return tell
