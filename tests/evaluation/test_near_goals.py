"""Local navigation: the protocol's tasks with goals that are near."""

from __future__ import annotations

import pytest

from mazenav.evaluation.protocol import make_tasks
from mazenav.layout.generate import generate
from mazenav.layout.graph import check_task
from mazenav.rng import stream
from mazenav.types import MazenavError

LAYOUTS = [generate(kind, (9, 12), stream(1, kind)) for kind in ("backtracker", "rooms", "clutter", "open")]


@pytest.mark.parametrize("farthest", [1, 5, 10_000])
def test_goals_are_as_near_as_asked(farthest: int) -> None:
    anywhere, near = make_tasks(LAYOUTS, 8, seed=2), make_tasks(LAYOUTS, 8, seed=2, farthest=farthest)
    assert [task.start for task in near] == [task.start for task in anywhere]
    assert all(task.distance == check_task(task.layout, task.start, task.goal) for task in near)
    assert max(task.distance for task in near) == min(farthest, max(task.distance for task in anywhere))
    assert (near == anywhere) == (farthest == 10_000)


def test_goals_must_be_somewhere() -> None:
    with pytest.raises(MazenavError, match="at least one cell away from their start, found at most 0"):
        make_tasks(LAYOUTS, 1, seed=2, farthest=0)
