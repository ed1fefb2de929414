from __future__ import annotations

import math

import numpy as np
import pytest

from mazenav.agent.contact import Contact, find_contacts
from mazenav.layout.generate import generate
from mazenav.layout.graph import sample_task
from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import BACK, DMLAB, FORWARD, LOOK_LEFT
from mazenav.types import Layout

ROWS = 5
TO_THE_RIGHT = 2 - DMLAB.half_width - DMLAB.clearance
"""x of a body that a wall to the right of column 1 holds."""


def contacts(start: tuple[float, ...], end: tuple[float, ...], action: int) -> list[Contact]:
    """x, y, yaw, vx, vy before and after a decision, in a map of 5 rows: y = 1.5 is row 3."""
    before, after = np.zeros((2, 6), np.float32)
    before[:5], after[:5] = start, end
    return find_contacts(before, action, after, ROWS)


def test_driven_against_a_wall() -> None:
    found = contacts((1.5, 1.5, 0, 2, 0), (TO_THE_RIGHT, 1.5, 0, 0, 0), FORWARD)
    assert found == [Contact([(3, 2)], [[(3, 2)]])]
    assert contacts((1.5, 1.5, math.pi, 2, 0), (TO_THE_RIGHT, 1.5, math.pi, 0, 0), BACK) == found


def test_a_side_along_two_cells() -> None:
    found = contacts((1.5, 1.9, 0, 2, 0), (TO_THE_RIGHT, 1.9, 0, 0, 0), FORWARD)
    assert found == [Contact([(2, 2), (3, 2)], [[(2, 2), (3, 2)]])]


def test_it_may_have_slid_past_the_wall_in_the_last_frame() -> None:
    end = (TO_THE_RIGHT, 2.17, 0.8, 0, 2.0)  # its side was beside row 3 a frame ago
    found = contacts((1.5, 1.9, 0.8, 2, 2), end, FORWARD)
    assert found == [Contact([(2, 2)], [[(2, 2), (3, 2)]])]


def test_a_wall_that_was_slid_along_may_have_ended() -> None:
    up = math.pi / 2
    found = contacts((TO_THE_RIGHT, 1.3, up, 0, 2), (TO_THE_RIGHT, 1.7, up, 0, 2.5), FORWARD)
    assert found == [Contact([(3, 2)], [])]


def test_a_turning_body_is_stopped_by_a_wall_on_its_way() -> None:
    found = contacts((1.5, 1.3, 0, 2, 1.0), (TO_THE_RIGHT, 1.4, 0.5, 0, 0.3), LOOK_LEFT)
    assert found == [Contact([(3, 2)], [[(3, 2)]])]
    at_rest = contacts((1.8, 1.3, 0, 0.3, 0), (TO_THE_RIGHT, 1.3, 0.5, 0, 0), LOOK_LEFT)
    assert at_rest == [Contact([(3, 2)], [])], "friction may have stopped it just there"
    assert contacts((1.5, 1.3, 0, 2, 0), (TO_THE_RIGHT, 1.3, 0.5, 0, 0), LOOK_LEFT) == found


@pytest.mark.parametrize("speed", [0.0, 1.0])
def test_clear_of_walls(speed: float) -> None:
    assert contacts((1.5, 1.5, 0, 2, 0), (TO_THE_RIGHT - 0.1, 1.5, 0, speed, 0), FORWARD) == []


def test_in_a_corner_there_are_two() -> None:
    y = 2 - DMLAB.half_width - DMLAB.clearance
    found = contacts((1.5, 1.5, 0.8, 2, 2), (TO_THE_RIGHT, y, 0.8, 0, 0), FORWARD)
    assert found == [Contact([(2, 1)], [[(2, 1)]]), Contact([(3, 2)], [[(3, 2)]])]


def driven_at_random(layout: Layout, seed: int, decisions: int) -> list[tuple[np.ndarray, int, np.ndarray]]:
    """States before, actions and states after, mostly ahead, from a random start."""
    rng = np.random.default_rng(seed)
    start, goal = sample_task(layout, rng)[:2]
    agents = AgentBatch(1, *layout.shape, DMLAB)
    one = np.zeros(1, np.int64)
    agents.place(one, [layout.walls], np.array([start]), np.array([goal]), rng.uniform(-3, 3, 1), one + 10**6)
    taken = []
    for _ in range(decisions):
        before, action = agents.states[0].copy(), int(rng.choice(4, p=[0.15, 0.15, 0.5, 0.2]))
        agents.step(np.array([action]), np.ones(1, np.bool_))
        taken.append((before, action, agents.states[0].copy()))
    return taken


@pytest.mark.parametrize("kind", ["backtracker", "clutter", "rooms"])
def test_what_stopped_a_body_is_a_wall(kind: str) -> None:
    """The simulator knows the walls: one of the cells named is always one, in thousands of stops."""
    alone = together = 0
    for seed in range(12):
        layout = generate(kind, (11, 11), np.random.default_rng(seed))
        for before, action, after in driven_at_random(layout, seed, 400):
            found = find_contacts(before, action, after, layout.shape[0])
            for cells in (cells for contact in found for cells in contact.stopped):
                assert any(layout.walls[cell] for cell in cells), (seed, before, action, after)
                alone, together = alone + (len(cells) == 1), together + (len(cells) > 1)
    assert alone > 500 and together > 50
