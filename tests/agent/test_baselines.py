"""The oracle reaches every goal in nearly the fewest decisions; the random agent rarely reaches any."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from mazenav.agent.baselines import Oracle, RandomAgent
from mazenav.agent.interface import SeesTruth
from mazenav.agent.route import AXES, free_points, route_field
from mazenav.evaluation.protocol import Task, make_tasks, run_tasks
from mazenav.layout.generate import GENERATORS, generate
from mazenav.layout.graph import check_task, distances
from mazenav.rng import stream
from mazenav.sim.batch import AgentBatch, time_limit
from mazenav.sim.body import DMLAB, Body
from mazenav.topdown.context import blank_map, make_context
from mazenav.topdown.occupancy import cells_to_world, world_grid
from mazenav.types import GOAL_RADIUS, Cell, Layout, MazenavError

SHAPES = ((5, 5), (6, 9), (13, 13), (12, 17), (25, 25))


def draw(*rows: str) -> Layout:
    return Layout(np.array([[mark == "#" for mark in row] for row in rows]))


def task(layout: Layout, start: Cell, goal: Cell, yaw: float = 0.0) -> Task:
    distance = check_task(layout, start, goal)
    return Task(layout, start, goal, yaw, distance, time_limit(distance))


def ringed(layout: Layout) -> np.ndarray:
    return np.pad(world_grid(layout.walls), 1, constant_values=1)


def fewest_decisions(job: Task, most: int) -> int | None:
    """Every sequence of up to `most` actions, each tried in the simulator; none reaching the goal gives None."""
    rows = job.layout.shape[0]
    states = np.array([[*cells_to_world(np.array(job.start), rows), job.yaw, 0, 0, 0]], np.float32)
    for depth in range(1, most + 1):
        n = len(states) * 4
        batch = AgentBatch(n, *job.layout.shape)
        ends = np.tile([*job.start, *job.goal], (n, 1))
        walls = np.broadcast_to(job.layout.walls, (n, *job.layout.shape))
        batch.place(np.arange(n), walls, ends[:, :2], ends[:, 2:], np.zeros(n), np.full(n, most))
        batch.states[:] = np.repeat(states, 4, axis=0)
        if batch.step(np.tile(np.arange(4), len(states))).reached.any():
            return depth
        states = np.unique(batch.states, axis=0)
    return None


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", GENERATORS)
def test_oracle_reaches_every_goal(kind: str, shape: tuple[int, int]) -> None:
    layouts = [generate(kind, shape, stream(1, "oracle", kind, *shape, i)) for i in range(24)]
    result = run_tasks(Oracle(), make_tasks(layouts, 1, seed=2))
    assert all(episode.terminated for episode in result.episodes)
    for episode in result.episodes:
        rows = episode.layout.shape[0]
        goal = cells_to_world(np.array(episode.goal), rows)
        assert np.linalg.norm(episode.states[-1, :2] - goal) < GOAL_RADIUS
        assert np.linalg.norm(episode.states[:-1, :2] - goal, axis=1).min() >= GOAL_RADIUS


def test_oracle_is_within_a_hundredth_of_the_fewest_decisions() -> None:
    layouts = [generate(kind, (5, 6), stream(3, "tiny", kind, i)) for kind in GENERATORS for i in range(8)]
    tasks = make_tasks(layouts, 1, seed=4)
    best = [fewest_decisions(job, 7) for job in tasks]
    taken = [len(episode) for episode in run_tasks(Oracle(), tasks).episodes]
    solved = [(own, least) for own, least in zip(taken, best, strict=True) if least is not None]
    assert len(solved) >= 20
    assert all(own >= least for own, least in solved)
    assert sum(own for own, _ in solved) <= 1.01 * sum(least for _, least in solved)
    assert all(own > 7 for own, least in zip(taken, best, strict=True) if least is None)


def test_a_wider_beam_gains_less_than_a_hundredth() -> None:
    layouts = [generate(kind, (13, 13), stream(5, "wide beam", kind, i)) for kind in GENERATORS for i in range(4)]
    tasks = make_tasks(layouts, 1, seed=6)
    usual = sum(len(episode) for episode in run_tasks(Oracle(), tasks).episodes)
    wide = sum(len(episode) for episode in run_tasks(Oracle(width=512), tasks).episodes)
    assert wide <= usual <= 1.01 * wide


def test_of_two_ways_equally_long_the_oracle_takes_the_one_with_fewer_turns() -> None:
    rows = (
        "#########",
        "#       #",
        "# ##### #",
        "# ###   #",
        "# ### ###",
        "# ###   #",
        "# ##### #",
        "# ###   #",
        "# ### ###",
        "#     ###",
        "#########",
    )
    both = draw(*rows)
    straight, winding = draw(*rows[:2], "# #######", *rows[3:]), draw(*rows[:2], "####### #", *rows[3:])
    start, goal = (1, 5), (9, 5)
    assert check_task(straight, start, goal) == check_task(winding, start, goal) == 16
    taken = [len(run_tasks(Oracle(), [task(layout, start, goal)]).episodes[0]) for layout in (both, straight, winding)]
    assert taken[0] == taken[1] < taken[2]


def test_the_field_is_infinite_exactly_where_the_goal_cannot_be_reached() -> None:
    for kind in GENERATORS:
        layout = generate(kind, (11, 14), stream(7, "field", kind))
        walls = layout.walls.copy()
        walls[:, 7] = True
        layout = Layout(walls)
        goal = tuple(int(side) for side in np.argwhere(~walls[:, :7])[0])
        x, y = cells_to_world(np.array(goal), 11)
        field = route_field(ringed(layout), int(2 * x), int(2 * y), 2.0, 1.0)
        steps = distances(walls, goal)
        for row, column in layout.free_cells():
            i, j = (int(2 * side) for side in cells_to_world(np.array([row, column]), 11))
            assert np.isfinite(field[i, j]).all() == (steps[row, column] >= 0)
            assert (
                steps[row, column] < 0 or (field[i, j] <= 2.0 * steps[row, column] + steps[row, column] * 2 + 2).all()
            )
        assert (field[int(2 * x), int(2 * y)] == 0).all()
        assert np.isinf(field[~free_points(ringed(layout))]).all()


def test_the_field_charges_for_distance_and_turns() -> None:
    hall = draw("#######", "#     #", "#     #", "#     #", "#######")
    field = route_field(ringed(hall), 3, 5, 2.0, 1.0)  # the goal: row 2, column 1, its centre at (1.5, 2.5)
    assert field.shape == (15, 11, AXES)
    along_the_row = field[11, 5]  # (5.5, 2.5), four cells to the right
    assert along_the_row == pytest.approx([8, 9, 10, 9])
    assert field[5, 7] == pytest.approx([2 * math.sqrt(2) + turn for turn in (1, 0, 1, 2)])


def test_points_of_the_field_touch_no_wall() -> None:
    layout = draw("####", "#  #", "## #", "####")
    free = {(int(i), int(j)) for i, j in np.argwhere(free_points(ringed(layout)))}
    # Centres of the three cells, and the two borders between them; x = i / 2 and y = j / 2, upwards.
    assert free == {(3, 5), (5, 5), (5, 3), (4, 5), (5, 4)}


def test_oracle_ignores_the_given_map() -> None:
    tasks = make_tasks([generate("backtracker", (9, 9), stream(8, "maps", i)) for i in range(6)], 1, seed=9)
    runs = [run_tasks(Oracle(), tasks, given_map=given_map) for given_map in ("true", "blank", "shuffled")]
    for run in runs[1:]:
        for episode, other in zip(run.episodes, runs[0].episodes, strict=True):
            assert np.array_equal(episode.states, other.states)


def test_oracle_plans_anew_where_the_body_was_pushed() -> None:
    job = make_tasks([generate("backtracker", (13, 13), stream(10, "push"))], 1, seed=11)[0]
    oracle, rng = Oracle(), stream(12, "push")
    oracle.reveal([job.layout])
    oracle.begin([make_context(job.layout, job.start, job.goal)], [rng])
    batch = AgentBatch(1, *job.layout.shape)
    limit = np.array([job.limit])
    batch.place(
        np.array([0]), [job.layout.walls], np.array([job.start]), np.array([job.goal]), np.array([job.yaw]), limit
    )
    for decision in range(job.limit):
        if decision % 3 == 0:
            batch.states[0, 2] = rng.uniform(-math.pi, math.pi)
            batch.states[0, 3:5] *= 0.5
        if batch.step(oracle.act(batch.states, np.ones(1, np.bool_))).reached[0]:
            break
    else:
        pytest.fail("the oracle never got there")
    assert batch.elapsed[0] < job.limit / 2


@pytest.mark.parametrize(
    "body", [dataclasses.replace(DMLAB, action_repeat=4), dataclasses.replace(DMLAB, look_pixels=20)]
)
def test_oracle_drives_other_bodies(body: Body) -> None:
    tasks = make_tasks([generate(kind, (9, 9), stream(13, kind)) for kind in GENERATORS], 2, seed=14)
    patient = [job._replace(limit=4 * job.limit) for job in tasks]
    assert all(episode.terminated for episode in run_tasks(Oracle(body), patient, body=body).episodes)


def test_oracle_says_what_it_needs() -> None:
    layout = draw("####", "#  #", "####")
    context = make_context(layout, (1, 1), (1, 2), blank_map(layout))
    with pytest.raises(MazenavError, match="true layout of each of 1 episodes, found 0"):
        Oracle().begin([context], [stream(0)])
    with pytest.raises(MazenavError, match="at least one state, found width 0"):
        Oracle(width=0)


def test_random_agent_is_far_worse_and_sees_nothing() -> None:
    layouts = [generate(kind, (13, 13), stream(15, "random", kind, i)) for kind in GENERATORS for i in range(12)]
    tasks = [job for job in make_tasks(layouts, 2, seed=16) if job.distance >= 5]
    assert not isinstance(RandomAgent(), SeesTruth)
    assert np.mean([episode.terminated for episode in run_tasks(RandomAgent(), tasks).episodes]) < 0.3


def test_random_agent_draws_all_actions_alike_from_the_generators_of_the_episodes() -> None:
    agent = RandomAgent()
    layout = draw("####", "#  #", "####")
    contexts = [make_context(layout, (1, 1), (1, 2))] * 3
    states, active = np.zeros((3, 6), np.float32), np.array([True, False, True])
    agent.begin(contexts, [stream(17, i) for i in range(3)])
    actions = np.array([agent.act(states, active) for _ in range(2000)])
    assert np.array_equal(actions[:, 2], stream(17, 2).integers(4, size=2000))
    share = np.bincount(actions[:, 0], minlength=4) / 2000
    assert np.abs(share - 0.25).max() < 0.05
