"""Yaws as episodes begin with them."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from mazenav.env.placement import wrapped


@given(st.floats(-1e4, 1e4))
@example(math.pi)
@example(-math.pi)
@example(math.nextafter(math.pi, 0))
@example(3 * math.pi - 1e-12)
def test_wrapped_yaws_lie_below_pi_and_point_the_same_way(yaw: float) -> None:
    found = np.float32(wrapped(yaw))
    assert -np.float32(math.pi) <= found < np.float32(math.pi)
    assert math.cos(float(found) - yaw) > 1 - 1e-9
