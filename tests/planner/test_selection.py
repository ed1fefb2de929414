from __future__ import annotations

import numpy as np
import pytest

from mazenav.planner.selection import considered_visits, decide_puct


@pytest.mark.parametrize(
    ("n_actions", "simulations", "expected"),
    [
        (1, 4, [0, 1, 2, 3]),
        (2, 5, [0, 0, 1, 1, 2]),
        (4, 3, [0, 0, 0]),
        (4, 16, [0] * 4 + [1] * 4 + [2, 2, 3, 3, 4, 4, 5, 5]),
        (3, 12, [0] * 3 + [1] * 3 + [2, 2, 3, 3, 4, 4]),
    ],
)
def test_sequential_halving_by_hand(n_actions: int, simulations: int, expected: list[int]) -> None:
    assert considered_visits(n_actions, simulations).tolist() == expected


def test_sequential_halving_can_always_be_followed() -> None:
    for n_actions in range(1, 20):
        for simulations in (1, 2, 10, 50, 133):
            table = considered_visits(n_actions, simulations)
            counts = [0] * n_actions
            for visits in table.tolist():
                counts[counts.index(visits)] += 1  # raises where no action has that count
            assert len(table) == simulations == sum(counts)
            assert max(counts) >= simulations / n_actions


def test_the_table_is_shared_and_cannot_be_written() -> None:
    assert considered_visits(4, 50) is considered_visits(4, 50)
    with pytest.raises(ValueError, match="read-only"):
        considered_visits(4, 50)[0] = 1


def test_puct_decides_by_visits_and_temperature() -> None:
    visits = np.array([[5, 3, 2, 0], [1, 1, 0, 0]])
    action, fractions = decide_puct(visits, np.zeros((2, 4)), 0.0)
    assert action.tolist() == [0, 0]
    np.testing.assert_allclose(fractions, [[0.5, 0.3, 0.2, 0.0], [0.5, 0.5, 0.0, 0.0]])
    noise = np.array([[0.0, 1.0, 0.0, 30.0], [0.0, 0.1, 0.0, 30.0]])
    assert decide_puct(visits, noise, 1.0)[0].tolist() == [1, 1], (
        "log(5/3) is below 1, and what is unvisited is never drawn"
    )
    assert decide_puct(visits, noise, 0.25)[0].tolist() == [0, 1], "4 log(5/3) is above 1"
