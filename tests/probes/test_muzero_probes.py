"""The paper's agent learns in a world of two mazes, in seconds; where the map decides, the map must be read."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from mazenav.config.dense import DenseModelConfig, DenseTrainConfig
from mazenav.model.dense.network import DenseModel
from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import FORWARD
from mazenav.training.curriculum import draw_task_within
from mazenav.training.muzero import MuZeroRun
from mazenav.training.tasks import DrawnTask
from mazenav.types import Layout

OPEN_LEFT = Layout(np.array([[1, 1, 1, 1, 1], [1, 0, 0, 0, 1], [1, 0, 1, 1, 1], [1, 0, 0, 0, 1], [1, 1, 1, 1, 1]]))
OPEN_RIGHT = Layout(OPEN_LEFT.walls[:, ::-1])
START, GOAL = (3, 1), (1, 1)
"""Two cells apart where the left is open, six where the right is."""

TINY = DenseTrainConfig(
    model=DenseModelConfig(
        side=5,
        channels=8,
        depth=2,
        pooled=4,
        embedding=64,
        latent=12,
        hidden=16,
        plan_channels=16,
        plan_rounds=8,
        prediction_hidden=32,
        prediction_depth=2,
    ),
    iterations=120,
    agents=64,
    segment=20,
    minibatch=16,
    replayed=32,
    replay_capacity=1024,
    learning_rate=3e-3,
    dynamics_learning_rate=6e-3,
    explore_uniform=0.1,
    sizes=(5, 5),
    nearest=6,
)


@pytest.fixture(scope="module")
def pupil() -> tuple[MuZeroRun, list[dict[str, float]]]:
    """An agent after 480 gradient steps in the two mazes, and its log."""
    run = MuZeroRun(TINY, "cpu")
    rng = run.rngs["collect"]

    def draw() -> DrawnTask:
        task = draw_task_within((OPEN_LEFT, OPEN_RIGHT)[rng.integers(2)], 6, rng)
        assert task is not None, "every free cell of these mazes has a way to every other"
        return task

    run.collector.draw = draw  # type: ignore[method-assign]  # the one thing that differs from a real run
    return run, [run.iterate() for _ in range(TINY.iterations)]


def model_of(run: MuZeroRun, layout: Layout) -> DenseModel:
    maps = torch.from_numpy(layout.walls.astype(np.float32))[None]
    with torch.no_grad():
        return DenseModel(run.network, run.network.read(maps, torch.tensor([START]), torch.tensor([GOAL])))


def values(run: MuZeroRun, layout: Layout, cell: tuple[int, int]) -> np.ndarray:
    """Decisions to go from the middle of a cell, facing each of the four winds."""
    states = torch.tensor([[cell[1] + 0.5, 4.5 - cell[0], yaw, 0, 0, 0] for yaw in np.arange(4) * math.pi / 2])
    with torch.no_grad():
        latent = run.network.representation(states.float(), 5)
        found = -model_of(run, layout).predict(latent, torch.zeros(4, dtype=torch.int64)).value.numpy()
    return np.asarray(found)


def test_it_learns_to_reach_its_goals(pupil: tuple[MuZeroRun, list[dict[str, float]]]) -> None:
    _, log = pupil
    assert log[4]["success"] < 0.55, "what chance alone reaches"
    assert log[-1]["success"] > 0.65
    assert log[-1]["model"] < 0.4 * log[0]["model"]


def test_what_lies_nearer_is_worth_more(pupil: tuple[MuZeroRun, list[dict[str, float]]]) -> None:
    run, _ = pupil
    along = [values(run, OPEN_LEFT, cell).mean() for cell in ((2, 1), (3, 1), (3, 2))]
    assert along[0] < along[1] < along[2], "one, two and three cells"


def test_the_map_decides_what_a_state_is_worth(pupil: tuple[MuZeroRun, list[dict[str, float]]]) -> None:
    """One observation and one goal, two cells apart in one maze and six in the other: only the map tells."""
    run, _ = pupil
    near, far = values(run, OPEN_LEFT, START), values(run, OPEN_RIGHT, START)
    assert (far > near + 2).all() and far.mean() > 1.25 * near.mean()


def test_the_map_decides_where_a_decision_leads(pupil: tuple[MuZeroRun, list[dict[str, float]]]) -> None:
    """Twice ahead, northward: through the opening in one maze, and into a wall in the other."""
    run, _ = pupil
    batch = AgentBatch(2, 5, 5)
    layouts, two = [OPEN_LEFT, OPEN_RIGHT], np.arange(2)
    north = np.full(2, math.pi / 2)
    batch.place(two, [layout.walls for layout in layouts], np.tile(START, (2, 1)), np.zeros((2, 2)), north, two + 99)
    began = torch.from_numpy(batch.states.copy())
    for _ in range(2):
        batch.step(np.full(2, FORWARD))
    true_way = batch.states[:, 1] - began[:, 1].numpy()
    assert true_way[0] > true_way[1] + 0.3
    ways = []
    for row, layout in enumerate(layouts):
        model, context = model_of(run, layout), torch.zeros(1, dtype=torch.int64)
        with torch.no_grad():
            first = latent = run.network.representation(began[row : row + 1], 5)
            for _ in range(2):
                latent = model.step(latent, torch.tensor([FORWARD]), context).latent
            gone = run.network.representation.positions(first) - run.network.representation.positions(latent)
            ways.append(gone[0, 0].item())
    assert ways[0] > ways[1] + 0.1, f"{true_way} are the true ways"
