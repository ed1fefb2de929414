"""The agent that mends its map: as quick as any on a right map, and not lost on a wrong one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from mazenav.agent.corrector import TRY, Corrector, borders_of, tempered, through, tried, way_down
from mazenav.agent.interface import SeesTruth
from mazenav.agent.loading import load_agent
from mazenav.evaluation.given import PoseNoise
from mazenav.evaluation.protocol import Task, make_tasks, run_tasks
from mazenav.layout.generate import generate
from mazenav.model.hypermodel import MOVES, block_costs
from mazenav.planner.field import value_field
from mazenav.rng import stream
from mazenav.types import Layout
from tests.model.small import DOUBTING, small_network

KINDS = ("backtracker", "rooms", "clutter", "wide")


def tasks(count: int, shape: tuple[int, int] = (11, 13)) -> list[Task]:
    return make_tasks([generate(KINDS[i % 4], shape, stream(21, i)) for i in range(count)], 1, 6)


@pytest.fixture(scope="module")
def shipped() -> Corrector:
    agent = load_agent("mmn")
    assert isinstance(agent, Corrector)
    return agent


def test_it_sees_no_truth(shipped: Corrector) -> None:
    assert not isinstance(shipped, SeesTruth)


def test_on_right_maps_it_drives_as_a_navigator_does(shipped: Corrector) -> None:
    chosen = tasks(24)
    plain = run_tasks(shipped.trusting(), chosen).episodes
    mending = run_tasks(shipped, chosen).episodes
    assert all(episode.terminated for episode in mending)
    same = [np.array_equal(one.actions, other.actions) for one, other in zip(plain, mending, strict=True)]
    assert np.mean(same) >= 0.95
    assert np.mean([len(e) for e in mending]) <= 1.03 * np.mean([len(e) for e in plain])


@pytest.mark.parametrize("given_map", ["mixed:0.2", "wall-to-corridor:0.2", "corridor-to-wall:0.2", "shift:0.2"])
def test_it_comes_through_wrong_maps_where_a_navigator_does_not(shipped: Corrector, given_map: str) -> None:
    chosen = tasks(24)
    plain = run_tasks(shipped.trusting(), chosen, given_map=given_map).episodes
    mending = run_tasks(shipped, chosen, given_map=given_map).episodes
    success = np.mean([episode.terminated for episode in mending])
    assert success >= 0.85 and success >= np.mean([episode.terminated for episode in plain]) + 0.1


@pytest.mark.parametrize("given_map", ["true", "mixed:0.2"])
def test_a_start_that_is_off_costs_it_little(shipped: Corrector, given_map: str) -> None:
    chosen = tasks(24)
    exact = run_tasks(shipped, chosen, given_map=given_map).episodes
    off = run_tasks(shipped, chosen, given_map=given_map, noise=PoseNoise(start=0.1)).episodes
    assert np.mean([e.terminated for e in off]) >= np.mean([e.terminated for e in exact]) - 0.05
    assert np.mean([len(e) for e in off]) <= 1.25 * np.mean([len(e) for e in exact])


@pytest.mark.parametrize("given_map", ["true", "mixed:0.2", "erased:0.3"])
def test_maps_that_nothing_frames(shipped: Corrector, given_map: str) -> None:
    layouts = [Layout(stream(22, i).random((9, 9)) < 0.25) for i in range(12)]
    episodes = run_tasks(shipped, make_tasks(layouts, 1, 0), given_map=given_map).episodes
    assert np.mean([episode.terminated for episode in episodes]) >= 0.9


def test_the_result_does_not_depend_on_the_batch() -> None:
    """With an untrained network, which is surprised all the time."""
    chosen = [task._replace(limit=25) for task in [*tasks(4), *tasks(3, (8, 7))]]
    agent = Corrector(small_network(config=DOUBTING), "small")
    together = run_tasks(agent, chosen, given_map="mixed:0.2").episodes
    alone = run_tasks(agent, chosen, given_map="mixed:0.2", batch_size=1).episodes
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_array_equal(one.actions, other.actions)


def walls_in_order(chosen: list[Task]) -> np.ndarray:
    """True walls of tasks of one shape, in the order in which they are driven side by side."""
    order = sorted(range(len(chosen)), key=lambda i: (chosen[i].distance, i))
    return np.stack([chosen[i].layout.walls for i in order])


def test_what_it_believes_in_the_end_is_mostly_true(shipped: Corrector) -> None:
    chosen = tasks(12)
    run_tasks(shipped, chosen, given_map="mixed:0.25")
    beliefs, truth = shipped.beliefs, walls_in_order(chosen)
    proven = beliefs.proven
    assert proven.sum() > 30 and truth[proven].mean() >= 0.99
    known = beliefs.known > 0
    assert ((beliefs.map > 0) == truth)[known].mean() >= 0.97
    assert ((beliefs.given > 0) == truth)[known].mean() < 0.97


@pytest.mark.parametrize("given_map", ["erased:0.3", "wall-to-corridor:0.2"])
def test_the_reader_is_too_sure_of_walls_that_the_map_does_not_show(shipped: Corrector, given_map: str) -> None:
    chosen = tasks(80)
    run_tasks(shipped, chosen, given_map=given_map)
    beliefs, truth = shipped.beliefs, walls_in_order(chosen)
    assert shipped.network.doubt is not None
    with torch.no_grad():
        read = shipped.network.doubt(beliefs.belief(list(range(len(chosen)))))
    asked = (beliefs.given < 0.5) & (beliefs.known == 0) & ~beliefs.fixed & beliefs.doubtful[:, None, None]
    walls, read = torch.from_numpy(truth[asked]).float(), read[torch.from_numpy(asked)]
    assert (read < -1).sum() > 50
    cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits
    assert cross_entropy(-tempered(read), walls) < cross_entropy(-read, walls) - 0.01


def test_what_is_likely_free_is_taken_as_read() -> None:
    read = torch.linspace(-12, 12, 100)
    came = tempered(read)
    assert (came.diff() > 0).all() and (came >= read).all()
    torch.testing.assert_close(came[read > 1], read[read > 1])


def test_a_border_is_as_open_as_both_of_its_cells() -> None:
    free = torch.tensor([[[8.0, 8.0, -8.0], [8.0, 8.0, 8.0]]])
    right, down = borders_of(free)
    assert right.shape == (1, 2, 2) and down.shape == (1, 1, 3)
    torch.testing.assert_close(right[0, 0], torch.tensor([8 - np.log(2), -8.0]).float(), rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(down[0, 0, 2], torch.tensor(-8.0), rtol=1e-3, atol=1e-3)


def test_a_way_costs_its_odds_of_being_closed() -> None:
    logit = torch.tensor([[[0.0, 2.0, -3.0]]])
    cost, _ = block_costs(*tried((logit, logit)))
    torch.testing.assert_close(cost, TRY * torch.exp(-logit))


def test_moves_through_cells() -> None:
    cells = torch.zeros(1, 4, 4, dtype=torch.bool)
    cells[0, 1, 1] = True
    moves = through(cells)
    assert moves.shape == (1, 8, 4, 4)
    for move, (down, across) in enumerate(MOVES):
        for row in range(1, 3):
            for column in range(1, 3):
                place = row + down, column + across
                corners = {(row, column), place, (row, place[1]), (place[0], column)}
                assert bool(moves[0, move, row, column]) == ((1, 1) in corners or not inside(place)), (
                    move,
                    row,
                    column,
                )


def inside(place: tuple[int, int]) -> bool:
    return 0 <= place[0] < 4 and 0 <= place[1] < 4


def test_the_way_down_ends_at_the_goal_and_costs_what_the_field_says() -> None:
    rng = np.random.default_rng(0)
    costs = torch.from_numpy(rng.uniform(1, 5, (1, 8, 6, 7)).astype(np.float32))
    field = value_field(costs, torch.tensor([[5, 6]]))
    way = way_down(costs[0].numpy(), field[0].numpy(), (0, 0))
    assert way[0] == (0, 0) and way[-1] == (5, 6)
    assert all(max(abs(a[0] - b[0]), abs(a[1] - b[1])) == 1 for a, b in pairwise(way))
