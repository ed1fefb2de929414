"""The engineer's agent: at home on right maps, mends wrong ones, and knows nothing but map and body."""

from __future__ import annotations

import numpy as np
import pytest

from mazenav.agent.baselines import Oracle
from mazenav.agent.classic import Classic, cheapest_way
from mazenav.agent.interface import SeesTruth
from mazenav.evaluation.given import PoseNoise
from mazenav.evaluation.protocol import Task, make_tasks, run_tasks
from mazenav.layout.generate import generate
from mazenav.layout.graph import distances
from mazenav.rng import stream
from mazenav.types import Layout


def tasks(count: int, kinds: tuple[str, ...] = ("backtracker", "rooms", "clutter", "wide")) -> list[Task]:
    layouts = [generate(kinds[i % len(kinds)], (11, 13), stream(8, i)) for i in range(count)]
    return make_tasks(layouts, 1, 2)


def decisions(agent: Classic | Oracle, chosen: list[Task], given_map: str) -> tuple[float, float]:
    """Success and mean decisions."""
    episodes = run_tasks(agent, chosen, given_map=given_map).episodes
    return float(np.mean([e.terminated for e in episodes])), float(np.mean([len(e) for e in episodes]))


def test_it_sees_no_truth() -> None:
    assert not isinstance(Classic(), SeesTruth)


def test_on_right_maps_it_drives_as_the_oracle_does() -> None:
    chosen = tasks(24)
    success, taken = decisions(Classic(), chosen, "true")
    assert success == 1.0
    assert taken <= 1.03 * decisions(Oracle(), chosen, "true")[1]


@pytest.mark.parametrize("given_map", ["wall-to-corridor:0.2", "corridor-to-wall:0.2", "mixed:0.2", "erased:0.3"])
def test_it_mends_wrong_maps(given_map: str) -> None:
    assert decisions(Classic(), tasks(24), given_map)[0] >= 0.9


def test_a_start_that_is_off_is_found_out() -> None:
    episodes = run_tasks(Classic(), tasks(24), noise=PoseNoise(start=0.1)).episodes
    assert np.mean([episode.terminated for episode in episodes]) >= 0.9


def test_it_finds_its_way_even_on_blank_maps() -> None:
    assert decisions(Classic(), tasks(12, ("rooms", "clutter")), "blank")[0] >= 0.75


def test_the_result_does_not_depend_on_the_batch() -> None:
    chosen = tasks(8)
    together = run_tasks(Classic(), chosen, given_map="mixed:0.2").episodes
    alone = run_tasks(Classic(), chosen, given_map="mixed:0.2", batch_size=1).episodes
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_array_equal(one.actions, other.actions)


def test_the_cheapest_way_is_the_shortest_where_prices_are_even() -> None:
    for seed in range(20):
        layout: Layout = generate("clutter", (9, 12), stream(seed, "way"))
        free = np.argwhere(~layout.walls)
        start, goal = free[0], free[-1]
        price = np.where(layout.walls, 1e6, 1.0)
        way = cheapest_way(price, start[0], start[1], goal[0], goal[1])
        assert tuple(way[0]) == tuple(start) and tuple(way[-1]) == tuple(goal)
        assert (np.abs(np.diff(way, axis=0)).sum(axis=1) == 1).all() and not layout.walls[tuple(way.T)].any()
        assert len(way) - 1 == distances(layout.walls, tuple(int(v) for v in goal))[tuple(start)]


def test_the_cheapest_way_breaks_the_fewest_walls() -> None:
    walls = np.array([[0, 1, 0, 1, 0], [0, 1, 1, 1, 0]], bool)
    way = cheapest_way(np.where(walls, 60.0, 1.0), 0, 0, 0, 4)
    assert walls[tuple(way.T)].sum() == 2 and len(way) == 5
