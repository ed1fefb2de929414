from __future__ import annotations

import math

import pytest

from mazenav.layout.graph import check_task
from mazenav.layout.split import content_hash
from mazenav.rng import stream
from mazenav.sim.batch import time_limit
from mazenav.training.tasks import KINDS, draw_layout, draw_task


@pytest.mark.parametrize("sizes", [(5, 5), (7, 15), (6, 21)])
def test_tasks_can_be_solved_and_keep_to_the_sizes(sizes: tuple[int, int]) -> None:
    rng = stream(0, "tasks")
    for _ in range(200):
        task = draw_task(sizes, rng)
        distance = check_task(task.layout, task.start, task.goal)
        assert distance >= 1 and task.limit == time_limit(distance)
        assert all(sizes[0] <= side <= sizes[1] for side in task.layout.shape)
        assert -math.pi <= task.yaw <= math.pi


def test_all_kinds_and_shapes_are_drawn() -> None:
    rng = stream(1, "tasks")
    layouts = [draw_layout((7, 15), rng) for _ in range(400)]
    assert {layout.source["generator"] for layout in layouts} == set(KINDS)
    assert {layout.shape[0] for layout in layouts} >= set(range(9, 16)), "odd sides and even ones"
    assert any(layout.shape[0] != layout.shape[1] for layout in layouts)
    assert len({content_hash(layout) for layout in layouts}) > 300


def test_the_draw_is_an_argument() -> None:
    drawn = [[draw_task((7, 9), rng) for _ in range(10)] for rng in (stream(2, "a"), stream(2, "a"), stream(2, "b"))]
    assert drawn[0] == drawn[1] and drawn[0] != drawn[2]
