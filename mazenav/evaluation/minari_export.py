"""Trajectories as a Minari dataset, for code that learns offline from what Gymnasium environments gave.

Observations, actions, rewards and ends are those that `mazenav/PointNav-v0` gives for the same decisions. Maps are kept
with every observation, as Minari wants it: R * C bytes a decision, more than all the rest.
"""

from __future__ import annotations

import re
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

import gymnasium
import numpy as np

from mazenav.env import POINT_NAV
from mazenav.env.goals import PLAIN, rewards
from mazenav.evaluation.trajectories import Trajectories
from mazenav.topdown.occupancy import cell_centre, pad_maps
from mazenav.types import Episode, MazenavError

DATASET_ID = re.compile(r"(?:[-_\w]+/)*[-_\w]+-v\d+")
MISSING = "Minari datasets need the extra: pip install 'mazenav[minari]'"
UNTOLD = "`(code_permalink|author|author_email|eval_env)` is set to None|env_spec is None"
"""What Minari warns of and nobody can know here."""

Progress = Callable[[int, int], None]
"""Called with episodes written and episodes in all."""


def check_dataset_id(dataset_id: str) -> None:
    """Make sure, before long work, that a dataset can be made.

    Raises:
        MazenavError: if Minari is missing, or the name is none that it takes, or taken.
    """
    if not DATASET_ID.fullmatch(dataset_id):
        raise MazenavError(
            f"a Minari dataset is called like mazenav/backtracker-v0 (letters, digits, - and _, ending in -v and a "
            f"number), found {dataset_id!r}"
        )
    if dataset_path(dataset_id).exists():
        raise MazenavError(f"there is a Minari dataset {dataset_id} already, at {dataset_path(dataset_id)}")


def dataset_path(dataset_id: str) -> Any:
    """Where Minari keeps a dataset: below MINARI_DATASETS_PATH, or in the home folder.

    Raises:
        MazenavError: if Minari is missing.
    """
    _minari()
    return import_module("minari.storage.datasets_root_dir").get_dataset_path(dataset_id)


def export_to_minari(
    trajectories: Trajectories, dataset_id: str, reward: str = "step_cost", progress: Progress | None = None
) -> Any:
    """Make a Minari dataset of trajectories; `minari.load_dataset(dataset_id)` opens it again.

    The metadata of each episode holds its `layout` (name), `distance` and `limit`, and as `options` the `start`, `goal`
    and `yaw` that `reset` takes. Where every episode had a new layout of a kind, the environment that makes such can be
    recovered.

    Args:
        trajectories: at least one episode.
        dataset_id: such as `mazenav/backtracker-v0`.
        reward: `step_cost` or `sparse`.
        progress: called first, and after each shard.

    Returns:
        The `minari.MinariDataset`.

    Raises:
        MazenavError: if Minari is missing, the name cannot be used, or there are no trajectories; or as their `shard`.
            What was written is removed.
    """
    check_dataset_id(dataset_id)
    if reward not in PLAIN:
        raise MazenavError(f"the rewards of a dataset must be one of {', '.join(PLAIN)}, found {reward!r}")
    if not len(trajectories):
        raise MazenavError(f"{trajectories.folder} holds no episodes")
    try:
        return _written(trajectories, dataset_id, reward, progress)
    except BaseException:
        shutil.rmtree(dataset_path(dataset_id), ignore_errors=True)
        raise


def _written(trajectories: Trajectories, dataset_id: str, reward: str, progress: Progress | None) -> Any:
    """The dataset, shard after shard."""
    run, shape = trajectories.index.run, trajectories.index.largest
    dataset: Any = None
    if progress is not None:
        progress(0, len(trajectories))
    for number, shard in enumerate(trajectories.index.shards):
        episodes = trajectories.shard(number)
        buffers = [_buffer(episode, shape, reward) for episode in episodes]
        if dataset is None:
            dataset = _begun(run, shape, episodes[0], dataset_id, buffers)
        else:
            dataset.update_dataset_from_buffer(buffers)
        numbers = range(shard.first, shard.first + len(episodes))
        dataset.storage.update_episode_metadata(_metadata(episodes), numbers)
        if progress is not None:
            progress(numbers.stop, len(trajectories))
    return dataset


def _begun(
    run: Mapping[str, Any], shape: tuple[int, int], example: Episode, dataset_id: str, buffers: list[Any]
) -> Any:
    """The dataset with its first episodes."""
    tasks, agent = run["tasks"], run["agent"]
    env = gymnasium.make(POINT_NAV, layouts=example.layout, shape=shape)
    spec = None
    if "generator" in tasks and run["world"] == "numba":
        settings = {"layouts": tasks["generator"], "shape": tuple(tasks["shape"]), "parameters": tasks["parameters"]}
        spec = gymnasium.make(POINT_NAV, **settings).spec
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", UNTOLD, UserWarning)
        return _minari().create_dataset_from_buffers(
            dataset_id,
            buffers,
            env=spec,
            observation_space=env.observation_space,
            action_space=env.action_space,
            algorithm_name=str(agent.get("name", "unknown")),
            description=f"Trajectories of `mazenav rollout`: {run}",
            requirements=["mazenav"],
        )


def _buffer(episode: Episode, shape: tuple[int, int], reward: str) -> Any:
    """An episode as Minari takes it: T decisions, T + 1 observations and infos."""
    n = len(episode)
    ends = np.zeros((2, n), np.bool_)
    ends[:, -1] = episode.terminated, episode.truncated
    walls = pad_maps([np.ones(shape, np.bool_), episode.layout.walls])[1].astype(np.uint8)
    goal = np.array(cell_centre(episode.goal, episode.layout.shape[0]), np.float32)
    observations = {
        "achieved_goal": episode.states[:, :2],
        "desired_goal": np.broadcast_to(goal, (n + 1, 2)),
        "map": np.broadcast_to(walls, (n + 1, *shape)),
        "observation": episode.states,
    }
    return _minari().data_collector.EpisodeBuffer(
        options={"start": episode.start, "goal": episode.goal, "yaw": float(episode.states[0, 2])},
        observations=observations,
        actions=episode.actions,
        rewards=rewards(reward, ends[0]),
        terminations=ends[0],
        truncations=ends[1],
        infos={"is_success": np.concatenate([[False], ends[0]]), "decisions": np.arange(n + 1)},
    )


def _metadata(episodes: list[Episode]) -> Iterator[dict[str, object]]:
    """What is told of each episode besides what was seen and done."""
    for episode in episodes:
        yield {"layout": episode.layout.name, "distance": episode.distance, "limit": episode.limit}


def _minari() -> Any:
    """Minari.

    Raises:
        MazenavError: if it is missing.
    """
    try:
        import_module("h5py")
        return import_module("minari")
    except ImportError as error:
        raise MazenavError(f"{MISSING} ({error.name or error} is missing)") from error
