"""Bodies by name."""

from __future__ import annotations

from mazenav.sim.body import DMLAB, IMPALA_ACTIONS, Body, LabBody
from mazenav.sim.diffdrive import DIFFDRIVE

BODIES: dict[str, Body] = {
    "dmlab": DMLAB,
    "dmlab-xu-wong": LabBody(action_repeat=4),
    "dmlab-impala": LabBody(action_repeat=4, look_pixels=20, actions=IMPALA_ACTIONS),
    "diffdrive": DIFFDRIVE,
}
"""mazenav's own; the four actions as Xu & Wong repeat them; IMPALA's nine; a robot on two wheels."""
