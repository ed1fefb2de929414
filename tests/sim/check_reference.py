"""The kernels against the reference over millions of frames in random layouts: too slow for the suite.

python -m tests.sim.check_reference [--frames 2e6] [--seed 0]
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

from mazenav.sim.body import IMPALA_ACTIONS, Body, LabBody, Precision
from mazenav.sim.diffdrive import DiffDrive
from tests.sim.arena import overlaps_wall, random_commands, scatter
from tests.sim.test_kernels import compare

AGENTS, DECISIONS = 64, 20


def random_body(rng: np.random.Generator) -> Body:
    """A body of either kind with random numbers."""
    half, repeat = float(rng.uniform(0.05, 0.45)), int(rng.choice([1, 4, 10, 25]))
    if rng.random() < 0.5:
        speed, track = float(rng.uniform(0.5, 10)), float(rng.uniform(0, 2 * half))
        return DiffDrive(half_width=half, max_speed=speed, action_repeat=repeat, track=track)
    if rng.random() < 0.5:
        return LabBody(half_width=half, action_repeat=repeat, actions=IMPALA_ACTIONS, look_pixels=20)
    return LabBody(half_width=half, action_repeat=repeat, max_speed=float(rng.uniform(0.5, 10)))


def main() -> None:
    """Compare until enough frames are done, and say how many."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=float, default=2e6)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    rng = np.random.default_rng(chosen.seed)
    frames = compared = tied = 0
    while frames < chosen.frames:
        body = random_body(rng)
        precision: Precision = np.float32 if rng.random() < 0.7 else np.float64
        batch = scatter(rng, AGENTS, 9, 11, body, float(rng.uniform(0, 0.7)), precision)
        table = body.commands(precision)
        for _ in range(DECISIONS):
            drawn = table[rng.integers(0, len(table), AGENTS)]
            commands = random_commands(rng, body, AGENTS) if rng.random() < 0.5 else drawn
            same, ties = compare(batch, commands.astype(precision), 5e-5 if precision is np.float32 else 1e-9)
            assert not overlaps_wall(batch).any()
            compared, tied = compared + same, tied + ties
        frames += AGENTS * DECISIONS * body.action_repeat
    sys.stdout.write(f"{frames:,} frames: {compared:,} decisions equal, {tied:,} too close to a tie to compare\n")


if __name__ == "__main__":
    main()
