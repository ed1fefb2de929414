"""Folders of trajectories: shards are read when they are needed, pieces cover every decision, damage is told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mazenav.agent.baselines import RandomAgent
from mazenav.evaluation.collecting import Plan, collect
from mazenav.evaluation.task_source import GivenTasks
from mazenav.evaluation.trajectories import INDEX, Trajectories, open_trajectories
from mazenav.layout.generate import generate
from mazenav.rng import stream
from mazenav.topdown.occupancy import cells_to_world
from mazenav.types import MazenavError


@pytest.fixture
def found(tmp_path: Path) -> Trajectories:
    layouts = [generate("backtracker", shape, stream(0, *shape)) for shape in ((5, 7), (7, 5), (5, 5))]
    collect(tmp_path, Plan(RandomAgent(), {}, GivenTasks(layouts, 0), episodes=12, shard_steps=300))
    return open_trajectories(tmp_path)


def test_any_range_of_episodes_can_be_read(found: Trajectories) -> None:
    everything = list(found)
    assert len(everything) == len(found) == 12
    assert len(found.index.shards) > 2
    for first, last in ((0, 12), (3, 9), (5, 5), (11, 12), (12, 99), (4, None)):
        some = list(found.episodes(first, last))
        assert len(some) == len(everything[first:last])
        for one, two in zip(some, everything[first:last], strict=True):
            np.testing.assert_array_equal(one.states, two.states)


def test_only_the_shards_that_are_needed_are_read(found: Trajectories) -> None:
    (found.folder / found.index.shards[0].file).unlink()
    assert len(list(found.episodes(found.index.shards[1].first))) == 12 - found.index.shards[0].episodes
    with pytest.raises(MazenavError, match=r"shard-00000\.npz is missing"):
        list(found)


@pytest.mark.parametrize(("length", "batch"), [(1, 1000), (5, 7), (300, 2)])
def test_pieces_cover_every_decision_once(length: int, batch: int, found: Trajectories) -> None:
    pieces = list(found.segments(length, batch))
    assert all(len(piece) == batch for piece in pieces[:-1])
    episodes = iter(found)
    left = 0
    for piece in pieces:
        assert piece.maps.shape[1:] == found.index.largest == (7, 7)
        for row in range(len(piece)):
            if left == 0:
                episode = next(episodes)
                left = len(episode)
            begin, taken = len(episode) - left, int(piece.valid[row].sum())
            assert taken == min(length, left)
            np.testing.assert_array_equal(piece.states[row, : taken + 1], episode.states[begin : begin + taken + 1])
            assert (piece.states[row, taken + 1 :] == piece.states[row, taken]).all()
            np.testing.assert_array_equal(piece.actions[row, :taken], episode.actions[begin : begin + taken])
            left -= taken
            assert piece.reached[row].any() == (episode.terminated and left == 0)
            goal = cells_to_world(np.array(episode.goal), episode.layout.shape[0])
            np.testing.assert_array_equal(cells_to_world(piece.goals[row], 7), goal)
            rows, columns = episode.layout.shape
            np.testing.assert_array_equal(piece.maps[row, 7 - rows :, :columns], episode.layout.walls)
    assert left == 0
    assert next(episodes, None) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda table: table.update(format="other"), "expected the format"),
        (lambda table: table.pop("shards"), "damaged"),
        (lambda table: table["shards"][0].update(file="../../secret.npz"), "is no name of a shard"),
        (lambda table: table["shards"][1].update(first=0), "begins at episode 0"),
        (lambda table: table["shards"][1].update(more=0), "damaged"),
        (lambda table: table.update(largest=[1]), "damaged"),
        (lambda table: table.update(shards={}), "a list of shards"),
        (lambda table: table["shards"][0].update(episodes=3), "to begin|begins at episode|expected 3"),
    ],
)
def test_a_damaged_index_is_refused(change: object, words: str, found: Trajectories) -> None:
    path = found.folder / INDEX
    table = json.loads(path.read_text())
    assert callable(change)
    change(table)
    path.write_text(json.dumps(table))
    with pytest.raises(MazenavError, match=words):
        list(open_trajectories(found.folder))


def test_what_is_no_folder_of_trajectories(found: Trajectories, tmp_path: Path) -> None:
    with pytest.raises(MazenavError, match="holds no trajectories"):
        open_trajectories(tmp_path / "nowhere")
    (found.folder / INDEX).write_text("[" * 100_000)
    with pytest.raises(MazenavError, match="not JSON"):
        open_trajectories(found.folder)
    (found.folder / INDEX).write_text("[]")
    with pytest.raises(MazenavError, match="expected the format"):
        open_trajectories(found.folder)
    with pytest.raises(MazenavError, match="length and a batch of at least 1, found 0"):
        next(found.segments(0))
