"""What agents are given: maps made wrong on purpose, and places that are not quite where they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mazenav.agent.baselines import RandomAgent
from mazenav.evaluation.given import EXACT, GivenMap, PoseNoise, parse_given_map
from mazenav.evaluation.protocol import Task, context_of, make_tasks, run_tasks
from mazenav.layout.generate import generate
from mazenav.rng import stream
from mazenav.topdown.perturb import PERTURBATIONS
from mazenav.types import MazenavError, TaskContext


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return make_tasks([generate("backtracker", (9, 11), stream(3, i)) for i in range(6)], 1, 0)


class Witness(RandomAgent):
    """Remembers what it was told."""

    def begin(self, contexts: Sequence[TaskContext], rngs: Sequence[np.random.Generator]) -> None:
        super().begin(contexts, rngs)
        self.maps = [context.map for context in contexts]
        self.seen: list[np.ndarray] = []

    def act(self, states: np.ndarray, active: np.ndarray) -> np.ndarray:
        self.seen.append(states.copy())
        return super().act(states, active)


@given(st.sampled_from(sorted(PERTURBATIONS)), st.floats(0, 1))
def test_perturbations_are_named_by_kind_and_strength(kind: str, strength: float) -> None:
    assert parse_given_map(f"{kind}:{strength!r}") == GivenMap(kind, strength)


@pytest.mark.parametrize(
    "text", ["", "wrong", "mixed", "mixed:", "mixed:x", "mixed:1.5", "mixed:nan", "true:0.1", ":1"]
)
def test_other_names_are_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(MazenavError, match="KIND:STRENGTH") as caught:
        parse_given_map(text)
    assert repr(text) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", sorted(PERTURBATIONS))
def test_wrong_maps_are_wrong_but_for_start_and_goal(tasks: list[Task], kind: str) -> None:
    wrong = 0
    for task in tasks:
        context = context_of(task, f"{kind}:0.3", stream(1, "x"))
        assert context.map[task.start] == context.map[task.goal] == 0
        wrong += int(((context.map >= 0.5) != task.layout.walls).sum())
        again = context_of(task, f"{kind}:0.3", stream(1, "x"))
        np.testing.assert_array_equal(context.map, again.map)
    assert wrong > 0 or kind == "blur"


def test_wrong_maps_do_not_depend_on_the_batch_size(tasks: list[Task]) -> None:
    maps = []
    for size in (1, 4, 256):
        witness = Witness()
        run_tasks(witness, tasks[:1] if size == 1 else tasks, given_map="mixed:0.2", batch_size=size)
        maps.append({map.tobytes() for map in witness.maps})
    assert maps[0] <= maps[2] and maps[1] <= maps[2] and len(maps[2]) == len(tasks)


def test_exact_poses_are_what_the_simulator_says(tasks: list[Task]) -> None:
    witness = Witness()
    episodes = run_tasks(witness, tasks, noise=EXACT).episodes
    first = {episode.states[0].tobytes() for episode in episodes}
    assert {state.tobytes() for state in witness.seen[0]} == first
    assert EXACT.draw([3, 4], [0, 1], 0) is None


def test_noise_is_of_the_asked_size_and_each_episodes_own() -> None:
    limits, numbers = [4000, 3000], [5, 9]
    errors = PoseNoise(start=0.5, pose=0.1).draw(limits, numbers, 2)
    assert errors is not None and errors.shape == (2, 4001, 3)
    assert errors[0, :, 2].std() == pytest.approx(0.1, rel=0.1) and abs(errors[0, :, 2].mean()) < 0.01
    assert errors[0, :, 0].std() == pytest.approx(0.1, rel=0.1)
    alone = PoseNoise(start=0.5, pose=0.1).draw(limits[1:], numbers[1:], 2)
    assert alone is not None
    np.testing.assert_array_equal(alone[0], errors[1, :3001])
    offsets = [PoseNoise(start=0.5).draw([1], [n], 0) for n in range(400)]
    places = np.array([offset[0, 0] for offset in offsets if offset is not None])
    assert places[:, :2].std() == pytest.approx(0.5, rel=0.1) and not places[:, 2].any()


def test_noise_reaches_the_agent_and_not_the_body(tasks: list[Task]) -> None:
    witness = Witness()
    noisy = run_tasks(witness, tasks, noise=PoseNoise(start=0.2, pose=0.1), seed=4).episodes
    clean = run_tasks(RandomAgent(), tasks, seed=4).episodes
    for one, other in zip(noisy, clean, strict=True):
        np.testing.assert_array_equal(one.states, other.states)
    starts = {episode.states[0, :2].tobytes() for episode in clean}
    told = {state[:2].tobytes() for state in witness.seen[0]}
    assert not starts & told
    assert all((np.abs(states[:, 2]) <= np.pi + 1e-6).all() for states in witness.seen)
