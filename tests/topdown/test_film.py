"""Films: the right number of frames, standing still after the end, readable again, small."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageSequence

from mazenav.topdown.film import GAP, STRIP, CodecMissing, Film, save_film, save_film_everywhere
from mazenav.topdown.palette import BODY, FAILURE, SUCCESS
from mazenav.types import Episode, Layout, MazenavError
from tests.topdown.hand import drive


@pytest.fixture
def episodes(layout: Layout) -> list[Episode]:
    return [drive(layout, (1, 1), (4, 7)), drive(layout, (1, 1), (1, 4)), drive(layout, (4, 7), (1, 1), False)]


def test_a_film_has_frames_for_every_decision(episodes: list[Episode]) -> None:
    film = Film(episodes, steps=2)
    longest = max(len(episode) for episode in episodes)
    assert len(film) == 2 * longest + 1
    assert len(list(film)) == len(film)
    assert {frame.shape for frame in film} == {film.frame(0).shape}
    assert all(side % 2 == 0 for side in film.frame(0).shape[:2])
    for index in (-1, len(film)):
        with pytest.raises(IndexError):
            film.frame(index)


def test_long_films_are_hastened_and_still_show_the_end(episodes: list[Episode]) -> None:
    film, whole = Film(episodes, max_frames=10), Film(episodes)
    assert len(film) <= 10
    np.testing.assert_array_equal(film.frame(len(film) - 1), whole.frame(len(whole) - 1))


def test_the_body_moves_and_then_stands_still(episodes: list[Episode]) -> None:
    film = Film(episodes, columns=3)
    width = (film.frame(0).shape[1] - GAP) // 3
    short = np.s_[:, GAP + width : GAP + 2 * width - GAP]
    end = 2 * len(episodes[1])
    assert (film.frame(0)[short] != film.frame(4)[short]).any()
    np.testing.assert_array_equal(film.frame(end)[short], film.frame(len(film) - 1)[short])

    def body_at(index: int) -> float:
        return float(np.argwhere(np.abs(film.frame(index)[short].astype(int) - BODY).max(axis=-1) < 12)[:, 1].mean())

    assert body_at(0) < body_at(4) < body_at(end)


def test_the_last_frame_says_how_it_ended(episodes: list[Episode]) -> None:
    film = Film(episodes, ["one", "two", "three"], columns=3)
    strip = film.frame(len(film) - 1)[-GAP - STRIP - 1 :]
    third = strip.shape[1] // 3
    for panel, colour in zip(range(3), (SUCCESS, SUCCESS, FAILURE), strict=True):
        part = strip[:, panel * third : (panel + 1) * third].astype(int)
        assert (np.abs(part - colour).max(axis=-1) < 20).sum() > 10


def test_a_gif_can_be_read_again(tmp_path: Path, episodes: list[Episode]) -> None:
    film = Film(episodes, ["one"], steps=1)
    saved = save_film(film, tmp_path / "film.gif")
    assert (saved.codec, saved.frames, saved.size) == ("GIF", len(film), saved.path.stat().st_size)
    with Image.open(saved.path) as image:
        assert image.n_frames == len(film)
        frames = [np.asarray(frame.convert("RGB")).astype(int) for frame in ImageSequence.Iterator(image)]
    for index in (0, len(film) // 2, len(film) - 1):
        assert np.abs(frames[index] - film.frame(index)).mean() < 4
    assert [entry.name for entry in tmp_path.iterdir()] == ["film.gif"]


def test_six_episodes_stay_small(tmp_path: Path) -> None:
    walls = np.ones((13, 13), bool)
    walls[1:-1, 1:-1] = False
    walls[2:11:2, 1:-2] = True
    walls[4:11:4, 1:-1] = True
    walls[4:11:4, 1] = False
    episode = drive(Layout(walls, "snake"), (1, 1), (11, 11))
    saved = save_film(Film([episode] * 6), tmp_path / "film.gif")
    assert saved.frames > 100 and saved.size < 3_000_000


def test_videos_are_written_where_there_is_a_codec(tmp_path: Path, episodes: list[Episode]) -> None:
    film = Film(episodes[:1], panel=64, steps=1)
    for saved in save_film_everywhere(film, tmp_path / "films", "film"):
        if saved.codec == "GIF":
            continue
        video = cv2.VideoCapture(str(saved.path))
        frames = 0
        while video.read()[0]:
            frames += 1
        assert frames >= len(film)
    assert (tmp_path / "films" / "film.gif").is_file()
    assert not [entry for entry in (tmp_path / "films").iterdir() if entry.name.startswith(".")]


def test_a_missing_codec_is_said_and_leaves_nothing(
    tmp_path: Path, episodes: list[Episode], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mazenav.topdown.film.CODECS", {".mp4": ("none",), ".webm": ("none",)})
    film = Film(episodes[:1], panel=64)
    with pytest.raises(CodecMissing, match="no codec"):
        save_film(film, tmp_path / "film.mp4")
    assert not list(tmp_path.iterdir())
    assert [saved.codec for saved in save_film_everywhere(film, tmp_path, "film")] == ["GIF"]


def test_bad_films_are_refused(tmp_path: Path, episodes: list[Episode]) -> None:
    with pytest.raises(MazenavError, match="at least one episode"):
        Film([])
    for bad in ({"panel": 0}, {"steps": 0}, {"max_frames": 0}, {"columns": 0}):
        with pytest.raises(MazenavError, match="must be positive"):
            Film(episodes, **bad)
    (tmp_path / "file").write_text("here already")
    for name in ("file/film.gif", "file/film.webm", "file/film.mp4"):
        with pytest.raises(MazenavError, match="cannot write"):
            save_film(Film(episodes[:1], panel=32), tmp_path / name)
    with pytest.raises(MazenavError, match=r"\.gif"):
        save_film(Film(episodes[:1], panel=32), tmp_path / "film.avi")
