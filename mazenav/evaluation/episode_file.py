"""Episodes as one `.npz` file without pickle: trajectories end to end, with the layouts that they were driven in.

Arrays of E episodes in K layouts:
    states float32 `[sum(T + 1), 6]` and actions int64 `[sum(T)]`, episode after episode; lengths int64 `[E]` (T)
    starts, goals int64 `[E, 2]` (row, column); limits, distances int64 `[E]`; terminated, truncated bool `[E]`
    layout int64 `[E]` (index into the layouts); walls bool `[sum(R * C)]`; shapes int64 `[K, 2]`
    names text `[K]`; cell_sizes float64 `[K]`; format text
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mazenav.files import replacing
from mazenav.types import Episode, Layout, MazenavError

FORMAT = "mazenav episodes 1"


def save_episodes(episodes: Sequence[Episode], path: str | Path) -> Path:
    """Write episodes to a `.npz` file, through a temporary file and a rename.

    Raises:
        MazenavError: if there is none to write, the name does not end in `.npz`, or the file cannot be written.
    """
    target = Path(path)
    if target.suffix != ".npz":
        raise MazenavError(
            f"episodes are written as NumPy archives: expected a name that ends in .npz, found {target.name!r}"
        )
    if not episodes:
        raise MazenavError(f"{target}: no episodes to write")
    with replacing(target) as temporary:
        np.savez_compressed(temporary, allow_pickle=False, **_arrays(episodes))
    return target


def load_episodes(path: str | Path) -> list[Episode]:
    """The episodes in a file that `save_episodes` wrote; episodes driven in one layout share it.

    Raises:
        MazenavError: if the file cannot be read, or is not such a file.
    """
    try:
        # ZipFile first: of what is no archive, np.load would return an array, or leave the file open
        with Path(path).open("rb") as file, zipfile.ZipFile(file) as _:
            file.seek(0)
            with np.load(file, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
        if str(arrays["format"]) != FORMAT:
            raise MazenavError(f"{path}: expected {FORMAT!r}, found {str(arrays['format'])!r}")
        return _episodes(arrays)
    except OSError as error:
        raise MazenavError(f"{path}: the file cannot be read: {error.strerror or error}") from error
    except MazenavError:
        raise
    except (KeyError, IndexError, ValueError, AttributeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise MazenavError(f"{path}: this is not a file of mazenav episodes, or it is damaged") from error


def _arrays(episodes: Sequence[Episode]) -> dict[str, np.ndarray]:
    """The arrays of the file, each layout once."""
    numbers: dict[int, int] = {}
    layouts: list[Layout] = []
    for episode in episodes:
        if id(episode.layout) not in numbers:
            numbers[id(episode.layout)] = len(layouts)
            layouts.append(episode.layout)
    return {
        "format": np.array(FORMAT),
        "states": np.concatenate([episode.states for episode in episodes]).astype(np.float32),
        "actions": np.concatenate([episode.actions for episode in episodes]).astype(np.int64),
        "lengths": np.array([len(episode) for episode in episodes], np.int64),
        "starts": np.array([episode.start for episode in episodes], np.int64),
        "goals": np.array([episode.goal for episode in episodes], np.int64),
        "terminated": np.array([episode.terminated for episode in episodes], np.bool_),
        "truncated": np.array([episode.truncated for episode in episodes], np.bool_),
        "limits": np.array([episode.limit for episode in episodes], np.int64),
        "distances": np.array([episode.distance for episode in episodes], np.int64),
        "layout": np.array([numbers[id(episode.layout)] for episode in episodes], np.int64),
        "walls": np.concatenate([layout.walls.ravel() for layout in layouts]),
        "shapes": np.array([layout.shape for layout in layouts], np.int64),
        "names": np.array([layout.name for layout in layouts], np.str_),
        "cell_sizes": np.array([layout.cell_size for layout in layouts], np.float64),
    }


def _episodes(arrays: dict[str, np.ndarray]) -> list[Episode]:
    """The episodes that the arrays hold."""
    ends = np.cumsum(arrays["shapes"].prod(axis=1))
    layouts = [
        Layout(grid.reshape(shape), str(name), cell_size=float(size))
        for grid, shape, name, size in zip(
            np.split(arrays["walls"], ends)[:-1], arrays["shapes"], arrays["names"], arrays["cell_sizes"], strict=True
        )
    ]
    lengths = arrays["lengths"]
    states = np.split(arrays["states"], np.cumsum(lengths + 1))
    actions = np.split(arrays["actions"], np.cumsum(lengths))
    if len(states[-1]) or len(actions[-1]) or any(len(states[i]) != n + 1 for i, n in enumerate(lengths)):
        raise ValueError("the trajectories have not the lengths that the file says")
    return [
        Episode(
            layout=layouts[arrays["layout"][i]],
            start=(int(arrays["starts"][i, 0]), int(arrays["starts"][i, 1])),
            goal=(int(arrays["goals"][i, 0]), int(arrays["goals"][i, 1])),
            states=states[i],
            actions=actions[i],
            terminated=bool(arrays["terminated"][i]),
            truncated=bool(arrays["truncated"][i]),
            limit=int(arrays["limits"][i]),
            distance=int(arrays["distances"][i]),
        )
        for i in range(len(lengths))
    ]
