"""Bodies by name."""

from __future__ import annotations

from mazenav.sim.body import DMLAB, IMPALA_ACTIONS, Body, LabBody
from mazenav.sim.diffdrive import DIFFDRIVE
from mazenav.types import MazenavError

BODIES: dict[str, Body] = {
    "dmlab": DMLAB,
    "dmlab-xu-wong": LabBody(action_repeat=4),
    "dmlab-impala": LabBody(action_repeat=4, look_pixels=20, actions=IMPALA_ACTIONS),
    "diffdrive": DIFFDRIVE,
}
"""mazenav's own; the four actions as Xu & Wong repeat them; IMPALA's nine; a robot on two wheels."""


def body_of(body: str | Body) -> Body:
    """A body by its name, or itself.

    Raises:
        MazenavError: if there is no such body.
    """
    if isinstance(body, Body):
        return body
    if not isinstance(body, str) or body not in BODIES:
        raise MazenavError(f"body must be one of {', '.join(BODIES)}, or a mazenav Body, found {body!r}")
    return BODIES[body]
