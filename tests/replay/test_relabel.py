from __future__ import annotations

import numpy as np
import pytest

from mazenav.replay.relabel import approach, relabel, relabel_elsewhere, towards
from mazenav.replay.segment import Segments
from mazenav.topdown.occupancy import cells_to_world, world_to_cells
from mazenav.types import GOAL_RADIUS
from tests.replay.driving import driven


@pytest.fixture(scope="module")
def old() -> Segments:
    return driven(0, agents=200, steps=24, rounds=2)


@pytest.fixture(scope="module")
def new(old: Segments) -> Segments:
    return relabel(old, np.random.default_rng(1))


def centres(segments: Segments) -> np.ndarray:
    return cells_to_world(segments.goals, segments.maps.shape[1])


def test_approach_by_hand() -> None:
    """One way past the goal at a distance of 1, one that stops short of it by 2, one that stands still."""
    states = np.zeros((1, 4, 6), np.float32)
    states[0, :, 0] = [0, 4, 6, 6]
    assert approach(states, np.array([[2.0, 1.0]]))[0, 0] == 1
    assert approach(states, np.array([[8.0, 0.0]]))[0].tolist() == [4, 2, 2]


def test_approach_equals_the_nearest_of_many_points() -> None:
    rng = np.random.default_rng(0)
    states, goals = rng.normal(size=(20, 5, 6)), rng.normal(size=(20, 2))
    share = np.linspace(0, 1, 2001)[:, None]
    found = approach(states, goals)
    for n, step in np.ndindex(20, 4):
        points = (1 - share) * states[n, step, :2] + share * states[n, step + 1, :2]
        assert found[n, step] == pytest.approx(np.linalg.norm(points - goals[n], axis=1).min(), abs=1e-3)


def test_the_goal_is_reached_where_it_is_marked_and_nowhere_before(new: Segments) -> None:
    near = approach(new.states, centres(new)) < GOAL_RADIUS
    np.testing.assert_array_equal(new.reached, near & new.valid)
    assert new.reached.any(axis=1).mean() > 0.3, "most segments come by something"


def test_nothing_counts_behind_the_goal(new: Segments) -> None:
    assert (new.reached.sum(axis=1) <= 1).all()
    behind = np.cumsum(new.reached, axis=1) - new.reached > 0
    assert behind.any() and not (behind & new.valid).any()
    assert (np.diff(new.valid.astype(int), axis=1) <= 0).all(), "valid decisions come first"


def test_no_segment_starts_within_its_goal(new: Segments) -> None:
    inside = np.linalg.norm(new.states[:, 0, :2] - centres(new), axis=1) < GOAL_RADIUS
    assert inside.any() and not new.valid[inside].any()


def test_the_goal_is_a_free_cell_that_the_agent_came_to(old: Segments, new: Segments) -> None:
    rows = new.maps.shape[1]
    assert (new.maps[np.arange(len(new)), new.goals[:, 0], new.goals[:, 1]] == 0).all()
    visited = world_to_cells(new.states[:, 1:, :2], rows)
    came = ((visited == new.goals[:, None]).all(axis=2) & old.valid).any(axis=1)
    assert came[old.valid.any(axis=1)].all()


def test_all_later_cells_may_become_the_goal(old: Segments) -> None:
    one = old.take(np.flatnonzero(old.valid.all(axis=1))[:1].repeat(4000))
    drawn = {tuple(goal) for goal in relabel(one, np.random.default_rng(2)).goals}
    assert drawn == {tuple(cell) for cell in world_to_cells(one.states[0, 1:, :2], one.maps.shape[1])}


def test_what_happened_stays_as_it_was(old: Segments, new: Segments) -> None:
    for name in ("maps", "states", "actions"):
        np.testing.assert_array_equal(getattr(old, name), getattr(new, name))
    assert not (new.valid & ~old.valid).any()
    assert (new.goals != old.goals).any(axis=1).mean() > 0.5


def test_the_draw_is_an_argument(old: Segments, new: Segments) -> None:
    again, other = (relabel(old, np.random.default_rng(seed)) for seed in (1, 5))
    np.testing.assert_array_equal(again.goals, new.goals)
    assert (other.goals != new.goals).any()


def test_a_decision_cut_short_by_the_old_goal_is_never_shown_as_a_whole_one(old: Segments, new: Segments) -> None:
    """The body stopped within that decision: to the transition network it would be a decision of too few frames."""
    assert old.reached.any()
    assert not (old.reached & new.valid & ~new.reached).any()


def test_goals_elsewhere_are_any_free_cell(old: Segments) -> None:
    one = old.take(np.zeros(6000, np.int64))
    found = relabel_elsewhere(one, np.random.default_rng(0)).goals
    cells, counts = np.unique(found, axis=0, return_counts=True)
    np.testing.assert_array_equal(cells, np.argwhere(one.maps[0] == 0))
    expected = len(one) / len(cells)
    assert (np.abs(counts - expected) < 6 * np.sqrt(expected)).all()


def test_towards_a_goal_elsewhere_nothing_is_reached_but_what_was_driven_through(old: Segments) -> None:
    new = relabel_elsewhere(old, np.random.default_rng(1))
    near = approach(new.states, centres(new)) < GOAL_RADIUS
    np.testing.assert_array_equal(new.reached, near & new.valid)
    assert 0 < new.reached.any(axis=1).mean() < 0.5
    whole = ~near.any(axis=1)
    np.testing.assert_array_equal(new.valid[whole], (old.valid & ~old.reached)[whole])


def test_hindsight_by_hand() -> None:
    """A corridor driven a cell a decision, towards a cell that is reached in the third of five decisions.

    The first state lies a cell and a half before it.
    """
    states = np.zeros((1, 6, 6), np.float32)
    states[0, :, 0], states[0, :, 1] = 1.0 + 0.5 * np.arange(6), 1.5
    flags = np.zeros((1, 5), np.bool_)
    corridor = np.ones((1, 3, 7), np.float32)
    corridor[0, 1, 1:6] = 0
    driven_past = Segments(corridor, np.array([[1, 5]]), states, np.full((1, 5), 2), flags, ~flags)
    new = towards(driven_past, np.array([[1, 2]]))
    # Its centre is x = 2.5; the way from 1.5 to 2.0 ends 0.5 before it, that from 2.0 to 2.5 at it.
    assert new.reached[0].tolist() == [False, False, True, False, False]
    assert new.valid[0].tolist() == [True, True, True, False, False]
    states[0, 0, 0] = 1.2  # within the cell before, whose centre is x = 1.5: nothing is left to reach there
    assert not towards(driven_past, np.array([[1, 1]])).valid.any()
