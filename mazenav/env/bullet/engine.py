"""PyBullet, imported when it is first needed, and its physics clients."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import subprocess
import sys
import weakref
from collections.abc import Iterator
from functools import cache, partial
from types import ModuleType
from typing import Any

from mazenav.env.window import check_display
from mazenav.types import MazenavError

CONTACT_SHARE = 0.3
"""Contacts are looked for within this share of a body's size, so that a fast body is stopped at a wall, not in it.

Bullet's own 0.02 lets the capsule sink in by 5 hundredths of a cell first. It is a setting of the process, not of a
client.
"""


TINY, EGL, WINDOW = "tiny", "egl", "window"
RENDERERS = (TINY, EGL, WINDOW)
"""Bullet's software renderer, which works anywhere; hardware without a display, by EGL; a window."""
EGL_NAME = "_eglRendererPlugin"
EGL_SECONDS = 60


def check_renderer(name: str) -> str:
    """`name` itself.

    Raises:
        MazenavError: if there is no such renderer.
    """
    if name not in RENDERERS:
        raise MazenavError(f"renderer must be one of {', '.join(RENDERERS)}, found {name!r}")
    return name


@cache
def egl_plugin() -> str:
    """The file of PyBullet's EGL plugin, tried out in a process of its own: it ends that where there is no driver.

    Raises:
        MazenavError: if there is no plugin, or nothing that it can draw with.
    """
    found = importlib.util.find_spec("eglRenderer")
    if found is not None and found.origin:
        program = f"import pybullet as b; b.connect(b.DIRECT); assert b.loadPlugin({found.origin!r}, {EGL_NAME!r}) >= 0"
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            tried = subprocess.run(
                [sys.executable, "-c", program], capture_output=True, timeout=EGL_SECONDS, check=False
            )
            if tried.returncode == 0:
                return found.origin
    raise MazenavError("renderer egl needs PyBullet's EGL plugin and a driver that offers EGL, found none: use tiny")


def load_bullet() -> ModuleType:
    """The module `pybullet`.

    Raises:
        MazenavError: if it is not installed.
    """
    try:
        with quiet():
            import pybullet
    except ImportError:
        raise MazenavError(
            "BulletNav needs PyBullet, which is not installed: pip install 'mazenav[bullet]' "
            "(there are wheels up to Python 3.11; later ones build it from source)"
        ) from None
    return pybullet


class Client:
    """One physics client; functions and constants of `pybullet` are its attributes, bound to this client.

    A client that nobody holds any more closes itself.

    Attributes:
        number: Bullet's number of it.
        renderer: what draws its pictures.
    """

    def __init__(self, renderer: str = TINY) -> None:
        """Connect, without a display or with Bullet's window.

        Args:
            renderer: draws pictures; `tiny`, `egl` or `window`. It is the client's for good: what stands in Bullet is
                known to the renderer that was there first.

        Raises:
            MazenavError: if PyBullet is missing, or what draws is, or no further client can be had.
        """
        self._bullet = load_bullet()
        self.renderer = check_renderer(renderer)
        if renderer == WINDOW:
            check_display("Bullet's window")
        plugin = egl_plugin() if renderer == EGL else ""
        number = -1
        with quiet(), contextlib.suppress(self._bullet.error):
            number = self._bullet.connect(self._bullet.GUI if renderer == WINDOW else self._bullet.DIRECT)
        if number < 0:
            what = "a window (one can be open in a process)" if renderer == WINDOW else "one more physics client"
            raise MazenavError(f"PyBullet could not open {what}")
        self.number = number
        self._finish = weakref.finalize(self, _disconnect, self._bullet, number)
        if renderer == WINDOW:
            self.configureDebugVisualizer(self._bullet.COV_ENABLE_GUI, 0)
            self.configureDebugVisualizer(self._bullet.COV_ENABLE_SHADOWS, 0)
        elif renderer == EGL:
            with quiet():
                self.loadPlugin(plugin, EGL_NAME)
        self.setPhysicsEngineParameter(contactBreakingThreshold=CONTACT_SHARE, deterministicOverlappingPairs=1)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._bullet, name)
        if callable(value):
            value = partial(value, physicsClientId=self.number)
        setattr(self, name, value)
        return value

    def hidden(self) -> int:
        """A visual shape too small to be seen; without one Bullet draws the collision shape."""
        shape: int = self.createVisualShape(self.GEOM_BOX, halfExtents=(1e-6, 1e-6, 1e-6))
        return shape

    def close(self) -> None:
        """Disconnect; once more does nothing."""
        self._finish()

    @property
    def is_open(self) -> bool:
        """Whether it was not closed."""
        return self._finish.alive


def _disconnect(bullet: ModuleType, number: int) -> None:
    with quiet(), contextlib.suppress(bullet.error):  # a window may have been closed by hand
        bullet.disconnect(number)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Nothing that C code prints reaches the screen; PyBullet tells its build time and warns of the URDF it ships."""
    libc = ctypes.CDLL(None) if os.name == "posix" else ctypes.cdll.msvcrt
    kept: list[tuple[int, int]] = []
    with contextlib.suppress(OSError, ValueError, AttributeError):  # without such a stream there is nothing to hear
        sys.stdout.flush()
        sys.stderr.flush()
    libc.fflush(None)
    with contextlib.ExitStack() as stack:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        stack.callback(os.close, nowhere)
        for stream in (1, 2):
            with contextlib.suppress(OSError):
                kept.append((stream, os.dup(stream)))
                os.dup2(nowhere, stream)
        try:
            yield
        finally:
            libc.fflush(None)
            for stream, copy in kept:
                os.dup2(copy, stream)
                os.close(copy)
