"""PyBullet, imported when it is first needed, and its physics clients."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import weakref
from collections.abc import Iterator
from functools import partial
from types import ModuleType
from typing import Any

from mazenav.env.window import check_display
from mazenav.types import MazenavError

CONTACT_SHARE = 0.3
"""Contacts are looked for within this share of a body's size, so that a fast body is stopped at a wall, not in it.

Bullet's own 0.02 lets the capsule sink in by 5 hundredths of a cell first. It is a setting of the process, not of a
client.
"""


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
    """

    def __init__(self, gui: bool = False) -> None:
        """Connect without a display, or with Bullet's window.

        Raises:
            MazenavError: if PyBullet is missing, or there is no display, or no further client can be had.
        """
        self._bullet = load_bullet()
        if gui:
            check_display("Bullet's window")
        with quiet():
            number = self._bullet.connect(self._bullet.GUI if gui else self._bullet.DIRECT)
        if number < 0:
            what = "a window (one a process can be open)" if gui else "a physics client"
            raise MazenavError(f"PyBullet could not open {what}")
        self.number = number
        self._finish = weakref.finalize(self, _disconnect, self._bullet, number)
        self.setPhysicsEngineParameter(contactBreakingThreshold=CONTACT_SHARE, deterministicOverlappingPairs=1)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._bullet, name)
        if callable(value):
            value = partial(value, physicsClientId=self.number)
        setattr(self, name, value)
        return value

    def hidden(self) -> int:
        """A visual shape too small to be seen; without one Bullet draws the collision shape."""
        shape: int = self.createVisualShape(
            self.GEOM_MESH, vertices=[(0, 0, 0)] * 3, indices=[0, 1, 2], normals=[(0, 0, 1)] * 3, uvs=[(0, 0)] * 3
        )
        return shape

    def close(self) -> None:
        """Disconnect; once more does nothing."""
        self._finish()

    @property
    def is_open(self) -> bool:
        """Whether it was not closed."""
        return self._finish.alive


def _disconnect(bullet: ModuleType, number: int) -> None:
    with contextlib.suppress(bullet.error):  # a window may have been closed by hand
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
