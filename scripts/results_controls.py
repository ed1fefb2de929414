"""Does an agent read its map, and how far does it foresee? Tables of docs/results/controls.md.

Example: python scripts/results_controls.py runs/mmn-0 runs/mmn-1 --out docs/results

With a blank map, and with that of another layout, success must fall where an agent takes the map at its word; one that
mends its map explores. Open-loop error is how far the body is from where the transition network said it would be, some
decisions before. Rows that controls.json holds of the same weights and tasks are not measured again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from mazenav.agent.baselines import Oracle
from mazenav.agent.corrector import Corrector
from mazenav.agent.fingerprint import fingerprint
from mazenav.agent.interface import Agent
from mazenav.agent.loading import load_agent
from mazenav.agent.navigator import Navigator
from mazenav.evaluation.comparison import spread
from mazenav.evaluation.measured import Measured, Row
from mazenav.evaluation.metrics import path_weights
from mazenav.evaluation.open_loop import Actions, open_loop
from mazenav.evaluation.protocol import make_tasks, run_tasks
from mazenav.files import write_text_whole
from mazenav.layout.sets import load_set

SEED, SET = 0, "test-13"
GIVEN = ("true", "blank", "shuffled")
STEPS = (1, 5, 10, 20)
WHO: tuple[Actions, ...] = ("policy", "uniform", "held")


def drive(agent: Agent, given: str) -> Row:
    """Success, SPL and decisions with one kind of map."""
    tasks = make_tasks(load_set(SET), 1, SEED)
    episodes = run_tasks(agent, tasks, given_map=given, seed=SEED).episodes
    oracle = run_tasks(Oracle(), tasks).episodes
    return {
        "success": float(np.mean([episode.terminated for episode in episodes])),
        "SPL": float(path_weights(episodes, oracle).mean()),
        "decisions": float(np.mean([len(episode) for episode in episodes])),
    }


def foresee(agent: Navigator, actions: Actions) -> Row:
    """Mean open-loop error in cells after some decisions."""
    error = open_loop(agent, load_set(SET), max(STEPS), SEED, actions=actions).error
    return {str(step): float(error[:, step].mean()) for step in STEPS}


def results_of(folder: Path, measured: Measured) -> dict[str, Row]:
    """Everything about one trained agent."""
    agent, greedy = load_agent(folder), load_agent(folder, simulations=0)
    assert isinstance(agent, Navigator) and isinstance(greedy, Navigator), f"{folder} holds another kind of agent"
    drivers: dict[str, Agent] = {"": agent}
    if isinstance(agent, Corrector):
        drivers[", trusted"] = agent.trusting()
    drivers[", trusted, no search"] = greedy.trusting() if isinstance(greedy, Corrector) else greedy
    rows = {}
    for suffix, driver in drivers.items():
        for given in GIVEN:
            made_of = {**fingerprint(driver), "seed": SEED}
            name = f"{given} map{suffix}"
            rows[name] = measured.row(f"{folder} | {name}", made_of, lambda d=driver, g=given: drive(d, g))  # type: ignore[misc]
            print(folder, name, {k: round(v, 4) for k, v in rows[name].items() if isinstance(v, float)}, flush=True)
    for actions in WHO:
        name = f"{actions} actions"
        made_of = {**fingerprint(greedy), "seed": SEED}
        rows[name] = measured.row(f"{folder} | {name}", made_of, lambda a=actions: foresee(greedy, a))  # type: ignore[misc]
    return rows


def tables(found: list[dict[str, Row]]) -> str:
    """Markdown: what was driven, and what was foreseen."""
    lines = ["| given map | success | SPL | decisions |", "|---|---|---|---|"]
    for name in (name for name in found[0] if " map" in name):
        cells = [spread([rows[name][column] for rows in found]) for column in ("success", "SPL", "decisions")]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += ["", f"| open-loop error, cells, after | {' | '.join(map(str, STEPS))} decisions |", "|---" * 5 + "|"]
    for actions in WHO:
        cells = [spread([rows[f"{actions} actions"][str(step)] for rows in found]) for step in STEPS]
        lines.append(f"| {actions} actions | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure what is not measured yet and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("agents", nargs="+", type=Path, help="folders of trained agents, one a training seed")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    measured = Measured(options.out / "controls.json")
    text = tables([results_of(folder, measured) for folder in options.agents])
    heading = (
        "# Controls\n\n"
        f"{measured.origin()}: {len(options.agents)} training seeds (lowest - highest), one task\n"
        f"in each layout of `{SET}`, tasks of seed {SEED}.\n\n"
    )
    write_text_whole(options.out / "controls.md", heading + text)
    print(text)


if __name__ == "__main__":
    main()
