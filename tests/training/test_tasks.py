from __future__ import annotations

import math

import pytest

from mazenav.layout.graph import check_task
from mazenav.layout.split import content_hash
from mazenav.rng import stream
from mazenav.sim.batch import time_limit
from mazenav.training.tasks import KINDS, draw_layout, draw_task, held_out, training_set
from mazenav.types import MazenavError


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


def test_a_training_set_shares_no_layout_with_the_tests() -> None:
    layouts = training_set("train-20", 15)
    assert len(layouts) == 20
    assert not {content_hash(layout) for layout in layouts} & held_out()


@pytest.mark.parametrize(
    ("name", "largest", "said"),
    [
        ("test-13", 15, "layout test-13-0000 of set test-13 is held out for tests"),
        ("train-20", 11, "layout train-20-0000 of set train-20 has 13 x 13 cells, expected at most 11 x 11"),
        ("train-21", 15, "no shipped set of layouts is called 'train-21'"),
    ],
)
def test_a_set_that_cannot_be_trained_on_is_refused(name: str, largest: int, said: str) -> None:
    with pytest.raises(MazenavError, match=said):
        training_set(name, largest)
