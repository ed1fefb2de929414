from __future__ import annotations

import numpy as np

from mazenav.agent.beliefs import APART, FIRST_FOUND, FOUND, Beliefs
from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import DMLAB, FORWARD, LOOK_RIGHT
from mazenav.topdown.occupancy import pad_cell
from mazenav.types import Cell


def drawn(*rows: str) -> np.ndarray:
    """A map drawn in text, float32 `[R, C]`."""
    return np.array([[float(cell == "#") for cell in row] for row in rows], np.float32)


HALL = drawn("#######", "#.....#", "#.....#", "#.....#", "#######")


def beliefs(given: np.ndarray, goal: Cell = (1, 1)) -> Beliefs:
    return Beliefs(given[None], np.array([goal]), [given.shape])


def pushed(truth: np.ndarray, start: Cell, yaw: float, decisions: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """World states float32 `[1, 6]` before and after the last of some drives ahead."""
    agents = AgentBatch(1, *truth.shape, DMLAB)
    agents.place(
        np.zeros(1, np.int64),
        [truth > 0],
        np.array([start]),
        np.array([(1, 1)]),
        np.array([yaw]),
        np.array([100]),
    )
    before = agents.states.copy()
    for _ in range(decisions):
        before = agents.states.copy()
        agents.step(np.array([FORWARD]), np.ones(1, np.bool_))
    return before, agents.states.copy()


def test_borders_goals_and_visited_cells_are_beyond_doubt() -> None:
    given = HALL.copy()
    given[2, 3] = 1.0
    told = beliefs(given)
    assert bool(told.fixed[0, 0].all()) and bool(told.fixed[0, 1, 1]) and not bool(told.fixed[0, 2, 3])
    assert told.visit(0, (2, 3))
    assert told.map[0, 2, 3] == 0 and told.known[0, 2, 3] == 1 and bool(told.fixed[0, 2, 3])
    assert not told.visit(0, (2, 3)) and not told.visit(0, (2, 2))


def test_padding_is_no_place_to_be() -> None:
    given = np.ones((2, 7, 7), np.float32)
    given[0, 2:, :] = HALL
    goals = np.array([pad_cell((1, 1), 5, 7), (1, 1)])
    told = Beliefs(given, goals, [(5, 7), (7, 7)])
    assert not told.visit(0, (1, 3)) and told.known[0].sum() == 0
    belief = told.belief([0])
    assert bool((belief.inside[0, :2] == 0).all()) and bool((belief.inside[0, 2:] == 1).all())


def test_a_wall_that_holds_the_body_is_proven() -> None:
    truth = HALL.copy()
    truth[2, 4] = 1.0
    told = beliefs(HALL)
    before, after = pushed(truth, (2, 3), 0.0)
    held, news = told.push(np.zeros(1, np.int64), before, np.array([FORWARD]), after)
    assert held == news == {0}
    assert bool(told.proven[0, 2, 4]) and told.map[0, 2, 4] == 1 and told.known[0, 2, 4] == 1
    assert int(told.proven.sum()) == 1


def test_a_wall_that_the_map_shows_is_no_news() -> None:
    truth = HALL.copy()
    truth[2, 4] = 1.0
    told = beliefs(truth)
    before, after = pushed(truth, (2, 3), 0.0)
    held, news = told.push(np.zeros(1, np.int64), before, np.array([FORWARD]), after)
    assert held == {0} and not news


def test_a_wall_that_holds_the_body_by_a_corner_speaks_against_no_other() -> None:
    """Half of the body beside a wall: what lies ahead of its middle is not what holds it."""
    truth = HALL.copy()
    truth[2, 4] = 1.0
    told, before = beliefs(truth), np.array([[3.5, 1.95, 0.0, 2.0, 0.0, 0.0]], np.float32)
    after = np.array([[4 - DMLAB.half_width - DMLAB.clearance, 1.95, 0.0, 0.0, 0.0, 0.0]], np.float32)
    assert told.push(np.zeros(1, np.int64), before, np.array([FORWARD]), after) == ({0}, set())
    assert not bool(told.proven.any())
    # On a map without that wall, nothing that is assumed explains it; nor where the body was clear of any wall.
    assert beliefs(HALL).push(np.zeros(1, np.int64), before, np.array([FORWARD]), after) == (set(), set())
    after[0, 0] -= 0.1
    assert told.push(np.zeros(1, np.int64), before, np.array([FORWARD]), after) == (set(), set())


def test_a_wall_that_stopped_the_body_before_it_slid_on_speaks_against_no_other() -> None:
    """A turning body coasts against a corner, and comes to rest beside the free cell behind it."""
    truth = HALL.copy()
    truth[2, 2] = 1.0
    agents = AgentBatch(1, *truth.shape, DMLAB)
    one = np.zeros(1, np.int64)
    agents.place(one, [truth > 0], np.array([(3, 3)]), np.array([(1, 1)]), np.zeros(1), one + 100)
    agents.states[0, :5] = 3.18, 1.92, 0.7, -2.3, -2.3
    before = agents.states.copy()
    agents.step(np.array([LOOK_RIGHT]), np.ones(1, np.bool_))
    after = agents.states.copy()
    assert after[0, 3] == 0 and after[0, 1] + DMLAB.half_width < 2, "beside row 3 alone"
    assert beliefs(truth).push(one, before, np.array([LOOK_RIGHT]), after) == ({0}, set())
    assert beliefs(HALL).push(one, before, np.array([LOOK_RIGHT]), after) == (set(), set())


def test_of_two_cells_beside_the_body_the_one_that_it_was_in_is_no_wall() -> None:
    """Half of the body beside a wall that the map does not show, the other half beside a cell that was visited."""
    told, before = beliefs(HALL), np.array([[3.5, 1.95, 0.0, 2.0, 0.0, 0.0]], np.float32)
    after = np.array([[4 - DMLAB.half_width - DMLAB.clearance, 1.95, 0.0, 0.0, 0.0, 0.0]], np.float32)
    assert told.push(np.zeros(1, np.int64), before, np.array([FORWARD]), after) == (set(), set())
    told.visit(0, (2, 4))
    assert told.push(np.zeros(1, np.int64), before, np.array([FORWARD]), after) == ({0}, {0})
    assert bool(told.proven[0, 3, 4]) and int(told.proven.sum()) == 1


def test_walls_that_turn_out_to_be_none_make_others_cheaper_and_walls_that_hold_make_them_dearer() -> None:
    given = HALL.copy()
    given[2, 2:5] = 1.0
    told = beliefs(given)
    shown, hoped = told.odds_of_walls([0])
    told.visit(0, (2, 2))
    opened = told.odds_of_walls([0])
    assert opened[0] > shown and opened[1] > hoped
    held = beliefs(given)
    before, after = pushed(given, (2, 1), 0.0)
    held.push(np.zeros(1, np.int64), before, np.array([FORWARD]), after)
    assert held.odds_of_walls([0])[0] < shown and held.odds_of_walls([0])[1] == hoped
    held = beliefs(given)
    held.assumed[0, 2, 2] = 0.0
    held.push(np.zeros(1, np.int64), before, np.array([FORWARD]), after)
    assert held.odds_of_walls([0])[1] < hoped


def test_open_ground_proves_no_wall() -> None:
    told = beliefs(HALL)
    before, after = pushed(HALL, (2, 1), 0.3, decisions=2)
    assert told.push(np.zeros(1, np.int64), before, np.array([FORWARD]), after) == (set(), set())
    assert not bool(told.proven.any())


def test_evidence_adds_up_and_the_first_must_be_strong() -> None:
    told = beliefs(HALL)
    assert not told.credit(0, (2, 3), FOUND + 1, (2.5, 2.5))
    assert told.credit(0, (2, 3), FIRST_FOUND - FOUND, (2.5, 2.5 - 1.1 * APART))
    assert told.map[0, 2, 3] == 1 and told.known[0, 2, 3] == 1
    told.doubtful[0] = True
    assert told.credit(0, (1, 3), FOUND + 0.5, (1.5, 2.5))
    # Evidence that it is free after all takes it back.
    told.assumed[0, 1, 3] = 1.0
    assert told.credit(0, (1, 3), 3 * FOUND, (1.5, 2.5))
    assert told.map[0, 1, 3] == 0


def test_a_body_that_hangs_at_a_place_tells_the_same_again_and_again() -> None:
    told = beliefs(HALL)
    assert not any(told.credit(0, (2, 3), 2 * FIRST_FOUND, (2.5, 2.5 + APART / 40 * turn)) for turn in range(20))
    assert told.credit(0, (2, 3), 2 * FIRST_FOUND, (2.5 + 2 * APART, 2.5))


def test_what_leaves_no_way_is_forgotten() -> None:
    truth = HALL.copy()
    truth[2, 4] = 1.0
    told = beliefs(HALL)
    before, after = pushed(truth, (2, 3), 0.0)
    told.push(np.zeros(1, np.int64), before, np.array([FORWARD]), after)
    told.visit(0, (2, 3))
    told.forget(0)
    assert not bool(told.proven.any()) and told.map[0, 2, 4] == 0 and told.known[0, 2, 3] == 1


def test_whoever_was_lost_believes_what_was_believed_at_first() -> None:
    truth = HALL.copy()
    truth[2, 4] = 1.0
    told, fresh = beliefs(HALL), beliefs(HALL)
    before, after = pushed(truth, (2, 3), 0.0)
    told.push(np.zeros(1, np.int64), before, np.array([FORWARD]), after)
    told.visit(0, (2, 3))
    told.credit(0, (3, 3), 5.0, (3.5, 2.5))
    told.doubtful[0] = True
    told.restart(0)
    for name, value in vars(fresh).items():
        assert np.array_equal(vars(told)[name], value), name


def test_the_rim_of_an_open_map_is_a_wall() -> None:
    """Nothing frames this map: the body is stopped where it ends, on each side, and that is no news."""
    half = DMLAB.half_width + DMLAB.clearance
    for yaw, x, y in ((0.0, 3 - half, 1.5), (np.pi, half, 1.5), (np.pi / 2, 1.5, 3 - half), (-np.pi / 2, 1.5, half)):
        told = beliefs(np.zeros((3, 3), np.float32))
        before = np.array([[1.5, 1.5, yaw, 2 * np.cos(yaw), 2 * np.sin(yaw), 0]], np.float32)
        after = np.array([[x, y, yaw, 0, 0, 0]], np.float32)
        assert told.push(np.zeros(1, np.int64), before, np.array([FORWARD]), after) == ({0}, set())
        assert not told.proven.any()
