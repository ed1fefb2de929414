from __future__ import annotations

import numpy as np
import pytest

from mazenav.replay.relabel import relabel
from mazenav.replay.segment import Segments
from mazenav.sim.body import BACK, DMLAB, FORWARD, LOOK_LEFT
from mazenav.sim.borders import BorderLabels, border_labels
from tests.replay.driving import driven


@pytest.fixture(scope="module")
def segments() -> Segments:
    return driven(0, agents=200, rounds=3)


def truth(walls: np.ndarray, labels: BorderLabels, step: tuple[int, int]) -> np.ndarray:
    """Whether each labelled border lies between two free cells."""
    here = walls[labels.segment, labels.row, labels.column]
    there = walls[labels.segment, labels.row + step[0], labels.column + step[1]]
    return (here == 0) & (there == 0)


def both(segments: Segments) -> tuple[np.ndarray, np.ndarray]:
    """Labels and truth of both families together."""
    right, down = border_labels(segments.pushes(), segments.maps.shape[1:], DMLAB)
    is_open = np.concatenate([truth(segments.maps, right, (0, 1)), truth(segments.maps, down, (1, 0))])
    return np.concatenate([right.crossed, down.crossed]) == 1, is_open


@pytest.mark.parametrize("hindsight", [False, True])
def test_labels_agree_with_the_walls(segments: Segments, hindsight: bool) -> None:
    seen = relabel(segments, np.random.default_rng(0)) if hindsight else segments
    crossed, is_open = both(seen)
    assert crossed.sum() > 500 and (~crossed).sum() > 500
    assert is_open[crossed].all()
    assert (~is_open[~crossed]).mean() >= 0.99


def test_both_families_and_both_labels_are_met(segments: Segments) -> None:
    for labels in border_labels(segments.pushes(), segments.maps.shape[1:], DMLAB):
        assert labels.crossed.dtype == np.float32 and set(labels.crossed.tolist()) == {0.0, 1.0}


def test_indices_stay_inside_the_border_grids(segments: Segments) -> None:
    right, down = border_labels(segments.pushes(), segments.maps.shape[1:], DMLAB)
    n, rows, columns = segments.maps.shape
    for labels, (r, c) in ((right, (rows, columns - 1)), (down, (rows - 1, columns))):
        for index, limit in ((labels.segment, n), (labels.row, r), (labels.column, c)):
            assert index.min() >= 0 and index.max() < limit


def test_decisions_that_were_not_taken_prove_nothing(segments: Segments) -> None:
    idle = Segments(**{**segments.arrays(), "valid": np.zeros_like(segments.valid)})
    for labels in border_labels(idle.pushes(), idle.maps.shape[1:], DMLAB):
        assert len(labels.segment) == 0


def one_decision(start: tuple[float, ...], end: tuple[float, ...], action: int) -> Segments:
    """x, y, yaw, vx, vy at start and end, in a map of 3 x 3 cells."""
    states = np.zeros((1, 2, 6), np.float32)
    states[0, 0, :5], states[0, 1, :5] = start, end
    yes = np.ones((1, 1), np.bool_)
    return Segments(np.ones((1, 3, 3), np.float32), np.zeros((1, 2), np.int64), states, np.array([[action]]), ~yes, yes)


def found(segments: Segments) -> list[list[tuple[int, int, float]]]:
    return [
        list(zip(each.row.tolist(), each.column.tolist(), each.crossed.tolist(), strict=True))
        for each in border_labels(segments.pushes(), segments.maps.shape[1:], DMLAB)
    ]


def test_by_hand() -> None:
    """The world's y = 1.5 is row 1; up in the world is towards row 0."""
    edge = 0.85 - DMLAB.clearance
    up, left = np.pi / 2, np.pi
    assert found(one_decision((0.7, 1.5, 0, 3, 0), (1.2, 1.5, 0, 3, 0), FORWARD)) == [[(1, 0, 1.0)], []]
    assert found(one_decision((1.2, 1.5, 0, -3, 0), (0.8, 1.5, 0, -3, 0), LOOK_LEFT)) == [[(1, 0, 1.0)], []]
    assert found(one_decision((1.5, 1.8, up, 0, 3), (1.5, 2.2, up, 0, 3), FORWARD)) == [[], [(0, 1, 1.0)]]
    assert found(one_decision((1.5, 1.5, 0, 3, 0), (1 + edge, 1.5, 0, 0, 0), FORWARD)) == [[(1, 1, 0.0)], []]
    assert found(one_decision((1.5, 1.5, 0, -3, 0), (2 - edge, 1.5, 0, 0, 0), BACK)) == [[(1, 0, 0.0)], []]
    assert found(one_decision((1.5, 1.5, left, -3, 0), (2 - edge, 1.5, left, 0, 0), FORWARD)) == [[(1, 0, 0.0)], []]
    assert found(one_decision((1.5, 1.5, up, 0, 3), (1.5, 1 + edge, up, 0, 0), FORWARD)) == [[], [(0, 1, 0.0)]]


def test_what_proves_nothing_by_hand() -> None:
    edge = 0.85 - DMLAB.clearance
    over_the_corner = one_decision((0.9, 1.9, 0.8, 2, 2), (1.1, 2.1, 0.8, 2, 2), FORWARD)
    held_by_a_neighbour = one_decision((1.5, 1.9, 0, 3, 0), (1 + edge, 1.9, 0, 0, 0), FORWARD)
    only_turned = one_decision((1.5, 1.5, 0, 0, 0), (1.5, 1.5, 0.5, 0, 0), LOOK_LEFT)
    rim_of_the_map = one_decision((2.5, 1.5, 0, 3, 0), (2 + edge, 1.5, 0, 0, 0), FORWARD)
    for segments in (over_the_corner, held_by_a_neighbour, only_turned, rim_of_the_map):
        assert found(segments) == [[], []]
