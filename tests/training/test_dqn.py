"""Runs of the learned baselines: whole, stopped and gone on with, evaluated; and the pieces of their learning."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mazenav.agent.loading import load_agent
from mazenav.agent.value_agent import ValueAgent
from mazenav.cli.main import main
from mazenav.config.modelfree import QModelConfig, QTrainConfig, ReplayConfig
from mazenav.config.presets import PRESETS, AnyConfig
from mazenav.config.vin import VinModelConfig, VinTrainConfig
from mazenav.evaluation.protocol import make_tasks, run_tasks
from mazenav.layout.formats.reading import read_layout
from mazenav.layout.split import content_hash
from mazenav.model.rescaling import rescale, unscale
from mazenav.replay.segment import Segments, concatenate
from mazenav.training import loop
from mazenav.training.dqn import LAYOUT, QLearner, QRun, only_layout, q_errors, spread_epsilons
from mazenav.training.loop import new_run, train
from mazenav.training.tasks import held_out
from mazenav.types import MazenavError
from tests.model.test_qnetwork import small_q
from tests.replay.driving import driven

SMALL_Q = QModelConfig(channels=4, rounds=2, plans=2, hidden=8, hidden_depth=1)
MAH = QTrainConfig(
    model=SMALL_Q,
    replay=ReplayConfig(capacity=60),
    iterations=4,
    agents=8,
    segment=8,
    steps=2,
    minibatch=4,
    target_period=3,
    sizes=(5, 9),
)
TINY: dict[str, AnyConfig] = {
    "mah": MAH,
    "dqn": replace(MAH, model=replace(SMALL_Q, reads_map=False, side=7), sizes=(7, 7)),
    "vin": VinTrainConfig(
        model=VinModelConfig(channels=4, depth=1, prediction_hidden=8, prediction_depth=1),
        iterations=4,
        agents=8,
        segment=8,
        minibatch=4,
        replayed=4,
        replay_capacity=32,
        sizes=(5, 9),
    ),
}


@pytest.fixture(scope="module", params=TINY)
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted run, in a folder of its agent's name."""
    return train(TINY[request.param], tmp_path_factory.mktemp("runs") / request.param)


def test_a_resumed_run_equals_one_that_never_stopped(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY", 1)

    def stop(done: int, total: int, note: str) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(TINY[whole.name], tmp_path, progress=stop)
    train(TINY[whole.name], tmp_path, resume=True)
    assert (tmp_path / "weights.safetensors").read_bytes() == (whole / "weights.safetensors").read_bytes()
    rows = [(run / "metrics.jsonl").read_text().splitlines() for run in (whole, tmp_path)]
    for kept, resumed in zip(*([json.loads(line) for line in lines] for lines in rows), strict=True):
        assert kept | {"seconds": 0} == resumed | {"seconds": 0}


def test_the_result_is_an_agent_with_curves_and_a_card(whole: Path) -> None:
    agent = load_agent(whole)
    assert isinstance(agent, ValueAgent) and agent.name == whole.name
    assert list((whole / "curves").iterdir())
    card = (whole / "card.md").read_text()
    assert f"mazenav train {whole.name} --seed 0" in card and "4 iterations" in card
    assert (whole / LAYOUT).exists() == (whole.name == "dqn")


def test_the_seed_decides_the_run(whole: Path, tmp_path: Path) -> None:
    other = train(replace(TINY[whole.name], seed=1), tmp_path / whole.name)
    assert (other / "weights.safetensors").read_bytes() != (whole / "weights.safetensors").read_bytes()


def test_the_command_evaluates_it(whole: Path, tmp_path: Path) -> None:
    layouts = str(whole / LAYOUT) if whole.name == "dqn" else "test-13"
    assert main(["evaluate", str(whole), layouts, "--max-layouts", "2", "--json", str(tmp_path / "result.json")]) == 0
    assert json.loads((tmp_path / "result.json").read_text())["agent"] == whole.name


def test_presets_go_by_their_names() -> None:
    assert isinstance(PRESETS["mah"], QTrainConfig) and PRESETS["mah"].model.reads_map
    assert isinstance(PRESETS["dqn"], QTrainConfig) and not PRESETS["dqn"].model.reads_map
    assert isinstance(PRESETS["vin"], VinTrainConfig)


def test_the_only_layout_is_kept_beside_the_agent(whole: Path) -> None:
    if whole.name != "dqn":
        assert not (whole / LAYOUT).exists()
        return
    layout, config = read_layout(whole / LAYOUT), TINY["dqn"]
    assert isinstance(config, QTrainConfig) and layout == only_layout(config)
    assert content_hash(layout) not in held_out()
    assert only_layout(replace(config, seed=1)) != layout
    agent = load_agent(whole)
    assert len(run_tasks(agent, [task._replace(limit=3) for task in make_tasks([layout], 3, 0)]).episodes) == 3


def test_all_tasks_of_a_single_layout_lie_in_it() -> None:
    run = new_run(TINY["dqn"], "cpu")
    assert isinstance(run, QRun) and run.layout is not None
    run.collector.renew()
    assert (run.collector.batch.walls == run.layout.walls).all()
    assert not run.layout.walls[tuple(run.collector.goals.T)].any()


def test_shares_of_random_actions_are_spread_as_in_ape_x() -> None:
    shares = spread_epsilons(256, 0.4, 7.0)
    assert shares[0] == 0.4 and shares[-1] == pytest.approx(0.4**8)
    np.testing.assert_allclose(shares[1:] / shares[:-1], 0.4 ** (7 / 255))
    assert spread_epsilons(1, 0.4, 7.0).tolist() == [0.4]


def test_actors_stray_by_their_own_share() -> None:
    """Actors that would always do the same do something else in three of four random actions."""
    run = QRun(replace(MAH, agents=64, segment=50, temperature=0, replay=ReplayConfig(capacity=300)), "cpu")
    run.collector.renew()
    fresh = run.collect(lambda states: np.tile([1.0, 2.0, 0.0, 2.0], (len(states), 1)))
    assert (fresh.actions[-10:] == 2).mean() > 0.99
    assert (fresh.actions[:16] != 2).mean() == pytest.approx(0.75 * run.epsilons[:16].mean(), abs=0.05)


def learner(config: QTrainConfig) -> QLearner:
    return QLearner(small_q(1), config, np.random.default_rng(0))


def test_a_segment_is_remembered_under_several_goals() -> None:
    segments = driven(0, agents=20, steps=8)
    pupil = learner(replace(MAH, replay=ReplayConfig(capacity=1000, hindsight=3, elsewhere=1.0)))
    pupil.remember(segments)
    assert 3 * len(segments) < len(pupil.replay) < 5 * len(segments), "those with nothing to reach are left out"
    drawn = pupil.replay.draw(500, np.random.default_rng(0)).segments
    assert drawn.valid.any(axis=1).all()
    assert drawn.reached.any(axis=1).mean() > 0.3 > segments.reached.any(axis=1).mean()


def test_targets_are_those_of_n_step_double_q_learning() -> None:
    """The network chooses, the target network judges; by hand for one segment, one decision at a time."""
    network, judge = small_q(1), small_q(2)
    segments = driven(3, agents=1, steps=6)
    segments.valid[:], segments.reached[:] = True, False
    config = replace(MAH, n_step=2, discount=0.9, greedy_margin=1e6)
    with torch.no_grad():
        taken, targets, valid = q_errors(network, judge, segments, config)
        latent = network.representation(torch.from_numpy(segments.states[0]), segments.maps.shape[1])
        tasks = torch.from_numpy(segments.maps), torch.from_numpy(segments.goals)
        mine, theirs = (net.bind(*tasks).scaled(latent, torch.zeros(7, dtype=torch.int64)) for net in (network, judge))
    assert valid.all()
    for time in range(6):
        torch.testing.assert_close(taken[0, time], mine[time, int(segments.actions[0, time])])
        end = min(time + 2, 6)
        ahead = unscale(theirs[end, mine[end].argmin()])
        expected = 1 + 0.9 + 0.81 * ahead if end == time + 2 else 1 + 0.9 * ahead
        torch.testing.assert_close(targets[0, time], rescale(expected))


def test_learning_brings_errors_down_and_priorities_up_to_date() -> None:
    segments = driven(4, agents=12, steps=8)
    config = replace(MAH, minibatch=12, steps=40, learning_rate=1e-2, iterations=300, target_period=1000)
    pupil = learner(replace(config, replay=ReplayConfig(capacity=100, hindsight=1, elsewhere=0.0)))
    first = pupil.learn(segments)["value"]
    nothing_new = segments.take(np.zeros(0, np.int64))
    pupil.learn(nothing_new)
    assert pupil.learn(nothing_new)["value"] < 0.8 * first
    places = np.arange(len(pupil.replay))
    everything = pupil.replay.draw(2000, np.random.default_rng(0))
    assert set(everything.places.tolist()) == set(places.tolist()), "nothing is ever out of reach"


def test_the_target_network_is_copied_now_and_then() -> None:
    pupil = learner(MAH)
    pupil.remember(concatenate([driven(5, agents=8, steps=8)]))
    same = []
    for _ in range(6):
        pupil.step()
        pairs = zip(pupil.network.parameters(), pupil.target.parameters(), strict=True)
        same.append(all(torch.equal(one, other) for one, other in pairs))
    assert same == [False, False, True, False, False, True]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: replace(TINY["dqn"], sizes=(7, 9)), r"sizes must both be the side of the one layout \(7\), found"),
        (lambda: replace(MAH, replay=ReplayConfig(capacity=20)), "capacity must be at least 24, what a round brings"),
        (lambda: replace(MAH, sizes=(9, 5)), "sizes must be a smallest and a largest side"),
        (lambda: replace(SMALL_Q, mirror=(0, 0, 2, 3)), "mirror must name each of 4 actions once"),
        (lambda: replace(TINY["vin"], replay_capacity=4), r"replay_capacity must be at least agents \(8\), found 4"),
        (lambda: VinModelConfig(sweeps_per_cell=0), "sweeps_per_cell must lie between"),
    ],
)
def test_settings_that_cannot_be(make: Callable[[], object], sentence: str) -> None:
    with pytest.raises(MazenavError, match=sentence):
        make()


def test_segments_without_anything_valid_do_not_spoil_a_step() -> None:
    empty = driven(6, agents=3, steps=8)
    empty.valid[:] = False
    pupil = learner(MAH)
    pupil.remember(concatenate([empty, driven(7, agents=1, steps=8)]))
    assert isinstance(empty, Segments) and len(pupil.replay) <= 3
    assert np.isfinite(pupil.step()).all()
