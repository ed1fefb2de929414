"""Prioritised replay: drawn in exact proportion, weighted by the inverse, and restored to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mazenav.replay.prioritised import Drawn, PrioritisedReplay, SumTree
from mazenav.replay.segment import Segments
from tests.replay.test_buffer import numbered

MASSES = st.lists(st.sampled_from([0.0, 0.25, 1.0, 3.5, 1000.0]), min_size=1, max_size=40)


def tree_of(masses: list[float]) -> SumTree:
    tree = SumTree(len(masses))
    tree.put(np.arange(len(masses)), np.array(masses))
    return tree


@given(MASSES, st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=20))
def test_a_mark_is_found_where_the_running_sum_passes_it(masses: list[float], shares: list[float]) -> None:
    tree, ends = tree_of(masses), np.cumsum(masses)
    assert tree.total == ends[-1]
    if tree.total > 0:
        marks = np.array(shares) * tree.total
        np.testing.assert_array_equal(tree.find(marks), np.searchsorted(ends, marks, side="right"))


@given(MASSES, st.integers(0, 2**32 - 1))
def test_masses_may_be_put_in_any_order(masses: list[float], seed: int) -> None:
    rng, tree = np.random.default_rng(seed), SumTree(len(masses))
    tree.put(np.arange(len(masses)), rng.random(len(masses)))
    order = rng.permutation(len(masses))
    for part in np.array_split(order, 3):
        tree.put(part, np.array(masses)[part])
    np.testing.assert_array_equal(tree.get(np.arange(len(masses))), masses)
    assert tree.total == pytest.approx(sum(masses), rel=1e-12)


def test_a_place_without_mass_is_never_found_even_at_the_very_end() -> None:
    tree = tree_of([0.0, 0.1, 0.2, 0.0, 0.0])
    assert set(tree.find(np.array([0.0, tree.total, tree.total * (1 + 1e-12)])).tolist()) == {1, 2}


def replay_of(priorities: list[float], exponent: float, correction: float) -> PrioritisedReplay[Segments]:
    replay = PrioritisedReplay(len(priorities), Segments, exponent, correction)
    replay.add(numbered(*range(len(priorities))))
    replay.update(np.arange(len(priorities)), np.array(priorities))
    return replay


@pytest.mark.parametrize("exponent", [0.0, 0.6, 1.0])
def test_draws_are_in_exact_proportion(exponent: float) -> None:
    """One draw from each n-th of the mass: no count is off by more than the two strata that a stretch cuts."""
    priorities = [0.1, 1.0, 4.0, 0.02, 7.0, 1.0, 2.5]
    drawn = replay_of(priorities, exponent, 0.4).draw(1000, np.random.default_rng(0))
    chances = np.array(priorities) ** exponent
    expected = 1000 * chances / chances.sum()
    found = np.bincount(drawn.segments.goals[:, 0], minlength=len(priorities))
    assert (np.abs(found - expected) < 2).all()
    np.testing.assert_array_equal(drawn.segments.goals[:, 0], drawn.places)


def test_weights_undo_the_proportions() -> None:
    priorities = np.array([0.1, 1.0, 4.0, 0.5])
    whole = replay_of(list(priorities), 1.0, 1.0).draw(4000, np.random.default_rng(1))
    sums = np.bincount(whole.places, whole.weights, minlength=4)
    np.testing.assert_allclose(sums / sums.sum(), np.full(4, 0.25), rtol=0.05)
    part = replay_of(list(priorities), 1.0, 0.4).draw(4000, np.random.default_rng(1))
    np.testing.assert_allclose(part.weights, (priorities[part.places] / 0.1) ** -0.4, rtol=1e-5)
    assert part.weights.max() == 1


def test_what_is_new_is_drawn_like_the_most_surprising() -> None:
    replay = PrioritisedReplay(4, Segments, 1.0, 0.0)
    replay.add(numbered(1, 2, 3))
    replay.update(np.array([0, 1, 2]), np.array([9.0, 3.0, 3.0]))
    replay.add(numbered(4))
    found = np.bincount(replay.draw(2400, np.random.default_rng(0)).places)
    assert (np.abs(found - [900, 300, 300, 900]) < 2).all()
    replay.add(numbered(5))  # takes the place of 1
    assert set(replay.draw(2400, np.random.default_rng(0)).segments.goals[:, 0].tolist()) == {2, 3, 4, 5}


def same(one: Drawn[Segments], other: Drawn[Segments]) -> None:
    np.testing.assert_array_equal(one.places, other.places)
    np.testing.assert_array_equal(one.weights, other.weights)
    for name, array in one.segments.arrays().items():
        np.testing.assert_array_equal(array, other.segments.arrays()[name])


def test_restored_it_goes_on_as_if_nothing_had_happened() -> None:
    replay, again = (PrioritisedReplay(5, Segments, 0.6, 0.4) for _ in range(2))
    replay.add(numbered(1, 2, 3, 4))
    replay.update(np.array([0, 1, 2, 3]), np.array([5.0, 0.1, 0.2, 0.3]))
    replay.add(numbered(5, 6))  # 6 takes the place of 1, whose priority remains the highest that there was
    again.restore(replay.state())
    same(replay.draw(50, np.random.default_rng(3)), again.draw(50, np.random.default_rng(3)))
    for each in (replay, again):
        each.update(np.array([2]), np.array([0.7]))
        each.add(numbered(7))
    same(replay.draw(50, np.random.default_rng(4)), again.draw(50, np.random.default_rng(4)))


def test_an_empty_replay_has_nothing_to_draw_and_can_be_restored() -> None:
    replay = PrioritisedReplay(5, Segments, 0.6, 0.4)
    replay.restore(PrioritisedReplay(5, Segments, 0.6, 0.4).state())
    with pytest.raises(ValueError, match="empty"):
        replay.draw(1, np.random.default_rng(0))
