"""`mazenav rollout`: drive episodes and keep the trajectories."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, arg

from mazenav.cli.choices import at_least, check_writable, choose_agent, choose_tasks
from mazenav.cli.evaluate import drive
from mazenav.cli.simulations import BulletBody, Env, choose_simulation
from mazenav.types import MazenavError

EXAMPLE = "mazenav rollout base test-13 --max-layouts 20 --out episodes.npz"


@dataclass(frozen=True)
class Options:
    """Drive episodes in layouts and keep the trajectories as a NumPy archive (no pickle)."""

    agent: Annotated[Positional[str], arg(metavar="AGENT")]
    """A shipped agent (base), a folder, oracle or random."""
    layouts: Annotated[Positional[tuple[str, ...]], arg(metavar="LAYOUTS...", help_behavior_hint="(required)")] = ()
    """Shipped sets (test-13, test-25, test-51, train-20), files, folders or MovingAI scenarios."""
    out: Annotated[Path, arg(metavar="FILE.npz")] = Path("episodes.npz")
    """File that the episodes go to."""
    episodes_per_layout: int = 1
    """Starts and goals drawn in each layout."""
    simulations: Annotated[int | None, arg(metavar="INT", help_behavior_hint="(default: the agent's own)")] = None
    """Simulations of the tree search in each decision; 0 is the greedy policy."""
    seed: int = 0
    """Decides starts, goals and headings."""
    max_layouts: Annotated[int | None, arg(metavar="INT", help_behavior_hint="(default: all)")] = None
    """Of each set, file or folder only the first so many; of a scenario so many start-goal pairs."""
    map: Literal["true", "blank", "shuffled"] = "true"
    """The map that the agent is given: the true one, or one of two controls."""
    env: Env = "numba"
    """Physics: mazenav's own kernels, or rigid bodies in PyBullet (mazenav[bullet])."""
    body: Annotated[BulletBody | None, arg(metavar="{capsule,husky}", help_behavior_hint="(default: capsule)")] = None
    """Body in PyBullet: a capsule with the usual physics, or a four-wheeled robot."""


def run(options: Options) -> None:
    """Drive the episodes and write them."""
    from mazenav.evaluation.episode_file import save_episodes

    at_least("--episodes-per-layout", options.episodes_per_layout, 1)
    at_least("--seed", options.seed, 0)
    if options.out.suffix != ".npz":
        raise MazenavError(f"--out must name a file that ends in .npz, found {str(options.out)!r}")
    simulation = choose_simulation(options.env, options.body)
    agent = choose_agent(options.agent, options.simulations)
    tasks = choose_tasks(options.layouts, options.episodes_per_layout, options.seed, options.max_layouts)
    check_writable("--out", options.out.resolve().parent)
    result = drive(agent, tasks, options.map, options.seed, simulation)
    reached = sum(episode.terminated for episode in result.episodes)
    written = save_episodes(result.episodes, options.out)
    print(f"{reached} of {len(tasks)} episodes reached their goal; trajectories written to {written}")
