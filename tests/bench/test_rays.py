from __future__ import annotations

import ctypes
import math

import numpy as np
import pytest

from mazenav.bench.compiled import NO_COMPILER, compile_c
from mazenav.bench.sensors import SIDE, scene_in_mazes
from mazenav.sim.sensors import range_scan


@pytest.mark.parametrize("rays", [5, 64])
def test_the_c_reference_scans_as_ours_does(rays: int) -> None:
    library = compile_c("rays.c")
    if library is None:
        pytest.skip(NO_COMPILER)
    scene = scene_in_mazes(40)
    angles = ((np.arange(rays) + 0.5) / rays - 0.5) * 2 * math.pi
    base = np.array([np.cos(angles), np.sin(angles)], np.float32)
    ranges = np.zeros((40, rays), np.float32)
    states, solid, directions, out = (
        array.ctypes.data_as(ctypes.c_void_p) for array in (scene.states, scene.solid, base, ranges)
    )
    library.range_scan.restype = None
    library.range_scan(states, solid, SIDE + 2, SIDE + 2, directions, 40, rays, out)
    ours = range_scan(scene, rays)
    assert (np.abs(ours - ranges) > 1e-4 * (1 + ours)).mean() < 0.002  # rays that graze a corner may part
    assert ours.min() > 0
