from __future__ import annotations

import numpy as np
import pytest

from mazenav.layout.sets import load_set
from mazenav.replay.segment import Segments
from mazenav.rng import stream
from mazenav.sim.batch import AgentBatch
from mazenav.topdown.occupancy import cells_to_world, world_to_cells
from mazenav.training.collect import Collector
from mazenav.types import GOAL_RADIUS
from tests.replay.driving import collector, driven, restless


@pytest.fixture(scope="module")
def round_of_many() -> tuple[Collector, Segments]:
    """Small halls and long segments, so that many episodes end on the way."""
    source = collector(1, agents=150, sizes=(5, 6))
    source.renew()
    return source, source.collect(60, restless, 1.0, 0.1)


def test_arrays_are_consistent(round_of_many: tuple[Collector, Segments]) -> None:
    _, segments = round_of_many
    assert segments.maps.shape == (150, 6, 6) and segments.maps.dtype == np.float32
    assert segments.states.shape == (150, 61, 6) and segments.states.dtype == np.float32
    for array in (segments.actions, segments.reached, segments.valid):
        assert array.shape == (150, 60)
    assert ((segments.actions >= 0) & (segments.actions < 4)).all()
    cells = world_to_cells(segments.states[..., :2], 6)
    index = np.arange(150)[:, None]
    assert (segments.maps[index, cells[..., 0], cells[..., 1]] == 0).all(), "bodies are in free cells"
    assert (segments.maps[np.arange(150), segments.goals[:, 0], segments.goals[:, 1]] == 0).all(), "so are goals"


def test_agents_wait_once_their_episode_is_over(round_of_many: tuple[Collector, Segments]) -> None:
    source, segments = round_of_many
    idle = ~segments.valid
    assert idle.any() and segments.valid[:, 0].all()
    assert (np.diff(segments.valid.astype(int), axis=1) <= 0).all()
    np.testing.assert_array_equal(segments.states[:, 1:][idle], segments.states[:, :-1][idle])
    lengths = segments.valid.sum(axis=1)
    last = segments.reached[np.arange(150), lengths - 1]
    assert last.any() and segments.reached.sum() == last.sum(), "a goal is reached in the last valid decision only"
    np.testing.assert_array_equal(source.over, last | (lengths == source.batch.limits))
    np.testing.assert_array_equal(source.batch.elapsed, lengths)


def test_the_goal_is_where_the_batch_has_it(round_of_many: tuple[Collector, Segments]) -> None:
    source, segments = round_of_many
    centres = cells_to_world(segments.goals, 6)
    np.testing.assert_array_equal(centres, source.batch.goals)
    away = np.linalg.norm(segments.states[:, -1, :2] - centres, axis=1)
    np.testing.assert_array_equal(away < GOAL_RADIUS, segments.reached.any(axis=1))


def test_driving_the_actions_again_gives_the_same_states(round_of_many: tuple[Collector, Segments]) -> None:
    source, segments = round_of_many
    again = AgentBatch(150, 6, 6)
    starts = world_to_cells(segments.states[:, 0, :2], 6)
    yaws = segments.states[:, 0, 2]
    again.place(np.arange(150), source.batch.walls, starts, segments.goals, yaws, source.batch.limits)
    np.testing.assert_array_equal(again.states, segments.states[:, 0])
    for step in range(60):
        again.step(segments.actions[:, step], segments.valid[:, step])
        np.testing.assert_array_equal(again.states, segments.states[:, step + 1])


def test_outcomes_count_every_episode_that_ended(round_of_many: tuple[Collector, Segments]) -> None:
    source, segments = round_of_many
    assert len(source.outcomes) == source.over.sum() and sum(source.outcomes) == segments.reached.sum()
    assert source.success() == pytest.approx(segments.reached.sum() / source.over.sum())
    assert np.isnan(collector(0, agents=1).success())


def test_only_those_that_are_over_get_a_new_task() -> None:
    source = collector(2, agents=100, sizes=(5, 7))
    source.renew()
    source.collect(40, restless, 1.0, 0.0)
    over, states, elapsed = source.over.copy(), source.batch.states.copy(), source.batch.elapsed.copy()
    maps, goals = source.maps(), source.goals.copy()
    assert over.any() and not over.all()
    source.renew()
    assert not source.over.any()
    np.testing.assert_array_equal(source.batch.states[~over], states[~over])
    np.testing.assert_array_equal(source.maps()[~over], maps[~over])
    np.testing.assert_array_equal(source.goals[~over], goals[~over])
    np.testing.assert_array_equal(source.batch.elapsed, np.where(over, 0, elapsed))
    assert (source.batch.states[over, 3:] == 0).all() and (source.maps()[over] != maps[over]).any()


def test_a_segment_goes_on_where_the_last_one_ended() -> None:
    source = collector(3, agents=60)
    source.renew()
    first = source.collect(5, restless, 1.0, 0.0)
    going_on = ~source.over
    source.renew()
    second = source.collect(5, restless, 1.0, 0.0)
    assert going_on.any()
    np.testing.assert_array_equal(second.states[going_on, 0], first.states[going_on, -1])


def test_segments_do_not_change_behind_their_owners_back() -> None:
    source = collector(4, agents=30, sizes=(5, 6))
    source.renew()
    first = source.collect(60, restless, 1.0, 0.0)
    before = {name: array.copy() for name, array in first.arrays().items()}
    source.renew()
    source.collect(60, restless, 1.0, 0.0)
    for name, array in first.arrays().items():
        np.testing.assert_array_equal(array, before[name])


def test_policy_follows_the_decisions_to_go() -> None:
    """A softmax over minus the decisions to go at the temperature; a share of decisions is uniform."""
    source = collector(5, agents=400)
    source.renew()

    def to_go(states: np.ndarray) -> np.ndarray:
        return np.tile([0.0, 1.0, 2.0, 3.0], (len(states), 1))

    sharp = np.bincount(source.collect(5, to_go, 1e-3, 0.0).actions.ravel(), minlength=4)
    assert sharp.tolist() == [2000, 0, 0, 0]
    source.renew()
    soft = np.bincount(source.collect(10, to_go, 2.0, 0.0).actions.ravel(), minlength=4) / 4000
    odds = np.exp(-np.arange(4) / 2.0)
    np.testing.assert_allclose(soft, odds / odds.sum(), atol=0.04)
    source.renew()
    mixed = np.bincount(source.collect(10, to_go, 1e-3, 0.4).actions.ravel(), minlength=4) / 4000
    np.testing.assert_allclose(mixed, [0.7, 0.1, 0.1, 0.1], atol=0.04)


def test_the_draw_is_an_argument() -> None:
    first, second, other = (driven(seed, agents=20, steps=10, rounds=2) for seed in (6, 6, 7))
    for name, array in first.arrays().items():
        np.testing.assert_array_equal(array, getattr(second, name))
    assert (first.actions != other.actions).any()


def test_a_collector_of_given_layouts_drives_in_no_others() -> None:
    layouts = load_set("train-20")[:3]
    collector = Collector(40, (7, 15), stream(0, "collect"), layouts=layouts)
    collector.renew()
    seen = {walls[2:, :13].tobytes() for walls in collector.batch.walls}
    assert seen == {layout.walls.tobytes() for layout in layouts}
