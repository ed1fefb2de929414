"""Puts together the episodes that the processes of one evaluation drove."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mazenav.parallel import gathered, ranks
from mazenav.types import Episode

if TYPE_CHECKING:
    from mazenav.evaluation.protocol import Task


def everyones(episodes: Mapping[int, Episode], tasks: Sequence[Task]) -> list[Episode]:
    """The episodes of all tasks, in their order.

    Args:
        episodes: this process's, by the number of their task.
        tasks: those of all processes.
    """
    if ranks() == 1:
        return [episodes[number] for number in range(len(tasks))]
    own = list(episodes.values())
    facts = np.array([(n, len(e), e.terminated) for n, e in episodes.items()], np.int64).reshape(-1, 3)
    states = np.concatenate([np.zeros((0, 6), np.float32), *(episode.states for episode in own)])
    actions = np.concatenate([np.zeros(0, np.int64), *(episode.actions for episode in own)])
    found: dict[int, Episode] = {}
    for part in zip(gathered(facts), gathered(states), gathered(actions), strict=True):
        found.update(_rebuilt(*part, tasks))
    return [found[number] for number in range(len(tasks))]


def _rebuilt(facts: np.ndarray, states: np.ndarray, actions: np.ndarray, tasks: Sequence[Task]) -> dict[int, Episode]:
    """A process's episodes, by the number of their task.

    Args:
        facts: int64 `[E, 3]`, of each the task's number, its decisions, and whether it reached its goal.
        states: float32 `[sum of decisions + E, 6]`, one episode behind the other.
        actions: int64 `[sum of decisions]`.
        tasks: those of all processes.
    """
    ends = np.cumsum(facts[:, 1])
    driven = zip(
        facts, np.split(states, ends + np.arange(1, len(facts) + 1))[:-1], np.split(actions, ends)[:-1], strict=True
    )
    episodes = {}
    for (number, _, reached), own_states, own_actions in driven:
        task = tasks[number]
        episodes[int(number)] = Episode(
            layout=task.layout,
            start=task.start,
            goal=task.goal,
            states=own_states,
            actions=own_actions,
            terminated=bool(reached),
            truncated=not reached,
            limit=task.limit,
            distance=task.distance,
        )
    return episodes
