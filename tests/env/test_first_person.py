"""`mazenav/LabNav-v0`: the view, thin walls, and pictures of both."""

from __future__ import annotations

import pickle
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import mazenav.env
from mazenav.env.first_person import FIRST_PERSON, LabNav, LabNavVector
from mazenav.env.lab.level import LabLevel
from mazenav.env.lab.world import LabWorld
from mazenav.env.single import PointNav
from mazenav.env.thin import ThinBatch
from mazenav.layout.generate import generate
from mazenav.sim.body import BACK, DMLAB, FORWARD, LOOK_LEFT, LOOK_RIGHT, LabBody
from mazenav.sim.sensors import Camera
from mazenav.types import GOAL_RADIUS, Layout, LayoutError, MazenavError

DRAWN = """\
*******
*     *
*** * *
*   * *
*******"""
LATTICE = Layout(
    np.array([[character == "*" for character in line] for line in DRAWN.splitlines()]), name="lattice", thin_walls=True
)
"""Two rows of three cells; from the first, the one below is one to the right, one down and one to the left away."""
ROUND_THE_WALL = {"layout": LATTICE, "start": (1, 1), "goal": (3, 1), "yaw": 0.0}
SMALL = Camera(width=24, height=16)


def test_the_view_shows_the_goal_ahead_and_not_behind() -> None:
    hall = Layout(np.zeros((1, 6), np.bool_))
    env = LabNav(hall, observations="rgb")
    ahead, _ = env.reset(options={"layout": hall, "start": (0, 0), "goal": (0, 3), "yaw": 0.0})
    farther, _ = env.reset(options={"layout": hall, "start": (0, 0), "goal": (0, 5), "yaw": 0.0})
    behind, _ = env.reset(options={"layout": hall, "start": (0, 0), "goal": (0, 3), "yaw": np.pi})
    still_behind, _ = env.reset(options={"layout": hall, "start": (0, 0), "goal": (0, 5), "yaw": np.pi})
    assert (ahead != farther).any() and np.array_equal(behind, still_behind)
    assert ahead in env.observation_space and ahead.shape == (64, 64, 3)


def test_thin_walls_are_driven_in_cells_of_the_maze() -> None:
    env = LabNav(LATTICE)
    seen, info = env.reset(options=ROUND_THE_WALL)
    assert info["distance"] == 3
    assert seen["observation"][:3].tolist() == [0.5, 1.5, 0.0] and seen["desired_goal"].tolist() == [0.5, 0.5]
    assert np.array_equal(seen["map"], LATTICE.walls)
    assert env.observation_space["achieved_goal"].high.tolist() == [3, 2]
    assert set(seen) == set(FIRST_PERSON) and seen in env.observation_space
    terminated, decisions = False, 0
    for action in [FORWARD] * 2 + [LOOK_RIGHT] * 3 + [FORWARD] * 3 + [LOOK_RIGHT] * 3 + [FORWARD] * 4:
        seen, reward, terminated, truncated, info = env.step(action)
        decisions += 1
        assert seen in env.observation_space and not truncated
        if terminated:
            break
    assert terminated and info["is_success"] and reward == 0 and info["decisions"] == decisions
    assert np.linalg.norm(seen["achieved_goal"] - seen["desired_goal"]) < GOAL_RADIUS


def test_thin_walls_stop_the_body_and_the_eye() -> None:
    env = LabNav(LATTICE, observations=("observation", "scan", "depth"))
    seen, _ = env.reset(options={**ROUND_THE_WALL, "yaw": -np.pi / 2})
    # The wall below the cell is 0.02 cells thick, so the corridor ends 0.49 cells from its middle.
    assert seen["depth"][32, 32] == pytest.approx(0.49, abs=0.01)
    assert seen["scan"][15:17].tolist() == pytest.approx([0.49, 0.49], abs=0.01)
    for _ in range(5):
        seen, _, terminated, _, info = env.step(FORWARD)
    assert not terminated and info["collided"]
    assert seen["observation"][1] == pytest.approx(1.01 + DMLAB.half_width, abs=2 * DMLAB.clearance)


def test_drives_as_deepmind_labs_interface_does() -> None:
    """The same way through the same thin walls as `LabWorld`, which has its own coordinates and frames."""
    maze = generate("wilson", (9, 9), np.random.default_rng(2), thin_walls=True)
    batch = ThinBatch(1, 9, 9, DMLAB)
    batch.place(np.array([0]), [maze.walls], np.array([[1, 1]]), np.array([[7, 7]]), np.array([0.4]), np.array([999]))
    world = LabWorld(LabLevel("maze", maze, [(1, 1)], [], [], 60.0, is_drawn=False))
    world.batch.states[0] = batch.grid.states[0]
    rng = np.random.default_rng(0)
    commands = {FORWARD: [0, 0, 0, 1], BACK: [0, 0, 0, -1], LOOK_LEFT: [-30, 0, 0, 0], LOOK_RIGHT: [30, 0, 0, 0]}
    for _ in range(60):
        action = int(rng.integers(4))
        batch.step(np.array([action]))
        for _ in range(DMLAB.action_repeat):
            world.frame(np.array(commands[action]))
        assert batch.states[0, :2] == pytest.approx(world.position(), abs=1e-3)
    assert np.linalg.norm(batch.states[0, :2] - (0.5, 3.5)) > 0.3


@pytest.mark.parametrize(
    "options, message",
    [
        ({"start": (1, 1), "goal": (2, 3)}, r"the goal \(2, 3\) is no cell of a lattice"),
        ({"start": (0, 1)}, r"the start \(0, 1\) is no cell of a lattice"),
        ({"start": (1, 1), "goal": (1, 1)}, "same cell"),
        ({"start": (9, 9)}, r"the start \(9, 9\) is not a free cell"),
        ({"layout": Layout(np.zeros((3, 3), np.bool_), name="thick")}, "'thick' has thick walls, .* thin ones"),
        ({"yaw": None}, "yaw must be a finite number"),
    ],
)
def test_impossible_options_of_lattices(options: dict[str, Any], message: str) -> None:
    env = LabNav(LATTICE)
    env.reset(options=ROUND_THE_WALL)
    with pytest.raises(MazenavError, match=message):
        env.reset(options=options)
    assert env.step(FORWARD)[0]["desired_goal"].tolist() == [0.5, 0.5]


def test_a_function_of_lattices() -> None:
    env = LabNav(lambda rng: generate("prim", (7, 7), rng, thin_walls=True), shape=(7, 9))
    seen = env.reset(seed=0)[0]
    assert env.placement is not None and env.placement.layout.thin_walls
    assert seen["map"].shape == (7, 9) and seen["map"][:, 7:].all()
    assert env.observation_space["achieved_goal"].high.tolist() == [4, 3]


def test_a_lattice_without_room() -> None:
    alone = Layout(np.pad(np.zeros((1, 1), np.bool_), 1, constant_values=True), name="alone", thin_walls=True)
    with pytest.raises(LayoutError, match="'alone' has no two connected free cells"):
        LabNav(alone).reset(seed=0)
    with pytest.raises(LayoutError, match="no other cell can be reached from the start"):
        LabNav(alone).reset(options={"start": (1, 1)})
    with pytest.raises(MazenavError, match="odd sides"):
        LabNav(LATTICE, shape=(6, 8))


def test_ends_of_lattices_are_connected_cells() -> None:
    env = LabNav("division", (9, 11), {"thin_walls": True}, observations="observation")
    for seed in range(40):
        _, info = env.reset(seed=seed)
        placement = env.placement
        assert placement is not None
        assert all(number % 2 for number in (*placement.start, *placement.goal))
        assert placement.start != placement.goal and info["distance"] >= 1
        gap = np.abs(np.subtract(placement.start, placement.goal)).sum() // 2
        assert info["distance"] >= gap
        _, again = env.reset(options={"layout": placement.layout, "goal": placement.goal})
        assert env.placement is not None and env.placement.goal == placement.goal
        assert again["distance"] >= 1


def test_thick_lattices_elsewhere() -> None:
    env = PointNav(LATTICE)
    _, info = env.reset(options=ROUND_THE_WALL)
    assert info["distance"] == 6


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
@pytest.mark.parametrize("thin", [False, True])
def test_vector_equals_singles(mode: AutoresetMode, thin: bool) -> None:
    arguments: dict[str, Any] = {"layouts": "division", "shape": (5, 7), "camera": SMALL, "reward": "shaped"}
    arguments |= {"parameters": {"thin_walls": thin}, "actions": "continuous", "body": LabBody(action_repeat=30)}
    native = LabNavVector(3, **arguments, autoreset_mode=mode)
    loop = SyncVectorEnv([lambda: LabNav(**arguments)] * 3, autoreset_mode=mode)
    assert native.single_observation_space == loop.single_observation_space
    assert same(native.reset(seed=2), loop.reset(seed=2))
    native.action_space.seed(0)
    ends = 0
    for _ in range(80):
        actions = native.action_space.sample()
        ours, theirs = native.step(actions), loop.step(actions)
        assert same(ours, theirs)
        ends += (ours[2] | ours[3]).sum()
    assert ends > 1


def same(first: Any, second: Any) -> bool:
    return pickle.dumps(plain(first)) == pickle.dumps(plain(second))


def plain(nest: Any) -> Any:
    if isinstance(nest, dict):
        return {key: plain(nest[key]) for key in sorted(nest)}
    if isinstance(nest, (tuple, list)):
        return [plain(entry) for entry in nest]
    return plain(nest.tolist()) if isinstance(nest, np.ndarray) else nest


def test_pictures_show_the_view_beside_the_map() -> None:
    for layouts, shape in ((LATTICE, (5, 7)), ("open", (5, 40))):
        env = LabNav(layouts, shape, render_mode="rgb_array", camera=Camera(width=80, height=60))
        env.reset(seed=0)
        first = env.render()
        env.step(LOOK_LEFT)
        second = env.render()
        assert isinstance(first, np.ndarray) and isinstance(second, np.ndarray)
        assert first.shape == second.shape and first.dtype == np.uint8
        assert 384 <= first.shape[0] < 500 and first.shape[1] < 1000
        edge = 384 * 80 // 60
        assert (first[:, :edge] != second[:, :edge]).mean() > 0.2
        assert 0 < (first[:, edge:] != second[:, edge:]).mean() < 0.1
    native = LabNavVector(2, LATTICE, render_mode="rgb_array")
    native.reset(seed=0)
    frames = native.render()
    assert frames is not None and frames[0].shape == frames[1].shape and (frames[0] != frames[1]).any()


def test_text_of_a_lattice() -> None:
    env = LabNav(LATTICE, render_mode="ansi")
    env.reset(options=ROUND_THE_WALL)
    assert env.render() == "#######\n#>    #\n### # #\n#G  # #\n#######"


def test_made_by_gymnasium_and_pickled() -> None:
    env = gymnasium.make(mazenav.env.LAB_NAV, layouts=LATTICE).unwrapped
    assert isinstance(env, LabNav)
    env.reset(seed=1)
    env.step(FORWARD)
    copy = pickle.loads(pickle.dumps(env))
    assert same(env.step(FORWARD), copy.step(FORWARD))
    native = gymnasium.make_vec(mazenav.env.LAB_NAV, num_envs=2, vectorization_mode="vector_entry_point")
    assert isinstance(native, LabNavVector)


def test_absurd_sizes() -> None:
    with pytest.raises(MazenavError, match="agents in grids of 25001 x 25001 cells are too many"):
        LabNav(lambda rng: LATTICE, shape=(1001, 1001))
    thin = Layout(np.pad(np.zeros((1, 2001), np.bool_), 1, constant_values=True), thin_walls=True)
    with pytest.raises(MazenavError, match="are too many"):
        LabNavVector(10_000, thin)
    with pytest.raises(MazenavError, match=r"does not fit into corridors 0\.98 cells wide"):
        LabNav(LATTICE, body=type(DMLAB)(half_width=0.49))
