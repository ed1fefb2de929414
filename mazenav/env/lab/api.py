"""`Lab`: the calls of DeepMind Lab's Python module (python_api.md, dmlab_module.c) on mazenav's simulator."""

from __future__ import annotations

from collections.abc import Mapping
from operator import index
from typing import Any, NoReturn

import numpy as np

from mazenav.env.lab.errors import LabError, LabStatusError, LabTypeError, NotOfferedError
from mazenav.env.lab.level import arrange, load_level
from mazenav.env.lab.observations import OBSERVATIONS, Moment, check_names, seconds_to_frames
from mazenav.env.lab.settings import FPS, check_renderer, read_settings
from mazenav.env.lab.world import CLASSES, REWARDS, LabWorld
from mazenav.sim.sensors.joint_state import LAB_UNITS

ACTIONS = (
    ("LOOK_LEFT_RIGHT_PIXELS_PER_FRAME", -512, 512),
    ("LOOK_DOWN_UP_PIXELS_PER_FRAME", -512, 512),
    ("STRAFE_LEFT_RIGHT", -1, 1),
    ("MOVE_BACK_FORWARD", -1, 1),
    ("FIRE", 0, 1),
    ("JUMP", 0, 1),
    ("CROUCH", 0, 1),
)
LOWEST = np.array([low for _, low, _ in ACTIONS])
HIGHEST = np.array([high for _, _, high in ACTIONS])
MOST_FRAMES = 10**9
UNSTARTED, RUNNING, ENDED, CLOSED = "not reset yet", "running", "at the end of its episode", "closed"


class Lab:
    """An agent in a level of DeepMind Lab, by that engine's calls; only the import differs.

    Apples give 1 and goals 10, when the body comes as near as the engine asks. A goal restarts the map: the agent gets
    another spawn and the apples are back, until the episode's time is over; a map without goal restarts with its last
    apple. `nav_maze_random_goal_*`, and mazes without any letter, draw goal, apples and spawns in every episode. The
    walls of `nav_maze_*` are two lab units thick.

    Not offered: to fire, jump and crouch is taken and does nothing; doors stand open; there are no bots, no sound, no
    Lua, no properties and no other frame rate than 60. Levels of the engine's own are not part of mazenav: they are
    looked up by name in `config={'levelDirectory': FOLDER}` or the folder named by MAZENAV_LAB_LEVELS.
    """

    def __init__(
        self,
        level: str,
        observations: list[str],
        config: Mapping[str, str] | None = None,
        renderer: str = "software",
        level_cache: object = None,
    ) -> None:
        """Load a level.

        Args:
            level: its text (entity layer, and variations layer if it has one), the path of a file, or a name.
            observations: which of `observation_spec()` to make.
            config: settings by name, see `Settings`.
            renderer: "software" or "hardware"; the same here.
            level_cache: taken and not used: there is nothing to compile.

        Raises:
            LabError: if an argument cannot be used (`LabTypeError` and `NotOfferedError` are such).
            LayoutError: naming file and line, if the level cannot be read.
        """
        self._names = check_names(observations)
        self._settings = read_settings({} if config is None else config)
        check_renderer(renderer)
        self._level = load_level(level, self._settings.level_directory, self._settings.episode_seconds)
        self._length = seconds_to_frames(self._level.seconds)
        self._world = LabWorld(self._level)
        self._rng = np.random.default_rng(self._settings.mixer_seed)
        self._status = UNSTARTED
        self._episode = 0
        self._frames = 0
        self._events: list[tuple[str, list[Any]]] = []

    def reset(self, episode: int = -1, seed: int | None = None) -> bool:
        """Begin an episode; the same seed begins the same one. Returns true.

        Args:
            episode: its number; negative for the next.
            seed: of all that is drawn; None for another every time.

        Raises:
            LabError: if an argument is no whole number.
            LabStatusError: once closed.
        """
        self._check_open("reset")
        number = _whole("'episode' must be int", episode)
        entropy = None
        if seed is not None:
            entropy = [self._settings.mixer_seed, _whole("'seed' must be int or None", seed) % 2**64]
        self._rng = np.random.default_rng(np.random.SeedSequence(entropy))
        self._world.begin(arrange(self._level, self._settings.reward_density, self._rng), self._rng)
        self._episode = (number if number >= 0 else self._episode) + 1
        self._frames = 0
        self._events = []
        self._status = RUNNING
        return True

    def step(self, action: np.ndarray, num_steps: int = 1) -> float:
        """Do an action for a number of frames, or until the episode ends; the sum of the rewards.

        Args:
            action: 7 whole numbers within the bounds of `action_spec()`.
            num_steps: frames.

        Raises:
            LabError: if an argument cannot be used.
            LabStatusError: if no episode is running.
        """
        if self._status != RUNNING:
            raise LabStatusError(f"Environment in wrong status to advance: it is {self._status}")
        wanted = self._checked_action(action)
        frames = _whole("'num_steps' must be int", num_steps)
        if not 0 <= frames <= MOST_FRAMES:
            raise LabError(f"'num_steps' must be 0 to {MOST_FRAMES}, was {frames}")
        self._events = []
        reward = 0.0
        for _ in range(min(frames, self._length - self._frames)):
            self._frames += 1
            taken = self._world.frame(wanted)
            for thing in taken:
                kind = int(self._world.kinds[thing])
                reward += REWARDS[kind]
                place = self._world.places[thing] * LAB_UNITS
                self._events.append(("PICKUP", [CLASSES[kind], np.array([REWARDS[kind]]), place]))
            if taken and self._world.is_done():
                self._world.restart(self._rng)
        if self._frames >= self._length:
            self._status = ENDED
        return reward

    def observations(self) -> dict[str, Any]:
        """The observations that were asked for, by name, in arrays of their own.

        Raises:
            LabStatusError: if no episode is running.
        """
        if self._status != RUNNING:
            raise LabStatusError(f"Environment in wrong status for call to observations(): it is {self._status}")
        moment = Moment(self._world, self._settings, self._length - self._frames, self._frames)
        return {name: OBSERVATIONS[name].make(moment) for name in self._names}

    def events(self) -> list[tuple[str, list[Any]]]:
        """What happened since the last `reset` or `step`: ("PICKUP", [class, reward `[1]`, place `[2]` in lab units]).

        Raises:
            LabStatusError: before the first reset, and once closed.
        """
        if self._status not in (RUNNING, ENDED):
            raise LabStatusError(f"Environment in wrong status for call to events(): it is {self._status}")
        return list(self._events)

    def observation_spec(self) -> list[dict[str, Any]]:
        """All observations that can be asked for: name, dtype and shape."""
        specs = OBSERVATIONS.items()
        return [{"name": name, "dtype": kind.dtype, "shape": kind.shape(self._settings)} for name, kind in specs]

    def action_spec(self) -> list[dict[str, Any]]:
        """The seven entries of an action: name, min and max."""
        return [{"name": name, "min": low, "max": high} for name, low, high in ACTIONS]

    def is_running(self) -> bool:
        """Whether an episode is running."""
        return self._status == RUNNING

    def num_steps(self) -> int:
        """Frames since the last reset."""
        return self._frames

    def fps(self) -> int:
        """Frames a second."""
        return FPS

    def environment_name(self) -> str:
        """The engine's name for itself."""
        return "deepmind_lab"

    def close(self) -> bool:
        """Close; true the first time."""
        was_open = self._status != CLOSED
        self._status = CLOSED
        return was_open

    def properties(self, key: str = "") -> NoReturn:
        """Not offered: levels here have no properties."""
        raise NotOfferedError(f"properties({key!r}) is not offered by mazenav: levels here have no properties")

    def read_property(self, key: str) -> NoReturn:
        """Not offered: levels here have no properties."""
        raise NotOfferedError(f"read_property({key!r}) is not offered by mazenav: levels here have no properties")

    def write_property(self, key: str, value: str) -> NoReturn:
        """Not offered: levels here have no properties."""
        raise NotOfferedError(f"write_property({key!r}, ...) is not offered by mazenav: levels here have no properties")

    def _check_open(self, call: str) -> None:
        if self._status == CLOSED:
            raise LabStatusError(f"Environment in wrong status for call to {call}(): it is closed")

    def _checked_action(self, action: np.ndarray) -> np.ndarray:
        given = np.asarray(action)
        if given.shape != (len(ACTIONS),):
            raise LabError(f"action must have shape ({len(ACTIONS)}), found {given.shape}")
        if given.dtype.kind not in "iu":
            raise LabError(f"action must have dtype np.intc, found {given.dtype}")
        wrong = np.flatnonzero((given < LOWEST) | (given > HIGHEST))
        if len(wrong):
            name, low, high = ACTIONS[wrong[0]]
            raise LabError(f"{name} must lie from {low} to {high}, found {given[wrong[0]]}")
        return given.astype(np.int64)


def _whole(wanted: str, value: Any) -> int:
    """A whole number, be it NumPy's.

    Raises:
        LabTypeError: if it is none.
    """
    try:
        return index(value)
    except TypeError:
        raise LabTypeError(f"{wanted}, was '{type(value).__name__}'") from None
