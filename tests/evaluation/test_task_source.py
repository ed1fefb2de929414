"""Tasks without end: each depends on its number alone, and can be driven."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mazenav.evaluation.protocol import Task, make_tasks
from mazenav.evaluation.task_source import FreshTasks, GivenTasks, ListedTasks, TaskSource
from mazenav.layout.generate import GENERATORS, generate, make_again
from mazenav.layout.graph import check_task
from mazenav.rng import stream
from mazenav.types import Layout, LayoutError, MazenavError


def taken(source: TaskSource, first: int, count: int) -> list[Task]:
    return list(islice(source.tasks(first), count))


LAYOUTS = [generate("backtracker", shape, stream(0, *shape)) for shape in ((7, 7), (5, 9), (9, 9))]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 600), st.integers(1, 40), st.integers(0, 2**32))
def test_a_task_depends_on_its_number_alone(first: int, count: int, seed: int) -> None:
    for source in (FreshTasks("kruskal", (5, 7), seed), GivenTasks(LAYOUTS, seed)):
        whole = taken(source, 0, first + count)
        assert taken(source, first, count) == whole[first:]


@pytest.mark.parametrize("kind", GENERATORS)
def test_fresh_tasks_can_be_driven_in_layouts_that_can_be_made_again(kind: str) -> None:
    tasks = taken(FreshTasks(kind, (9, 11), 3), 0, 20)
    for task in tasks:
        assert task.distance == check_task(task.layout, task.start, task.goal) >= 1
        assert task.limit == 20 + 12 * task.distance
        assert make_again(task.layout.source) == task.layout
    assert len({task.yaw for task in tasks}) == len(tasks)
    others = taken(FreshTasks(kind, (9, 11), 4), 0, 20)
    assert [task.yaw for task in tasks] != [task.yaw for task in others]


def test_the_first_round_in_given_layouts_is_that_of_an_evaluation() -> None:
    tasks = taken(GivenTasks(LAYOUTS, 7), 0, 7)
    assert tasks[:3] == make_tasks(LAYOUTS, 1, 7)
    assert [task.layout for task in tasks] == [*LAYOUTS, *LAYOUTS, LAYOUTS[0]]
    assert len({task.yaw for task in tasks}) == 7


def test_listed_tasks_come_once() -> None:
    tasks = make_tasks(LAYOUTS, 2, 0)
    assert taken(ListedTasks(tasks), 0, 99) == tasks
    assert taken(ListedTasks(tasks), 4, 99) == tasks[4:]


def test_descriptions_tell_sources_apart() -> None:
    other = [*LAYOUTS[:2], generate("backtracker", (9, 9), stream(1))]
    sources: list[TaskSource] = [
        FreshTasks("kruskal", (5, 7), 0),
        FreshTasks("prim", (5, 7), 0),
        FreshTasks("prim", (7, 7), 0),
        FreshTasks("prim", (7, 7), 0, {"loop_ratio": 0.5}),
        GivenTasks(LAYOUTS, 0),
        GivenTasks(other, 0),
        ListedTasks(make_tasks(LAYOUTS, 1, 0)),
        ListedTasks(make_tasks(LAYOUTS, 2, 0)),
        ListedTasks(make_tasks(LAYOUTS, 2, 1)),
    ]
    assert len({repr(source.description()) for source in sources}) == len(sources)


def test_what_cannot_be_used_shows_at_once() -> None:
    with pytest.raises(LayoutError, match="no generator is called 'x'"):
        FreshTasks("x", (5, 5), 0)
    with pytest.raises(LayoutError, match="found"):
        FreshTasks("prim", (2, 5), 0)
    with pytest.raises(LayoutError, match="no parameter 'y'"):
        FreshTasks("prim", (5, 5), 0, {"y": 1})
    with pytest.raises(MazenavError, match="at least one layout"):
        GivenTasks([], 0)
    with pytest.raises(LayoutError, match="no two connected free cells"):
        GivenTasks([Layout(np.ones((4, 4), np.bool_))], 0)
