"""Subgoals lie on the way, as far on as they should, and nobody is sent back."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mazenav.layout.generate import generate
from mazenav.layout.graph import distances, sample_task, shortest_path
from mazenav.planner.subgoal import descend, is_passed, landmarks, next_landmark, next_subgoal
from mazenav.rng import stream

KINDS = ("backtracker", "rooms", "clutter", "wide", "open")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reach", [1, 2, 5, 400])
def test_down_a_true_field_lies_a_shortest_path(kind: str, reach: int) -> None:
    for seed in range(12):
        rng = stream(seed, kind)
        layout = generate(kind, (9 + seed, 21 - seed), rng)
        start, goal, distance = sample_task(layout, rng)
        steps = distances(layout.walls, goal)
        field = np.where(steps < 0, np.inf, steps)
        way = descend(field, start, reach)
        assert [field[cell] for cell in way] == list(range(distance, max(distance - reach, 0) - 1, -1))
        assert all(abs(a[0] - b[0]) + abs(a[1] - b[1]) == 1 for a, b in itertools.pairwise(way))
        assert way == shortest_path(layout.walls, start, goal)[: reach + 1]
        assert next_subgoal(field, start, goal, reach) == way[-1]


@given(st.integers(0, 10_000), st.integers(1, 9))
def test_down_any_field_everything_gets_lower(seed: int, reach: int) -> None:
    rng = np.random.default_rng(seed)
    field = rng.normal(size=(5, 7)).round(1)
    field[rng.random(field.shape) < 0.3] = rng.choice([np.inf, np.nan])
    start, goal = (int(rng.integers(5)), int(rng.integers(7))), (0, 0)
    way = descend(field, start, reach)
    values = [field[cell] for cell in way]
    assert way[0] == start and len(way) <= reach + 1
    assert all(b < a or (not np.isfinite(a) and np.isfinite(b)) for a, b in itertools.pairwise(values))
    if len(way) <= reach:
        row, column = way[-1]
        beside = [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
        inside = [field[r, c] for r, c in beside if 0 <= r < 5 and 0 <= c < 7]
        assert not any(value < values[-1] for value in inside)
    subgoal = next_subgoal(field, start, goal, reach)
    assert subgoal == (way[-1] if len(way) > 1 else goal)
    assert len(way) == 1 or not is_passed(field, start, subgoal, len(way) - 2)
    assert len(way) == 1 or is_passed(field, start, subgoal, len(way) - 1)


def test_where_the_field_leads_nowhere_the_subgoal_is_the_goal() -> None:
    dip = np.array([[3.0, 1.0, 3.0, 0.0]])
    assert next_subgoal(dip, (0, 1), (0, 3), 5) == (0, 3)
    assert next_subgoal(dip, (0, 0), (0, 3), 5) == (0, 1)
    assert next_subgoal(np.full((2, 2), np.inf), (0, 0), (1, 1), 5) == (1, 1)


def test_a_subgoal_is_passed_shortly_before_it_at_it_and_beyond_it() -> None:
    field = np.array([[4.0, 3.0, 2.0, 1.0, 0.0]])
    for ahead, passed in ((0, [0, 0, 1, 1, 1]), (1, [0, 1, 1, 1, 1]), (2, [1, 1, 1, 1, 1])):
        assert [is_passed(field, (0, column), (0, 2), ahead) for column in range(5)] == passed
    nowhere = np.array([[np.nan, 1.0]])
    assert not is_passed(nowhere, (0, 0), (0, 1), 0) and is_passed(nowhere, (0, 0), (0, 0), 0)


@given(st.integers(2, 40), st.integers(1, 50))
def test_landmarks_stand_on_the_path_and_end_at_the_goal(length: int, spacing: int) -> None:
    path = [(0, column) for column in range(length)]
    places = [path.index(landmark) for landmark in landmarks(path, spacing)]
    assert places[-1] == length - 1
    assert places[:-1] == list(range(spacing, length - 1, spacing))
    assert 0 < places[-1] - (places[-2] if len(places) > 1 else 0) <= spacing


@pytest.mark.parametrize(
    ("steps", "current", "expected"),
    [
        ([5, 10, 12], 0, 0),
        ([0, 5, 10], 0, 1),
        ([3, 2, 7], 0, 1),
        ([3, 3, 7], 0, 0),
        ([3, 9, 1], 0, 2),
        ([9, 0, 5, 2], 0, 3),
        ([9, 0, 5, 6], 0, 2),
        ([1, 4, 9], 1, 1),
        ([5, 5, 0], 2, 2),
        ([-1, -1, -1], 1, 1),
        ([4, -1, 6], 0, 0),
    ],
)
def test_the_next_landmark(steps: list[int], current: int, expected: int) -> None:
    assert next_landmark(steps, current) == expected


def test_driving_to_each_landmark_in_turn_is_the_path() -> None:
    for seed, kind in enumerate(KINDS):
        rng = stream(seed, kind)
        layout = generate(kind, (15, 15), rng)
        start, goal, distance = sample_task(layout, rng)
        ahead, current, cell, driven = landmarks(shortest_path(layout.walls, start, goal), 4), 0, start, 0
        while cell != goal:
            steps = distances(layout.walls, cell)
            before, current = current, next_landmark([int(steps[place]) for place in ahead], current)
            assert current >= before
            cell = shortest_path(layout.walls, cell, ahead[current])[1]
            driven += 1
        assert driven == distance
