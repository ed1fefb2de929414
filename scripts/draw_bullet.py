"""Draw what Bullet's cameras see and how closely the capsule follows the kernel, for docs/results/bullet.md.

Example: python scripts/draw_bullet.py --out docs/pictures
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from mazenav.env.bullet.batch import BulletBatch
from mazenav.env.bullet.camera import Camera
from mazenav.env.bullet.scenery import SEEN
from mazenav.env.bullet.single import BulletNav
from mazenav.sim.batch import AgentBatch
from mazenav.sim.body import FORWARD
from mazenav.types import Layout

HALL = """
#############
#...........#
#.#########.#
#.#.....#...#
#.#.###.#.###
#...#...#...#
#####.#####.#
#.....#.....#
#.#####.###.#
#.......#...#
#############
"""
SEGMENTS = ((223, 234, 245), (214, 210, 200), (88, 98, 122), (222, 74, 58), (24, 150, 135))
"""Colours of `SEEN`."""
DRIVES, DECISIONS = 64, 100


def layout() -> Layout:
    """The maze of the pictures."""
    rows = HALL.split()
    return Layout(np.array([[cell == "#" for cell in row] for row in rows]), name="pictures")


def cameras() -> plt.Figure:
    """Colour, depth and segmentation from a body, and two robots from outside."""
    begin = {"layout": layout(), "start": (1, 4), "goal": (1, 7), "yaw": 0.12}
    views = []
    for body in ("capsule", "husky"):
        env = BulletNav(layout(), body=body)
        env.reset(seed=0, options=begin)
        views.append(env.look(Camera(360, 480, "chase", field_of_view=55)).rgb)
        if body == "capsule":
            seen = env.look(Camera(360, 480, field_of_view=70))
            top = env.look(Camera(360, 480, "top", field_of_view=40)).rgb
        env.close()
    depth = plt.get_cmap("viridis_r")(np.clip(seen.depth / 8, 0, 1))
    segments = np.array(SEGMENTS, np.uint8)[seen.segmentation]
    panels = (
        ("rgb, from the capsule", seen.rgb),
        ("depth, 0 to 8 cells", depth),
        (f"segmentation: {', '.join(SEEN)}", segments),
        ("chase, the capsule", views[0]),
        ("chase, the husky", views[1]),
        ("top", top),
    )
    figure, axes = plt.subplots(2, 3, figsize=(11, 5.9), layout="constrained")
    for axis, (title, picture) in zip(axes.flat, panels, strict=True):
        axis.imshow(picture)
        axis.set_title(title, fontsize=10)
        axis.set_axis_off()
    return figure


def gaps(walls: np.ndarray, start: tuple[int, int], along: float) -> np.ndarray:
    """How far capsule and kernel are apart after each decision, cells, `[DECISIONS, DRIVES]`.

    Args:
        walls: bool `[R, C]`.
        start: the cell that all drives begin in.
        along: how often forward is chosen; the rest is drawn from all four actions.
    """
    rng = np.random.default_rng(0)
    kernel, bullet = AgentBatch(DRIVES, *walls.shape), BulletBatch(DRIVES, *walls.shape)
    everyone, starts, nowhere = np.arange(DRIVES), np.array([start] * DRIVES), np.full((DRIVES, 2), -90)
    yaws, limits = rng.uniform(-np.pi, np.pi, DRIVES), np.full(DRIVES, 10**6)
    kernel.place(everyone, [walls] * DRIVES, starts, nowhere, yaws, limits)
    bullet.place(everyone, [walls] * DRIVES, starts, nowhere, yaws, limits)
    apart = np.zeros((DECISIONS, DRIVES))
    for decision in range(DECISIONS):
        actions = np.where(rng.uniform(size=DRIVES) < along, FORWARD, rng.integers(4, size=DRIVES))
        kernel.step(actions)
        bullet.step(actions)
        apart[decision] = np.hypot(*(kernel.states - bullet.states)[:, :2].T)
    bullet.close()
    return apart


def tolerance() -> plt.Figure:
    """Median and worst distance between capsule and kernel over decisions."""
    places = (
        ("free space", gaps(np.zeros((121, 121), np.bool_), (60, 60), 0.3), "#1b9e77"),
        ("along the walls of a corridor", gaps(np.zeros((3, 120), np.bool_), (1, 60), 0.8), "#3566a8"),
    )
    figure, axis = plt.subplots(figsize=(7, 3.6), layout="constrained")
    decisions = np.arange(1, DECISIONS + 1)
    for name, apart, colour in places:
        axis.fill_between(decisions, np.median(apart, axis=1), apart.max(axis=1), color=colour, alpha=0.2, lw=0)
        axis.plot(decisions, apart.max(axis=1), color=colour, lw=1.2, label=f"{name}: worst of {DRIVES}")
        axis.plot(decisions, np.median(apart, axis=1), color=colour, lw=1.2, ls="--", label=f"{name}: median")
    for bound, colour in ((0.002, "#1b9e77"), (0.01, "#3566a8")):
        axis.axhline(bound, color=colour, lw=0.8, ls=":")
    axis.set(yscale="log", ylim=(1e-6, 3e-2), xlim=(1, DECISIONS))
    axis.set_xlabel("decisions")
    axis.set_ylabel("capsule to kernel, cells")
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(alpha=0.25, lw=0.6)
    axis.legend(frameon=False, fontsize=8, ncols=2, loc="lower right")
    return figure


def main() -> None:
    """Draw both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    out = parser.parse_args().out
    cameras().savefig(out / "bullet_cameras.png", dpi=110)
    tolerance().savefig(out / "bullet_tolerance.png", dpi=130)


if __name__ == "__main__":
    main()
