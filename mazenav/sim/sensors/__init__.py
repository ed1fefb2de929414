"""Sensors of agents in mazes: range scans, first-person pictures and depths, local maps, the joint state.

All are batched over N agents, each in a grid of its own, compiled, and free of randomness.
"""

from __future__ import annotations

from mazenav.sim.sensors.camera import Camera
from mazenav.sim.sensors.joint_state import joint_state
from mazenav.sim.sensors.local_map import local_map
from mazenav.sim.sensors.render import range_scan, render_depth, render_rgb, render_rgbd
from mazenav.sim.sensors.scene import Scene, scene_of
from mazenav.sim.sensors.things import APPLE, GOAL

__all__ = [
    "APPLE",
    "GOAL",
    "Camera",
    "Scene",
    "joint_state",
    "local_map",
    "range_scan",
    "render_depth",
    "render_rgb",
    "render_rgbd",
    "scene_of",
]
