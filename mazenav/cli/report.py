"""What a report holds besides numbers and episodes: what an agent makes of its maps, and how to repeat it."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mazenav import __version__
from mazenav.agent.interface import Agent, ReadsFields

if TYPE_CHECKING:
    from mazenav.evaluation.protocol import Task
    from mazenav.evaluation.report import DrawnField

FIELDS = 3
"""Predicted fields drawn in a report."""


def spread(tasks: Sequence[Task], count: int) -> list[int]:
    """At most `count` numbers of tasks, spread evenly over the sizes and the distances."""
    ranked = sorted(range(len(tasks)), key=lambda i: (tasks[i].layout.shape, tasks[i].distance))
    places = np.unique(np.linspace(0, len(ranked) - 1, min(count, len(ranked))).round().astype(int))
    return [ranked[place] for place in places]


def predicted_fields(agent: Agent, tasks: Sequence[Task], given_map: str) -> list[DrawnField]:
    """What the agent predicts for a few tasks, to be drawn; nothing for an agent that reads no map."""
    from mazenav.evaluation.protocol import context_of
    from mazenav.evaluation.report import DrawnField
    from mazenav.rng import stream

    if not isinstance(agent, ReadsFields):
        return []
    chosen = [tasks[number] for number in spread(tasks, FIELDS)]
    contexts = [context_of(task, given_map, stream(0, "field", i)) for i, task in enumerate(chosen)]
    agent.begin(contexts, [stream(0, "field", i) for i in range(len(chosen))])
    captions = [f"{task.layout.name}, {task.layout.shape[0]}x{task.layout.shape[1]}" for task in chosen]
    fields = zip(chosen, agent.read_fields(), captions, strict=True)
    return [DrawnField(task.layout, field, caption, goal=task.goal) for task, field, caption in fields]


def origin(arguments: Sequence[object]) -> dict[str, object]:
    """The command line that makes the report again, and with which versions it was made."""
    return {
        "command": shlex.join(["mazenav", *(str(argument) for argument in arguments)]),
        "mazenav": __version__,
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "machine": f"{platform.system()} {platform.machine()}",
    }
