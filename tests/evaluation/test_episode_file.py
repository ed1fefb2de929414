"""Episode files: what is written is read, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mazenav.evaluation.episode_file import load_episodes, save_episodes
from mazenav.layout.generate import generate
from mazenav.types import Episode, Layout, MazenavError


def _episodes(seed: int, count: int) -> list[Episode]:
    rng = np.random.default_rng(seed)
    layouts = [
        Layout(rng.random(tuple(rng.integers(1, 9, 2))) < 0.3, f"maze ü{i}", {"generator": "ü", "seed": i}, i + 0.5)
        for i in range(2)
    ]
    layouts.append(Layout(generate("backtracker", (5, 7), rng).walls, "thin", thin_walls=True))
    episodes = []
    for _ in range(count):
        decisions = int(rng.integers(0, 20))
        episodes.append(
            Episode(
                layout=layouts[rng.integers(3)],
                start=(int(rng.integers(9)), int(rng.integers(9))),
                goal=(int(rng.integers(9)), int(rng.integers(9))),
                states=rng.normal(size=(decisions + 1, 6)).astype(np.float32),
                actions=rng.integers(4, size=decisions),
                terminated=bool(rng.integers(2)),
                truncated=bool(rng.integers(2)),
                limit=int(rng.integers(1000)),
                distance=int(rng.integers(1000)),
            )
        )
    return episodes


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 8))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, seed: int, count: int) -> None:
    episodes = _episodes(seed, count)
    path = save_episodes(episodes, tmp_path_factory.mktemp("episodes") / "e.npz")
    for one, two in zip(load_episodes(path), episodes, strict=True):
        assert one.layout == two.layout
        for name in ("name", "cell_size", "source", "thin_walls"):
            assert getattr(one.layout, name) == getattr(two.layout, name)
        for name in ("start", "goal", "terminated", "truncated", "limit", "distance"):
            assert getattr(one, name) == getattr(two, name)
        np.testing.assert_array_equal(one.states, two.states)
        np.testing.assert_array_equal(one.actions, two.actions)
        assert (one.states.dtype, one.actions.dtype) == (np.float32, np.int64)


def test_a_failure_keeps_the_old_file_and_leaves_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save_episodes(_episodes(0, 2), tmp_path / "e.npz")
    before = path.read_bytes()

    def full(file: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(MazenavError, match=r"cannot write .*e\.npz: No space left on device"):
        save_episodes(_episodes(1, 3), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_older_files_are_read(tmp_path: Path) -> None:
    path = save_episodes(_episodes(0, 3), tmp_path / "e.npz")
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files if name not in ("sources", "thin_walls")}
    np.savez(path, **(arrays | {"actions": arrays["actions"].astype(np.int64)}))
    for one, two in zip(load_episodes(path), _episodes(0, 3), strict=True):
        assert np.array_equal(one.layout.walls, two.layout.walls)
        assert (one.layout.source, one.layout.thin_walls) == ({}, False)
        np.testing.assert_array_equal(one.actions, two.actions)


@pytest.mark.parametrize("cut", [0, 1, 100, -1, -200])
def test_a_truncated_file_is_refused(cut: int, tmp_path: Path) -> None:
    path = save_episodes(_episodes(0, 4), tmp_path / "e.npz")
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(MazenavError, match=r"e\.npz"):
        load_episodes(path)


def test_other_archives_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.npz"
    np.savez(path, format="mazenav episodes 99")
    with pytest.raises(MazenavError, match="99"):
        load_episodes(path)
    np.savez(path, format=np.array([{"pickled": 1}], dtype=object))
    with pytest.raises(MazenavError, match=r"other\.npz"):
        load_episodes(path)
    np.save(tmp_path / "one.npy", np.zeros(3))
    with pytest.raises(MazenavError, match=r"one\.npy"):
        load_episodes(tmp_path / "one.npy")
    with pytest.raises(MazenavError, match="cannot be read"):
        load_episodes(tmp_path / "nowhere.npz")


def test_bad_requests(tmp_path: Path) -> None:
    with pytest.raises(MazenavError, match=r"\.npz"):
        save_episodes(_episodes(0, 1), tmp_path / "e.zip")
    with pytest.raises(MazenavError, match="no episodes"):
        save_episodes([], tmp_path / "e.npz")
