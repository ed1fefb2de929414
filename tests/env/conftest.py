"""Fixtures of the environments' tests."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import mazenav.env.window


class Screen:
    """What a display would show: titles and pictures, the windows that are open, the waits in milliseconds."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, np.ndarray]] = []
        self.waits: list[int] = []
        self.windows: set[str] = set()

    def imshow(self, title: str, picture: np.ndarray) -> None:
        self.windows.add(title)
        self.shown.append((title, picture.copy()))

    def wait(self, milliseconds: int) -> int:
        self.waits.append(milliseconds)
        return -1

    def destroy(self, title: str) -> None:
        self.windows.remove(title)  # as OpenCV, which raises where there is none


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """A stand-in for a display and for OpenCV's windows."""
    stand_in = Screen()
    monkeypatch.setattr(mazenav.env.window, "check_display", lambda what: None)
    monkeypatch.setattr(mazenav.env.window, "has_windows", lambda: True)
    monkeypatch.setattr(cv2, "imshow", stand_in.imshow)
    monkeypatch.setattr(cv2, "waitKey", stand_in.wait)
    monkeypatch.setattr(cv2, "destroyWindow", stand_in.destroy)
    return stand_in
