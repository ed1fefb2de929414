"""A window to watch an environment in, by OpenCV."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import sys

import cv2
import numpy as np

from mazenav.types import MazenavError


class Window:
    """Shows pictures one after the other; it opens with the first and may be closed by hand, and opens again then."""

    def __init__(self, title: str) -> None:
        """Make sure that there is a display; OpenCV ends the process where there is none.

        Raises:
            MazenavError: if there is none, or OpenCV was built without windows.
        """
        check_display("a window")
        if not has_windows():
            raise MazenavError(
                "render_mode human opens a window, but this OpenCV was built without: "
                "install opencv-python in place of opencv-python-headless"
            )
        self._title = title
        self._is_open = False

    def show(self, picture: np.ndarray, seconds: float) -> None:
        """Show a picture uint8 `[H, W, 3]`, red first, and wait so long."""
        cv2.imshow(self._title, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        self._is_open = True
        cv2.waitKey(max(1, round(1000 * seconds)))

    def close(self) -> None:
        """Close the window; once more does nothing."""
        if self._is_open:
            self._is_open = False
            cv2.destroyWindow(self._title)
            cv2.waitKey(1)


def has_windows() -> bool:
    """Whether OpenCV can open windows."""
    for line in cv2.getBuildInformation().splitlines():
        name, _, value = line.strip().partition(":")
        if name == "GUI":
            return value.strip().upper() != "NONE"
    return True


def check_display(what: str) -> None:
    """Libraries end the process where there is no display, so look first.

    Args:
        what: needs it.

    Raises:
        MazenavError: if there is no X display.
    """
    if not sys.platform.startswith("linux"):
        return
    name = os.environ.get("DISPLAY")
    if name:
        library = ctypes.util.find_library("X11")
        if library is None:
            return  # whoever wants the display brings a loader of its own; nothing here can tell
        x11 = ctypes.CDLL(library)
        x11.XOpenDisplay.restype = ctypes.c_void_p
        display = x11.XOpenDisplay(None)
        if display:
            x11.XCloseDisplay(ctypes.c_void_p(display))
            return
    found = f"DISPLAY={name} cannot be opened" if name else "DISPLAY is not set"
    raise MazenavError(f"render_mode human opens {what}, which needs a display, but {found}")
