"""`render_mode` human: a window by OpenCV, or one sentence."""

from __future__ import annotations

import subprocess
import sys

import cv2
import gymnasium
import numpy as np
import pytest

import mazenav.env
from mazenav.env.single import PointNav
from mazenav.env.window import check_display, has_windows
from mazenav.sim.body import FORWARD, LabBody
from mazenav.types import Layout, MazenavError
from tests.env.conftest import Screen

HALL = Layout(np.zeros((1, 6), np.bool_), name="hall")


def test_every_reset_and_step_is_shown_at_the_pace_of_the_engine(screen: Screen) -> None:
    env = gymnasium.make(mazenav.env.POINT_NAV, layouts=HALL, render_mode="human", body=LabBody(action_repeat=5))
    env.reset(options={"start": (0, 0), "goal": (0, 5), "yaw": 0.0})
    for _ in range(3):
        env.step(FORWARD)
    assert len(screen.shown) == 4
    assert screen.waits == [80] * 4  # 5 frames of 16 ms
    assert {title for title, _ in screen.shown} == screen.windows == {"PointNav"}
    assert env.render() is None
    env.close()
    env.close()
    assert not screen.windows


def test_the_window_shows_what_rgb_array_returns(screen: Screen) -> None:
    pictures = []
    for mode in ("human", "rgb_array"):
        env = PointNav(HALL, render_mode=mode)
        env.reset(options={"start": (0, 0), "goal": (0, 5), "yaw": 0.0})
        env.step(FORWARD)
        pictures.append(env.render())
    expected = pictures[1]
    assert isinstance(expected, np.ndarray)
    assert np.array_equal(screen.shown[-1][1], expected[..., ::-1])  # OpenCV wants blue first


@pytest.mark.parametrize("name, found", [(None, "DISPLAY is not set"), (":987", "DISPLAY=:987 cannot be opened")])
def test_no_display_is_one_sentence(name: str | None, found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    if name is not None:
        monkeypatch.setenv("DISPLAY", name)
        monkeypatch.setattr("ctypes.util.find_library", lambda library: "libX11")
        monkeypatch.setattr("ctypes.CDLL", NoServer)
    with pytest.raises(MazenavError, match=f"render_mode human opens a window, which needs a display, but {found}"):
        PointNav(HALL, render_mode="human")


class NoServer:
    """An X library that reaches no server."""

    def __init__(self, name: str) -> None:
        self.name = name

    class XOpenDisplay:
        restype: object = None

        def __new__(cls, name: object) -> None:  # type: ignore[misc]  # called like a function, as ctypes' are
            return None


def test_other_systems_have_displays_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.delenv("DISPLAY", raising=False)
    assert check_display("a window") is None  # type: ignore[func-returns-value]  # that it returns is the point


def test_opencv_without_windows_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert has_windows() == ("GUI:                           NONE" not in cv2.getBuildInformation())
    monkeypatch.setattr(cv2, "getBuildInformation", lambda: "  GUI:                           NONE\n")
    assert not has_windows()
    monkeypatch.setattr(mazenav.env.window, "check_display", lambda what: None)
    with pytest.raises(MazenavError, match="install opencv-python in place of opencv-python-headless"):
        PointNav(HALL, render_mode="human")


def test_nothing_ends_the_process() -> None:
    code = (
        "import gymnasium, mazenav.env\n"
        "try:\n    gymnasium.make('mazenav/LabNav-v0', render_mode='human')\n"
        "except mazenav.MazenavError as error:\n    print('told:', error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"PATH": ""}, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("told: render_mode human") or done.stdout == ""
