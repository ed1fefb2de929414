from __future__ import annotations

import numpy as np
import pytest

from mazenav.replay.buffer import ReplayBuffer
from mazenav.replay.segment import Segments, concatenate


def numbered(*numbers: int, steps: int = 2) -> Segments:
    """Segments that carry their number in every array."""
    n = len(numbers)
    tag = np.array(numbers)
    return Segments(
        maps=np.ones((n, 3, 4), np.float32) * tag[:, None, None],
        goals=np.ones((n, 2), np.int64) * tag[:, None],
        states=np.ones((n, steps + 1, 6), np.float32) * tag[:, None, None],
        actions=np.ones((n, steps), np.int64) * tag[:, None],
        reached=np.ones((n, steps), np.bool_) * (tag[:, None] % 2 == 1),
        valid=np.ones((n, steps), np.bool_),
    )


def drawn(buffer: ReplayBuffer, seed: int = 0, n: int = 300) -> Segments:
    return buffer.sample(n, np.random.default_rng(seed))


def test_the_oldest_are_overwritten_first() -> None:
    buffer = ReplayBuffer(5, Segments)
    expected: list[int] = []
    for numbers in ([1, 2, 3], [4, 5, 6], [7], [8, 9, 10, 11, 12], [13, 14]):
        buffer.add(numbered(*numbers))
        expected = [*expected, *numbers][-5:]
        assert len(buffer) == len(expected)
        assert set(drawn(buffer).goals[:, 0].tolist()) == set(expected)


def test_a_draw_keeps_the_arrays_of_a_segment_together() -> None:
    buffer = ReplayBuffer(4, Segments)
    for numbers in ([1, 2, 3], [4, 5, 6]):
        buffer.add(numbered(*numbers))
    sample = drawn(buffer)
    tag = sample.goals[:, 0]
    assert len(sample) == 300
    expected = numbered(*tag.tolist()).arrays()
    for name, array in sample.arrays().items():
        np.testing.assert_array_equal(array, expected[name])
        assert array.dtype == expected[name].dtype


def test_draws_are_even() -> None:
    buffer = ReplayBuffer(4, Segments)
    buffer.add(numbered(0, 1, 2, 3))
    counts = np.bincount(drawn(buffer, n=4000).goals[:, 0])
    assert (np.abs(counts - 1000) < 150).all()


def test_what_was_drawn_or_given_is_a_copy() -> None:
    buffer, given = ReplayBuffer(2, Segments), numbered(1, 1)
    buffer.add(given)
    given.states[:] = 99
    sample = drawn(buffer)
    sample.maps[:] = 99
    assert (drawn(buffer).states == 1).all() and (drawn(buffer).maps == 1).all()


@pytest.mark.parametrize("rounds", [0, 1, 2, 5])
def test_restored_it_goes_on_as_if_nothing_had_happened(rounds: int) -> None:
    """Before it is full, when it is full, and after it was overwritten in part."""
    buffer, other = ReplayBuffer(7, Segments), ReplayBuffer(7, Segments)
    other.add(numbered(50, 51))
    for number in range(rounds):
        buffer.add(numbered(*range(4 * number, 4 * number + 4)))
    other.restore(buffer.state())
    assert len(other) == len(buffer) and other.added == buffer.added
    for fresh in ([90, 91, 92], [93, 94, 95]):
        if len(buffer):
            np.testing.assert_array_equal(drawn(buffer).goals, drawn(other).goals)
        for each in (buffer, other):
            each.add(numbered(*fresh))
    for name, array in drawn(buffer).arrays().items():
        np.testing.assert_array_equal(array, getattr(drawn(other), name))


def test_state_is_a_copy_of_arrays() -> None:
    buffer = ReplayBuffer(3, Segments)
    buffer.add(numbered(1, 2, 3))
    state = buffer.state()
    buffer.add(numbered(4, 5, 6))
    assert all(isinstance(array, np.ndarray) for array in state.values())
    assert state["goals"][:, 0].tolist() == [1, 2, 3]


def test_an_empty_buffer_has_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="empty"):
        drawn(ReplayBuffer(3, Segments))


def test_more_than_the_capacity_at_once_is_refused() -> None:
    buffer = ReplayBuffer(2, Segments)
    with pytest.raises(ValueError, match="holds 2 segments, 3 came"):
        buffer.add(numbered(1, 2, 3))
    assert len(buffer) == 0


def test_concatenate_and_take_are_inverse() -> None:
    whole = concatenate([numbered(1, 2), numbered(3)])
    assert len(whole) == 3 and whole.goals[:, 0].tolist() == [1, 2, 3]
    np.testing.assert_array_equal(whole.take(np.array([2, 0])).states, numbered(3, 1).states)
