"""Small levels of our own, and agents written against DeepMind Lab's interface."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

CORRIDOR = """\
*********
*P A   G*
*********
"""
ROOM = """\
*******
*     *
*  P  *
*     *
*******
"""
APPLES_ONLY = """\
*******
*P A A*
*******
"""
VARIED = """\
*********
*P A   G*
* *** * *
*   H   *
*********

.........
.AAABBBB.
.A...B.B.
.ACCDDDD.
.........
"""
LATTICE = """\
*******
*   * *
* *** *
*     *
*******
"""
NOOP = np.zeros(7, np.intc)
AHEAD = np.array([0, 0, 0, 1, 0, 0, 0], np.intc)
RIGHT = np.array([40, 0, 0, 0, 0, 0, 0], np.intc)


def write_lattice(folder: Path, name: str) -> None:
    """A level of 3 x 2 thin-walled cells: the agent at the lower left, the goal at the lower right, an apple above."""
    things = {"info_player_start": [[50, 50, 30]], "goal": [[250, 50, 20]], "apple_reward": [[50, 150, 20]]}
    (folder / f"{name}.txt").write_text(LATTICE, encoding="utf-8")
    told = {"cells_wh": [3, 2], "cell_units": 100, "entities_origin_xyz": things}
    (folder / f"{name}.entities.json").write_text(json.dumps(told), encoding="utf-8")


class SpringyAgent:
    """A random agent whose wishes pull at its action like springs, as DeepMind Lab's own example behaves.

    It knows nothing but `action_spec()`, and answers a reward and a picture with an action of dtype `np.intc`.
    """

    DAMPING = np.array([0.1, 0.1, 0.1, 0.1, 0.0, 0.0, 0.0])
    SCALE = np.array([2.5, 2.5, 0.01, 0.01, 1.0, 1.0, 1.0])
    BUTTONS = (("FIRE", 0.01), ("JUMP", 0.005), ("CROUCH", 0.005))

    def __init__(self, action_spec: list[dict], seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.index = {entry["name"]: number for number, entry in enumerate(action_spec)}
        self.low = np.array([entry["min"] for entry in action_spec])
        self.high = np.array([entry["max"] for entry in action_spec])
        self.rewards = 0.0
        self.reset()

    def reset(self) -> None:
        self.speed = np.zeros(len(self.low))
        self.pull = np.zeros(len(self.low))

    def step(self, reward: float, picture: np.ndarray) -> np.ndarray:
        self.rewards += reward
        wish = self.rng.uniform(self.low, self.high)
        drift = self.speed + self.DAMPING * wish
        self.speed = (drift - self.DAMPING * (wish + drift)) * np.exp(-self.DAMPING)
        self.pull = self.speed / self.SCALE + 0.5 * self.pull
        for name, chance in self.BUTTONS:
            self.pull[self.index[name]] = float(self.rng.random() < chance)
        return np.clip(self.pull, self.low, self.high).astype(np.intc)
