"""Goals move away as they are reached, and tasks are what they say."""

from __future__ import annotations

import numpy as np
import pytest

from mazenav.layout.graph import check_task
from mazenav.layout.split import content_hash
from mazenav.rng import stream
from mazenav.sim.batch import Outcome, time_limit
from mazenav.training.curriculum import JUDGED, GrowingCollector, draw_task_within
from mazenav.training.tasks import draw_layout
from mazenav.types import Layout

CORRIDOR = Layout(np.array([[1] * 12, [1] + [0] * 10 + [1], [1] * 12], np.bool_))
NOBODY = Outcome(np.zeros(4, np.bool_), np.zeros(4, np.bool_))


def collector(nearest: int = 2, promotion: float = 0.8) -> GrowingCollector:
    return GrowingCollector(4, (5, 9), stream(0, "curriculum"), frozenset(), nearest, promotion)


@pytest.mark.parametrize("farthest", [1, 3, 50])
def test_distances_are_drawn_evenly_up_to_the_farthest(farthest: int) -> None:
    rng = stream(1, "tasks")
    tasks = [draw_task_within(CORRIDOR, farthest, rng) for _ in range(300)]
    found = []
    for task in tasks:
        assert task is not None
        distance = check_task(task.layout, task.start, task.goal)
        assert task.limit == time_limit(distance)
        found.append(distance)
    assert set(found) == set(range(1, min(farthest, 9) + 1)), "the corridor is ten cells long"


def test_no_task_begins_where_nothing_can_be_reached() -> None:
    lonely = np.ones((5, 5), np.bool_)
    assert draw_task_within(Layout(lonely), 3, stream(0)) is None
    lonely[2, 2] = False
    assert draw_task_within(Layout(lonely), 3, stream(0)) is None


def test_layouts_that_are_excluded_are_not_drawn() -> None:
    first = content_hash(draw_layout((5, 9), stream(0, "curriculum")))
    assert content_hash(collector().draw().layout) == first
    source = GrowingCollector(4, (5, 9), stream(0, "curriculum"), frozenset([first]), 2, 0.8)
    assert content_hash(source.draw().layout) != first


def end(source: GrowingCollector, reached: int, missed: int) -> None:
    """So many episodes with the farthest goal that there is end, four at a time at most."""
    source.batch.limits[:] = time_limit(source.farthest)
    for number in range(reached + missed):
        hit = np.arange(4) == 0
        source.note(Outcome(hit, NOBODY.timed_out) if number < reached else Outcome(NOBODY.reached, hit))


def test_the_farthest_goal_moves_on_when_enough_are_reached() -> None:
    source = collector()
    end(source, int(0.79 * JUDGED), JUDGED - int(0.79 * JUDGED))
    assert (source.farthest, source.judged) == (2, [])
    end(source, int(0.8 * JUDGED), JUDGED - int(0.8 * JUDGED) - 1)
    assert source.farthest == 2 and len(source.judged) == JUDGED - 1
    end(source, 0, 1)
    assert (source.farthest, source.judged) == (3, [])


def test_goals_near_by_do_not_count_for_it() -> None:
    source = collector(nearest=10)
    source.batch.limits[:] = time_limit(6)
    for _ in range(2 * JUDGED):
        source.note(Outcome(np.arange(4) == 0, NOBODY.timed_out))
    assert source.farthest == 10 and source.judged == []
    assert source.success() == 1.0


def test_it_does_not_move_beyond_what_there_is() -> None:
    source = collector(nearest=9 * 9 // 2)
    end(source, JUDGED, 0)
    assert source.farthest == 9 * 9 // 2


def test_a_restored_curriculum_goes_on() -> None:
    source, other = collector(), collector()
    source.renew()
    end(source, 30, 12)
    other.restore(source.state())
    assert (other.farthest, other.judged) == (source.farthest, source.judged)
    for one in (source, other):
        end(one, JUDGED - 42, 0)
        assert one.farthest == 3
