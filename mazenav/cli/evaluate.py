"""`mazenav evaluate`: how well an agent navigates layouts that it has never seen."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, arg

from mazenav.agent.hierarchical import REACH, SubgoalSource, hierarchical
from mazenav.agent.interface import Agent
from mazenav.cli.choices import at_least, check_writable, choose_agent, choose_tasks, in_range
from mazenav.cli.progress import bar
from mazenav.cli.report import origin, predicted_fields
from mazenav.cli.simulations import NUMBA, BulletBody, Env, Simulation, choose_simulation
from mazenav.parallel import joined, leads
from mazenav.types import MazenavError

if TYPE_CHECKING:
    from mazenav.evaluation.given import PoseNoise
    from mazenav.evaluation.metrics import Summary
    from mazenav.evaluation.protocol import RunResult, Task

EXAMPLE = "mazenav evaluate mmn test-13 --episodes-per-layout 1 --json results.json --report report"


@dataclass(frozen=True)
class Options:
    """Drive an agent through layouts; print success and SPL by distance, with intervals over layouts."""

    agent: Annotated[Positional[str], arg(metavar="AGENT")]
    """A shipped agent (mmn), a folder, oracle, classic (plans on the map, knows the physics), follower or random."""
    layouts: Annotated[Positional[tuple[str, ...]], arg(metavar="LAYOUTS...", help_behavior_hint="(required)")] = ()
    """Shipped sets (test-13, -25, -51, -101, -labmaze, train-20), files, folders or MovingAI scenarios."""
    episodes_per_layout: int = 1
    """Starts and goals drawn in each layout."""
    simulations: Annotated[int | None, arg(metavar="INT", help_behavior_hint="(default: the agent's own)")] = None
    """Simulations of the tree search in each decision; 0 is the greedy policy."""
    seed: int = 0
    """Decides starts, goals and headings."""
    max_layouts: Annotated[int | None, arg(metavar="INT", help_behavior_hint="(default: all)")] = None
    """Of each set, file or folder only the first so many; of a scenario so many start-goal pairs."""
    format: Annotated[str | None, arg(metavar="NAME", help_behavior_hint="(default: told from the content)")] = None
    """Layout format of files and folders."""
    map: Annotated[str, arg(metavar="MAP")] = "true"
    """The map that the agent is given: true, one of the controls blank and shuffled, or one made wrong: KIND:STRENGTH
    such as mixed:0.2 (the kinds of `mazenav render --perturb`)."""
    trust_map: bool = False
    """Take the map at its word: an agent that corrects its map in the run does not do so."""
    start_noise: float = 0.0
    """Standard deviation in cells of the error of where the agent thinks it is, the same for a whole episode."""
    pose_noise: float = 0.0
    """Standard deviation of the error that each decision adds: cells in place, radians in heading."""
    goals_within: Annotated[int | None, arg(metavar="INT", help_behavior_hint="(default: any distance)")] = None
    """Local navigation: only goals at most so many cells from their start, along a shortest path."""
    subgoals: Annotated[
        SubgoalSource | None, arg(metavar="{field,landmarks}", help_behavior_hint="(default: none)")
    ] = None
    """Hierarchical navigation: drive through subgoals of the agent's own field or, to compare, through landmarks of the
    true path."""
    subgoal_distance: Annotated[int | None, arg(metavar="INT", help_behavior_hint="(default: 5)")] = None
    """Cells from a subgoal to the next."""
    env: Env = "numba"
    """Physics: mazenav's own kernels, or rigid bodies in PyBullet (mazenav[bullet])."""
    body: Annotated[BulletBody | None, arg(metavar="{capsule,husky}", help_behavior_hint="(default: capsule)")] = None
    """Body in PyBullet: a capsule with the usual physics, or a four-wheeled robot."""
    cell_metres: Annotated[float | None, arg(metavar="FLOAT", help_behavior_hint="(default: 2.3)")] = None
    """How long a cell is for the husky, which is 1 m long, in metres."""
    json: Annotated[Path | None, arg(metavar="FILE", help_behavior_hint="(default: none)")] = None
    """Write the numbers as JSON."""
    report: Annotated[Path | None, arg(metavar="DIR", help_behavior_hint="(default: none)")] = None
    """Write a self-contained HTML page with table, curves and drawn episodes."""


def run(options: Options) -> None:
    """Drive agent and oracle over the same tasks, then print and write what came of it; torchrun's share it."""
    with joined():
        evaluate(options)


def evaluate(options: Options) -> None:
    """What `run` does, within the processes that share it."""
    from mazenav.evaluation.given import PoseNoise, parse_given_map
    from mazenav.evaluation.metrics import print_table, write_json
    from mazenav.evaluation.report import write_report

    at_least("--episodes-per-layout", options.episodes_per_layout, 1)
    at_least("--seed", options.seed, 0)
    parse_given_map(options.map)
    noise = PoseNoise(
        in_range("--start-noise", options.start_noise, 0, 1), in_range("--pose-noise", options.pose_noise, 0, 1)
    )
    if options.goals_within is not None:
        at_least("--goals-within", options.goals_within, 1)
    simulation = choose_simulation(options.env, options.body, options.cell_metres)
    agent = choose_agent(options.agent, options.simulations)
    agent = guided(trusting(agent) if options.trust_map else agent, options.subgoals, options.subgoal_distance)
    tasks = choose_tasks(
        options.layouts,
        options.episodes_per_layout,
        options.seed,
        options.max_layouts,
        options.format,
        options.goals_within,
    )
    if options.json is not None:
        if options.json.is_dir():
            raise MazenavError(f"--json: {options.json} is a folder, expected a file")
        check_writable("--json", options.json.resolve().parent)
    if options.report is not None:
        check_writable("--report", options.report)
    summary, result = measure(agent, tasks, options.map, options.seed, simulation, noise)
    if not leads():
        return
    print_table(summary)
    if options.json is not None:
        write_json(summary, options.json)
        print(f"numbers: {options.json}")
    if options.report is not None:
        fields = predicted_fields(agent, tasks, options.map)
        page = write_report(options.report, summary, result.episodes, fields, origin(arguments(options)))
        print(f"report: {page}")


def trusting(agent: Agent) -> Agent:
    """An agent that takes its map at its word, of one that does not.

    Raises:
        MazenavError: if it did so anyway.
    """
    from mazenav.agent.corrector import Corrector

    if not isinstance(agent, Corrector):
        raise MazenavError(f"--trust-map is for agents that correct their maps, and {agent.name} does not")
    return agent.trusting()


def guided(agent: Agent, subgoals: SubgoalSource | None, distance: int | None) -> Agent:
    """The agent, driven through subgoals if there are to be any.

    Raises:
        MazenavError: if the agent has no field to give them, or their distance makes no sense.
    """
    if subgoals is None:
        if distance is not None:
            raise MazenavError("--subgoal-distance needs --subgoals field or --subgoals landmarks")
        return agent
    reach = REACH if distance is None else distance
    at_least("--subgoal-distance", reach, 1)
    return hierarchical(agent, subgoals, reach)


def arguments(options: Options) -> list[object]:
    """The command line that the options came from, defaults left out."""
    line: list[object] = ["evaluate", options.agent, *options.layouts]
    for field in dataclasses.fields(options):
        value = getattr(options, field.name)
        if field.name not in ("agent", "layouts", "report") and value != field.default:
            line += [f"--{field.name.replace('_', '-')}", *([] if value is True else [value])]
    return [*line, "--report", options.report]


def measure(
    agent: Agent,
    tasks: Sequence[Task],
    given_map: str,
    seed: int,
    simulation: Simulation = NUMBA,
    noise: PoseNoise | None = None,
) -> tuple[Summary, RunResult]:
    """An agent's numbers against the oracle on the same tasks, and what it drove.

    The oracle drives in mazenav's own kernels whatever the simulation: its decisions are the task's length, by which
    results in all physics are measured alike.
    """
    from mazenav.evaluation.metrics import summarise

    result = drive(agent, tasks, given_map, seed, simulation, noise)
    is_reference = agent.name == "oracle" and simulation is NUMBA
    oracle = result if is_reference else drive(choose_agent("oracle"), tasks, "true", seed)
    name = f"{agent.name} ({simulation.label})" if simulation.label else agent.name
    return summarise(name, result.episodes, oracle.episodes, result.decision_ms, seed), result


def drive(
    agent: Agent,
    tasks: Sequence[Task],
    given_map: str,
    seed: int,
    simulation: Simulation = NUMBA,
    noise: PoseNoise | None = None,
) -> RunResult:
    """Run the tasks behind a progress bar."""
    from mazenav.evaluation.given import EXACT
    from mazenav.evaluation.protocol import run_tasks

    with bar(f"{agent.name} drives", "episodes") as show:
        return run_tasks(
            agent,
            tasks,
            given_map=given_map,
            seed=seed,
            batch_size=simulation.at_once,
            world=simulation.world,
            noise=EXACT if noise is None else noise,
            progress=lambda done, total, reached: show(done, total, f"{reached} reached"),
        )
